"""Chosen rows compared to all rows, as float32 knows their distances."""

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit import IntArray
from embkit_plugins.algorithms.neighbors.candidates import TILE, squared_distances
from embkit_plugins.algorithms.neighbors.keys import (
    Keys,
    merge,
    no_candidates,
    offered,
    sortable,
    values_of,
)
from embkit_plugins.algorithms.rows.calls import Calls

__all__ = ["compared_to_all"]

_AT_ONCE = 2048  # rows, compared to all others by some tiles
_TILES = 4
_TOGETHER = 2


def compared_to_all(calls: Calls, chosen: IntArray, n_neighbors: int) -> Keys:
    """The nearest of all other rows, for each chosen one.

    Parameters
    ----------
    calls : Calls
        Of `augmented` rows.
    chosen : ndarray of int64, shape (n_chosen,)
        Row numbers.
    n_neighbors : int
        How many to keep.

    Returns
    -------
    ndarray of uint64, shape (n_chosen, n_neighbors)
        Keys, sorted. Cost: 2 n_chosen n d flops in float32.
    """
    step, n_samples = _TILES * TILE, len(calls.rows)
    found = []
    for rows in (chosen[start : start + _AT_ONCE] for start in range(0, len(chosen), _AT_ONCE)):
        best = no_candidates(len(rows), n_neighbors)
        units = ((rows, start, min(start + step, n_samples)) for start in range(0, n_samples, step))
        compared = partial(_compared_to_some, n_neighbors)
        for keys in calls.map(compared, units, calls.share(calls.rows[rows]), together=_TOGETHER):
            best = np.sort(np.concatenate([best, keys], axis=1), axis=1)[:, :n_neighbors]
        found.append(best)
    return np.concatenate(found)


def _compared_to_some(
    n_neighbors: int, points: Any, left: NDArray[np.float32], unit: tuple[IntArray, int, int]
) -> Keys:
    """The nearest of consecutive other rows, by tiles."""
    rows, start, stop = unit
    best = no_candidates(len(rows), n_neighbors)
    for tile in range(start, stop, TILE):
        squares = squared_distances(left, points[tile : min(tile + TILE, stop)])
        inside = np.flatnonzero((rows >= tile) & (rows < tile + squares.shape[1]))
        squares[inside, rows[inside] - tile] = np.inf
        owner, columns = offered(squares, values_of(best[:, -1]), n_neighbors)
        if len(owner):
            merge(best, owner, sortable(squares[owner, columns], columns + tile))
    return best
