"""Distance and row number in one number of 64 bits, so that one sort orders by both."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "NOTHING",
    "Keys",
    "bits_of",
    "keys_of",
    "merge",
    "no_candidates",
    "numbers_of",
    "offered",
    "positions",
    "sortable",
    "values_of",
    "wanted",
]

_DENSE = 4  # times as many on offer as are kept: then a selection first
_SHIFT = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)
NOTHING = int(np.float32(np.inf).view(np.uint32))
_NONE = (np.uint64(NOTHING) << _SHIFT) | _LOW

Keys = NDArray[np.uint64]


def no_candidates(n_rows: int, n_kept: int) -> Keys:
    """Keys of rows that have found nothing yet."""
    return np.full((n_rows, n_kept), _NONE, dtype=np.uint64)


def keys_of(bits: NDArray[np.integer[Any]], columns: NDArray[np.int64]) -> Keys:
    """One number to sort by bits of at most `NOTHING`, then by column."""
    return (bits.astype(np.uint64) << _SHIFT) | columns.astype(np.uint64)


def sortable(squares: NDArray[np.float32], columns: NDArray[np.int64]) -> Keys:
    """Keys of squares: floats of 0 or more are in order of their bits."""
    return keys_of(np.maximum(squares, np.float32(0)).view(np.uint32), columns)


def bits_of(keys: Keys) -> NDArray[np.uint32]:
    """The upper half of keys; `NOTHING` where there is no candidate."""
    return (keys >> _SHIFT).astype(np.uint32)


def values_of(keys: Keys) -> NDArray[np.float32]:
    """The squares in keys."""
    return bits_of(keys).view(np.float32)


def numbers_of(keys: Keys) -> NDArray[np.int64]:
    """The row numbers in keys; 2**32 - 1 where there is none."""
    return (keys & _LOW).astype(np.int64)


def wanted(squares: NDArray[Any], worst: NDArray[Any], n_kept: int) -> NDArray[np.bool_]:
    """Whether squares lie below the worst that their row keeps.

    Of many only the `n_kept` least in each row, and what equals the last of them.
    """
    below: NDArray[np.bool_] = squares < worst[:, None]
    if np.count_nonzero(below) > _DENSE * n_kept * len(worst):
        kth = np.partition(squares, n_kept - 1, axis=1)[:, n_kept - 1]
        below &= squares <= kth[:, None]
    return below


def offered(
    squares: NDArray[Any], worst: NDArray[Any], n_kept: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where squares are `wanted`, in order of row."""
    where = wanted(squares, worst, n_kept)
    rows, columns = positions(where)
    if not where.flags.c_contiguous:
        by_row = np.argsort(rows, kind="stable")
        rows, columns = rows[by_row], columns[by_row]
    return rows, columns


def positions(where: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows and columns of what is where, in order of memory; it may be the transpose of an array."""
    if where.flags.c_contiguous:
        rows, columns = np.divmod(np.flatnonzero(where), where.shape[1])
    else:
        columns, rows = np.divmod(np.flatnonzero(where.T), len(where))
    return rows, columns


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
