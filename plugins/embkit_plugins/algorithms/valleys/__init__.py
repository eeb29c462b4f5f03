"""Valleys of the density: whether parts of a sample are apart."""
