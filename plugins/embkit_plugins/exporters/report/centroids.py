"""Davies-Bouldin and Calinski-Harabasz without the checks that dominate on hundreds of labelings.

Equal to scikit-learn's ``davies_bouldin_score`` and ``calinski_harabasz_score``
over the rows that are not noise.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit import Floats, IntArray

__all__ = ["calinski_harabasz", "davies_bouldin"]


def davies_bouldin(vectors: NDArray[Any], labels: IntArray) -> float | None:
    """The mean over clusters of the worst ratio of spreads to distance; None without two clusters."""
    from scipy.spatial.distance import cdist

    points, codes, sizes = _clustered(vectors, labels)
    if not 2 <= len(sizes) < len(codes):
        return None
    centroids = _centroids(points, codes, sizes)
    away = np.sqrt(((points - centroids[codes]) ** 2).sum(axis=1))
    spreads = np.bincount(codes, weights=away) / sizes
    distances = cdist(centroids, centroids)
    if np.allclose(spreads, 0) or np.allclose(distances, 0):
        return 0.0
    distances[distances == 0] = np.inf
    return float(((spreads[:, None] + spreads) / distances).max(axis=1).mean())


def calinski_harabasz(vectors: NDArray[Any], labels: IntArray) -> float | None:
    """Variance between clusters over variance within; None without two clusters."""
    points, codes, sizes = _clustered(vectors, labels)
    if not 2 <= len(sizes) < len(codes):
        return None
    centroids = _centroids(points, codes, sizes)
    between = float(sizes @ ((centroids - points.mean(axis=0)) ** 2).sum(axis=1))
    within = float(((points - centroids[codes]) ** 2).sum())
    if within == 0:
        return 1.0
    return between * (len(codes) - len(sizes)) / (within * (len(sizes) - 1))


def _clustered(vectors: NDArray[Any], labels: IntArray) -> tuple[Floats, IntArray, IntArray]:
    rows = labels >= 0
    codes = np.unique(labels[rows], return_inverse=True)[1]
    return vectors[rows].astype(np.float64), codes, np.bincount(codes)


def _centroids(points: Floats, codes: IntArray, sizes: IntArray) -> Floats:
    from scipy.sparse import csr_array

    rows = np.arange(len(codes))
    members = csr_array((np.ones(len(codes)), (codes, rows)), shape=(len(sizes), len(codes)))
    return np.asarray(members @ points) / sizes[:, None]
