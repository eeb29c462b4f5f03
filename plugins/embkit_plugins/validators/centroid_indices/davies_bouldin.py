"""The Davies-Bouldin index."""

import numpy as np

from embkit import Clustering, Context, Validation
from embkit_plugins.validators.centroid_indices.index import Centroids, centroid_index

__all__ = ["DaviesBouldin"]


class DaviesBouldin:
    """Davies-Bouldin index: spread of clusters relative to their separation; lower is better.

    scikit-learn's ``davies_bouldin_score`` (Davies and Bouldin 1979) in float64: the mean
    over clusters of the worst ratio (s_i + s_j) / d_ij, s the mean distance of
    members to their centroid and d the distance of centroids. From 0 up; noise
    is left out and the coverage given beside the score. Skipped where two
    clusters have the same centroid, which makes the ratio infinite;
    ``davies_bouldin_all_rows``, by which clusterings with noise are ranked, has each
    noise row dealt to a cluster at random (`embkit.deal_noise`). Cost: O(n d + k^2 d)
    time, about 24 k^2 bytes.
    """

    def validate(self, clustering: Clustering, context: Context) -> Validation:
        """Return scores ``davies_bouldin``, ``coverage``; with noise also that of all rows."""
        need = 24 * clustering.n_clusters**2
        if need > context.memory:
            return Validation.skip(
                f"distances between {clustering.n_clusters} centroids need {need / 1e9:.1f} GB, "
                f"and {context.memory / 1e9:.1f} GB may be used"
            )
        return centroid_index(clustering, "davies_bouldin", _mean_worst_ratio)


def _mean_worst_ratio(found: Centroids) -> float | str:
    from scipy.spatial.distance import cdist

    distances = cdist(found.means, found.means)
    np.fill_diagonal(distances, np.inf)
    first, second = np.unravel_index(int(distances.argmin()), distances.shape)
    if distances[first, second] <= found.rounding:
        return f"clusters {first} and {second} have the same centroid: the distance, a divisor, is 0"
    ratios = np.add.outer(found.spreads, found.spreads) / distances
    return float(ratios.max(axis=1).mean())
