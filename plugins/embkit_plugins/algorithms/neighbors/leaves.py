"""Approximate nearest neighbours: all pairs within random overlapping leaves, by matrix products.

Each round draws leaders, puts every row into the leaves of its nearest ones, and
compares all rows of a leaf; then the neighbours of a row's neighbours are looked
at once. Rounds go on until the recall that was asked for is reached on a sample
whose neighbours are computed exactly (leaves of random partitions by products:
PiPNN, arXiv 2602.21247; neighbours of neighbours: Dong, Moses and Li, WWW 2011).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit import FloatArray, Floats, IntArray
from embkit_plugins.algorithms.distances.squares import pair_squares
from embkit_plugins.algorithms.neighbors.candidates import (
    TILE,
    Keys,
    augmented,
    merge,
    no_candidates,
    numbers_of,
    offered,
    sortable,
    squared_distances,
    values_of,
)
from embkit_plugins.algorithms.neighbors.exact import by_distance

__all__ = ["LeafNeighbors", "leaf_neighbors", "needs_leaves"]

LEAF_ROWS = 800  # on average
_OVERLAP = 3  # leaves of each row in a round
_LARGEST_LEAF = 4096
_SAMPLE = 2000
_MOST_ROUNDS = 30
_HOPS = 15  # nearest neighbours whose nearest neighbours are looked at
_BLOCK = 256
_SAME = 1e-5  # share of a distance within which a neighbour is as near as the exact one


@dataclass(frozen=True, eq=False)
class LeafNeighbors:
    """What was found, and how much of it is right.

    Parameters
    ----------
    indices : ndarray of int64, shape (n_samples, n_neighbors)
        In order of distance, ties by lowest row.
    squares : ndarray of float64, shape (n_samples, n_neighbors)
        Squared distances, from differences.
    recall : float
        Share of the exact neighbours that were found, on the sample.
    n_sampled : int
        Rows of the sample.
    rounds : int
        Random partitions that were made.
    """

    indices: IntArray
    squares: Floats
    recall: float
    n_sampled: int
    rounds: int


def needs_leaves(n_samples: int, n_neighbors: int) -> bool:
    """Whether there are so many rows that leaves save anything over all pairs."""
    return n_samples > 4 * max(LEAF_ROWS, n_neighbors)


def leaf_neighbors(
    rows: FloatArray,
    n_neighbors: int,
    *,
    recall: float = 0.95,
    seed: int = 0,
    grid: float = 0.0,
    progress: Callable[[float, str], Any] = lambda _done, _note: None,
) -> LeafNeighbors:
    """Nearest other rows by euclidean distance, most of them.

    Parameters
    ----------
    rows : ndarray of shape (n_samples, n_features)
        Where `needs_leaves`.
    n_neighbors : int
        How many of each row.
    recall : float
        Share of the exact neighbours to find at least, below 1.
    seed : int
        Of the leaders and of the sample.
    grid : float
        See `embkit_plugins.algorithms.distances.squares.pair_squares`.
    progress : callable
        Told the share of the work done at most, and the recall so far.

    Returns
    -------
    LeafNeighbors
        Of the best round; `recall` is below what was asked for where 30 rounds did
        not reach it. Cost: some 2 n d (n / 400 + 2400) flops a round in float32.
    """
    from threadpoolctl import threadpool_limits

    rng = np.random.default_rng(seed)
    points, _ = augmented(rows)
    sample = np.sort(rng.choice(len(rows), min(_SAMPLE, len(rows)), replace=False)).astype(np.int64)
    best = no_candidates(len(rows), n_neighbors)
    # On one thread, lest the last bits of products depend on how many there are.
    with threadpool_limits(1, user_api="blas"):
        exact = _exact(points, sample, n_neighbors)
        found, rounds = 0.0, 0
        while found < recall and rounds < _MOST_ROUNDS:
            for leaf in _leaves(points, rng):
                _compare(points, leaf, best)
            rounds += 1
            found = _recall(values_of(best[sample]), exact)
            if found < recall:
                _hop(points, best)
                found = _recall(values_of(best[sample]), exact)
            progress(min(0.95, found / recall), f"round {rounds}, recall {found:.3f}")
    indices, squares = _settled(rows, best, grid)
    return LeafNeighbors(indices, squares, found, len(sample), rounds)


def _leaves(points: NDArray[np.float32], rng: np.random.Generator) -> Iterator[IntArray]:
    """Leaves of one random partition, each as ascending rows."""
    n_leaders = max(_OVERLAP, round(len(points) * _OVERLAP / LEAF_ROWS))
    leaders = points[np.sort(rng.choice(len(points), n_leaders, replace=False))]
    nearest = np.empty((len(points), _OVERLAP), dtype=np.int32)
    for start in range(0, len(points), TILE):
        squares = squared_distances(points[start : start + TILE], leaders)
        nearest[start : start + TILE] = np.argpartition(squares, _OVERLAP - 1, axis=1)[:, :_OVERLAP]
    order = np.argsort(nearest, axis=None, kind="stable")
    bounds = np.searchsorted(nearest.ravel()[order], np.arange(n_leaders + 1))
    for start, stop in pairwise(bounds):
        leaf = order[start:stop] // _OVERLAP
        for part in range(0, len(leaf), _LARGEST_LEAF):  # of equal rows, which need no company
            yield leaf[part : part + _LARGEST_LEAF]


def _compare(points: NDArray[np.float32], leaf: IntArray, best: Keys) -> None:
    """Let the rows of a leaf find one another; `best` is changed in place."""
    if len(leaf) < 2:
        return
    members = points[leaf]
    squares = squared_distances(members, members)
    np.fill_diagonal(squares, np.inf)
    mine = best[leaf]
    rows, columns = offered(squares, values_of(mine[:, -1]), mine.shape[1])
    _take(mine, rows, leaf[columns], squares[rows, columns])
    best[leaf] = mine


def _take(mine: Keys, rows: IntArray, found: IntArray, squares: NDArray[np.float32]) -> None:
    """Merge what was found into the keys of rows, but for what they know; in order of row."""
    new = (numbers_of(mine)[rows] != found[:, None]).all(axis=1) & np.isfinite(squares)
    if new.any():
        merge(mine, rows[new], sortable(squares[new], found[new]))


def _hop(points: NDArray[np.float32], best: Keys) -> None:
    """Look at the neighbours of each row's neighbours, as they were before."""
    near = numbers_of(best)[:, :_HOPS]
    near[near >= len(points)] = 0  # a row that found too few others
    for start in range(0, len(points), _BLOCK):
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
        squares = _pairs(points, block, rows, found)
        closer = squares < values_of(mine[:, -1])[rows]
        _take(mine, rows[closer], found[closer], squares[closer])
        best[block] = mine


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


