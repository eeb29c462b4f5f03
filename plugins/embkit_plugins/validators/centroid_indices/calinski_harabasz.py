"""The Calinski-Harabasz index."""

from embkit import Clustering, Context, Validation
from embkit_plugins.validators.centroid_indices.index import centroid_index

__all__ = ["CalinskiHarabasz"]


class CalinskiHarabasz:
    """Variance between clusters over variance within them (the variance ratio); higher is better.

    scikit-learn's ``calinski_harabasz_score`` (Calinski and Harabasz 1974).
    From 0 up, and not comparable between datasets; noise is left out and the
    coverage given beside the score; ``calinski_harabasz_all_rows``, by which clusterings with
    noise are ranked, has each noise row dealt to a cluster at random (`embkit.deal_noise`).
    Cost: O(n d + n k).
    """

    def validate(self, clustering: Clustering, context: Context) -> Validation:  # noqa: ARG002
        """Return scores ``calinski_harabasz``, ``coverage``; with noise also that of all rows."""
        from sklearn.metrics import calinski_harabasz_score

        return centroid_index(clustering, "calinski_harabasz", calinski_harabasz_score)
