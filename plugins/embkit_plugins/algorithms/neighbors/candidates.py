"""The nearest rows of every row as far as float32 can tell, by tiles of a matrix product.

The square of tiles is symmetric: each product above the diagonal serves its rows
and its columns. A row keeps its best so far; what a new tile offers below the
worst of these is found by one comparison of the whole tile, and is so little
after the first tiles that merging it costs next to nothing. Distance and row
number share 64 bits, so that one sort orders by both.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit import FloatArray, Floats
from embkit_plugins.algorithms.rows.prepare import row_blocks

__all__ = [
    "NOTHING",
    "TILE",
    "Keys",
    "augmented",
    "bits_of",
    "candidates",
    "keys_of",
    "merge",
    "no_candidates",
    "numbers_of",
    "offered",
    "positions",
    "sortable",
    "squared_distances",
    "unscaled",
    "values_of",
]

TILE = 1024
_DENSE = 4  # times as many on offer as are kept: then a selection first
_SHIFT = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)
NOTHING = int(np.float32(np.inf).view(np.uint32))
_NONE = (np.uint64(NOTHING) << _SHIFT) | _LOW

Keys = NDArray[np.uint64]


def candidates(
    rows: FloatArray, n_candidates: int, progress: Callable[[float], Any]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """For every row the nearest other rows, with squared distances as float32 knows them.

    Parameters
    ----------
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
    Cost: n^2 d flops in float32. Memory: a float32 copy of the rows,
    8 n n_candidates bytes, and tiles of some 10 MB.
    """
    points, scale = augmented(rows)
    best = no_candidates(len(rows), n_candidates)
    worst = np.full(len(rows), np.inf, dtype=np.float32)
    tiles = [slice(start, start + TILE) for start in range(0, len(rows), TILE)]
    for tile in tiles:  # first, because with a bound for every row little is on offer later
        squares = squared_distances(points[tile], points[tile])
        np.fill_diagonal(squares, np.inf)
        _offer(squares, tile.start, best[tile], worst[tile])
    for number, tile in enumerate(tiles):
        for other in tiles[number + 1 :]:
            squares = squared_distances(points[tile], points[other])
            _offer(squares, other.start, best[tile], worst[tile])
            _offer(squares.T, tile.start, best[other], worst[other])
        progress(1 - (1 - (number + 1) / len(tiles)) ** 2)
    return unscaled(best, scale)


def augmented(rows: FloatArray, centre: Floats | None = None) -> tuple[NDArray[np.float32], float]:
    """Rows (x, |x|^2, 1) of float32, centred and scaled to 1, and the scale."""
    if centre is None:
        centre = rows.mean(axis=0, dtype=np.float64)
    blocks = row_blocks(rows)
    scale = max(float(np.abs(rows[block] - centre).max()) for block in blocks) or 1.0
    points = np.ones((len(rows), rows.shape[1] + 2), dtype=np.float32)
    for block in blocks:
        centred = (rows[block] - centre) / scale
        points[block, :-2] = centred
        points[block, -2] = np.einsum("ij,ij->i", centred, centred)
    return points, scale


def squared_distances(points: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    """Squared distances between `augmented` rows: (-2 x, 1, |x|^2) . (y, |y|^2, 1)."""
    left: NDArray[np.float32] = points * np.float32(-2)
    left[:, -2] = 1
    left[:, -1] = points[:, -2]
    squares: NDArray[np.float32] = left @ others.T
    return squares


def _offer(squares: NDArray[np.float32], start: int, best: Keys, worst: NDArray[np.float32]) -> None:
    """Let each row of `best` take what is below its `worst`; both are changed in place.

    `squares` has one row for each row of `best`; its first column is row `start`.
    """
    rows, columns = offered(squares, worst, best.shape[1])
    if len(rows):
        merge(best, rows, sortable(squares[rows, columns], columns + start))
        worst[:] = values_of(best[:, -1])


def offered(
    squares: NDArray[Any], worst: NDArray[Any], n_kept: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where squares lie below the worst that their row keeps, in order of row.

    Of many only the `n_kept` least in each row, and what equals the last of them.
    """
    wanted = squares < worst[:, None]
    if np.count_nonzero(wanted) > _DENSE * n_kept * len(worst):
        kth = np.partition(squares, n_kept - 1, axis=1)[:, n_kept - 1]
        wanted &= squares <= kth[:, None]
    rows, columns = positions(wanted)
    if not wanted.flags.c_contiguous:
        by_row = np.argsort(rows, kind="stable")
        rows, columns = rows[by_row], columns[by_row]
    return rows, columns


def positions(wanted: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows and columns of what is wanted, in order of memory; it may be the transpose of an array."""
    if wanted.flags.c_contiguous:
        rows, columns = np.divmod(np.flatnonzero(wanted), wanted.shape[1])
    else:
        columns, rows = np.divmod(np.flatnonzero(wanted.T), len(wanted))
    return rows, columns


def no_candidates(n_rows: int, n_kept: int) -> Keys:
    """Keys of rows that have found nothing yet."""
    return np.full((n_rows, n_kept), _NONE, dtype=np.uint64)


def sortable(squares: NDArray[np.float32], columns: NDArray[np.int64]) -> Keys:
    """Keys of squares: floats of 0 or more are in order of their bits."""
    return keys_of(np.maximum(squares, np.float32(0)).view(np.uint32), columns)


def values_of(keys: Keys) -> NDArray[np.float32]:
    """The squares in keys."""
    return bits_of(keys).view(np.float32)


def keys_of(bits: NDArray[np.integer[Any]], columns: NDArray[np.int64]) -> Keys:
    """One number to sort by bits of at most `NOTHING`, then by column."""
    return (bits.astype(np.uint64) << _SHIFT) | columns.astype(np.uint64)


def bits_of(keys: Keys) -> NDArray[np.uint32]:
    """The upper half of keys; `NOTHING` where there is no candidate."""
    return (keys >> _SHIFT).astype(np.uint32)


def numbers_of(keys: Keys) -> NDArray[np.int64]:
    """The row numbers in keys; 2**32 - 1 where there is none."""
    return (keys & _LOW).astype(np.int64)


def unscaled(best: Keys, scale: float) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The row numbers in keys, and their squares as of the rows before `augmented` scaled them."""
    squares = values_of(best).astype(np.float64)
    squares *= scale**2
    return numbers_of(best), squares


def merge(best: Keys, rows: NDArray[np.int64], keys: Keys) -> None:
    """Put keys, given in order of row, into the sorted rows of `best`, in place."""
    n_kept = best.shape[1]
    counts = np.bincount(rows, minlength=len(best))
    width = n_kept + int(counts.max())
    together = np.full((len(best), width), _NONE, dtype=np.uint64)
    together[:, :n_kept] = best
    place = np.arange(len(rows)) - (np.cumsum(counts) - counts)[rows]
    together[rows, n_kept + place] = keys
    if width > 3 * n_kept:
        together = np.partition(together, n_kept - 1, axis=1)[:, :n_kept]
    together.sort(axis=1)
    best[:] = together[:, :n_kept]
