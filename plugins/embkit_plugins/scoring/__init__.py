"""Helpers shared by the validators: the rows that an index covers, and reasons to skip it."""
