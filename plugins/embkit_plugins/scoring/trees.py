"""The tree that a validator reads, or why there is none to read."""

from typing import get_args

import numpy as np
from numpy.typing import NDArray

from embkit import Clustering
from embkit_plugins.algorithms.distances.pairs import Metric
from embkit_plugins.algorithms.trees.cuts import is_monotone

__all__ = ["whole_tree"]


def whole_tree(clustering: Clustering, *, to_cut: bool) -> NDArray[np.float64] | str:
    """Give the clustering's tree, or the reason for skipping it.

    Parameters
    ----------
    clustering : Clustering
        Whose tree must be whole, and of distances that can be measured here.
    to_cut : bool
        Whether a threshold must cut clusters off, which trees with inversions prevent.
    """
    linkage, n_samples = clustering.linkage, len(clustering.labels)
    metric = clustering.metric
    if linkage is None or len(linkage) != n_samples - 1:
        return f"{clustering.clusterer or 'the clusterer'} made no whole tree"
    if n_samples < 2:
        return "a single row has no tree"
    if metric not in get_args(Metric):
        return f"distances by metric {metric} cannot be measured here"
    if to_cut and not is_monotone(linkage):
        return "the tree has inversions, so that a threshold cuts no clusters off"
    return linkage
