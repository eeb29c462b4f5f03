"""The executor that was asked for, by its name."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

from embkit.errors import ParameterError
from embkit.resources import cpu_count
from embkit.runs.workers.local import LocalWorkers, Workers
from embkit.text import suggestion

__all__ = ["is_dask", "workers_of"]


def is_dask(executor: str, scheduler: str | None) -> bool:
    """Whether work goes to a dask cluster.

    Raises
    ------
    ParameterError
        If there is no executor of that name, or it has no scheduler.
    """
    if executor == "dask":
        return True
    if executor != "local":
        known = suggestion(executor, ["local", "dask"])
        raise ParameterError(f"executor {executor!r} is unknown", "", known)
    if scheduler is not None:
        raise ParameterError("a scheduler is for the executor dask", "", "add --executor dask")
    return False


@contextmanager
def workers_of(executor: str, scheduler: str | None, threads: int | None) -> Iterator[Workers]:
    """The workers of a run, for as long as it takes.

    Parameters
    ----------
    executor : {"local", "dask"}
        This process, or the workers of a dask cluster.
    scheduler : str or None
        The cluster's address; None starts one on this machine.
    threads : int or None
        Workers of a cluster on this machine; one for each processor if None.

    Raises
    ------
    MissingExtraError
        If dask.distributed is not installed.
    ParameterError
        If there is no executor of that name, or no scheduler answers at the address.
    """
    if not is_dask(executor, scheduler):
        yield LocalWorkers()
        return
    from embkit.runs.workers.cluster import DaskCluster
    from embkit.runs.workers.dask import DaskWorkers

    with closing(DaskCluster(scheduler, threads or cpu_count())) as cluster:
        yield DaskWorkers(cluster)
