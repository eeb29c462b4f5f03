"""Comparative studies: a declared grid of runs, each in a process of its own, on one record."""
