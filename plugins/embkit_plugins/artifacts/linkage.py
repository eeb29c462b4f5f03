"""The tree of merges, by the route that fits the linkage, the metric, the size and the memory.

=====================  ==================================  ==================================
route                  for                                 memory beside the vectors
=====================  ==================================  ==================================
condensed matrix       everything                          4 n^2 bytes
means in rounds        average cosine, Ward's              20 n d bytes and lists
farthest in rounds     complete, cosine or euclidean       8 to 24 n d bytes and lists
spanning tree          single, cosine or euclidean         4 to 16 n d bytes and lists
=====================  ==================================  ==================================

The last three need about as long as one to five n x n matrix products; they are
taken where they are quicker, and where the matrix would not fit. All routes give
the same tree; where merges tie there is more than one, and each route has a fixed
way to choose.

Sources: Müllner, "Modern hierarchical, agglomerative clustering algorithms",
arXiv 1109.2378, and his fastcluster package for the condensed matrix; the modules
of the routes for the others.
"""

from typing import Annotated, Any

import numpy as np
from annotated_types import Ge
from numpy.typing import NDArray

from embkit.data.dataset import Dataset
from embkit.data.results import Artifact
from embkit.errors import ParameterError
from embkit.plugin.protocols import Context, Estimate
from embkit_plugins.artifacts.cuts import is_monotone
from embkit_plugins.artifacts.distances import Metric
from embkit_plugins.artifacts.linkage_condensed import condensed_linkage
from embkit_plugins.artifacts.linkage_farthest import complete_linkage
from embkit_plugins.artifacts.linkage_means import means_linkage
from embkit_plugins.artifacts.linkage_routes import Method, Route, fitting_linkages, route_for
from embkit_plugins.artifacts.linkage_single import single_linkage

__all__ = ["Linkage", "Method", "check_linkage"]

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

    Cost: the distances once, n^2 d multiplications, and O(n^2) for merging; see
    `embkit_plugins.artifacts.linkage` for the routes and their memory.

    Parameters
    ----------
    linkage : {"ward", "complete", "average", "single", "centroid", "median", "weighted"}
        What counts as the distance of two clusters: see scipy's ``linkage``.
    metric : {"cosine", "euclidean", "manhattan", "precomputed"}
        Distance between rows; cosine is 0 to 2.
    below : float, optional
        Make only the merges below this height, the first rows of the tree, where that saves work.
    """

    def __init__(
        self,
        *,
        linkage: Method = "ward",
        metric: Metric = "euclidean",
        below: Annotated[float, Ge(0)] | None = None,
    ) -> None:
        self.linkage = linkage
        self.metric = metric
        self.below = below

    def check(self) -> None:
        """Refuse a linkage that has no meaning with the metric; see `check_linkage`."""
        check_linkage(self.linkage, self.metric)

    def memory(self, n_samples: int, n_features: int, budget: int) -> Estimate:
        """The need of the route that would be taken, and what would need less."""
        route = route_for(self.linkage, self.metric, n_samples, n_features, budget)
        ways = [
            f"--clusterer agglomerative:linkage={linkage},metric={metric}"
            for linkage, metric in fitting_linkages(n_samples, n_features, budget)
            if linkage == self.linkage or metric == self.metric
        ]
        return Estimate(route.peak, route.name, (*ways, "--clusterer minibatch-kmeans"))

    def compute(self, dataset: Dataset, context: Context) -> Artifact:
        """Return array ``linkage``: float64, shape (n_samples - 1, 4), scipy's format.

        With `below` it has fewer rows where there are clusters farther apart;
        the fact ``whole`` says so.

        Raises
        ------
        DataError
            If the metric cannot be taken of these rows.
        """
        route = route_for(
            self.linkage, self.metric, dataset.n_samples, dataset.n_features, context.memory
        )
        below = np.inf if self.below is None else self.below
        tree, facts = self._tree(route, dataset, context, below)
        tree = tree[: np.searchsorted(tree[:, 2], below)] if np.isfinite(below) else tree
        facts |= {
            "route": route.name,
            "monotone": is_monotone(tree),
            "whole": len(tree) + 1 == dataset.n_samples,
        }
        return Artifact({"linkage": tree}, facts)

    def _tree(
        self, route: Route, dataset: Dataset, context: Context, below: float
    ) -> tuple[NDArray[np.float64], dict[str, Any]]:
        match route.name, self.metric:
            case "means in rounds", ("cosine" | "euclidean") as metric:
                return means_linkage(dataset, metric, context, below)
            case "farthest in rounds", ("cosine" | "euclidean") as metric:
                return complete_linkage(dataset, metric, context, until=route.until, below=below)
            case "spanning tree", ("cosine" | "euclidean") as metric:
                return single_linkage(dataset, metric, context), {}
            case _:
                return condensed_linkage(dataset, self.linkage, self.metric, context.progress), {}
