"""Labelings as silhouettes need them, and scores from total distances to their clusters."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit import Floats, IntArray

__all__ = ["Grouping", "membership", "scores"]


@dataclass(frozen=True, eq=False)
class Grouping:
    """A labeling with its clusters renamed to 0..k-1, noise to -1.

    Parameters
    ----------
    labels : ndarray of int64, shape (n_samples,)
        As they were.
    names : ndarray of int64, shape (n_clusters,)
        The labels of the clusters.
    codes : ndarray of int64, shape (n_samples,)
        The cluster of each row.
    sizes : ndarray of int64, shape (n_clusters,)
        Rows of each cluster.
    """

    labels: IntArray
    names: IntArray
    codes: IntArray
    sizes: IntArray

    @classmethod
    def of(cls, labels: NDArray[Any]) -> "Grouping":
        """Name and count the clusters."""
        labels = np.asarray(labels).astype(np.int64)
        names, codes = np.unique(labels, return_inverse=True)
        n_noise = int(np.count_nonzero(names < 0))
        codes = np.maximum(codes - n_noise, -1).astype(np.int64)
        return cls(labels, names[n_noise:], codes, np.bincount(codes[codes >= 0]))


def scores(
    totals: Floats, groupings: Sequence[Grouping], codes: Sequence[IntArray]
) -> tuple[Floats, IntArray]:
    """Silhouettes and nearest other clusters of some rows under each labeling.

    Parameters
    ----------
    totals : ndarray of float64, shape (n_rows, n_clusters)
        The total distance of each row to each cluster of all labelings, side by side in order.
    groupings : sequence of Grouping
        The labelings; only names and sizes of their clusters are looked at.
    codes : sequence of ndarray of int64, shape (n_rows,)
        The cluster of each row under each labeling, -1 for noise.

    Returns
    -------
    values : ndarray of float64, shape (n_labelings, n_rows)
    nearest : ndarray of int64, shape (n_labelings, n_rows)
        0 and -1 where there are fewer than two clusters.
    """
    values = np.zeros((len(groupings), len(totals)))
    nearest = np.full(values.shape, -1, dtype=np.int64)
    ends = np.cumsum([len(grouping.sizes) for grouping in groupings])
    for number, (grouping, end, own) in enumerate(zip(groupings, ends, codes, strict=True)):
        n_clusters = len(grouping.sizes)
        if n_clusters > 1:
            block = totals[:, end - n_clusters : end]
            values[number], nearest[number] = _scores(block, grouping, own)
    return values, nearest


def _scores(totals: Floats, grouping: Grouping, codes: IntArray) -> tuple[Floats, IntArray]:
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


def membership(groupings: Sequence[Grouping], rows: slice) -> Any:
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
