"""Approximate nearest neighbours: all pairs within random overlapping leaves, by matrix products.

Each round draws leaders, puts every row into the leaves of its nearest ones, and
compares all rows of a leaf; then the neighbours of a row's neighbours are looked
at once, and each row learns who knows it. Rounds go on until the recall that was
asked for is reached on a sample whose neighbours are computed exactly (leaves of
random partitions by products: PiPNN, arXiv 2602.21247).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit import Blocks, Context, FloatArray, Floats, IntArray
from embkit_plugins.algorithms.distances.squares import pair_squares
from embkit_plugins.algorithms.neighbors import partition
from embkit_plugins.algorithms.neighbors.candidates import (
    TILE,
    AugmentedRows,
    squared_distances,
)
from embkit_plugins.algorithms.neighbors.comparing import compared_to_all
from embkit_plugins.algorithms.neighbors.exact import by_distance, exact_neighbors
from embkit_plugins.algorithms.neighbors.hops import hop, reciprocate, take
from embkit_plugins.algorithms.neighbors.keys import (
    Keys,
    no_candidates,
    numbers_of,
    offered,
    values_of,
)
from embkit_plugins.algorithms.neighbors.repeats import with_repeats
from embkit_plugins.algorithms.rows.calls import Calls, read_once
from embkit_plugins.algorithms.rows.prepare import column_means, first_equal
from embkit_plugins.algorithms.rows.threads import of_part
from embkit_plugins.algorithms.rows.units import apart, picked_rows

__all__ = ["LeafNeighbors", "leaf_neighbors", "needs_leaves"]

_LARGEST_LEAF = 4096
_COPIES = 64  # of one row, up to which they are searched for like any other
_SAMPLE = 2000
_MOST_ROUNDS = 30
_BLOCKS = 16  # of leaves, some 20 ms each, that a worker compares at once
_SETTLED = 1024
_SAME = 1e-5  # share of a distance within which a neighbour is as near as the exact one
_ROUNDED = 1e-6  # share of a row's square within which products of float32 agree

_Progress = Callable[[float, str], Any]
_Share = Callable[[float], Any]
_Offer = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float32]]


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
    workers: Context | None = None,
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
    workers : Context, optional
        Makes the calls on its workers, which read the rows themselves; the result is the same.
    progress : callable
        Told the share done of a part of a round, and which it is; then how near the recall is.

    Returns
    -------
    LeafNeighbors
        Of the best round; `recall` is below what was asked for where 30 rounds did
        not reach it. Cost: some 2 n d (n / 267 + 2400) flops a round in float32, and
        a float32 copy of the rows, which each worker gets. Where rows lie in files there is
        none: workers read and convert them again and again, at up to twice the cost, and the
        driver passes over them a few times by blocks, and keeps 40 bytes a neighbour and some
        100 a row. Workers are sent the neighbours that rows know, 60 bytes a row, each round.
    """
    first, group = np.unique(first_equal(rows), return_inverse=True)
    if np.bincount(group).max() <= _COPIES:
        return _of_rows(rows, n_neighbors, recall, seed, grid, threads, workers, progress)
    # Copies by the hundred would all be as near as the last that counts: they are given one another.
    distinct, n_distinct = picked_rows(rows, first), min(n_neighbors, len(first) - 1)
    if needs_leaves(len(first), n_distinct):
        found = _of_rows(distinct, n_distinct, recall, seed, grid, threads, workers, progress)
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
    workers: Context | None,
    progress: _Progress,
) -> LeafNeighbors:
    from threadpoolctl import threadpool_limits

    rng = np.random.default_rng(seed)
    sample = np.sort(rng.choice(len(rows), min(_SAMPLE, len(rows)), replace=False)).astype(np.int64)
    # Products on one thread, lest their last bits depend on how many there are.
    with threadpool_limits(1, user_api="blas"):
        searching = _searching(AugmentedRows.of(rows, column_means(rows)), threads, workers)
        best, order, found, rounds = _search(searching, n_neighbors, sample, recall, rng, progress)
        del searching
        indices, squares = _settled(_settling(rows, threads, workers), best, order, grid)
    return LeafNeighbors(indices, squares, found, len(sample), rounds)


def _searching(points: AugmentedRows, threads: int, workers: Context | None) -> Calls:
    """Calls of functions of points, which are made anew in each where rows lie in files."""
    if workers is None:
        return Calls.here(points.held(), threads)
    vectors, view = apart(points.rows)
    if not isinstance(vectors, Blocks):
        return Calls.on_workers(workers, points, points.held())
    return Calls.on_workers(
        workers, points, vectors, partial(_augmented, view, points.centre, points.scale)
    )


def _settling(rows: FloatArray, threads: int, workers: Context | None) -> Calls:
    """Calls of functions of the rows."""
    if workers is None:
        return Calls.here(rows, threads)
    return Calls.on_workers(workers, rows, *apart(rows))


