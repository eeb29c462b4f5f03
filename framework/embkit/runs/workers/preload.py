"""Imported by the workers of a cluster that embkit starts itself."""

import signal

__all__ = ["dask_setup"]


def dask_setup(worker: object) -> None:  # noqa: ARG001 - dask calls it so
    """Leave interrupts of the terminal to the process that started the cluster: it ends the workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
