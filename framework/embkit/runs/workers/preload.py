"""Imported by the workers of a cluster that embkit starts itself."""

import signal
from importlib import import_module

__all__ = ["dask_setup"]

_CONNECT = "10s"


def dask_setup(worker: object) -> None:  # noqa: ARG001 - dask calls it so
    """Leave interrupts of the terminal to the process that started the cluster: it ends the workers.

    Workers try no longer than 10 s to reach one that is lost: on one machine others answer at once.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    import_module("dask").config.set({"distributed.comm.timeouts.connect": _CONNECT})
