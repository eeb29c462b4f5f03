"""Exact nearest neighbours, by blocks of matrix products settled in float64."""

from collections.abc import Callable
from typing import Any

import numpy as np

from embkit import FloatArray, Floats, IntArray
from embkit_plugins.algorithms.distances.squares import SquaresToAll, block_rows
from embkit_plugins.algorithms.neighbors.candidates import candidates
from embkit_plugins.algorithms.neighbors.repeats import with_repeats
from embkit_plugins.algorithms.rows.prepare import first_equal

__all__ = ["exact_neighbors"]

SPARE_CANDIDATES = 8  # candidates beyond those asked for, to settle what float32 cannot
# A sum of d products is off by about sqrt(d) roundings (Higham and Mary, "A new approach to
# probabilistic rounding error analysis", SIAM J. Sci. Comput. 41, 2019); four times that is safe.
_ROUNDING = 4 * 2.0**-24


def exact_neighbors(
    rows: FloatArray, n_neighbors: int, progress: Callable[[float], Any], grid: float = 0.0
) -> tuple[IntArray, Floats, int]:
    """Exact nearest other rows by euclidean distance.

    Parameters
    ----------
    rows : ndarray of shape (n_samples, n_features)
        float32 or float64.
    n_neighbors : int
        1 to n_samples - 1.
    progress : callable
        Told the share of the work that is done.
    grid : float
        Distances are multiples of it, see `pair_squares`; 0 for any distance.

    Returns
    -------
    indices : ndarray of int64, shape (n_samples, n_neighbors)
        In order of distance, ties by lowest row.
    squares : ndarray of float64, shape (n_samples, n_neighbors)
        Squared distances, from differences.
    settled : int
        How many distinct rows needed float64 products.
    """
    first, group = np.unique(first_equal(rows), return_inverse=True)
    if len(first) == len(rows):
        return _of_distinct(SquaresToAll.of(rows, grid), n_neighbors, progress)
    n_distinct = min(n_neighbors, len(first) - 1)
    near, squares, settled = _of_distinct(SquaresToAll.of(rows[first], grid), n_distinct, progress)
    return *with_repeats(near, squares, group, n_neighbors), settled


def _of_distinct(
    all_squares: SquaresToAll, n_neighbors: int, progress: Callable[[float], Any]
) -> tuple[IntArray, Floats, int]:
    rows = all_squares.rows
    if n_neighbors == 0:
        return np.empty((len(rows), 0), dtype=np.int64), np.empty((len(rows), 0)), 0
    n_candidates = min(n_neighbors + SPARE_CANDIDATES, len(rows) - 1)
    found, approximate = candidates(rows, n_candidates, progress)
    # The error of a product of x and y goes with |x|^2 + |y|^2 <= 3 |x|^2 + 2 |x - y|^2.
    scale = 3 * all_squares.norms + 2 * approximate[:, -1]
    error = _ROUNDING * np.sqrt(rows.shape[1] + 2) * scale
    # What is surely farther than the last that counts keeps its place behind it.
    near = approximate <= (approximate[:, n_neighbors - 1] + 2 * error)[:, None]
    squares = np.where(near, 0, approximate)
    squares[near] = all_squares.of_pairs(np.nonzero(near)[0], found[near])
    found, squares = by_distance(found, squares)
    found, squares = found[:, :n_neighbors], squares[:, :n_neighbors]
    if n_candidates == len(rows) - 1:
        return found, squares, 0
    unsettled = np.flatnonzero(squares[:, -1] >= approximate[:, -1] - error)
    step = block_rows(len(rows))
    for start in range(0, len(unsettled), step):
        chosen = unsettled[start : start + step]
        found[chosen], squares[chosen] = _settled(all_squares, chosen, n_neighbors)
    return found, squares, len(unsettled)


def _settled(all_squares: SquaresToAll, chosen: IntArray, n_neighbors: int) -> tuple[IntArray, Floats]:
    """The nearest other rows of the chosen rows, by float64 products and then by differences."""
    approximate = all_squares.of_rows(chosen)
    approximate[np.arange(len(chosen)), chosen] = np.inf
    kth = np.partition(approximate, n_neighbors - 1, axis=1)[:, n_neighbors - 1]
    within = approximate <= (kth + 2 * all_squares.rounding[chosen])[:, None]
    found = np.empty((len(chosen), n_neighbors), dtype=np.int64)
    squares = np.empty(found.shape)
    for place, row in enumerate(chosen):
        near = np.flatnonzero(within[place])
        exact = all_squares.of_pairs(np.full(len(near), row), near)
        nearest = np.lexsort((near, exact))[:n_neighbors]
        found[place], squares[place] = near[nearest], exact[nearest]
    return found, squares


def by_distance(found: IntArray, squares: Floats) -> tuple[IntArray, Floats]:
    order = np.lexsort((found, squares), axis=1)
    return np.take_along_axis(found, order, axis=1), np.take_along_axis(squares, order, axis=1)
