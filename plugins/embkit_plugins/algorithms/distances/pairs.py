"""Distances between the rows of a dataset, block by block."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import DTypeLike, NDArray

from embkit import Dataset, FloatArray, IntArray, check_distances
from embkit_plugins.algorithms.rows.prepare import (
    first_equal,
    nearly_parallel,
    row_deviations,
    unit_rows,
)

__all__ = [
    "BLOCK_BYTES",
    "LARGEST",
    "SCIPY_NAMES",
    "Metric",
    "NearPairs",
    "Pairs",
    "condensed",
    "pairs_of",
    "upper_blocks",
]

Metric = Literal["cosine", "correlation", "euclidean", "hamming", "manhattan", "precomputed"]

LARGEST = {"cosine": 2, "correlation": 2, "hamming": 1}
"""The largest distance there is, of metrics that have one."""

SCIPY_NAMES = {"hamming": "hamming", "manhattan": "cityblock"}
"""The metrics that scipy's ``cdist`` computes, by its names for them."""

BLOCK_BYTES = 1 << 26
# Below it pairs are taken again from differences, by bytes a value: rounding shows in the fifth
# digit of float32, in the ninth of float64.
_NEAR_COSINE = {4: 1e-5, 8: 1e-7}
_NEAR_SQUARE = 1e-8  # share of |x|^2 + |y|^2
_NEAR_VALUES = 1 << 22


@dataclass(frozen=True, eq=False)
class Pairs:
    """Distances between the rows of one dataset, block by block.

    Parameters
    ----------
    rows : ndarray of shape (n_samples, n_features)
        The rows as the metric needs them: unit, centred, or as they are.
    block : callable
        ``block(rows, columns)`` gives the distances between two slices of rows.
    """

    rows: FloatArray
    block: Callable[[slice, slice], FloatArray]

    def __len__(self) -> int:
        return len(self.rows)


def pairs_of(dataset: Dataset, metric: Metric, dtype: DTypeLike | None = None) -> Pairs:
    """Prepare the rows of a dataset for one metric.

    Parameters
    ----------
    dataset : Dataset
        With vectors of float32 or float64.
    metric : {"cosine", "correlation", "euclidean", "hamming", "manhattan", "precomputed"}
        Distance between rows: correlation is 1 - r (0 to 2), hamming the share of values that
        differ (0 to 1).
    dtype : dtype, optional
        What to multiply in under cosine and correlation; that of the vectors if omitted.

    Raises
    ------
    DataError
        If a row is zero under cosine or constant under correlation, or if a
        precomputed matrix is not square, symmetric, non-negative and zero on the diagonal.
    """
    match metric:
        case "cosine":
            units = unit_rows(dataset, dtype)
            if units.itemsize == 8 and nearly_parallel(units):
                return Pairs(units, _NearlyParallel(units - units.mean(axis=0)).block)
            return Pairs(units, _Cosine(units).block)
        case "correlation":
            return pairs_of(row_deviations(dataset), "cosine", dtype)
        case "euclidean":
            centred = dataset.vectors - dataset.vectors.mean(axis=0, dtype=np.float64)
            return Pairs(centred, _Euclidean(centred).block)
        case "hamming" | "manhattan":
            return Pairs(dataset.vectors, _ByScipy(dataset.vectors, SCIPY_NAMES[metric]).block)
        case "precomputed":
            matrix = check_distances(dataset).vectors
            return Pairs(matrix, lambda rows, columns: matrix[rows, columns].copy())


