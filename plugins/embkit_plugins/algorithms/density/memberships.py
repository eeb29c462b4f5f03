"""Soft memberships of HDBSCAN's clusters, as ``all_points_membership_vectors`` has them."""

import numpy as np

from embkit import Dataset, Floats
from embkit_plugins.algorithms.density.condensed import CondensedTree
from embkit_plugins.algorithms.distances.across import Vectors, across

__all__ = ["memberships"]


def memberships(tree: CondensedTree, dataset: Dataset, metric: Vectors) -> Floats:
    """How much each row belongs to each cluster.

    The product of two shares, one by the distance to the cluster's exemplars and
    one by the height in the tree at which the row would join it, scaled to the
    chance of being in some cluster.

    Returns
    -------
    ndarray of float64, shape (n_samples, n_clusters)
        0 to 1; a row sums to less than 1 where it may be noise. Cost: the
        distances to all exemplars, and O(n_samples n_clusters) walks in the tree.

    References
    ----------
    McInnes, Healy and Astels, hdbscan documentation, "How Soft Clustering for
    HDBSCAN Works"; the shares by height are the package's own functions.
    """
    from hdbscan._prediction_utils import (
        all_points_outlier_membership_vector,
        all_points_prob_in_some_cluster,
    )

    if not len(tree.selected):
        return np.zeros((dataset.n_samples, 0))
    clusters = (tree.selected + tree.n_samples).astype(np.intp)
    largest = {tree.n_samples + node: value for node, value in enumerate(tree.largest.tolist())}
    heights = (clusters, tree.rows, largest, tree.cluster_rows)
    near = _by_distance(tree, dataset, metric)
    joint = near * all_points_outlier_membership_vector(*heights)
    totals = joint.sum(axis=1, keepdims=True)
    shares = np.divide(joint, totals, out=np.zeros_like(joint), where=totals > 0)
    inside: Floats = all_points_prob_in_some_cluster(*heights)
    found: Floats = np.clip(shares * inside[:, None], 0, 1)
    return found


def _by_distance(tree: CondensedTree, dataset: Dataset, metric: Vectors) -> Floats:
    """The share of each cluster by inverse distance to its nearest exemplar."""
    shares = np.empty((dataset.n_samples, len(tree.selected)))
    for label, rows in enumerate(tree.exemplars):
        to_exemplars = across(dataset.take(rows), dataset, metric)
        shares[:, label] = to_exemplars.nearest(1)[1][:, 0]
    exact = shares == 0
    with np.errstate(divide="ignore"):
        inverse = np.where(exact, np.finfo(np.float64).max / shares.shape[1], 1 / shares)
    found: Floats = inverse / inverse.sum(axis=1, keepdims=True)
    return found
