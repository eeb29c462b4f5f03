"""Configurations of runs, as they are written and as they are checked."""