@dataclass(frozen=True, eq=False)
class NearPairs:
    """Base of the metrics by matrix product: near pairs are taken again from differences.

    Parameters
    ----------
    rows : ndarray of shape (n_samples, n_features)
        The rows, as they are multiplied.
    """

    rows: FloatArray

    @cached_property
    def first(self) -> IntArray:
        """For each row the lowest that is equal to it."""
        return first_equal(self.rows)

    def squares_again(self, rows: slice, columns: slice, near: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Squared euclidean distances of the pairs marked in `near`, from differences."""
        left, right = np.nonzero(near)
        left += rows.start
        right += columns.start
        squares = np.zeros(len(left))
        differ = np.flatnonzero(self.first[left] != self.first[right])
        step = max(1, _NEAR_VALUES // self.rows.shape[1])
        for start in range(0, len(differ), step):
            chosen = differ[start : start + step]
            difference = self.rows[left[chosen]].astype(np.float64)
            difference -= self.rows[right[chosen]]
            squares[chosen] = np.einsum("ij,ij->i", difference, difference)
        return squares


def _diagonal(rows: slice, columns: slice) -> tuple[IntArray, IntArray]:
    """Places in a block where a row meets itself."""
    both = np.arange(max(rows.start, columns.start), min(rows.stop, columns.stop))
    return both - rows.start, both - columns.start


class _Cosine(NearPairs):
    def block(self, rows: slice, columns: slice) -> FloatArray:
        distances = self.rows[rows] @ self.rows[columns].T
        np.subtract(1, distances, out=distances)
        np.minimum(distances, 2, out=distances)
        near = distances < _NEAR_COSINE[distances.itemsize]
        itself = _diagonal(rows, columns)
        distances[itself], near[itself] = 0, False
        if near.any():
            distances[near] = self.squares_again(rows, columns, near) / 2
        return distances


class _Euclidean(NearPairs):
    @cached_property
    def norms(self) -> NDArray[np.float64]:
        return np.asarray(np.einsum("ij,ij->i", self.rows, self.rows))

    def block(self, rows: slice, columns: slice) -> FloatArray:
        scales = np.add.outer(self.norms[rows], self.norms[columns])
        squares = self.rows[rows] @ self.rows[columns].T
        squares *= -2
        squares += scales
        scales *= _NEAR_SQUARE
        near = squares <= scales
        itself = _diagonal(rows, columns)
        squares[itself], near[itself] = 0, False
        if near.any():
            squares[near] = self.squares_again(rows, columns, near)
        return np.sqrt(squares, out=squares)


class _NearlyParallel(_Euclidean):
    """Cosine distance as half the squared distance of unit rows less their mean."""

    def block(self, rows: slice, columns: slice) -> FloatArray:
        distances = super().block(rows, columns)
        distances *= distances
        distances /= 2
        return distances


@dataclass(frozen=True, eq=False)
class _ByScipy:
    rows: FloatArray
    metric: str

    def block(self, rows: slice, columns: slice) -> FloatArray:
        from scipy.spatial.distance import cdist

        distances: FloatArray = cdist(self.rows[rows], self.rows[columns], self.metric)
        return distances


def _block_rows(n_samples: int, itemsize: int) -> list[slice]:
    step = min(1024, max(64, BLOCK_BYTES // (itemsize * n_samples)))
    return [slice(start, min(start + step, n_samples)) for start in range(0, n_samples, step)]


def upper_blocks(pairs: Pairs) -> Iterator[tuple[slice, FloatArray]]:
    """Yield blocks of rows, each with its distances to itself and to all rows after it.

    Parameters
    ----------
    pairs : Pairs
        The prepared rows.

    Yields
    ------
    rows : slice
        Consecutive, covering all rows.
    distances : ndarray of shape (rows, n_samples - rows.start)
        Column j is row ``rows.start + j`` of the dataset.
    """
    for rows in _block_rows(len(pairs), pairs.rows.itemsize):
        yield rows, pairs.block(rows, slice(rows.start, len(pairs)))


def condensed(
    pairs: Pairs, dtype: DTypeLike = np.float64, progress: Callable[[float], None] | None = None
) -> NDArray[Any]:
    """All distances above the diagonal, row by row, as scipy's ``pdist`` orders them.

    Parameters
    ----------
    pairs : Pairs
        The prepared rows.
    dtype : dtype
        Of the result; it is written once, there is no second copy.
    progress : callable, optional
        Told the share of pairs done.

    Returns
    -------
    ndarray of shape (n_samples * (n_samples - 1) / 2,)
    """
    n_samples = len(pairs)
    result = np.empty(n_samples * (n_samples - 1) // 2, dtype=dtype)
    filled = 0
    for _, block in upper_blocks(pairs):
        for row, distances in enumerate(block):
            width = len(distances) - row - 1
            result[filled : filled + width] = distances[row + 1 :]
            filled += width
        if progress is not None and len(result):
            progress(filled / len(result))
    return result
