"""Valleys of density between groups."""
