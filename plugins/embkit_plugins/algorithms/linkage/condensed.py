"""Any linkage from all pairwise distances, merged by fastcluster in their place."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from embkit import Dataset
from embkit_plugins.algorithms.distances.pairs import Metric, condensed, pairs_of

__all__ = ["condensed_linkage"]


def condensed_linkage(
    dataset: Dataset, linkage: str, metric: Metric, progress: Callable[[float], None] | None = None
) -> NDArray[np.float64]:
    """The tree of merges from the condensed matrix of distances.

    Distances are products in float64: merges that are nearly tied come out as
    they should, and heights are scipy's to 1e-12.

    Cost: the distances, then O(n^2) for merging (O(n^3) at worst for centroid
    and median). Memory: 4 n^2 bytes, once: distances are written where
    fastcluster merges them.

    Parameters
    ----------
    dataset : Dataset
        With vectors of float32 or float64.
    linkage : str
        A method of scipy's ``linkage``.
    metric : {"cosine", "correlation", "euclidean", "hamming", "manhattan", "precomputed"}
        Distance between rows.
    progress : callable, optional
        Told the share of distances done.

    Returns
    -------
    ndarray of float64, shape (n_samples - 1, 4)
        scipy's format. Where distances tie the order is fastcluster's.
    """
    import fastcluster

    distances = condensed(pairs_of(dataset, metric, np.float64), progress=progress)
    if not len(distances):
        return np.empty((0, 4))
    tree: NDArray[np.float64] = fastcluster.linkage(distances, linkage, preserve_input=False)
    return tree
