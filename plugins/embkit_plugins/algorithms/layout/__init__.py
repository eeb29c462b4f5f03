"""Coordinates in a few dimensions for rows of many."""
