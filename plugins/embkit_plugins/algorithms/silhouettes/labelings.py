"""Silhouettes of any number of labelings of one dataset, exactly, in one pass.

The silhouette of a row is (b - a) / max(a, b), a being its mean distance to the
other rows of its cluster and b the lowest mean distance to another cluster; a
row alone in its cluster scores 0 (Rousseeuw, "Silhouettes", J. Comput. Appl.
Math. 20, 1987, 53-65; the conventions are scikit-learn's).

Two routes give the same numbers:

- cosine and squared euclidean distance need no pair at all. With the mean of all
  rows moved to the origin, where close rows cancel least, S the sum of a
  cluster's rows, N their number and Q the sum of their squared norms, a row x is
  at total squared distance N |x|^2 + Q - 2 x.S from the cluster; and cosine
  distance is half the squared distance of unit rows, a factor that a silhouette
  does not see; correlation is the cosine of rows less their own means. Cost:
  O(n k d), k clusters in all labelings together.
- euclidean, hamming, manhattan and precomputed distances are taken in blocks of rows,
  each block once for all labelings. Cost: O(n^2 d) once, and O(n^2) for each
  labeling, n being the distinct rows.

All sums are float64. Memory beside the vectors: about 256 MB at most, O(k d)
for the sums, and for all but cosine and sqeuclidean a float64 copy of the vectors, which
workers of a cluster do not need: they read the rows from files, or keep those that are sent.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from embkit import Context, Floats, IntArray
from embkit_plugins.algorithms.distances.pairs import SCIPY_NAMES
from embkit_plugins.algorithms.silhouettes.grouping import Grouping, membership, scores
from embkit_plugins.algorithms.silhouettes.pairwise import scores_by_pairs
from embkit_plugins.algorithms.silhouettes.prepared import (
    ByScipy,
    Euclidean,
    centred_units,
    less_mean,
)

__all__ = ["Silhouettes", "silhouette_samples", "silhouettes"]

Metric = Literal[
    "cosine", "correlation", "euclidean", "sqeuclidean", "hamming", "manhattan", "precomputed"
]

_BLOCK_VALUES = 4_000_000  # float64 values in one block: 32 MB, and a few such arrays live at once
_BLOCK_ROWS = 128  # fewer would starve the matrix products
_ROUNDING = 2e-14  # the share of a sum of squares that may be rounding error, and is taken off it


@dataclass(frozen=True, eq=False)
class Silhouettes:
    """The silhouettes of one labeling.

    Parameters
    ----------
    labels : ndarray of int64, shape (n_samples,)
        The labels they belong to; negative is noise.
    values : ndarray of float64, shape (n_samples,)
        -1 to 1. 0 for a row alone in its cluster, for noise, and where there
        are fewer than two clusters; never NaN.
    nearest : ndarray of int64, shape (n_samples,)
        The label of the other cluster that is nearest on average; -1 for noise
        and where there is no other cluster.
    """

    labels: IntArray
    values: Floats
    nearest: IntArray

    @property
    def scored(self) -> NDArray[np.bool_]:
        """Mask of the rows that belong to a cluster; only these count."""
        return self.labels >= 0

    @property
    def mean(self) -> float | None:
        """Mean over the rows that belong to a cluster.

        None where the silhouette is not defined: fewer than two clusters, or
        every row a cluster of its own.
        """
        counts = np.unique(self.labels[self.scored], return_counts=True)[1]
        if len(counts) < 2 or counts.max() == 1:
            return None
        return float(self.values[self.scored].mean())


def silhouette_samples(vectors: NDArray[Any], labels: NDArray[Any], metric: Metric) -> Floats:
    """Silhouette of every row under one labeling; see `silhouettes`.

    Parameters
    ----------
    vectors : ndarray of shape (n_samples, n_features)
        The rows; the square matrix of distances for ``"precomputed"``.
    labels : ndarray of int, shape (n_samples,)
        The cluster of each row; negative for noise.
    metric : {"cosine", "correlation", "euclidean", "sqeuclidean", "hamming", "manhattan", "precomputed"}
        Distance between rows.

    Returns
    -------
    ndarray of float64, shape (n_samples,)
        -1 to 1; 0 for singletons and for noise, so take means over
        ``labels >= 0`` only.
    """
    return silhouettes(vectors, [labels], metric)[0].values


def silhouettes(
    vectors: NDArray[Any],
    labelings: Sequence[NDArray[Any]],
    metric: Metric,
    *,
    workers: Context | None = None,
) -> tuple[Silhouettes, ...]:
    """Silhouettes of every row under each labeling, from one pass over the rows.

    Parameters
    ----------
    vectors : ndarray of shape (n_samples, n_features)
        The rows, of any real dtype; the square matrix of distances for
        ``"precomputed"``. Under cosine no row may be zero, under correlation none
        constant (see `embkit_plugins.algorithms.rows.prepare`).
    labelings : sequence of ndarray of int, shape (n_samples,)
        Any number of labelings of these rows; negative is noise, which takes no
        part. A 2-D array of shape (n_labelings, n_samples) will do.
    metric : {"cosine", "correlation", "euclidean", "sqeuclidean", "hamming", "manhattan", "precomputed"}
        Distance between rows.
    workers : Context, optional
        Compares pairs on its workers, with the same result; cosine, correlation, sqeuclidean and
        precomputed distances need none.

    Returns
    -------
    tuple of Silhouettes
        One for each labeling, in their order.
    """
    groupings = [Grouping.of(labels) for labels in labelings]
    values = np.zeros((len(groupings), len(vectors)))
    nearest = np.full(values.shape, -1, dtype=np.int64)
    for rows, (block, near) in _scored(vectors, groupings, metric, workers):
        values[:, rows], nearest[:, rows] = block, near
    return tuple(
        Silhouettes(grouping.labels, value, near)
        for grouping, value, near in zip(groupings, values, nearest, strict=True)
    )


def _scored(
    vectors: NDArray[Any], groupings: Sequence[Grouping], metric: Metric, workers: Context | None
) -> Iterator[tuple[slice | IntArray, tuple[Floats, IntArray]]]:
    """Yield blocks of rows, each with its silhouettes and nearest clusters under each labeling."""
    match metric:
        case "euclidean":
            yield from scores_by_pairs(vectors, groupings, Euclidean(), workers)
        case "hamming" | "manhattan":
            yield from scores_by_pairs(vectors, groupings, ByScipy(SCIPY_NAMES[metric]), workers)
        case _:
            for rows, totals in _cluster_totals(vectors, groupings, metric):
                yield rows, scores(totals, groupings, [each.codes[rows] for each in groupings])


def _cluster_totals(
    vectors: NDArray[Any],
    groupings: Sequence[Grouping],
    metric: Literal["cosine", "correlation", "sqeuclidean", "precomputed"],
) -> Iterator[tuple[slice, Floats]]:
    """Yield blocks of rows, each with its total distance to every cluster of every labeling.

    A row's distance to itself counts as zero. The clusters of all labelings
    stand side by side, in order.
    """
    match metric:
        case "cosine":
            return _totals_from_sums(vectors, groupings, centred_units(vectors))
        case "correlation":
            deviations = vectors - vectors.mean(axis=1, keepdims=True, dtype=np.float64)
            return _totals_from_sums(deviations, groupings, centred_units(deviations))
        case "sqeuclidean":
            return _totals_from_sums(vectors, groupings, less_mean(vectors))
        case "precomputed":
            return _totals_from_matrix(vectors, groupings)


def _totals_from_sums(
    vectors: NDArray[Any],
    groupings: Sequence[Grouping],
    prepare: Callable[[NDArray[Any]], Floats],
) -> Iterator[tuple[slice, Floats]]:
    """Total squared distances to clusters, from the clusters' sums."""
    sizes = np.concatenate([grouping.sizes for grouping in groupings])
    sums = np.zeros((len(sizes), vectors.shape[1]))
    norm_sums = np.zeros(len(sizes))
    blocks = _blocks(len(vectors), len(sizes) + vectors.shape[1])
    for rows in blocks:
        points = prepare(vectors[rows])
        members = membership(groupings, rows)
        sums += members @ points
        norm_sums += members @ np.einsum("ij,ij->i", points, points)
    for rows in blocks:
        if len(blocks) > 1:  # else they are still at hand
            points = prepare(vectors[rows])
        norms = np.einsum("ij,ij->i", points, points)
        squares = np.multiply.outer(norms, sizes) + norm_sums
        totals = squares - 2 * points @ sums.T
        # What is left between equal rows is rounding; it must not be taken for a distance.
        totals[totals < _ROUNDING * squares] = 0.0
        yield rows, totals


def _totals_from_matrix(
    distances: NDArray[Any], groupings: Sequence[Grouping]
) -> Iterator[tuple[slice, Floats]]:
    """Total distances to clusters, from the distances themselves."""
    members = membership(groupings, slice(0, len(distances)))
    for rows in _blocks(len(distances), len(distances) + members.shape[0]):
        yield rows, (members @ distances[rows].T).T


def _blocks(n_samples: int, values_per_row: int) -> list[slice]:
    size = max(_BLOCK_ROWS, _BLOCK_VALUES // values_per_row)
    return [slice(start, start + size) for start in range(0, n_samples, size)]
