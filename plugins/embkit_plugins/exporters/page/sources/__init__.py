"""Contents of pages from runs, from pairs of runs, and from studies."""
