"""Data without clusters to hold a result against."""
