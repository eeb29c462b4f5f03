"""Which clusters merge between two heights of a tree, and what is known of each merge."""
