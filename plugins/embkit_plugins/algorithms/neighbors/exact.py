"""Exact nearest neighbours: of the rows that come into question, by distances from differences.

Which rows do is found by a k-d tree in few dimensions; in more by products in float32, or of 8-bit
integers where the processor and an extra have them. The neighbours are the same.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from embkit import FloatArray, Floats, IntArray
from embkit_plugins.algorithms.distances.integer_products import LARGEST_WIDTH, has_integer_products
from embkit_plugins.algorithms.distances.row_tree import RowTree
from embkit_plugins.algorithms.distances.squares import SquaresToAll, block_rows
from embkit_plugins.algorithms.neighbors.candidates import TILE, candidates
from embkit_plugins.algorithms.neighbors.integers import codes_of
from embkit_plugins.algorithms.neighbors.repeats import with_repeats
from embkit_plugins.algorithms.neighbors.search import Keeper
from embkit_plugins.algorithms.rows.prepare import first_equal
from embkit_plugins.algorithms.rows.threads import in_order

__all__ = ["exact_neighbors", "most_candidates"]

Search = Callable[[FloatArray, int, Callable[[float], Any]], tuple[IntArray, Floats]]

_SPARE_CANDIDATES = 8  # candidates beyond those asked for, to settle what float32 cannot
_TREE_SPARE = 1  # a tree knows distances nearly as well as they can be: only ties are left
_TREE_VALUES = 1 << 17  # neighbours that are searched for in a tree at once
_SETTLED = 4096  # rows whose distances are taken from differences at once
# A sum of d products is off by about sqrt(d) roundings (Higham and Mary, "A new approach to
# probabilistic rounding error analysis", SIAM J. Sci. Comput. 41, 2019); four times that is safe.
_ROUNDING = 4 * 2.0**-24
# Fewer rows, or narrower ones, gain nothing by integers.
_INTEGER_ROWS = 1 << 15
_INTEGER_WIDTH = 128
_MOST_CANDIDATES = 3  # times as many as float32 needs: more cost more than integers save


def most_candidates(n_samples: int, n_features: int, n_neighbors: int) -> int:
    """How many candidates `exact_neighbors` keeps for each row, at most."""
    factor = _MOST_CANDIDATES if _suits_integers(n_samples, n_features) else 1
    return factor * (n_neighbors + _SPARE_CANDIDATES)


def _suits_integers(n_samples: int, n_features: int) -> bool:
    wide = _INTEGER_WIDTH <= n_features <= LARGEST_WIDTH
    return n_samples >= _INTEGER_ROWS and wide and has_integer_products()


def exact_neighbors(
    rows: FloatArray,
    n_neighbors: int,
    progress: Callable[[float], Any],
    grid: float = 0.0,
    threads: int = 1,
    search: Search | None = None,
    keeper: Keeper | None = None,
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
    threads : int
        How many to work with; BLAS has one for each of them. The result does not depend on it.
    search : callable
        Finds candidates as `candidates` does; if omitted that one, or a tree or integers where
        they suit.
    keeper : Keeper, optional
        Keeps what is done, for a search that is interrupted to go on from; for another
        `search` and for a tree there is none.

    Returns
    -------
    indices : ndarray of int64, shape (n_samples, n_neighbors)
        In order of distance, ties by lowest row.
    squares : ndarray of float64, shape (n_samples, n_neighbors)
        Squared distances, from differences.
    settled : int
        How many distinct rows had to be compared to all others again, or searched for again in a
        tree.
    """
    first, group = np.unique(first_equal(rows), return_inverse=True)
    if len(first) == len(rows):
        return _of_distinct(SquaresToAll.of(rows, grid), n_neighbors, progress, threads, search, keeper)
    n_distinct = min(n_neighbors, len(first) - 1)
    near, squares, settled = _of_distinct(
        SquaresToAll.of(rows[first], grid), n_distinct, progress, threads, search, keeper
    )
    return *with_repeats(near, squares, group, n_neighbors), settled


def _of_distinct(
    all_squares: SquaresToAll,
    n_neighbors: int,
    progress: Callable[[float], Any],
    threads: int,
    search: Search | None,
    keeper: Keeper | None,
) -> tuple[IntArray, Floats, int]:
    rows = all_squares.rows
    if n_neighbors == 0:
        return np.empty((len(rows), 0), dtype=np.int64), np.empty((len(rows), 0)), 0
    near_rows = None
    if search is None:
        near_rows = _by_tree(all_squares, n_neighbors, progress, threads) or _by_integers(
            all_squares, n_neighbors, progress, threads, keeper
        )
    if near_rows is None:
        search = search or partial(candidates, threads=threads, keeper=keeper)
        near_rows = _by_floats(all_squares, n_neighbors, progress, search)
    settled = partial(_settled, all_squares, near_rows, n_neighbors)
    blocks = [slice(start, start + _SETTLED) for start in range(0, len(rows), _SETTLED)]
    found, squares = map(np.concatenate, zip(*in_order(settled, blocks, threads), strict=True))
    if near_rows.squares.shape[1] == len(rows) - 1:
        return found, squares, 0
    unsettled = np.flatnonzero(squares[:, -1] >= near_rows.squares[:, -1] - near_rows.errors)
    step = block_rows(len(rows))
    for start in range(0, len(unsettled), step):
        chosen = unsettled[start : start + step]
        nearby = near_rows.within(chosen, squares[chosen, -1])
        for row, others in zip(chosen, nearby, strict=True):
            exact = all_squares.of_pairs(np.full(len(others), row), others)
            order = np.lexsort((others, exact))[:n_neighbors]
            found[row], squares[row] = others[order], exact[order]
    return found, squares, len(unsettled)


