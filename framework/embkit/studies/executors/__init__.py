"""Executors of trials: processes on this machine, or workers of a dask cluster."""
