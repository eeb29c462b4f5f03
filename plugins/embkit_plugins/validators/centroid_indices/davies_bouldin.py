"""The Davies-Bouldin index."""

from embkit import Clustering, Context, Validation
from embkit_plugins.validators.centroid_indices.index import centroid_index

__all__ = ["DaviesBouldin"]


class DaviesBouldin:
    """Davies-Bouldin index: spread of clusters relative to their separation; lower is better.

    scikit-learn's ``davies_bouldin_score`` (Davies and Bouldin 1979): the mean
    over clusters of the worst ratio (s_i + s_j) / d_ij, s the mean distance of
    members to their centroid and d the distance of centroids. From 0 up; noise
    is left out and the coverage given beside the score; ``davies_bouldin_all_rows``, by which
    clusterings with noise are ranked, has each noise row dealt to a cluster at random
    (`embkit.deal_noise`).
    Cost: O(n d + k^2 d)
    time, about 24 k^2 bytes.
    """

    def validate(self, clustering: Clustering, context: Context) -> Validation:
        """Return scores ``davies_bouldin``, ``coverage``; with noise also that of all rows."""
        from sklearn.metrics import davies_bouldin_score

        need = 24 * clustering.n_clusters**2
        if need > context.memory:
            return Validation.skip(
                f"distances between {clustering.n_clusters} centroids need {need / 1e9:.1f} GB, "
                f"and {context.memory / 1e9:.1f} GB may be used"
            )
        return centroid_index(clustering, "davies_bouldin", davies_bouldin_score)
