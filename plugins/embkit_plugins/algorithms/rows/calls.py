"""Functions of a few rows at a time, called in threads or by workers that read the rows themselves."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from embkit import Context, IntArray
from embkit_plugins.algorithms.rows.prepare import row_blocks
from embkit_plugins.algorithms.rows.threads import in_order

__all__ = ["Calls", "read_once"]

Result = TypeVar("Result")


@dataclass(frozen=True, eq=False)
class Calls:
    """Where functions of some rows are called.

    Parameters
    ----------
    rows : ndarray or what is read like one, shape (n_samples, n_features)
        The rows as functions see them; read here too.
    part : object
        What is handed to `make` for them.
    view : callable
        Makes the rows of the part, where functions are called.
    make : callable
        As `embkit.Context.map`.
    batched : bool
        Whether a call takes several units: it has a way to go.
    share : callable
        Puts an array where functions are called, for as long as the result lives.
    """

    rows: Any
    part: Any
    view: Callable[[Any], Any]
    make: Callable[..., Iterator[Any]]
    batched: bool
    share: Callable[[NDArray[Any]], Any]

    @classmethod
    def here(cls, rows: Any, threads: int) -> "Calls":
        """In threads of this process."""
        return cls(rows, rows, _same, partial(in_order, threads=threads), False, _same)

    @classmethod
    def on_workers(
        cls, context: Context, rows: Any, vectors: Any, view: Callable[[Any], Any] | None = None
    ) -> "Calls":
        """By a context, which scatters vectors that a view makes the rows of, if they are not the rows.

        BLAS has one thread there, as it has to have around calls `here`.
        """

        def make(function: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[Any]:
            return context.map(partial(_on_one_thread, function), items)

        def share(array: NDArray[Any]) -> Any:
            return context.scatter(array, len(array))[0]

        return cls(rows, share(vectors), view or _same, make, True, share)

    def map(
        self, function: Callable[..., Result], units: Iterable[Any], *shared: Any, together: int
    ) -> Iterator[Result]:
        """The results of ``function(rows, *shared, unit)`` in the order of the units.

        Units are taken a few ahead, so many `together` where calls have a way to go. The
        function belongs to a module, or is a partial of one.
        """
        batches = _batches(units, together if self.batched else 1)
        items = ((self.part, shared, batch) for batch in batches)
        for results in self.make(partial(_called, self.view, function), items):
            yield from results


def _called(
    view: Callable[[Any], Any], function: Callable[..., Result], call: tuple[Any, tuple[Any, ...], Any]
) -> list[Result]:
    part, shared, units = call
    rows = view(part)
    return [function(rows, *shared, unit) for unit in units]


def _on_one_thread(function: Callable[[Any], Result], item: Any) -> Result:
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, user_api="blas"):
        return function(item)


def _batches(units: Iterable[Any], size: int) -> Iterator[list[Any]]:
    rest = iter(units)
    while batch := list(islice(rest, size)):
        yield batch


def _same(rows: Any) -> Any:
    return rows


def read_once(
    rows: Any, *numbers: NDArray[np.integer[Any]]
) -> tuple[NDArray[Any], Callable[[IntArray], IntArray]]:
    """Rows that will be looked up again and again, each read once unless all are at hand.

    Parameters
    ----------
    rows : ndarray or what is read like one
        Where they are.
    numbers : ndarray of int
        Which ones, of any shape.

    Returns
    -------
    array : ndarray
        All rows if they were an aligned array, else those that are wanted.
    places : callable
        Where wanted rows are in it.
    """
    # What came by wire may lie at any byte, and functions of NumPy would copy all of it.
    if isinstance(rows, np.ndarray) and rows.flags.aligned:
        return rows, _same
    wanted = np.zeros(len(rows), dtype=bool)
    for each in numbers:
        wanted[each] = True
    chosen = np.flatnonzero(wanted)
    first = rows[chosen[:1]]
    array = np.empty((len(chosen), first.shape[1]), dtype=first.dtype)
    for block in row_blocks(array):
        array[block] = rows[chosen[block]]
    places = np.empty(len(rows), dtype=np.int64)
    places[chosen] = np.arange(len(chosen))
    return array, places.__getitem__
