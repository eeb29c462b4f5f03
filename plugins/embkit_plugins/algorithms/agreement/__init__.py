"""Agreement of two labelings of the same rows."""
