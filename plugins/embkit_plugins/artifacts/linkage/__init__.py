"""The tree of merges, by the route that fits the linkage, the metric, the size and the memory.

Sources: Müllner, "Modern hierarchical, agglomerative clustering algorithms",
arXiv 1109.2378, and his fastcluster package for the condensed matrix; the modules
of the routes for the others.
"""

from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, Gt, Lt
from numpy.typing import NDArray

from embkit import Artifact, Context, Dataset, Estimate, Floats, ParameterError
from embkit_plugins.algorithms.distances.pairs import Metric
from embkit_plugins.algorithms.linkage import farthest, means
from embkit_plugins.algorithms.linkage.complete import complete_linkage
from embkit_plugins.algorithms.linkage.condensed import condensed_linkage
from embkit_plugins.algorithms.linkage.genie import genie_linkage
from embkit_plugins.algorithms.linkage.rounds import Nearest
from embkit_plugins.algorithms.linkage.single import linkage_of_edges
from embkit_plugins.algorithms.rows.prepare import row_deviations
from embkit_plugins.algorithms.trees.cuts import is_monotone
from embkit_plugins.artifacts.linkage.routes import (
    SPANNING,
    Approximation,
    Method,
    Route,
    fitting_linkages,
    of_spanning_tree,
    route_for,
)
from embkit_plugins.artifacts.neighbors import nearest_neighbors
from embkit_plugins.artifacts.spanning_tree import leaves_asked

__all__ = [
    "Linkage",
    "Method",
    "check_approximation",
    "check_linkage",
    "check_min_samples",
    "nearest_rows",
]

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


def check_approximation(linkage: Method, metric: Metric, neighbors: Approximation) -> None:
    """Refuse approximate neighbours where a tree is not made of neighbours alone.

    Raises
    ------
    ParameterError
        If leaves are asked for and the tree is not made of a spanning tree of neighbours.
    """
    if neighbors == "leaves" and not of_spanning_tree(linkage, metric):
        raise ParameterError(
            f"neighbors=leaves with linkage={linkage},metric={metric}",
            "only single linkage and genie are made of neighbours alone, by cosine, correlation or "
            "euclidean distance; all others compare clusters exactly",
            "use one of these, or neighbors=exact",
        )


def check_min_samples(linkage: Method, min_samples: int) -> None:
    """Refuse mutual reachability where a tree is not made of a spanning tree.

    Raises
    ------
    ParameterError
        If min_samples is above 1 and the linkage neither single nor genie.
    """
    if min_samples > 1 and linkage not in SPANNING:
        raise ParameterError(
            f"min_samples={min_samples} with linkage={linkage}",
            "only single linkage and genie are made of a spanning tree, which can be one of mutual "
            "reachability; all others compare clusters by the distances of their rows",
            "use linkage=single or genie, or leave min_samples out",
        )


