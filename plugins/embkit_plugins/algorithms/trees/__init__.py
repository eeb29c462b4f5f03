"""Trees of merges: nodes, cuts, cophenetic distances."""
