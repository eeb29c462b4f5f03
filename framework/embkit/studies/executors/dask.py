"""Trials on the workers of a dask cluster, for studies that outgrow one machine.

Workers read the data and write the results over a folder that all of them see.
A lost worker costs the trials that it was running; dask gives them to another.
"""

import multiprocessing
from concurrent.futures import Future
from typing import Any

from embkit.data.trial import Outcome, Status
from embkit.runs.workers.cluster import DaskCluster
from embkit.studies.executors.local import LocalExecutor
from embkit.studies.executors.worker import Task

__all__ = ["DaskExecutor"]


class DaskExecutor:
    """Runs each task on a dask worker, there in a process of its own.

    Parameters
    ----------
    cluster : DaskCluster
        Where; closed by `stop`.
    """

    def __init__(self, cluster: DaskCluster) -> None:
        self._cluster = cluster
        self._remote: set[Any] = set()

    def submit(self, task: Task) -> "Future[Outcome]":
        """Give a task to the cluster; one whose worker is lost runs again on another."""
        settled: Future[Outcome] = Future()

        def finish(done: Any) -> None:
            self._remote.discard(done)
            settled.set_result(_outcome(done))

        remote = self._cluster.client.submit(run_on_worker, task, pure=False)
        self._remote.add(remote)
        remote.add_done_callback(finish)
        return settled

    def stop(self, grace: float) -> None:
        """Cancel what has not ended and leave the cluster; end it if it is ours.

        Trials that still run on workers elsewhere find out that the study is not
        held any more, and leave nothing behind.
        """
        del grace
        self._cluster.client.cancel(list(self._remote))
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
