"""Trees of agglomerative clustering."""
