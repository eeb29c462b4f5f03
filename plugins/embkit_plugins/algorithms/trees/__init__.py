"""What a tree holds: nodes, cuts, cophenetic distances."""
