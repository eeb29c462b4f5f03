"""Density-based cluster validity (DBCV), in logarithms, so that no dimension overflows."""

from dataclasses import dataclass

import numpy as np

from embkit import Dataset, Floats, IntArray
from embkit_plugins.algorithms.distances.across import Vectors, across

__all__ = ["Validity", "density_validity"]


@dataclass(frozen=True, eq=False)
class Validity:
    """The validity of each cluster.

    Parameters
    ----------
    values : ndarray of float64, shape (n_clusters,)
        -1 to 1; 0 for a cluster of one row, which has no density.
    sparseness : ndarray of float64, shape (n_clusters,)
        The longest inner edge of each cluster's spanning tree.
    separation : ndarray of float64, shape (n_clusters,)
        The least mutual reachability to another cluster.
    """

    values: Floats
    sparseness: Floats
    separation: Floats


@dataclass(frozen=True, eq=False)
class _Inside:
    """A cluster: its inner rows, their core distances, and its longest inner edge."""

    rows: IntArray
    cores: Floats
    sparseness: float


def density_validity(dataset: Dataset, labels: IntArray, metric: Vectors) -> Validity:
    """Judge clusters by their density within and between them.

    Parameters
    ----------
    dataset : Dataset
        The rows.
    labels : ndarray of int64, shape (n_samples,)
        At least two clusters; -1 for noise.
    metric : {"cosine", "correlation", "euclidean", "hamming", "manhattan"}
        Distance between rows.

    Notes
    -----
    Equal to ``hdbscan.validity.validity_index`` where that does not overflow. Its core
    distances are means of distances to the power of -d: for d of a few hundred they
    silently become 0 unless the distances are about 1. Here they are taken in
    logarithms. Cost: all distances within
    clusters, 24 n^2 bytes for the largest of n rows, and those between inner rows.

    References
    ----------
    Moulavi, Jaskowiak, Campello, Zimek and Sander, "Density-based clustering
    validation", SDM 2014.
    """
    clusters = [
        _inside(dataset, np.flatnonzero(labels == label), metric) for label in range(labels.max() + 1)
    ]
    separation = _separations(dataset, clusters, metric)
    sparseness = np.array([cluster.sparseness for cluster in clusters])
    larger = np.maximum(separation, sparseness)
    differences = separation - sparseness
    values = np.divide(differences, larger, out=np.zeros(len(clusters)), where=larger > 0)
    values[np.bincount(labels[labels >= 0]) == 1] = 0
    return Validity(values, sparseness, separation)


def _inside(dataset: Dataset, rows: IntArray, metric: Vectors) -> _Inside:
    if len(rows) == 1:
        return _Inside(rows, np.zeros(1), 0.0)
    members = dataset.take(rows)
    pairs = across(members, members, metric)
    distances = np.vstack([block for _, block in pairs.blocks()])
    np.fill_diagonal(distances, 0)
    distances[distances <= pairs.tolerance] = 0  # equal rows, but for rounding
    cores = _core_distances(distances, dataset.n_features)
    reach = np.maximum(np.maximum(distances, cores), cores[:, None])
    edges, weights = _spanning_tree(reach)
    inner = np.flatnonzero(np.bincount(edges.ravel(), minlength=len(rows)) > 1)
    if not len(inner):
        inner = np.zeros(1, dtype=np.int64)
    between = np.isin(edges, inner).all(axis=1)
    longest = weights[between].max() if between.any() else weights.max()
    return _Inside(rows[inner], cores[inner], float(longest))


def _core_distances(distances: Floats, n_features: int) -> Floats:
    """The mean of the distances to the power of -d, to the power of -1 / d; equal rows add nothing."""
    with np.errstate(divide="ignore"):
        powers = np.where(distances > 0, -n_features * np.log(distances), -np.inf)
    highest = powers.max(axis=1)
    alone = np.isneginf(highest)
    sums = np.exp(powers - np.where(alone, 0, highest)[:, None]).sum(axis=1)
    with np.errstate(divide="ignore"):
        means = np.log(sums) + highest - np.log(len(distances) - 1)
    if alone.all():
        return np.zeros(len(distances))
    return np.where(alone, np.inf, np.exp(-means / n_features))


def _spanning_tree(reach: Floats) -> tuple[IntArray, Floats]:
    """The tree by Prim's algorithm from the first row; of equal edges those to the lowest row.

    This choice is that of the hdbscan package: core distances make many edges equal.
    """
    from hdbscan._hdbscan_linkage import mst_linkage_core

    tree = mst_linkage_core(np.ascontiguousarray(reach))
    joined, weights = tree[:, 1].astype(np.int64), tree[:, 2]
    edges = tree[:, :2].astype(np.int64)
    reached = np.zeros(len(reach), dtype=bool)
    reached[edges[0]] = True
    for step in range(1, len(edges)):
        new = joined[step]
        near = np.isclose(reach[new], weights[step]) & reached
        edges[step, 0] = int(near.argmax())
        reached[new] = True
    return edges, weights


def _separations(dataset: Dataset, clusters: list[_Inside], metric: Vectors) -> Floats:
    """The least mutual reachability of each cluster's inner rows to those of another."""
    inner = dataset.take(np.concatenate([cluster.rows for cluster in clusters]))
    cores = np.concatenate([cluster.cores for cluster in clusters])
    starts = np.cumsum([0, *(len(cluster.rows) for cluster in clusters)])
    owner = np.repeat(np.arange(len(clusters)), np.diff(starts))
    least = np.full(len(clusters), np.inf)
    for chosen, block in across(inner, inner, metric).blocks():
        reach = np.maximum(np.maximum(block, cores), cores[chosen, None])
        reach[owner[chosen, None] == owner] = np.inf
        np.minimum.at(least, owner[chosen], reach.min(axis=1))
    return least
