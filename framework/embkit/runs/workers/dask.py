"""Calls made by the workers of a dask cluster, by its plain futures.

A few calls more than there are threads are in the hands of the cluster at a time.
What a lost worker held is computed again by others, as dask does it; rows that were
sent are therefore kept by the scheduler too.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from embkit.__about__ import __version__
from embkit.data.blocks import Blocks
from embkit.errors import DataError, ParameterError, ResourceError
from embkit.runs.workers.cluster import DaskCluster
from embkit.runs.workers.parts import files_of, parts_of

__all__ = ["DaskWorkers"]

Item = TypeVar("Item")
Result = TypeVar("Result")

_AHEAD = 2  # calls for each thread of the workers: one at work, one waiting
_PATIENCE = 10.0  # seconds for a worker to come where there is none


class DaskWorkers:
    """Calls on the workers of a cluster; see `embkit.runs.workers.local.Workers`.

    Parameters
    ----------
    cluster : DaskCluster
        Not closed by this.

    Raises
    ------
    ParameterError
        If the cluster has no workers, or they have another embkit.
    """

    distributed = True

    def __init__(self, cluster: DaskCluster) -> None:
        self._distributed: Any = import_module("distributed")
        self._pickle: Any = import_module("distributed.protocol.pickle")
        self._dask: Any = import_module("dask")
        self._address = cluster.address
        self._client = cluster.client
        self._require_workers()
        self._threads: Mapping[str, int] = self._client.nthreads()

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """The result for each item, in their order.

        Raises
        ------
        ResourceError
            If workers are lost again and again, or the scheduler is.
        Exception
            What the function raises, as it is.
        """
        rest = iter(items)
        waiting = deque(self._start(function, item) for item in islice(rest, self._ahead))
        try:
            while waiting:
                yield self._result(waiting.popleft())
                waiting.extend(self._start(function, item) for item in islice(rest, 1))
        finally:
            if self._client.status == "running":
                self._client.cancel(list(waiting))

    def scatter(self, vectors: Any, n_rows: int) -> Sequence[Any]:
        """Parts that workers read themselves where rows lie in files, else futures of rows.

        Raises
        ------
        DataError
            If a worker does not see the same files.
        """
        files = files_of(vectors)
        if files is None:
            return tuple(self._submit(_kept, np.asarray(part)) for part in parts_of(vectors, n_rows))
        self._require_files([file.path for file in files])
        parts = parts_of(Blocks(files, vectors.rows), n_rows)
        # A list of rows goes to each worker once, not with each call.
        return tuple(parts if vectors.rows is None else (self._submit(_kept, part) for part in parts))

    def facts(self) -> Mapping[str, Any]:
        """What the record of a run says of it."""
        workers, threads = len(self._threads), sum(self._threads.values())
        return {"name": "dask", "scheduler": self._address, "workers": workers, "threads": threads}

    @property
    def _ahead(self) -> int:
        threads: Mapping[str, int] = self._client.nthreads()
        return _AHEAD * max(1, sum(threads.values()))

    def _start(self, function: Callable[[Any], Any], item: Any) -> Any:
        """The future of a call."""
        futures: list[Any] = []
        call = self._pickle.dumps((function, self._without_futures(item, futures)))
        return self._submit(_called, call, *futures)

    def _without_futures(self, item: Any, futures: list[Any]) -> Any:
        """The item with places for the futures in it, which are appended to the list."""
        if isinstance(item, self._distributed.Future):
            futures.append(item)
            return _Place(len(futures) - 1)
        if type(item) is not tuple:
            return item
        return tuple(self._without_futures(each, futures) for each in item)

    def _submit(self, function: Callable[..., Any], *arguments: Any) -> Any:
        # Values are large on purpose; dask would warn of those from 10 MB on.
        with self._dask.config.set({"distributed.admin.large-graph-warning-threshold": "1TB"}):
            return self._client.submit(function, *arguments, pure=False)

    def _result(self, future: Any) -> Any:
        while not future.done():
            try:
                self._distributed.wait(future, timeout=_PATIENCE)
            except TimeoutError:
                self._require_some()
        try:
            return future.result()
        except CancelledError:
            where = self._address or "of this machine"
            raise ResourceError(
                f"the dask scheduler {where} does not answer any more", "", "run again"
            ) from None
        except self._distributed.KilledWorker as error:
            raise _lost(str(error)) from None

    def _require_some(self) -> None:
        """Refuse to wait for a cluster that has no workers any more."""
        try:
            self._client.wait_for_workers(1, timeout=_PATIENCE)
        except TimeoutError:
            raise _lost("none is left") from None

    def _require_workers(self) -> None:
        try:
            self._client.wait_for_workers(1, timeout=_PATIENCE)
        except TimeoutError:
            raise ParameterError(
                f"the dask scheduler at {self._address} has no workers",
                "",
                "start some: dask worker ADDRESS",
            ) from None
        for worker, found in self._client.run(_version).items():
            if found != __version__:
                raise ParameterError(
                    f"the dask worker {worker} has embkit {found}, this is {__version__}",
                    "results would depend on where they are computed",
                    "install the same version on all workers",
                )

    def _require_files(self, files: Sequence[Path]) -> None:
        sizes = {file: file.stat().st_size for file in files}
        for worker, other in self._client.run(_first_unlike, sizes).items():
            if other is not None:
                raise DataError(
                    f"the dask worker {worker} does not see {other} as it is here",
                    "workers read the rows themselves",
                    "keep the files at the same path for all workers, such as on a shared disk",
                )


@dataclass(frozen=True)
class _Place:
    number: int


def _called(call: bytes, *values: Any) -> Any:
    """The call itself, on a worker, with values in the places of the futures.

    It comes as bytes: what dask cannot unpickle itself it would wait for in vain, and a tuple
    that starts with a function it may take for a call of its own.
    """
    try:
        function, item = import_module("distributed.protocol.pickle").loads(call)
    except ImportError as error:
        raise ParameterError(
            "a dask worker cannot import what the run needs",
            str(error),
            "install embkit and the plugins of the run on all workers",
        ) from None
    return function(_filled(item, values))


def _filled(item: Any, values: Sequence[Any]) -> Any:
    if isinstance(item, _Place):
        return values[item.number]
    return tuple(_filled(each, values) for each in item) if type(item) is tuple else item


def _kept(rows: Any) -> Any:
    """Rows as they are: the scheduler knows how to make them again where a worker is lost."""
    return rows


def _version() -> str:
    return __version__


def _first_unlike(sizes: Mapping[Path, int]) -> str | None:
    """The first file that is not there, or not of that size."""
    for path, size in sizes.items():
        try:
            if path.stat().st_size == size:
                continue
        except OSError:
            pass
        return str(path)
    return None


def _lost(reason: str) -> ResourceError:
    return ResourceError(
        "workers of the dask cluster were lost again and again",
        reason,
        "see their logs; one that takes too much memory is ended, more for each helps",
    )