def _settled(
    all_squares: SquaresToAll, near_rows: "_Candidates", n_neighbors: int, block: slice
) -> tuple[IntArray, Floats]:
    """The nearest of the candidates of some rows, by distances from differences."""
    found, approximate = near_rows.indices[block], near_rows.squares[block]
    own = np.arange(block.start, block.start + len(found))
    squares = approximate.copy()
    nearest = found[:, :n_neighbors]
    first = all_squares.of_pairs(own.repeat(nearest.shape[1]), nearest.ravel())
    squares[:, :n_neighbors] = first.reshape(nearest.shape)
    # What is surely farther than the last of these keeps its place behind it.
    reach = squares[:, :n_neighbors].max(axis=1) + near_rows.errors[block]
    near = approximate <= reach[:, None]
    near[:, :n_neighbors] = False
    squares[near] = all_squares.of_pairs(own[np.nonzero(near)[0]], found[near])
    found, squares = by_distance(found, squares)
    return found[:, :n_neighbors], squares[:, :n_neighbors]


@dataclass(frozen=True, eq=False)
class _Candidates:
    """The nearest other rows of every row as far as fast products can tell.

    Parameters
    ----------
    indices, squares : ndarray of shape (n_samples, n_candidates)
        In order of their squared distances.
    errors : ndarray of float64, shape (n_samples,)
        How far these can be off; the rows left out are no nearer than the last less its error.
    within : callable
        ``within(chosen, squares)`` gives for each of some rows the other rows that may be as
        near as its square, or among its nearest.
    """

    indices: IntArray
    squares: Floats
    errors: Floats
    within: Callable[[IntArray, Floats], Iterable[IntArray]]


def _by_tree(
    all_squares: SquaresToAll, n_neighbors: int, progress: Callable[[float], Any], threads: int
) -> _Candidates | None:
    """Nothing if the rows do not suit a tree."""
    tree = RowTree.of(all_squares)
    if tree is None:
        return None
    n_samples = len(all_squares.rows)
    n_candidates = min(n_neighbors + _TREE_SPARE, n_samples - 1)
    found = np.empty((n_samples, n_candidates), dtype=np.int64)
    squares = np.empty((n_samples, n_candidates))
    step = max(1, _TREE_VALUES // n_candidates)
    parts = [tree.together[start : start + step] for start in range(0, n_samples, step)]
    nearest = in_order(partial(tree.nearest, n_near=n_candidates), parts, threads)
    for number, (part, (near, far)) in enumerate(zip(parts, nearest, strict=True), 1):
        found[part], squares[part] = near, far
        progress(number / len(parts))

    def within(chosen: IntArray, kth: Floats) -> Iterable[IntArray]:
        return map(tree.within, chosen.tolist(), kth.tolist())

    return _Candidates(found, squares, tree.errors(squares[:, -1]), within)


def _by_floats(
    all_squares: SquaresToAll,
    n_neighbors: int,
    progress: Callable[[float], Any],
    search: Search,
) -> _Candidates:
    rows = all_squares.rows
    n_candidates = min(n_neighbors + _SPARE_CANDIDATES, len(rows) - 1)
    found, approximate = search(rows, n_candidates, progress)
    # The error of a product of x and y goes with |x|^2 + |y|^2 <= 3 |x|^2 + 2 |x - y|^2.
    scale = 3 * all_squares.norms + 2 * approximate[:, -1]
    errors = _ROUNDING * np.sqrt(rows.shape[1] + 2) * scale

    def within(chosen: IntArray, _: Floats) -> list[IntArray]:
        squares = all_squares.of_rows(chosen)
        squares[np.arange(len(chosen)), chosen] = np.inf
        kth = np.partition(squares, n_neighbors - 1, axis=1)[:, n_neighbors - 1]
        errors = all_squares.rounding[chosen] + all_squares.grid_errors(kth)
        near = squares <= (kth + 2 * errors)[:, None]
        return [np.flatnonzero(row) for row in near]

    return _Candidates(found, approximate, errors, within)


def _by_integers(
    all_squares: SquaresToAll,
    n_neighbors: int,
    progress: Callable[[float], Any],
    threads: int,
    keeper: Keeper | None,
) -> _Candidates | None:
    """Nothing if the processor, the shape or the rows do not suit integers."""
    n_samples, n_features = all_squares.rows.shape
    if not _suits_integers(n_samples, n_features):
        return None
    codes = codes_of(all_squares.rows, TILE, slack=all_squares.grid)
    needed = max(n_neighbors + _SPARE_CANDIDATES, codes.n_needed(n_neighbors))
    if needed > most_candidates(n_samples, n_features, n_neighbors):
        return None
    found, squares = codes.nearest(min(needed, n_samples - 1), threads, progress, keeper)
    return _Candidates(found, squares, codes.errors(squares[:, -1]), codes.within)


def by_distance(found: IntArray, squares: Floats) -> tuple[IntArray, Floats]:
    order = np.lexsort((found, squares), axis=1)
    return np.take_along_axis(found, order, axis=1), np.take_along_axis(squares, order, axis=1)
