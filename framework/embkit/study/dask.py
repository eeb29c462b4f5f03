"""Trials on the workers of a dask cluster, for studies that outgrow one machine.

Workers read the data and write the results over a folder that all of them see.
A lost worker costs the trials that it was running; dask gives them to another.
"""

import multiprocessing
from concurrent.futures import Future
from typing import Any

from embkit.errors import MissingExtraError
from embkit.study.folder import Outcome
from embkit.study.processes import LocalExecutor
from embkit.study.trial import Status
from embkit.study.worker import Task, run_task

__all__ = ["DaskExecutor"]


class DaskExecutor:
    """Runs each task on a dask worker.

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
    """

    def __init__(self, address: str | None, jobs: int) -> None:
        try:
            import dask
            from distributed import Client, LocalCluster
        except ImportError:
            raise MissingExtraError("--executor dask", "dask.distributed", "dask") from None
        self._cluster: Any = None
        if address is None:
            # A daemon must not have children, and a trial is to run in a process of its own.
            with dask.config.set({"distributed.worker.daemon": False}):
                self._cluster = LocalCluster(
                    n_workers=jobs, threads_per_worker=1, dashboard_address=None
                )
        self._client = Client(address or self._cluster)
        self._executor = self._client.get_executor(pure=False)

    def submit(self, task: Task) -> "Future[Outcome]":
        """Give a task to the cluster."""
        settled: Future[Outcome] = Future()
        remote = self._executor.submit(run_on_worker, task)
        remote.add_done_callback(lambda done: settled.set_result(_outcome(done)))
        return settled

    def stop(self, grace: float) -> None:  # noqa: ARG002 - dask ends its tasks at once
        """Cancel what has not started and leave the cluster; end it if it is ours."""
        self._executor.shutdown(wait=False, cancel_futures=True)
        self._client.close()
        if self._cluster is not None:
            self._cluster.close()


def run_on_worker(task: Task) -> Outcome:
    """Run a task in a process of its own, or in the worker itself where it may have none."""
    if multiprocessing.current_process().daemon:
        return run_task(task)
    executor = LocalExecutor(1)
    try:
        return executor.submit(task).result()
    finally:
        executor.stop(0)


def _outcome(done: "Future[Outcome]") -> Outcome:
    if done.cancelled():
        return Outcome(Status.INTERRUPTED)
    error = done.exception()
    if error is not None:
        return Outcome(Status.CRASHED, f"lost with its worker: {type(error).__name__}: {error}")
    return done.result()
