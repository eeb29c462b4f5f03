"""Clusters whose distance is that of their farthest rows, for `merge_rounds`."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from embkit import Dataset, FloatArray, Floats, IntArray
from embkit_plugins.algorithms.linkage.lists import Lists, nearest_columns, tidy
from embkit_plugins.algorithms.rows.prepare import unit_rows

__all__ = ["WIDTH", "Farthest", "Metric"]

Metric = Literal["cosine", "euclidean"]

WIDTH = 15  # as many neighbours as the layouts ask for, so that they are found once
_BLOCK_BYTES = 1 << 25


@dataclass(frozen=True, eq=False)
class _ByRank:
    """Rows put so that the r-th rows of all clusters with more than r rows are a slice.

    Clusters stand from the largest down, so that those with more than r rows come
    first: folding rows into clusters is one ``maximum`` of two slices a rank.

    Parameters
    ----------
    clusters : ndarray of int64, shape (n_clusters,)
        In the order in which they stand.
    rows : ndarray of int64, shape (n_rows,)
        Rank by rank.
    counts : ndarray of int64
        Number of clusters with more than r rows, for each rank r.
    """

    clusters: IntArray
    rows: IntArray
    counts: IntArray

    def fold(self, distances: NDArray[Any]) -> NDArray[Any]:
        """The largest over each cluster's rows, along the first axis; changes `distances`."""
        start = len(self.clusters)
        farthest = distances[:start]
        for count in self.counts[1:].tolist():
            np.maximum(farthest[:count], distances[start : start + count], out=farthest[:count])
            start += count
        return farthest


