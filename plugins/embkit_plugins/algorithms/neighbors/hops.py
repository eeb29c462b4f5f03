"""Better neighbours from those that are known: of neighbours, and of those that a row is one of.

Source: Dong, Moses and Li, WWW 2011.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit import IntArray
from embkit_plugins.algorithms.neighbors.keys import (
    Keys,
    merge,
    numbers_of,
    sortable,
    values_of,
)
from embkit_plugins.algorithms.rows.calls import Calls, read_once

__all__ = ["hop", "reciprocate", "take"]

_Numbers = NDArray[np.integer[Any]]

_HOPS = 15  # nearest neighbours whose nearest neighbours are looked at
_BLOCK = 256
_UNIT = 1024  # rows that a thread looks at in a call: some 50 ms
_UNIT_SENT = 4096  # that a worker does, which reads the more in common the more they are
_AT_ONCE = 4096


def hop(calls: Calls, best: Keys, order: IntArray, progress: Callable[[float], Any]) -> None:
    """Look at the neighbours of each row's neighbours, as they were before.

    Parameters
    ----------
    calls : Calls
        Of `augmented` rows.
    best : ndarray of uint64, shape (n_samples, n_neighbors)
        Changed in place.
    order : ndarray of int64, shape (n_samples,)
        In which rows are taken: those one after the other should be near, as they have
        neighbours in common. It does not change the result.
    progress : callable
        Told the share of the work that is done.
    """
    near = numbers_of(best[:, :_HOPS])
    near[near >= len(best)] = 0  # a row that found too few others
    step = _UNIT_SENT if calls.batched else _UNIT
    units = [order[start : start + step] for start in range(0, len(best), step)]
    known = ((unit, best[unit]) for unit in units)
    found = calls.map(_looked, known, calls.share(near.astype(np.int32)), together=1)
    for number, (unit, mine) in enumerate(zip(units, found, strict=True)):
        best[unit] = mine
        progress(number / len(units))


def _looked(points: Any, near: NDArray[np.int32], unit: tuple[IntArray, Keys]) -> Keys:
    """What rows know when they have looked at the neighbours of their neighbours."""
    looking, known = unit
    points, places = read_once(points, looking, near[near[looking]])
    best = known.copy()
    for start in range(0, len(looking), _BLOCK):
        block, mine = looking[start : start + _BLOCK], best[start : start + _BLOCK]
        second = near[near[block]].reshape(len(block), -1)
        second.sort(axis=1)
        fresh = second != block[:, None]
        fresh[:, 1:] &= second[:, 1:] != second[:, :-1]
        rows, columns = np.nonzero(fresh)
        found = second[rows, columns].astype(np.int64)
        take(mine, rows, found, _pairs(points, places(block), rows, places(found)))
    return best


def reciprocate(best: Keys) -> None:
    """Let each row know those that know it; `best` is changed in place."""
    near, squares, worst = numbers_of(best), values_of(best), values_of(best[:, -1])
    offers = []
    for start in range(0, len(best), _BLOCK):
        ends = near[start : start + _BLOCK]
        rows, places = np.nonzero(
            (ends < len(best))
            & (squares[start : start + _BLOCK] < worst[np.minimum(ends, len(best) - 1)])
        )
        knowing = ends[rows, places]
        rows += start
        unknown = (near[knowing] != rows[:, None]).all(axis=1)
        offers.append((knowing[unknown], rows[unknown], squares[rows, places][unknown]))
    knowing, rows, apart = (np.concatenate(parts) for parts in zip(*offers, strict=True))
    order = np.argsort(knowing, kind="stable")
    knowing, rows, apart = knowing[order], rows[order], apart[order]
    bounds = np.searchsorted(knowing, np.arange(0, len(best) + _AT_ONCE, _AT_ONCE))
    for number, (start, stop) in enumerate(pairwise(bounds)):
        block = best[number * _AT_ONCE : (number + 1) * _AT_ONCE]
        take(block, knowing[start:stop] - number * _AT_ONCE, rows[start:stop], apart[start:stop])


def take(mine: Keys, rows: _Numbers, found: _Numbers, squares: NDArray[np.float32]) -> None:
    """Merge what was found into the keys of rows, but for what they know; in order of row."""
    closer = squares < values_of(mine[:, -1])[rows]
    rows, found, squares = rows[closer], found[closer], squares[closer]
    new = (numbers_of(mine)[rows] != found[:, None]).all(axis=1)
    if new.any():
        merge(mine, rows[new], sortable(squares[new], found[new]))


def _pairs(
    points: NDArray[np.float32], block: IntArray, rows: IntArray, found: IntArray
) -> NDArray[np.float32]:
    """Squared distances of pairs in order of row: a product a row, of others that fit the cache."""
    left = points[block] * np.float32(-2)
    left[:, -2] = 1
    left[:, -1] = points[block, -2]
    squares = np.empty(len(rows), dtype=np.float32)
    bounds = np.searchsorted(rows, np.arange(len(block) + 1))
    others = np.empty((int(np.diff(bounds).max()), points.shape[1]), dtype=np.float32)
    for row, (start, stop) in enumerate(pairwise(bounds)):
        here = others[: stop - start]
        np.take(points, found[start:stop], axis=0, out=here, mode="clip")  # else it buffers
        squares[start:stop] = here @ left[row]
    return squares
