"""Silhouettes of one labeling, and of all that a tree gives."""
