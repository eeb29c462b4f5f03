"""Where components' calls of `Context.map` run: in this process, or on the workers of a dask cluster."""
