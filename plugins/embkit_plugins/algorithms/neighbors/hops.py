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
from embkit_plugins.algorithms.rows.threads import in_order

__all__ = ["hop", "reciprocate", "take"]

_HOPS = 15  # nearest neighbours whose nearest neighbours are looked at
_BLOCK = 256
_AT_ONCE = 4096


def hop(points: NDArray[np.float32], best: Keys, threads: int, progress: Callable[[float], Any]) -> None:
    """Look at the neighbours of each row's neighbours, as they were before."""
    near = numbers_of(best[:, :_HOPS])
    near[near >= len(points)] = 0  # a row that found too few others

    def looked(start: int) -> tuple[int, Keys]:
        block = np.arange(start, min(start + _BLOCK, len(points)))
        second = near[near[block]].reshape(len(block), -1)
        second.sort(axis=1)
        fresh = second != block[:, None]
        fresh[:, 1:] &= second[:, 1:] != second[:, :-1]
        rows, places = np.nonzero(fresh)
        found = second[rows, places]
        mine = best[block]
        unknown = (numbers_of(mine)[rows] != found[:, None]).all(axis=1)
        rows, found = rows[unknown], found[unknown]
        take(mine, rows, found, _pairs(points, block, rows, found))
        return start, mine

    for start, mine in in_order(looked, range(0, len(points), _BLOCK), threads):
        best[start : start + len(mine)] = mine
        progress(start / len(points))


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


def take(mine: Keys, rows: IntArray, found: IntArray, squares: NDArray[np.float32]) -> None:
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
    for row, (start, stop) in enumerate(pairwise(bounds)):
        squares[start:stop] = points[found[start:stop]] @ left[row]
    return squares
