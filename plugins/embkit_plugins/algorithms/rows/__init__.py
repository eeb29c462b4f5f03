"""Rows made ready for a metric."""