class Linkage:
    """Merge the two nearest clusters again and again, from single rows to one.

    Cost: the distances once, n^2 d multiplications, and O(n^2) for merging; see
    `embkit_plugins.artifacts.linkage.routes` for the routes and their memory.

    Parameters
    ----------
    linkage : {"ward", "complete", "average", "single", "centroid", "median", "weighted", "genie"}
        What counts as the distance of two clusters: see scipy's ``linkage``. genie is single linkage
        that merges the smallest clusters first while sizes are too unequal.
    metric : {"cosine", "correlation", "euclidean", "hamming", "manhattan", "precomputed"}
        Distance between rows; cosine and correlation are 0 to 2, hamming is 0 to 1.
    below : float, optional
        Make only the merges below this height, the first rows of the tree, where that saves work.
    min_samples : int
        For single and genie: above 1, distances are of mutual reachability; see ``spanning-tree``.
    neighbors : {"exact", "leaves"}
        For single and genie: how neighbours are found; leaves are approximate.
    recall : float
        For leaves: share of the exact neighbours to find at least; what was reached is in the facts.
    """

    def __init__(
        self,
        *,
        linkage: Method = "ward",
        metric: Metric = "euclidean",
        below: Annotated[float, Ge(0)] | None = None,
        min_samples: Annotated[int, Ge(1)] = 1,
        neighbors: Approximation = "exact",
        recall: Annotated[float, Gt(0), Lt(1)] = 0.95,
    ) -> None:
        self.linkage = linkage
        self.metric = metric
        self.below = below
        self.min_samples = min_samples
        self.neighbors = neighbors
        self.recall = recall

    def check(self) -> None:
        """Refuse what has no meaning, see `check_linkage`, or cannot be made of the linkage."""
        check_linkage(self.linkage, self.metric)
        check_min_samples(self.linkage, self.min_samples)
        check_approximation(self.linkage, self.metric, self.neighbors)

    def memory(self, n_samples: int, n_features: int, budget: int) -> Estimate:
        """The need of the route that would be taken, and what would need less."""
        route = self._route(n_samples, n_features, budget)
        ways = [
            f"--clusterer agglomerative:linkage={linkage},metric={metric}"
            for linkage, metric in fitting_linkages(n_samples, n_features, budget)
            if linkage == self.linkage or metric == self.metric
        ]
        if self.neighbors == "exact" and of_spanning_tree(self.linkage, self.metric):
            asked = f"linkage={self.linkage},metric={self.metric},neighbors=leaves"
            asked += f",min_samples={self.min_samples}" if self.min_samples > 1 else ""
            ways.insert(0, f"--clusterer agglomerative:{asked}")
        return Estimate(route.peak, route.name, (*ways, "--clusterer minibatch-kmeans"))

    def compute(self, dataset: Dataset, context: Context) -> Artifact:
        """Return array ``linkage``: float64, shape (n_samples - 1, 4), scipy's format.

        With `below` it has fewer rows where there are clusters farther apart;
        the fact ``whole`` says so.

        Raises
        ------
        ParameterError
            If there are not more rows than min_samples.
        DataError
            If the metric cannot be taken of these rows.
        """
        if self.metric == "correlation":
            deviations = row_deviations(dataset)
            of_cosine = Linkage(**{**vars(self), "metric": "cosine"})
            return of_cosine.compute(deviations, context.on(deviations))
        route = self._route(dataset.n_samples, dataset.n_features, context.memory)
        below = np.inf if self.below is None else self.below
        tree, facts = self._tree(route, dataset, context, below)
        tree = tree[: np.searchsorted(tree[:, 2], below)] if np.isfinite(below) else tree
        facts |= {
            "route": route.name,
            "monotone": is_monotone(tree),
            "whole": len(tree) + 1 == dataset.n_samples,
        }
        return Artifact({"linkage": tree}, facts)

    def _route(self, n_samples: int, n_features: int, budget: int) -> Route:
        return route_for(
            self.linkage,
            self.metric,
            n_samples,
            n_features,
            budget,
            min_samples=self.min_samples,
            neighbors=self.neighbors,
        )

    def _tree(
        self, route: Route, dataset: Dataset, context: Context, below: float
    ) -> tuple[NDArray[np.float64], dict[str, Any]]:
        if route.name == "spanning tree":
            return self._of_spanning_tree(dataset, context)
        match route.name, self.metric:
            case "means in rounds", ("cosine" | "euclidean") as metric:
                nearest = nearest_rows(dataset, metric, means.WIDTH, context)
                return means.means_linkage(
                    dataset, metric, nearest, below=below, progress=context.progress
                )
            case "farthest in rounds", ("cosine" | "euclidean") as metric:
                nearest = nearest_rows(dataset, metric, farthest.WIDTH, context)
                return complete_linkage(
                    dataset,
                    metric,
                    nearest,
                    until=route.until,
                    below=below,
                    progress=context.progress,
                )
            case _:
                return condensed_linkage(dataset, self.linkage, self.metric, context.progress), {}

    def _of_spanning_tree(self, dataset: Dataset, context: Context) -> tuple[Floats, dict[str, Any]]:
        if dataset.n_samples == 1:
            return np.empty((0, 4)), {}
        asked = leaves_asked(self.neighbors, self.recall)
        asked |= {"min_samples": self.min_samples, "metric": self.metric}
        tree = context.artifact("spanning-tree", **asked)
        merged = genie_linkage if self.linkage == "genie" else linkage_of_edges
        facts = {name: tree.facts[name] for name in ("recall", "components") if name in tree.facts}
        return merged(tree["edges"], tree["weights"]), facts


def nearest_rows(
    dataset: Dataset, metric: Literal["cosine", "euclidean"], width: int, context: Context
) -> Nearest:
    """The `width` nearest other rows of each row, or all of them if there are fewer.

    Raises
    ------
    DataError
        If a row is zero under cosine.
    """
    n_neighbors = min(width, dataset.n_samples - 1)
    if n_neighbors == 0:
        return Nearest(np.empty((1, 0), dtype=np.int64), np.empty((1, 0), dtype=np.float32))
    found = nearest_neighbors(context, dataset.n_samples, n_neighbors, metric)
    return Nearest(found.indices, found.distances)