def _augmented(
    view: Callable[[FloatArray], FloatArray], centre: Floats, scale: float, part: FloatArray
) -> AugmentedRows:
    return AugmentedRows(view(part), centre, scale)


def _search(
    calls: Calls,
    n_neighbors: int,
    sample: IntArray,
    recall: float,
    rng: np.random.Generator,
    progress: _Progress,
) -> tuple[Keys, IntArray, float, int]:
    """The neighbours as float32 knows them, an order of near rows, the recall, and the rounds."""
    exact = values_of(compared_to_all(calls, sample, n_neighbors)[:, -1])
    rounding = np.float32(_ROUNDED) * calls.rows[sample][:, -2]
    best = no_candidates(len(calls.rows), n_neighbors)
    order = np.arange(len(best))
    found, rounds = 0.0, 0
    while found < recall and rounds < _MOST_ROUNDS:
        rounds += 1
        leaves = partition.random_partition(calls, rng)
        order = leaves.together()
        _compare_in_leaves(calls, leaves, best, of_part(progress, f"round {rounds}, leaves"))
        found = _recall(values_of(best[sample]), exact, rounding)
        if found < recall:
            hop(calls, best, order, of_part(progress, f"round {rounds}, neighbours of neighbours"))
            reciprocate(best)
            found = _recall(values_of(best[sample]), exact, rounding)
        progress(min(0.95, found / recall), f"round {rounds}, recall {found:.3f}")
    lonely = np.flatnonzero(numbers_of(best[:, -1]) >= len(best))  # never among enough others
    if len(lonely):
        best[lonely] = compared_to_all(calls, lonely, n_neighbors)
    return best, order, found, rounds


def _compare_in_leaves(calls: Calls, leaves: partition.Partition, best: Keys, progress: _Share) -> None:
    """Let the rows of each leaf find one another; `best` is changed in place."""
    blocks = list(_blocks(leaves))
    # What counts is what rows knew before all of them, so that no call's pace changes a result.
    worst = values_of(best[:, -1])
    units = ((leaf, start, worst[leaf[start : start + TILE]]) for leaf, start in blocks)
    found = calls.map(partial(_compared, best.shape[1]), units, together=_BLOCKS)
    for number, ((leaf, start), offer) in enumerate(zip(blocks, found, strict=True)):
        asking = leaf[start : start + TILE]
        mine = best[asking]
        take(mine, *offer)
        best[asking] = mine
        progress(number / len(blocks))


def _compared(n_kept: int, points: Any, unit: tuple[IntArray, int, NDArray[np.float32]]) -> _Offer:
    """What rows of a leaf may take: which of them, the others' numbers, and their squares."""
    leaf, start, worst = unit
    inside = points[leaf]
    squares = squared_distances(inside[start : start + len(worst)], inside)
    squares[np.arange(len(worst)), start + np.arange(len(worst))] = np.inf
    rows, columns = offered(squares, worst, n_kept)
    return rows.astype(np.int32), leaf[columns].astype(np.int32), squares[rows, columns]


def _blocks(leaves: partition.Partition) -> Iterator[tuple[IntArray, int]]:
    """Leaves, each with the place of the first of some rows that are compared to all of it."""
    for whole in map(leaves.leaf, range(len(leaves))):
        for first in range(0, len(whole), _LARGEST_LEAF):  # of equal rows, which need no company
            leaf = whole[first : first + _LARGEST_LEAF]
            for start in range(0, len(leaf), TILE):
                yield leaf, start


def _recall(
    squares: NDArray[np.float32], exact: NDArray[np.float32], rounding: NDArray[np.float32]
) -> float:
    """Share of neighbours that are as near as the last exact one.

    Where most rows have that many copies, all of these are at 0 but for the rounding.
    """
    slack = _SAME * (exact + np.median(exact)) + rounding
    return float((squares <= (exact + slack)[:, None]).mean())


def _settled(calls: Calls, best: Keys, order: IntArray, grid: float) -> tuple[IntArray, Floats]:
    """Distances from differences, and the order by them; near rows are taken together."""
    indices = np.empty(best.shape, dtype=np.int64)
    squares = np.empty(best.shape)
    units = [order[start : start + _SETTLED] for start in range(0, len(best), _SETTLED)]
    known = ((unit, numbers_of(best[unit])) for unit in units)
    settled = calls.map(partial(_by_differences, grid), known, together=4)
    for unit, (near, squares_here) in zip(units, settled, strict=True):
        indices[unit], squares[unit] = near, squares_here
    return indices, squares


def _by_differences(grid: float, rows: Any, unit: tuple[IntArray, IntArray]) -> tuple[IntArray, Floats]:
    own, found = unit
    held, places = read_once(rows, own, found)
    left = places(own).repeat(found.shape[1])
    squares = pair_squares(held, left, places(found).ravel(), grid)
    return by_distance(found, squares.reshape(found.shape))
