"""Trials on the workers of a dask cluster, for studies that outgrow one machine.

Workers read the data and write the results over a folder that all of them see.
A lost worker costs the trials that it was running; dask gives them to another.
"""

import logging
import multiprocessing
from concurrent.futures import Future
from importlib import import_module
from typing import Any

from embkit.data.trial import Outcome, Status
from embkit.errors import MissingExtraError, ParameterError
from embkit.studies.executors.local import LocalExecutor
from embkit.studies.executors.server import safe_path
from embkit.studies.executors.worker import Task

__all__ = ["DaskExecutor"]

_PATIENCE = 10.0


class DaskExecutor:
    """Runs each task on a dask worker, there in a process of its own.

    Parameters
    ----------
    address : str or None
        The scheduler's; None starts a cluster on this machine.
    jobs : int
        Workers of a cluster on this machine.

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
        # The study reports how trials end; what dask says of its own comings and goings is noise.
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        self._cluster: Any = None
        if address is None:
            with safe_path():
                self._cluster = distributed.LocalCluster(
                    n_workers=jobs,
                    threads_per_worker=1,
                    dashboard_address=None,
                    silence_logs=logging.CRITICAL,
                )
        try:
            self._client: Any = distributed.Client(address or self._cluster, timeout=_PATIENCE)
        except (OSError, TimeoutError, ValueError) as error:
            fix = "check --scheduler ADDRESS"
            raise ParameterError(f"no dask scheduler answers at {address}", str(error), fix) from None
        self._remote: set[Any] = set()

    def submit(self, task: Task) -> "Future[Outcome]":
        """Give a task to the cluster; one whose worker is lost runs again on another."""
        settled: Future[Outcome] = Future()

        def finish(done: Any) -> None:
            self._remote.discard(done)
            settled.set_result(_outcome(done))

        remote = self._client.submit(run_on_worker, task, pure=False)
        self._remote.add(remote)
        remote.add_done_callback(finish)
        return settled

    def stop(self, grace: float) -> None:
        """Cancel what has not ended and leave the cluster; end it if it is ours.

        Trials that still run on workers elsewhere find out that the study is not
        held any more, and leave nothing behind.
        """
        del grace
        self._client.cancel(list(self._remote))
        self._client.close()
        if self._cluster is not None:
            self._cluster.close()


def run_on_worker(task: Task) -> Outcome:
    """Run a task in a process of its own, so that its end is not the worker's."""
    # dask marks its workers as daemons, which may not have children. Trials end with the worker
    # all the same: the server that they are forked from notices when it is gone.
    vars(multiprocessing.current_process())["_config"]["daemon"] = False
    executor = LocalExecutor(1, task.threads)
    try:
        return executor.submit(task).result()
    finally:
        executor.stop(0)


def _outcome(done: Any) -> Outcome:
    if done.status == "finished":
        outcome: Outcome = done.result()
        return outcome
    if done.status == "cancelled":
        return Outcome(Status.INTERRUPTED)
    error = done.exception()
    return Outcome(Status.CRASHED, f"lost with its worker, again and again: {error}")
