"""The connection to a dask cluster: one that runs already, or one started on this machine."""

import logging
from importlib import import_module
from typing import Any

from embkit.errors import MissingExtraError, ParameterError
from embkit.runs.workers.children import unaware_children

__all__ = ["DaskCluster"]

_PATIENCE = 10.0
_SPAWN = "distributed.nanny.pre-spawn-environ"
# By default dask lets workers give all memory back at once: temporaries of NumPy take twice the time.
_ALLOCATION = {
    f"{_SPAWN}.MALLOC_TRIM_THRESHOLD_": 1 << 27,
    f"{_SPAWN}.MALLOC_MMAP_THRESHOLD_": 1 << 25,
}


class DaskCluster:
    """A client of a dask scheduler, to be closed by who made it.

    Parameters
    ----------
    address : str or None
        The scheduler's; None starts a cluster on this machine.
    jobs : int
        Workers of a cluster on this machine, each of one thread.

    Raises
    ------
    MissingExtraError
        If dask.distributed is not installed.
    ParameterError
        If no scheduler answers at the address.
    """

    def __init__(self, address: str | None, jobs: int) -> None:
        try:
            distributed: Any = import_module("distributed")
        except ImportError:
            raise MissingExtraError("--executor dask", "dask.distributed", "dask") from None
        # Runs and studies report how they end; what dask says of its own comings and goings is noise.
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        self.address = address
        self._local: Any = None
        if address is None:
            dask: Any = import_module("dask")
            with unaware_children(), dask.config.set(_ALLOCATION):
                self._local = distributed.LocalCluster(
                    n_workers=jobs,
                    threads_per_worker=1,
                    dashboard_address=None,
                    # Without a dashboard it has a web server still, which others may have as well.
                    scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
                    silence_logs=logging.CRITICAL,
                    preload=["embkit.runs.workers.preload"],
                )
        try:
            self.client: Any = distributed.Client(address or self._local, timeout=_PATIENCE)
        except (OSError, TimeoutError, ValueError) as error:
            fix = "check --scheduler ADDRESS"
            raise ParameterError(f"no dask scheduler answers at {address}", str(error), fix) from None

    def close(self) -> None:
        """Leave the cluster; end it if it is ours."""
        self.client.close()
        if self._local is not None:
            self._local.close()
