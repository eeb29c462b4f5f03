"""k-means: Lloyd's iteration exactly, on rows that are read block by block."""
