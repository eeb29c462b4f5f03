"""Where the trials of a study run: processes on this machine, or workers of a dask cluster."""
