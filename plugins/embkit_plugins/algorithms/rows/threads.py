"""Work in threads whose results come in order, so that none depends on how many threads there are."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import Any, TypeVar

__all__ = ["blas_threads", "in_order", "of_part"]

Item = TypeVar("Item")
Result = TypeVar("Result")


def blas_threads() -> int:
    """How many threads products of matrices have now."""
    from threadpoolctl import threadpool_info

    found = [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]
    return max(found, default=1)


def in_order(
    function: Callable[[Item], Result], items: Iterable[Item], threads: int
) -> Iterator[Result]:
    """Results in the order of their items, computed by some threads a little ahead.

    BLAS should be limited to one thread around it: matrices are small here.
    """
    if threads <= 1:
        yield from map(function, items)
        return
    ahead = iter(items)
    with ThreadPoolExecutor(threads) as pool:
        pending: deque[Future[Result]] = deque(
            pool.submit(function, item) for item in islice(ahead, 2 * threads)
        )
        while pending:
            result = pending.popleft().result()
            pending.extend(pool.submit(function, item) for item in islice(ahead, 1))
            yield result


def of_part(progress: Callable[[float, str], Any], note: str) -> Callable[[float], Any]:
    """Tell `progress` the share done of a part of some work, under its name, fifty times at most."""
    told = -1

    def report(done: float) -> None:
        nonlocal told
        if int(50 * done) > told:
            told = int(50 * done)
            progress(done, note)

    return report