class Farthest:
    """Clusters by their rows; distances are 1 - cos, or squared euclidean.

    Parameters
    ----------
    dataset : Dataset
        Where the rows are.
    metric : {"cosine", "euclidean"}
        Distance between rows.
    rows : ndarray of int64, shape (n_clusters,)
        The rows to start from, each a cluster.
    """

    def __init__(self, dataset: Dataset, metric: Metric, rows: IntArray) -> None:
        self.factors = _factors(dataset, metric, rows)
        self.metric = metric
        self.cluster = np.arange(len(rows))
        self.sizes = np.ones(len(rows), dtype=np.int64)

    def __len__(self) -> int:
        return len(self.sizes)

    def heights(self, distances: NDArray[Any]) -> NDArray[Any]:
        """The height in the tree that belongs to a distance in the lists."""
        if self.metric == "cosine":
            return np.asarray(np.clip(distances, 0, 2))
        return np.asarray(np.sqrt(np.maximum(distances, 0)))

    def drop(self, places: IntArray) -> None:
        """Take the given places out of those left."""
        live = np.ones(len(self), dtype=bool)
        live[places] = False
        self.sizes = self.sizes[live]
        self.cluster = (np.cumsum(live) - 1)[self.cluster]

    def merge(self, first: IntArray, second: IntArray, lists: Lists) -> Lists:
        """Merge pairs into their first; the lists that follow from those there are."""
        into = np.append(np.arange(len(self)), -1)  # the last one stands for -1
        into[second] = first
        parts = np.ones(len(self) + 1, dtype=np.int64)
        parts[first] = 2
        touched = np.zeros(len(self) + 1, dtype=bool)
        touched[first] = touched[second] = True
        self.cluster = into[self.cluster]
        self.sizes[first] += self.sizes[second]

        concerned = np.flatnonzero(touched[lists.ids].any(axis=1) & ~touched[:-1])
        some = lists.take(concerned)
        lists.put(concerned, _united(into[some.ids], some.distances, parts, some.reach))

        ids = into[np.concatenate([lists.ids[first], lists.ids[second]], axis=1)]
        distances = np.concatenate([lists.distances[first], lists.distances[second]], axis=1)
        ids[ids == first[:, None]] = -1
        reaches = lists.reach[first], lists.reach[second]
        reach = np.maximum(*reaches)
        lists.put(first, _united(ids, distances, 2 * parts, reach, np.minimum(*reaches)))
        return lists

    def scan(self, chosen: IntArray) -> Lists:
        """Fresh lists, from the rows of the chosen clusters and all rows."""
        columns = self._by_rank(np.arange(len(self)))
        place = np.argsort(columns.clusters)
        n_nearest = min(WIDTH + 1, len(self) - 1)
        asked = np.empty(len(self), dtype=np.int64)
        asked[chosen] = np.arange(len(chosen))
        lists = Lists(
            np.empty((len(chosen), WIDTH), dtype=np.int64),
            np.empty((len(chosen), WIDTH)),
            np.empty(len(chosen)),
        )
        for some, distances in self._to_all(chosen, columns):
            distances[np.arange(len(some)), place[some]] = np.inf
            nearest = nearest_columns(distances, n_nearest)
            values = np.take_along_axis(distances, nearest, axis=1).astype(np.float64)
            everything = np.full(len(some), np.inf)
            lists.put(asked[some], tidy(columns.clusters[nearest], values, everything, WIDTH))
        return lists

    def matrix(self) -> tuple[Floats, IntArray]:
        """All heights between clusters, condensed, and which cluster each row of it is."""
        columns = self._by_rank(np.arange(len(self)))
        condensed = np.empty(len(self) * (len(self) - 1) // 2)
        filled = row = 0
        for _, distances in self._to_all(columns.clusters, columns):
            for values in distances:
                row += 1
                condensed[filled : filled + len(self) - row] = self.heights(values[row:])
                filled += len(self) - row
        return condensed, columns.clusters

    def _by_rank(self, chosen: IntArray) -> _ByRank:
        clusters = chosen[np.argsort(-self.sizes[chosen], kind="stable")]
        sizes = self.sizes[clusters]
        by_cluster = np.argsort(self.cluster, kind="stable")
        starts = np.cumsum(self.sizes) - self.sizes
        rank = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        rows = by_cluster[np.repeat(starts[clusters], sizes) + rank]
        return _ByRank(clusters, rows[np.argsort(rank, kind="stable")], np.bincount(rank))

    def _to_all(self, chosen: IntArray, columns: _ByRank) -> Iterator[tuple[IntArray, NDArray[Any]]]:
        """Yield some of the chosen clusters at a time, with their distances to ``columns.clusters``."""
        left = self.factors[columns.rows]
        most = max(64, _BLOCK_BYTES // (left.itemsize * len(left)))
        batch = np.cumsum(self.sizes[chosen]) // most
        for start, stop in itertools.pairwise(
            [*np.flatnonzero(np.diff(batch, prepend=-1)), len(chosen)]
        ):
            some = self._by_rank(chosen[start:stop])
            if len(some.clusters) == 1:  # perhaps a large one
                pieces = [some.rows[at : at + most] for at in range(0, len(some.rows), most)]
                farthest = [self._rows_to(left, columns, piece).max(axis=0) for piece in pieces]
                yield some.clusters, np.max(farthest, axis=0, keepdims=True)
            else:
                yield some.clusters, some.fold(self._rows_to(left, columns, some.rows))

    def _rows_to(self, left: FloatArray, columns: _ByRank, rows: IntArray) -> NDArray[Any]:
        """Distances of rows to clusters, shape (len(rows), len(columns.clusters))."""
        if self.metric == "cosine":
            distances = columns.fold(left @ -self.factors[rows].T).T.copy()
            distances += 1
            return distances
        right = -2 * self.factors[rows]
        right[:, -1] = 1
        distances = columns.fold(left @ right.T).T.copy()
        distances += self.factors[rows, -1:]
        return distances


def _united(
    ids: IntArray, distances: Floats, parts: IntArray, reach: Floats, unlisted: Floats | None = None
) -> Lists:
    """Lists in which a cluster stands once for each pair of parts, made into one entry each.

    Parameters
    ----------
    ids, distances : ndarray of shape (n, any)
        Unions of clusters, each as often as pairs of its parts are listed; -1 for nothing.
    parts : ndarray of int64, shape (n_clusters + 1,)
        How often each cluster must stand for its distance to be known.
    reach : ndarray of float64, shape (n,)
        No cluster of which nothing is listed is nearer.
    unlisted : ndarray of float64, shape (n,), optional
        No part that is missing is nearer; if omitted, `reach`.
    """
    order = np.argsort(ids, axis=1, kind="stable")
    ids = np.take_along_axis(ids, order, axis=1)
    farthest = np.take_along_axis(distances, order, axis=1)
    leads = np.ones(ids.shape, dtype=bool)
    leads[:, 1:] = ids[:, 1:] != ids[:, :-1]
    leads &= ids >= 0
    count = np.ones(ids.shape, dtype=np.int64)
    alone = farthest.copy()
    for shift in range(1, 4):  # two parts of each of two clusters make four at most
        same = ids[:, shift:] == ids[:, :-shift]
        count[:, :-shift] += same
        np.maximum(farthest[:, :-shift], alone[:, shift:], out=farthest[:, :-shift], where=same)
    known = leads & (count == parts[ids])
    if unlisted is not None:
        bounds = np.where(leads & ~known, np.maximum(farthest, unlisted[:, None]), np.inf)
        reach = np.minimum(reach, bounds.min(axis=1))
    return tidy(np.where(known, ids, -1), np.where(known, farthest, np.inf), reach, WIDTH)


def _factors(dataset: Dataset, metric: Metric, rows: IntArray) -> FloatArray:
    """What is multiplied: unit rows, or rows (x, |x|^2) of the centred data in float64."""
    if metric == "cosine":
        units = unit_rows(dataset)
        return units if len(rows) == len(units) else units[rows]
    factors = np.empty((len(rows), dataset.n_features + 1))
    np.subtract(
        dataset.vectors[rows], dataset.vectors.mean(axis=0, dtype=np.float64), out=factors[:, :-1]
    )
    factors[:, -1] = np.einsum("ij,ij->i", factors[:, :-1], factors[:, :-1])
    return factors
