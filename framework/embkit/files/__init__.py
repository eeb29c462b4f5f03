"""Sources and results on disk: what a file is, how its lines are read, how results are written."""
