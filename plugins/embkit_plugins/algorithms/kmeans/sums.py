"""Sums of the rows of each cluster, kept by what rows leave and enter."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from embkit import Floats, IntArray
from embkit_plugins.algorithms.kmeans.points import Points
from embkit_plugins.algorithms.rows.grouping import by_group

__all__ = ["Change", "Sums"]


@dataclass(frozen=True, eq=False)
class Change:
    """What rows of one or more blocks change in the sums of the clusters.

    Parameters
    ----------
    clusters : ndarray of int64, shape (n_touched,)
        The clusters that rows left or entered, ascending.
    sums : ndarray of float64, shape (n_touched, n_features)
        To be added to theirs.
    counts : ndarray of int64, shape (n_touched,)
        To be added to their numbers of rows.
    n_moved : int
        Rows whose cluster is another.
    """

    clusters: IntArray
    sums: Floats
    counts: IntArray
    n_moved: int

    @classmethod
    def between(cls, points: Points, start: int, before: IntArray, after: IntArray) -> "Change":
        """Compare the labels of the rows from `start` on; -1 before means no cluster."""
        from scipy.sparse import csr_array

        moved = np.flatnonzero(before != after)
        left = moved[before[moved] >= 0]
        clusters, place = np.unique(np.concatenate([after[moved], before[left]]), return_inverse=True)
        signs = np.repeat([1.0, -1.0], [len(moved), len(left)])
        columns = np.concatenate([np.arange(len(moved)), np.flatnonzero(before[moved] >= 0)])
        order, bounds = by_group(place, len(clusters))
        shape = (len(clusters), len(moved))
        joined = csr_array((signs[order], columns[order], bounds), shape=shape)
        whole = len(moved) == len(after)
        rows = points.double(slice(start, start + len(after)) if whole else start + moved)
        counts = np.bincount(place, weights=signs, minlength=len(clusters)).astype(np.int64)
        return cls(clusters, joined @ rows, counts, len(moved))

    @classmethod
    def joined(cls, changes: Sequence["Change"]) -> "Change":
        """Some changes as one, added in their order."""
        clusters = np.unique(np.concatenate([change.clusters for change in changes]))
        sums = np.zeros((len(clusters), changes[0].sums.shape[1]))
        counts = np.zeros(len(clusters), dtype=np.int64)
        for change in changes:
            place = np.searchsorted(clusters, change.clusters)
            sums[place] += change.sums
            counts[place] += change.counts
        return cls(clusters, sums, counts, sum(change.n_moved for change in changes))


@dataclass(frozen=True, eq=False)
class Sums:
    """Sum and number of the rows of each cluster.

    Parameters
    ----------
    sums : ndarray of float64, shape (n_clusters, n_features)
        Changed in place by `add`, in the order in which changes come.
    counts : ndarray of int64, shape (n_clusters,)
        Rows of each.
    """

    sums: Floats
    counts: IntArray

    @classmethod
    def nothing(cls, n_clusters: int, n_features: int) -> "Sums":
        """No rows in any cluster."""
        return cls(np.zeros((n_clusters, n_features)), np.zeros(n_clusters, dtype=np.int64))

    def add(self, change: Change) -> None:
        """Take over what changed."""
        self.sums[change.clusters] += change.sums
        self.counts[change.clusters] += change.counts

    def means(self, kept: Floats) -> Floats:
        """The mean of each cluster; that of `kept` where there are no rows."""
        filled = self.counts > 0
        means = kept.copy()
        means[filled] = self.sums[filled] / self.counts[filled, None]
        return means
