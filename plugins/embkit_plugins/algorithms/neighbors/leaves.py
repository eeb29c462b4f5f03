"""Approximate nearest neighbours: all pairs within random overlapping leaves, by matrix products.

Each round draws leaders, puts every row into the leaves of its nearest ones, and
compares all rows of a leaf; then the neighbours of a row's neighbours are looked
at once, and each row learns who knows it. Rounds go on until the recall that was
asked for is reached on a sample whose neighbours are computed exactly (leaves of
random partitions by products: PiPNN, arXiv 2602.21247).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit import FloatArray, Floats, IntArray
from embkit_plugins.algorithms.distances.squares import pair_squares
from embkit_plugins.algorithms.neighbors import partition
from embkit_plugins.algorithms.neighbors.candidates import (
    TILE,
    augmented,
    squared_distances,
)
from embkit_plugins.algorithms.neighbors.exact import by_distance, exact_neighbors
from embkit_plugins.algorithms.neighbors.hops import hop, reciprocate, take
from embkit_plugins.algorithms.neighbors.keys import (
    Keys,
    merge,
    no_candidates,
    numbers_of,
    offered,
    sortable,
    values_of,
)
from embkit_plugins.algorithms.neighbors.repeats import with_repeats
from embkit_plugins.algorithms.rows.prepare import column_means, first_equal
from embkit_plugins.algorithms.rows.threads import in_order, of_part
from embkit_plugins.algorithms.rows.units import picked_rows

__all__ = ["LeafNeighbors", "leaf_neighbors", "needs_leaves"]

_LARGEST_LEAF = 4096
_COPIES = 64  # of one row, up to which they are searched for like any other
_SAMPLE = 2000
_MOST_ROUNDS = 30
_AT_ONCE = 64  # blocks compared against what rows knew before all of them
_COMPARED = 512  # rows compared to all others at once
_SETTLED = 4096
_SAME = 1e-5  # share of a distance within which a neighbour is as near as the exact one
_ROUNDED = 1e-6  # share of a row's square within which products of float32 agree

_Progress = Callable[[float, str], Any]
_Share = Callable[[float], Any]
_Offer = tuple[IntArray, IntArray, IntArray, NDArray[np.float32]]


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
        Rows of the sample, all of them distinct where there are many copies.
    rounds : int
        Random partitions that were made; 0 where so few rows are distinct that none was needed.
    """

    indices: IntArray
    squares: Floats
    recall: float
    n_sampled: int
    rounds: int


def needs_leaves(n_samples: int, n_neighbors: int) -> bool:
    """Whether there are so many rows that leaves save anything over all pairs."""
    return n_samples > 4 * max(partition.LEAF_ROWS, n_neighbors)


def leaf_neighbors(
    rows: FloatArray,
    n_neighbors: int,
    *,
    recall: float = 0.95,
    seed: int = 0,
    grid: float = 0.0,
    threads: int = 1,
    progress: _Progress = lambda _done, _note: None,
) -> LeafNeighbors:
    """Nearest other rows by euclidean distance, most of them.

    Parameters
    ----------
    rows : ndarray of shape (n_samples, n_features)
        Where `needs_leaves`; read by slices and by lists of rows.
    n_neighbors : int
        How many of each row.
    recall : float
        Share of the exact neighbours to find at least, below 1.
    seed : int
        Of the leaders and of the sample.
    grid : float
        See `embkit_plugins.algorithms.distances.squares.pair_squares`.
    threads : int
        How many to work with; the result is the same for any number.
    progress : callable
        Told the share done of a part of a round, and which it is; then how near the recall is.

    Returns
    -------
    LeafNeighbors
        Of the best round; `recall` is below what was asked for where 30 rounds did
        not reach it. Cost: some 2 n d (n / 267 + 2400) flops a round in float32, and
        a float32 copy of the rows.
    """
    first, group = np.unique(first_equal(rows), return_inverse=True)
    if np.bincount(group).max() <= _COPIES:
        return _of_rows(rows, n_neighbors, recall, seed, grid, threads, progress)
    # Copies by the hundred would all be as near as the last that counts: they are given one another.
    distinct, n_distinct = picked_rows(rows, first), min(n_neighbors, len(first) - 1)
    if needs_leaves(len(first), n_distinct):
        found = _of_rows(distinct, n_distinct, recall, seed, grid, threads, progress)
    else:
        near, squares, _ = exact_neighbors(distinct[:], n_distinct, lambda _: None, grid, threads)
        found = LeafNeighbors(near, squares, 1.0, len(first), 0)
    indices, squares = with_repeats(found.indices, found.squares, group, n_neighbors)
    return replace(found, indices=indices, squares=squares)


def _of_rows(
    rows: FloatArray,
    n_neighbors: int,
    recall: float,
    seed: int,
    grid: float,
    threads: int,
    progress: _Progress,
) -> LeafNeighbors:
    from threadpoolctl import threadpool_limits

    rng = np.random.default_rng(seed)
    sample = np.sort(rng.choice(len(rows), min(_SAMPLE, len(rows)), replace=False)).astype(np.int64)
    # Products on one thread, lest their last bits depend on how many there are.
    with threadpool_limits(1, user_api="blas"):
        points = augmented(rows, column_means(rows))[0]
        best, found, rounds = _search(points, n_neighbors, sample, recall, rng, threads, progress)
        del points
        indices, squares = _settled(rows, best, grid, threads)
    return LeafNeighbors(indices, squares, found, len(sample), rounds)


