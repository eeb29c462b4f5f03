"""Distances from other rows to the rows of a dataset, in float64."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np

from embkit import Dataset, FloatArray, Floats, IntArray
from embkit_plugins.algorithms.distances.pairs import SCIPY_NAMES
from embkit_plugins.algorithms.rows.prepare import row_deviations, unit_rows

__all__ = ["Across", "Vectors", "across", "margins"]

Vectors = Literal["cosine", "correlation", "euclidean", "hamming", "manhattan"]
"""The metrics that are taken of vectors."""

_BLOCK_VALUES = 1 << 22
_PAIR_VALUES = 1 << 20
_CLOSE = 1e-12  # share of the squared lengths by which products may be off


@dataclass(frozen=True, eq=False)
class Across:
    """Distances from some rows to all rows of another matrix, block by block.

    Parameters
    ----------
    rows, others : ndarray of shape (n_rows, n_features) and (n_others, n_features)
        As the metric needs them, float64. Distances are from `others` to `rows`.
    measure : callable
        Gives the distances between a block of others and all rows.
    pairwise : callable
        Gives them for pairs of rows, without cancellation.
    tolerance : float
        By how much `measure` may be off, in its own unit.
    """

    rows: Floats
    others: Floats
    measure: Callable[[Floats, Floats], Floats]
    pairwise: Callable[[Floats, Floats], Floats]
    tolerance: float

    def blocks(self) -> Iterator[tuple[slice, Floats]]:
        """Yield slices of the others with their distances to all rows."""
        step = max(1, _BLOCK_VALUES // len(self.rows))
        for start in range(0, len(self.others), step):
            chosen = slice(start, min(start + step, len(self.others)))
            yield chosen, self.measure(self.others[chosen], self.rows)

    def nearest(self, n_neighbors: int, leave_out: IntArray | None = None) -> tuple[IntArray, Floats]:
        """The nearest rows of each of the others, ties by lowest row.

        Parameters
        ----------
        n_neighbors : int
            How many; no more than the rows.
        leave_out : ndarray of int64, shape (n_others,), optional
            For each of the others a row that does not count, such as itself.

        Returns
        -------
        indices : ndarray of int64, shape (n_others, n_neighbors)
        distances : ndarray of float64, shape (n_others, n_neighbors)
            Taken from differences. Cost: one product of both matrices.
        """
        indices = np.empty((len(self.others), n_neighbors), dtype=np.int64)
        distances = np.empty((len(self.others), n_neighbors))
        for chosen, block in self.blocks():
            if leave_out is not None:
                block[np.arange(len(block)), leave_out[chosen]] = np.inf
            kth = np.partition(block, n_neighbors - 1, axis=1)[:, n_neighbors - 1]
            left, right = np.nonzero(block <= (kth + self.tolerance)[:, None])
            exact = self._pairs(left + chosen.start, right)
            order = np.lexsort((right, exact, left))
            firsts = np.searchsorted(left, np.arange(len(block)))[:, None] + np.arange(n_neighbors)
            best = order[firsts]
            indices[chosen], distances[chosen] = right[best], exact[best]
        return indices, distances

    def _pairs(self, left: IntArray, right: IntArray) -> Floats:
        found = np.empty(len(left))
        step = max(1, _PAIR_VALUES // self.rows.shape[1])
        for start in range(0, len(left), step):
            part = slice(start, start + step)
            found[part] = self.pairwise(self.others[left[part]], self.rows[right[part]])
        return found


def across(dataset: Dataset, others: Dataset, metric: Vectors) -> Across:
    """Prepare the distances from other rows to those of a dataset.

    Parameters
    ----------
    dataset, others : Dataset
        With equally many features.
    metric : {"cosine", "correlation", "euclidean", "hamming", "manhattan"}
        Distance between rows; cosine and correlation are 0 to 2, hamming is the share of values
        that differ.

    Raises
    ------
    DataError
        If a row is zero under cosine, or constant under correlation.
    """
    if metric == "correlation":
        return across(row_deviations(dataset), row_deviations(others), "cosine")
    if metric == "cosine":
        units = _float64(unit_rows(dataset, np.float64)), _float64(unit_rows(others, np.float64))
        return Across(*units, _cosines, _cosine_pairs, _CLOSE)
    rows, queries = _float64(dataset.vectors), _float64(others.vectors)
    if metric == "hamming":
        return Across(rows, queries, partial(_by_scipy, metric=metric), _hamming_pairs, 0.0)
    if metric == "manhattan":
        return Across(rows, queries, partial(_by_scipy, metric=metric), _manhattan_pairs, 0.0)
    centre = rows.mean(axis=0)
    rows, queries = rows - centre, queries - centre
    largest = max(_largest_square(rows), _largest_square(queries))
    # The root of a difference of squares is off by at most the root of what they are off by.
    return Across(rows, queries, _euclideans, _euclidean_pairs, np.sqrt(_CLOSE * largest))


def margins(distances: Floats) -> Floats:
    """How much nearer the nearest of several is than the second nearest: 1 - d1 / d2.

    Parameters
    ----------
    distances : ndarray of float64, shape (n_rows, n_targets)
        From each row to each target.

    Returns
    -------
    ndarray of float64, shape (n_rows,)
        0 halfway between two, 1 at a target or where there is only one.
    """
    if distances.shape[1] == 1:
        return np.ones(len(distances))
    nearest, second = np.partition(distances, 1, axis=1)[:, :2].T
    found: Floats = 1 - np.divide(nearest, second, out=np.ones_like(nearest), where=second > 0)
    return found


def _float64(vectors: FloatArray) -> Floats:
    return np.asarray(vectors, dtype=np.float64)


def _largest_square(rows: Floats) -> float:
    return float(np.einsum("ij,ij->i", rows, rows).max())


def _cosines(others: Floats, rows: Floats) -> Floats:
    distances = others @ rows.T
    np.subtract(1, distances, out=distances)
    return np.clip(distances, 0, 2, out=distances)


def _cosine_pairs(others: Floats, rows: Floats) -> Floats:
    differences = others - rows
    halved: Floats = np.einsum("ij,ij->i", differences, differences) / 2
    return np.minimum(halved, 2)


def _euclideans(others: Floats, rows: Floats) -> Floats:
    squares = others @ rows.T
    squares *= -2
    squares += np.einsum("ij,ij->i", rows, rows)
    squares += np.einsum("ij,ij->i", others, others)[:, None]
    return np.sqrt(np.maximum(squares, 0, out=squares), out=squares)


def _euclidean_pairs(others: Floats, rows: Floats) -> Floats:
    differences = others - rows
    squares: Floats = np.einsum("ij,ij->i", differences, differences)
    return np.sqrt(squares)


def _by_scipy(others: Floats, rows: Floats, *, metric: str) -> Floats:
    from scipy.spatial.distance import cdist

    found: Floats = cdist(others, rows, SCIPY_NAMES[metric])
    return found


def _hamming_pairs(others: Floats, rows: Floats) -> Floats:
    found: Floats = (others != rows).mean(axis=1)
    return found


def _manhattan_pairs(others: Floats, rows: Floats) -> Floats:
    found: Floats = np.abs(others - rows).sum(axis=1)
    return found
