"""Minimum spanning trees."""
