"""The tree of merges, by the route that fits the linkage, the metric and the memory.

===================  =====================  ===================================
route                for                    memory beside the vectors
===================  =====================  ===================================
condensed matrix     everything             4 n^2 bytes; merging by fastcluster
===================  =====================  ===================================

Sources: Müllner, "Modern hierarchical, agglomerative clustering algorithms",
arXiv 1109.2378, and his fastcluster package for the condensed matrix.
"""

from typing import Literal

from embkit.data import Artifact, Dataset
from embkit.errors import ParameterError
from embkit.protocols import Context, Estimate
from embkit_plugins.artifacts.cuts import is_monotone
from embkit_plugins.artifacts.distances import BLOCK_BYTES, Metric
from embkit_plugins.artifacts.linkage_condensed import condensed_linkage

__all__ = ["Linkage", "Method", "check_linkage"]

Method = Literal["ward", "complete", "average", "single", "centroid", "median", "weighted"]

_EUCLIDEAN_ONLY = ("ward", "centroid", "median")


def check_linkage(linkage: Method, metric: Metric) -> None:
    """Refuse pairs of a linkage and a metric that have no meaning.

    Raises
    ------
    ParameterError
        If a linkage of means is asked for with distances that have no means.
    """
    if linkage in _EUCLIDEAN_ONLY and metric != "euclidean":
        fix = "use linkage=average"
        if metric == "cosine":
            fix += f", or --reducer normalize with metric=euclidean and linkage={linkage}"
        raise ParameterError(
            f"linkage={linkage} with metric={metric}",
            f"{linkage} linkage compares means, which only euclidean distance gives a meaning",
            fix,
        )


class Linkage:
    """Merge the two nearest clusters again and again, from single rows to one.

    Parameters
    ----------
    linkage : {"ward", "complete", "average", "single", "centroid", "median", "weighted"}
        What counts as the distance of two clusters: see scipy's ``linkage``.
    metric : {"cosine", "euclidean", "manhattan", "precomputed"}
        Distance between rows; cosine is 0 to 2.
    """

    def __init__(self, *, linkage: Method = "ward", metric: Metric = "euclidean") -> None:
        self.linkage = linkage
        self.metric = metric

    def check(self) -> None:
        """Refuse a linkage that has no meaning with the metric; see `check_linkage`."""
        check_linkage(self.linkage, self.metric)

    def memory(self, n_samples: int, n_features: int, budget: int) -> Estimate:  # noqa: ARG002
        """The need of the route that would be taken."""
        return Estimate(
            4 * n_samples**2 + 8 * n_samples * n_features + 4 * BLOCK_BYTES,
            "condensed matrix",
            ("--sample N",),
        )

    def compute(self, dataset: Dataset, context: Context) -> Artifact:
        """Return array ``linkage``: float64, shape (n_samples - 1, 4), scipy's format.

        Raises
        ------
        DataError
            If the metric cannot be taken of these rows.
        """
        tree = condensed_linkage(dataset, self.linkage, self.metric, context.progress)
        return Artifact({"linkage": tree}, {"route": "condensed matrix", "monotone": is_monotone(tree)})
