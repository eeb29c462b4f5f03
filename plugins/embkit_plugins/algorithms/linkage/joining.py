"""Which cluster of a tree another row would be joined to, by the linkage of the tree."""

from dataclasses import dataclass

import numpy as np

from embkit import Assignment, Dataset, Floats, IntArray
from embkit_plugins.algorithms.distances.across import Across, Vectors, across, margins
from embkit_plugins.algorithms.rows.grouping import by_group

__all__ = ["Joining", "depth_weights", "distances_to_clusters", "joined"]

_MEANS = ("ward", "centroid", "median")


@dataclass(frozen=True, eq=False)
class Joining:
    """The clusters that other rows are joined to.

    Parameters
    ----------
    labels : IntArray of shape (n_labels,)
        A cluster of each row of the dataset; there is no noise.
    linkage : str
        The linkage of the tree.
    weights : ndarray of float64, shape (n_samples,), optional
        Of each row within its cluster, for ``weighted`` and ``median``.
    """

    labels: IntArray
    linkage: str
    weights: Floats | None = None


def distances_to_clusters(
    dataset: Dataset, others: Dataset, metric: Vectors, clusters: Joining
) -> Floats:
    """The distance of each other row, as a cluster of its own, to each cluster.

    Parameters
    ----------
    dataset : Dataset
        What was clustered.
    others : Dataset
        The other rows.
    metric : {"cosine", "correlation", "euclidean", "hamming", "manhattan"}
        Distance between rows.
    clusters : Joining
        The clusters.

    Returns
    -------
    ndarray of float64, shape (n_others, n_clusters)
        In the unit of the tree's heights: under ward sqrt(2 n / (n + 1)) times the
        distance to the mean of n rows, as scipy has it. Cost: the distances of all
        others to all rows, or to the clusters' means.
    """
    sizes = np.bincount(clusters.labels)
    order, bounds = by_group(clusters.labels, len(sizes))
    starts = bounds[:-1]
    if clusters.linkage in _MEANS:
        means = _means(dataset, order, starts, sizes, clusters.weights)
        found = np.empty((others.n_samples, len(sizes)))
        for chosen, block in across(means, others, "euclidean").blocks():
            found[chosen] = block
        return found * np.sqrt(2 * sizes / (sizes + 1)) if clusters.linkage == "ward" else found
    return _of_pairs(across(dataset, others, metric), clusters, order, starts, sizes)


def _means(
    dataset: Dataset, order: IntArray, starts: IntArray, sizes: IntArray, weights: Floats | None
) -> Dataset:
    rows = dataset.vectors[order].astype(np.float64)
    if weights is None:
        return Dataset(np.add.reduceat(rows, starts, axis=0) / sizes[:, None])
    return Dataset(np.add.reduceat(rows * weights[order][:, None], starts, axis=0))


def _of_pairs(
    distances: Across, clusters: Joining, order: IntArray, starts: IntArray, sizes: IntArray
) -> Floats:
    found = np.empty((len(distances.others), len(sizes)))
    for chosen, block in distances.blocks():
        ordered = block[:, order]
        match clusters.linkage:
            case "complete":
                found[chosen] = np.maximum.reduceat(ordered, starts, axis=1)
            case "single" | "genie":
                found[chosen] = np.minimum.reduceat(ordered, starts, axis=1)
            case "weighted" if clusters.weights is not None:
                found[chosen] = np.add.reduceat(ordered * clusters.weights[order], starts, axis=1)
            case _:
                found[chosen] = np.add.reduceat(ordered, starts, axis=1) / sizes
    return found


def depth_weights(linkage: Floats, labels: IntArray) -> Floats:
    """The weight of each row within its cluster where both sides of a merge count the same.

    A row that went through m merges within its cluster has the weight 2 ** -m, so
    that the weights of a cluster sum to 1.

    Parameters
    ----------
    linkage : ndarray of float64, shape (n_samples - 1, 4)
        The whole tree.
    labels : ndarray of int64, shape (n_samples,)
        Clusters that are nodes of it.
    """
    n_samples = len(labels)
    cluster_of = np.concatenate([labels, np.full(len(linkage), -1)])
    children = linkage[:, :2].astype(np.int64)
    for node, (left, right) in enumerate(children, n_samples):
        if cluster_of[left] == cluster_of[right]:
            cluster_of[node] = cluster_of[left]
    weights = np.ones(n_samples + len(linkage))
    for node in range(n_samples + len(linkage) - 1, n_samples - 1, -1):
        if cluster_of[node] >= 0:
            weights[children[node - n_samples]] = weights[node] / 2
    return weights[:n_samples]


def joined(distances: Floats, threshold: float | None, linkage: str) -> Assignment:
    """Put each row in its nearest cluster, or call it noise where that is not below a threshold.

    Parameters
    ----------
    distances : ndarray of float64, shape (n_rows, n_clusters)
        From `distances_to_clusters`.
    threshold : float or None
        At which the tree was cut; None if it was cut into a number of clusters.
    linkage : str
        What the distances are.
    """
    labels, nearest = distances.argmin(axis=1), distances.min(axis=1)
    rule = f"the cluster at the least {linkage} linkage distance"
    if threshold is None:
        rule += "; strength is 1 - d1 / d2 of the nearest two; no row is noise"
        return Assignment(labels, margins(distances), nearest, rule)
    strengths = np.clip(1 - nearest / threshold, 0, 1) if threshold > 0 else np.zeros(len(nearest))
    return Assignment(
        np.where(nearest < threshold, labels, -1),
        strengths,
        nearest,
        f"{rule}, if that is below {threshold:.10g}; strength is 1 - distance / {threshold:.10g}",
    )
