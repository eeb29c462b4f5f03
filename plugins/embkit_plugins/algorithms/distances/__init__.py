"""Distances between rows, in blocks."""
