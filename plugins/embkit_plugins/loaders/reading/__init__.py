"""Helpers shared by the loaders: columns, rows and members of files."""
