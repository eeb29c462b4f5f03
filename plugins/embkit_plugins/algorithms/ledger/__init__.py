"""The ledger: the merges between two heights of a tree, with the evidence for each."""
