"""The tree over the means of clusters, for clusterings without a tree of their own."""

from typing import Literal

import numpy as np

from embkit import Clustering, Context, DataError, Dataset, Floats
from embkit_plugins.algorithms.rows.grouping import rows_of_groups
from embkit_plugins.algorithms.rows.prepare import unit_rows

__all__ = ["has_means", "linkage_of_means", "metric_of_means"]

_SHORTEST = 1e-9
"""Length of a mean of unit vectors below which its direction is rounding."""


def has_means(clustering: Clustering) -> bool:
    """Whether there are clusters to merge, and vectors, not distances, to take means of."""
    return clustering.n_clusters > 1 and clustering.metric != "precomputed"


def metric_of_means(clustering: Clustering) -> Literal["cosine", "euclidean"]:
    """The distance taken between means: cosine where the clusterer took it, else euclidean."""
    return "cosine" if clustering.metric == "cosine" else "euclidean"


def linkage_of_means(clustering: Clustering, context: Context) -> Floats:
    """Average linkage of the clusters' means, each counting once; under cosine those of unit rows.

    Returns
    -------
    ndarray of float64, shape (n_clusters - 1, 4)
        scipy's format, the clusters being its leaves. Cost: O(n d), and the
        linkage of n_clusters rows, which is the artifact ``linkage``.

    Raises
    ------
    DataError
        If under cosine the rows of a cluster cancel out, or a row is zero.
    """
    metric = metric_of_means(clustering)
    means = _means(clustering, metric)
    dataset = Dataset(means, name=f"cluster means of {clustering.dataset.name}")
    return context.on(dataset).artifact("linkage", linkage="average", metric=metric)["linkage"]


def _means(clustering: Clustering, metric: str) -> Floats:
    dataset = clustering.dataset
    vectors = unit_rows(dataset) if metric == "cosine" else dataset.vectors
    members = rows_of_groups(clustering.labels, clustering.n_clusters)
    means = np.stack([vectors[rows].mean(axis=0, dtype=np.float64) for rows in members])
    lost = np.flatnonzero(np.linalg.norm(means, axis=1) < _SHORTEST)
    if metric == "cosine" and len(lost):
        raise DataError(
            f"visualizer dendrogram: the mean of cluster {lost[0]} has no direction",
            "its rows point opposite ways and cancel out, and cosine distance needs a direction",
            "cluster with another metric, or use another visualizer",
        )
    return means
