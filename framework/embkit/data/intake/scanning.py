"""What there is to know of vectors before anything is computed, in one pass over their blocks."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Progress", "Scan", "count_distinct", "scan", "vector_blocks"]

Progress = Callable[[float, str], None]
"""Told which share of a step is done, and a word on it."""

_BLOCK_BYTES = 1 << 25  # read at once
_CACHED_BYTES = 1 << 20  # looked at at once, to stay in the cache of a core


@dataclass(frozen=True)
class Scan:
    """What was found in a matrix.

    Parameters
    ----------
    nonfinite : ndarray of int64
        The rows that hold NaN or infinity.
    zero : ndarray of int64
        The rows of zeros.
    beyond : tuple of (int, int, float), optional
        Row, column and absolute value of the largest value in the first stretch of rows
        where one is above the limit.
    n_distinct : int
        How many rows differ from one another, by 64-bit digests.
    n_constant : int
        How many columns hold one value; 0 if there is a single row.
    """

    nonfinite: NDArray[np.int64]
    zero: NDArray[np.int64]
    beyond: tuple[int, int, float] | None
    n_distinct: int
    n_constant: int


def scan(vectors: Any, limit: float, progress: Progress) -> Scan:
    """Look at every value once.

    Parameters
    ----------
    vectors : ndarray or Blocks of shape (n_samples, n_features)
        Of float32 or float64.
    limit : float
        What absolute values must not exceed.
    progress : callable
        Told which share of the rows was read.
    """
    n_samples = len(vectors)
    digests = np.empty(n_samples, dtype=np.uint64)
    weights = _weights(vectors.shape[1])
    constant = np.arange(vectors.shape[1])
    first = np.asarray(vectors[0])
    nonfinite: list[NDArray[np.int64]] = [np.empty(0, dtype=np.int64)]
    zero: list[NDArray[np.int64]] = [np.empty(0, dtype=np.int64)]
    beyond = None
    for start, block in vector_blocks(vectors):
        for offset, rows in vector_blocks(block, _CACHED_BYTES):
            at = start + offset
            low, high = float(rows.min()), float(rows.max())
            if not (math.isfinite(low) and math.isfinite(high)):  # NaN are passed on
                nonfinite.append(at + np.flatnonzero(~np.isfinite(rows).all(axis=1)))
            elif max(high, -low) > limit and beyond is None:
                row, column = divmod(int(np.abs(rows).argmax()), rows.shape[1])
                beyond = (at + row, column, abs(float(rows[row, column])))
            digests[at : at + len(rows)] = _digests(rows, weights)
            # A row of zeros has the digest 0, and others hardly ever.
            suspects = np.flatnonzero(digests[at : at + len(rows)] == 0)
            zero.append(at + suspects[~rows[suspects].any(axis=1)])
            constant = constant[(rows[:, constant] == first[constant]).all(axis=0)]
        n_read = start + len(block)
        progress(n_read / n_samples, f"{n_read:,} of {n_samples:,} rows")
    return Scan(
        np.concatenate(nonfinite),
        np.concatenate(zero),
        beyond,
        len(np.unique(digests)),
        len(constant) if n_samples > 1 else 0,
    )


def vector_blocks(vectors: Any, block_bytes: int = _BLOCK_BYTES) -> Iterator[tuple[int, NDArray[Any]]]:
    """The rows in blocks of about so many bytes, each with the number of its first row."""
    step = max(1, block_bytes // max(1, vectors[:1].nbytes))
    for start in range(0, len(vectors), step):
        yield start, vectors[start : start + step]


def count_distinct(vectors: Any) -> int:
    """How many rows of float32 or float64 differ from one another, by 64-bit digests; one pass."""
    weights = _weights(vectors.shape[1])
    blocks = (
        block for _, large in vector_blocks(vectors) for _, block in vector_blocks(large, _CACHED_BYTES)
    )
    return len(np.unique(np.concatenate([_digests(block, weights) for block in blocks])))


def _weights(n_features: int) -> NDArray[np.uint64]:
    return np.random.default_rng(0).integers(0, 2**63, n_features, dtype=np.uint64) * 2 + 1


def _digests(rows: NDArray[Any], weights: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """A 64-bit digest a row: equal rows have equal ones, others hardly ever.

    A weighted sum of the rows' bits with random odd weights modulo 2**64
    (multilinear hashing); the order of summation does not matter.
    """
    bits = np.dtype(np.uint32 if rows.dtype.itemsize == 4 else np.uint64)
    values = np.ascontiguousarray(rows + 0).view(bits)  # + 0 makes -0.0 and 0.0 the same
    found: NDArray[np.uint64] = np.einsum("ij,j->i", values.astype(np.uint64), weights)
    return found
