"""The clusters of an HDBSCAN tree, chosen by their stability over scales."""

import numpy as np

from embkit import Clustering, Floats, IntArray
from embkit_plugins.algorithms.density.package import hdbscan_tree

__all__ = ["has_density_tree", "has_reachability_tree", "selected_clusters"]


def has_density_tree(clustering: Clustering) -> bool:
    """Whether the tree of a clustering, if any, is one that densities are read from, as HDBSCAN's is."""
    return "min_samples" in clustering.parameters and "linkage" not in clustering.parameters


def has_reachability_tree(clustering: Clustering) -> bool:
    """Whether the heights of a clustering's tree, if any, are mutual reachability."""
    smoothing = clustering.parameters.get("min_samples") or 1
    return has_density_tree(clustering) or smoothing > 1


def selected_clusters(
    linkage: Floats,
    min_cluster_size: int,
    *,
    method: str = "eom",
    allow_single_cluster: bool = False,
    epsilon: float = 0.0,
    max_cluster_size: int = 0,
) -> tuple[IntArray, Floats]:
    """Choose clusters by the hdbscan package's own rule.

    Parameters
    ----------
    linkage : ndarray of float64, shape (n_samples - 1, 4)
        Single linkage tree of mutual reachability, in scipy's format.
    min_cluster_size : int
        Rows that make a cluster.
    method : {"eom", "leaf"}
        The most stable clusters of the tree (excess of mass), or its leaves.
    allow_single_cluster : bool
        Whether all rows may be one cluster.
    epsilon : float
        Distance below which clusters are not divided.
    max_cluster_size : int
        Largest size under eom, 0 for any.

    Returns
    -------
    tuple of ndarray, shape (n_samples,)
        Labels, -1 for noise, and the strength of each row in its cluster.
    """
    package = hdbscan_tree()
    condensed = package.condense_tree(linkage, min_cluster_size)
    labels, probabilities, _ = package.get_clusters(
        condensed,
        package.compute_stability(condensed),
        method,
        allow_single_cluster,
        False,  # match_reference_implementation: the package's own reading, as by default
        epsilon,
        max_cluster_size,
        np.inf,
    )
    return labels, probabilities