def _exact(points: NDArray[np.float32], sample: IntArray, n_neighbors: int) -> NDArray[np.float32]:
    """The square of the last exact neighbour of each row of the sample."""
    chosen = points[sample]
    best = no_candidates(len(sample), n_neighbors)
    for start in range(0, len(points), TILE):
        squares = squared_distances(chosen, points[start : start + TILE])
        inside = np.flatnonzero((sample >= start) & (sample < start + TILE))
        squares[inside, sample[inside] - start] = np.inf
        rows, columns = offered(squares, values_of(best[:, -1]), n_neighbors)
        if len(rows):
            merge(best, rows, sortable(squares[rows, columns], columns + start))
    return values_of(best[:, -1])


def _recall(squares: NDArray[np.float32], exact: NDArray[np.float32]) -> float:
    """Share of neighbours that are as near as the last exact one."""
    slack = _SAME * (exact + np.median(exact))
    return float((squares <= (exact + slack)[:, None]).mean())


def _settled(rows: FloatArray, best: Keys, grid: float) -> tuple[IntArray, Floats]:
    """Distances from differences, and the order by them."""
    found = numbers_of(best)
    own = np.repeat(np.arange(len(rows)), found.shape[1])
    squares = pair_squares(rows, own, found.ravel(), grid)
    return by_distance(found, squares.reshape(found.shape))
