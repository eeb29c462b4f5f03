"""The Calinski-Harabasz index."""

import numpy as np

from embkit import Clustering, Context, Validation
from embkit_plugins.validators.centroid_indices.index import Centroids, centroid_index

__all__ = ["CalinskiHarabasz"]


class CalinskiHarabasz:
    """Variance between clusters over variance within them (the variance ratio); higher is better.

    scikit-learn's ``calinski_harabasz_score`` (Calinski and Harabasz 1974), in
    float64. From 0 up, and not comparable between datasets; noise is left out
    and the coverage given beside the score. Skipped where the rows of every
    cluster are equal, since nothing varies within them;
    ``calinski_harabasz_all_rows``, by which clusterings with noise are ranked, has each noise
    row dealt to a cluster at random (`embkit.deal_noise`). Cost: O(n d + n k).
    """

    def validate(self, clustering: Clustering, context: Context) -> Validation:  # noqa: ARG002
        """Return scores ``calinski_harabasz``, ``coverage``; with noise also that of all rows."""
        return centroid_index(clustering, "calinski_harabasz", _variance_ratio)


def _variance_ratio(found: Centroids) -> float | str:
    n_clusters, n_samples = len(found.sizes), int(found.sizes.sum())
    if found.squares <= n_samples * found.rounding**2:
        return "the rows of each cluster are equal: the variance within, the divisor, is 0"
    between = float(found.sizes @ np.einsum("ij,ij->i", found.means, found.means))
    return between / (n_clusters - 1) / (found.squares / (n_samples - n_clusters))
