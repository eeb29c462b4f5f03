"""The candidates of every row by pairs of blocks, each of which is a call that `Context.map` makes.

A call gets the worst that each row keeps so far and returns what lies below or
at it. What a row keeps are the least keys of all, by square and then by row, and
so neither depends on the order of calls nor on how many there are at a time.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import combinations_with_replacement
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit import Context, FloatArray, Floats, IntArray
from embkit_plugins.algorithms.neighbors.candidates import (
    TILE,
    augmented,
    squared_distances,
    unscaled,
)
from embkit_plugins.algorithms.neighbors.keys import (
    Keys,
    merge,
    no_candidates,
    offered,
    sortable,
    values_of,
)
from embkit_plugins.algorithms.neighbors.search import begun, part_of

__all__ = ["BLOCK", "candidates_by_pairs"]

BLOCK = 8 * TILE  # rows: half a second of work for a pair, and some 12 MB at 384 dimensions

_KIND = "float32 by pairs"

Singles = NDArray[np.float32]


def candidates_by_pairs(
    context: Context, rows: FloatArray, n_candidates: int, progress: Callable[[float], Any]
) -> tuple[IntArray, Floats]:
    """The nearest other rows of every row; see `embkit_plugins.algorithms.neighbors.candidates`.

    Parameters
    ----------
    context : Context
        Makes the calls, and keeps what is done of them.
    rows : ndarray of shape (n_samples, n_features)
        float32 or float64; fewer than 2**32 rows.
    n_candidates : int
        How many to keep, less than n_samples.
    progress : callable
        Told the share of the work that is done.

    Returns
    -------
    indices : ndarray of int64, shape (n_samples, n_candidates)
        In order of distance; ties by lowest row.
    squares : ndarray of float64, shape (n_samples, n_candidates)
        Squared euclidean distances.

    Notes
    -----
    Cost: n^2 d flops in float32. Each block goes to a worker once, and from there to those
    that need it; a call carries 4 bytes a row there, and back what it found.
    """
    points, scale = augmented(rows)
    blocks = context.scatter(points, BLOCK)
    del points
    n_done, best = begun(context, _KIND, (len(rows), n_candidates))
    # The pairs within blocks come first: with a bound for every row little is found later.
    pairs = sorted(
        combinations_with_replacement(range(len(blocks)), 2), key=lambda pair: pair[0] != pair[1]
    )

    def calls() -> Iterator[tuple[Any, Any, _Side, _Side]]:
        for left, right in pairs[n_done:]:
            sides = (_Side(each * BLOCK, values_of(best[_rows(each), -1])) for each in (left, right))
            yield blocks[left], blocks[right], *sides

    results = context.map(partial(_nearest_of_pair, n_candidates), calls())
    for number, (pair, found) in enumerate(zip(pairs[n_done:], results, strict=True), n_done + 1):
        for block, (row, keys) in zip(pair, found, strict=False):
            if len(row):
                merge(best[_rows(block)], row, keys)
        progress(number / len(pairs))
        context.keep_part(partial(part_of, best, _KIND, number))
    return unscaled(best, scale)


def _rows(block: int) -> slice:
    return slice(block * BLOCK, (block + 1) * BLOCK)


@dataclass(frozen=True, eq=False)
class _Side:
    """What a call has to know of the rows of a block, beside the rows themselves.

    Parameters
    ----------
    start : int
        The number of the first one.
    worst : ndarray of float32, shape (n_rows,)
        The square of the worst candidate that each keeps.
    """

    start: int
    worst: Singles


def _nearest_of_pair(
    n_candidates: int, pair: tuple[Singles, Singles, _Side, _Side]
) -> list[tuple[IntArray, Keys]]:
    """What the rows of each block, or of the one block, find in the other: row in it and key.

    Rows are in ascending order.
    """
    left, right, of_left, of_right = pair
    if of_left.start == of_right.start:
        best = _Best.of(of_left, n_candidates)
        for tile, other in combinations_with_replacement(_tiles(len(left)), 2):
            squares = squared_distances(left[tile], left[other])
            if tile == other:
                np.fill_diagonal(squares, np.inf)
            else:
                best.offer(other, squares.T, of_left.start + tile.start)
            best.offer(tile, squares, of_left.start + other.start)
        return [best.found()]
    mine, theirs = _Best.of(of_left, n_candidates), _Best.of(of_right, n_candidates)
    for tile in _tiles(len(left)):
        for other in _tiles(len(right)):
            squares = squared_distances(left[tile], right[other])
            mine.offer(tile, squares, of_right.start + other.start)
            theirs.offer(other, squares.T, of_left.start + tile.start)
    return [mine.found(), theirs.found()]


def _tiles(n_rows: int) -> list[slice]:
    return [slice(start, min(start + TILE, n_rows)) for start in range(0, n_rows, TILE)]


@dataclass(frozen=True, eq=False)
class _Best:
    """The best keys of each row of a block, and the square that others must not exceed."""

    keys: Keys
    worst: Singles

    @classmethod
    def of(cls, side: _Side, n_candidates: int) -> "_Best":
        """Nothing yet."""
        return cls(no_candidates(len(side.worst), n_candidates), side.worst.copy())

    def offer(self, rows: slice, squares: Singles, start: int) -> None:
        """Let some rows take what is on offer: a row for each, its first column is row `start`."""
        worst = self.worst[rows]
        # Those that equal the worst too: a lower row comes first.
        found, columns = offered(squares, np.nextafter(worst, np.float32(np.inf)), self.keys.shape[1])
        if len(found):
            merge(self.keys[rows], found, sortable(squares[found, columns], columns + start))
            np.minimum(worst, values_of(self.keys[rows, -1]), out=worst)

    def found(self) -> tuple[IntArray, Keys]:
        """Row in the block and key of all that was found."""
        rows, places = np.nonzero(np.isfinite(values_of(self.keys)))
        return rows, self.keys[rows, places]
