"""embkit from Python: the same as on the command line."""
