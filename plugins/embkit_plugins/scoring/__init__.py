"""What all validators share: which rows an index is about, and what it cannot be computed of."""