def _search(
    points: NDArray[np.float32],
    n_neighbors: int,
    sample: IntArray,
    recall: float,
    rng: np.random.Generator,
    threads: int,
    progress: _Progress,
) -> tuple[Keys, float, int]:
    """The neighbours as float32 knows them, their recall, and the rounds that it took."""
    exact = values_of(_compared_to_all(points, sample, n_neighbors, threads)[:, -1])
    rounding = np.float32(_ROUNDED) * points[sample, -2]
    best = no_candidates(len(points), n_neighbors)
    found, rounds = 0.0, 0
    while found < recall and rounds < _MOST_ROUNDS:
        rounds += 1
        leaves = partition.random_partition(points, rng, threads)
        _compare_in_leaves(points, leaves, best, threads, of_part(progress, f"round {rounds}, leaves"))
        found = _recall(values_of(best[sample]), exact, rounding)
        if found < recall:
            hop(points, best, threads, of_part(progress, f"round {rounds}, neighbours of neighbours"))
            reciprocate(best)
            found = _recall(values_of(best[sample]), exact, rounding)
        progress(min(0.95, found / recall), f"round {rounds}, recall {found:.3f}")
    lonely = np.flatnonzero(numbers_of(best[:, -1]) >= len(points))  # never among enough others
    if len(lonely):
        best[lonely] = _compared_to_all(points, lonely, n_neighbors, threads)
    return best, found, rounds


def _compare_in_leaves(
    points: NDArray[np.float32], leaves: partition.Partition, best: Keys, threads: int, progress: _Share
) -> None:
    """Let the rows of each leaf find one another; `best` is changed in place."""
    blocks = list(_blocks(leaves))
    worst = values_of(best[:, -1])

    def compared(block: tuple[IntArray, int]) -> _Offer:
        leaf, start = block
        asking = leaf[start : start + TILE]
        squares = squared_distances(points[asking], points[leaf])
        squares[np.arange(len(asking)), start + np.arange(len(asking))] = np.inf
        rows, columns = offered(squares, worst[asking], best.shape[1])
        return asking, rows, leaf[columns], squares[rows, columns]

    for start in range(0, len(blocks), _AT_ONCE):
        for asking, rows, found, squares in in_order(
            compared, blocks[start : start + _AT_ONCE], threads
        ):
            mine = best[asking]
            take(mine, rows, found, squares)
            best[asking] = mine
        progress(start / len(blocks))
        # Only now, so that no thread's pace changes a result.
        worst[:] = values_of(best[:, -1])


def _blocks(leaves: partition.Partition) -> Iterator[tuple[IntArray, int]]:
    """Leaves, each with the place of the first of some rows that are compared to all of it."""
    for whole in map(leaves.leaf, range(len(leaves))):
        for first in range(0, len(whole), _LARGEST_LEAF):  # of equal rows, which need no company
            leaf = whole[first : first + _LARGEST_LEAF]
            for start in range(0, len(leaf), TILE):
                yield leaf, start


def _compared_to_all(
    points: NDArray[np.float32], chosen: IntArray, n_neighbors: int, threads: int
) -> Keys:
    """The nearest of all other rows, for each chosen one."""

    def compared(start: int) -> Keys:
        rows = chosen[start : start + _COMPARED]
        left = points[rows]
        best = no_candidates(len(rows), n_neighbors)
        for tile in range(0, len(points), TILE):
            squares = squared_distances(left, points[tile : tile + TILE])
            inside = np.flatnonzero((rows >= tile) & (rows < tile + TILE))
            squares[inside, rows[inside] - tile] = np.inf
            owner, columns = offered(squares, values_of(best[:, -1]), n_neighbors)
            if len(owner):
                merge(best, owner, sortable(squares[owner, columns], columns + tile))
        return best

    return np.concatenate(list(in_order(compared, range(0, len(chosen), _COMPARED), threads)))


def _recall(
    squares: NDArray[np.float32], exact: NDArray[np.float32], rounding: NDArray[np.float32]
) -> float:
    """Share of neighbours that are as near as the last exact one.

    Where most rows have that many copies, all of these are at 0 but for the rounding.
    """
    slack = _SAME * (exact + np.median(exact)) + rounding
    return float((squares <= (exact + slack)[:, None]).mean())


def _settled(rows: FloatArray, best: Keys, grid: float, threads: int) -> tuple[IntArray, Floats]:
    """Distances from differences, and the order by them."""
    indices = np.empty(best.shape, dtype=np.int64)
    squares = np.empty(best.shape)

    def settled(start: int) -> tuple[int, IntArray, Floats]:
        found = numbers_of(best[start : start + _SETTLED])
        own = np.repeat(np.arange(start, start + len(found)), found.shape[1])
        apart = pair_squares(rows, own, found.ravel(), grid)
        return start, *by_distance(found, apart.reshape(found.shape))

    for start, near, apart in in_order(settled, range(0, len(best), _SETTLED), threads):
        indices[start : start + len(near)], squares[start : start + len(near)] = near, apart
    return indices, squares
