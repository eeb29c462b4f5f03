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
for the sums, and for all but cosine and sqeuclidean a float64 copy of the vectors.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from embkit import Floats, IntArray
from embkit_plugins.algorithms.distances.pairs import SCIPY_NAMES
from embkit_plugins.algorithms.rows.prepare import first_equal
from embkit_plugins.algorithms.silhouettes.prepared import (
    centred_units,
    euclidean,
    less_mean,
    scipy_distances,
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


@dataclass(frozen=True, eq=False)
class _Grouping:
    """A labeling with its clusters renamed to 0..k-1, noise to -1."""

    labels: IntArray
    names: IntArray
    codes: IntArray
    sizes: IntArray

    @classmethod
    def of(cls, labels: NDArray[Any]) -> "_Grouping":
        labels = np.asarray(labels).astype(np.int64)
        names, codes = np.unique(labels, return_inverse=True)
        n_noise = int(np.count_nonzero(names < 0))
        codes = np.maximum(codes - n_noise, -1).astype(np.int64)
        return cls(labels, names[n_noise:], codes, np.bincount(codes[codes >= 0]))


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
    vectors: NDArray[Any], labelings: Sequence[NDArray[Any]], metric: Metric
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

    Returns
    -------
    tuple of Silhouettes
        One for each labeling, in their order.
    """
    groupings = [_Grouping.of(labels) for labels in labelings]
    values = [np.zeros(len(vectors)) for _ in groupings]
    nearest = [np.full(len(vectors), -1, dtype=np.int64) for _ in groupings]
    ends = np.cumsum([len(grouping.sizes) for grouping in groupings])
    for rows, totals in _cluster_totals(vectors, groupings, metric):
        for grouping, end, value, near in zip(groupings, ends, values, nearest, strict=True):
            if len(grouping.sizes) > 1:
                block = totals[:, end - len(grouping.sizes) : end]
                value[rows], near[rows] = _scores(block, grouping, grouping.codes[rows])
    return tuple(
        Silhouettes(grouping.labels, value, near)
        for grouping, value, near in zip(groupings, values, nearest, strict=True)
    )


def _scores(totals: Floats, grouping: _Grouping, codes: IntArray) -> tuple[Floats, IntArray]:
    """Silhouettes and nearest other clusters from total distances to each cluster.

    `totals` has shape (rows, clusters); `codes` says which cluster each row is in.
    """
    rows = np.arange(len(codes))
    own_sizes = grouping.sizes[codes]
    within = totals[rows, codes] / np.maximum(own_sizes - 1, 1)
    means = totals / grouping.sizes
    means[rows, codes] = np.inf
    other = means.argmin(axis=1)
    between = means[rows, other]
    larger = np.maximum(within, between)
    scored = (codes >= 0) & (own_sizes > 1) & (larger > 0)
    values = np.divide(between - within, larger, out=np.zeros(len(codes)), where=scored)
    return values, np.where(codes >= 0, grouping.names[other], -1)


def _cluster_totals(
    vectors: NDArray[Any], groupings: Sequence[_Grouping], metric: Metric
) -> Iterator[tuple[slice | IntArray, Floats]]:
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
        case "euclidean":
            return _totals_of_distinct(vectors, groupings, euclidean)
        case "hamming" | "manhattan":
            by_scipy = partial(scipy_distances, metric=SCIPY_NAMES[metric])
            return _totals_of_distinct(vectors, groupings, by_scipy)
        case "precomputed":
            return _totals_from_pairs(vectors, groupings, lambda rows: vectors[rows].T)


def _totals_from_sums(
    vectors: NDArray[Any],
    groupings: Sequence[_Grouping],
    prepare: Callable[[NDArray[Any]], Floats],
) -> Iterator[tuple[slice, Floats]]:
    """Total squared distances to clusters, from the clusters' sums."""
    sizes = np.concatenate([grouping.sizes for grouping in groupings])
    sums = np.zeros((len(sizes), vectors.shape[1]))
    norm_sums = np.zeros(len(sizes))
    blocks = _blocks(len(vectors), len(sizes) + vectors.shape[1])
    for rows in blocks:
        points = prepare(vectors[rows])
        members = _membership(groupings, rows)
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


def _totals_of_distinct(
    vectors: NDArray[Any],
    groupings: Sequence[_Grouping],
    prepare: Callable[[NDArray[Any]], Callable[[slice], Floats]],
) -> Iterator[tuple[slice | IntArray, Floats]]:
    """Total distances to clusters: of several equal rows one is compared, and all count."""
    first = first_equal(np.asarray(vectors, dtype=np.result_type(vectors, np.float32)))
    firsts, copy_of = np.unique(first, return_inverse=True)
    if len(firsts) == len(vectors):
        yield from _totals_from_pairs(vectors, groupings, prepare(vectors))
        return
    distances = prepare(vectors[firsts])
    members = _membership(groupings, slice(0, len(vectors))) @ _indicator(copy_of, len(firsts))
    by_first = np.argsort(copy_of, kind="stable")
    starts = np.searchsorted(copy_of[by_first], np.arange(len(firsts) + 1))
    step = max(_BLOCK_ROWS, _BLOCK_VALUES // members.shape[0])
    for block in _blocks(len(firsts), sum(members.shape)):
        totals = (members @ distances(block)).T
        copies = by_first[starts[block.start] : starts[min(block.stop, len(firsts))]]
        for start in range(0, len(copies), step):
            rows = copies[start : start + step]
            yield rows, totals[copy_of[rows] - block.start]


def _indicator(copy_of: IntArray, n_distinct: int) -> Any:
    """The sparse 0-1 matrix (rows, distinct rows)."""
    from scipy.sparse import csr_array

    n_samples = len(copy_of)
    return csr_array((np.ones(n_samples), copy_of, np.arange(n_samples + 1)), (n_samples, n_distinct))


def _totals_from_pairs(
    vectors: NDArray[Any],
    groupings: Sequence[_Grouping],
    distances: Callable[[slice], NDArray[Any]],
) -> Iterator[tuple[slice, Floats]]:
    """Total distances to clusters, from the distances (all rows, block of rows) themselves."""
    members = _membership(groupings, slice(0, len(vectors)))
    for rows in _blocks(len(vectors), len(vectors) + members.shape[0]):
        yield rows, (members @ distances(rows)).T


def _membership(groupings: Sequence[_Grouping], rows: slice) -> Any:
    """Return the sparse 0-1 matrix (all clusters of all labelings, rows of the block)."""
    from scipy.sparse import csr_array

    offsets = np.cumsum([0, *(len(grouping.sizes) for grouping in groupings)])
    clusters, members = [], []
    for grouping, offset in zip(groupings, offsets[:-1], strict=True):
        codes = grouping.codes[rows]
        labelled = np.flatnonzero(codes >= 0)
        clusters.append(codes[labelled] + offset)
        members.append(labelled)
    where = (np.concatenate(clusters), np.concatenate(members))
    shape = (int(offsets[-1]), len(groupings[0].codes[rows]))
    return csr_array((np.ones(len(where[0])), where), shape=shape)


def _blocks(n_samples: int, values_per_row: int) -> list[slice]:
    size = max(_BLOCK_ROWS, _BLOCK_VALUES // values_per_row)
    return [slice(start, start + size) for start in range(0, n_samples, size)]
