"""How two labelings of the same rows agree."""
