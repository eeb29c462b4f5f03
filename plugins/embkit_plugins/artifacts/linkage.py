"""The tree of merges, by the route that fits the linkage, the metric, the size and the memory.

=====================  ==================================  ==================================
route                  for                                 memory beside the vectors
=====================  ==================================  ==================================
condensed matrix       everything                          4 n^2 bytes
means in rounds        average cosine, Ward's              20 n d bytes and lists
farthest in rounds     complete, cosine or euclidean       8 to 32 n d bytes and lists
spanning tree          genie; single, cosine or euclidean  4 to 16 n d bytes and lists
=====================  ==================================  ==================================

Correlation takes the routes of cosine, on the rows less their own means.

The last three need about as long as one to five n x n matrix products; they are
taken where they are quicker, and where the matrix would not fit. All routes give
the same tree; where merges tie there is more than one, and each route has a fixed
way to choose.

Sources: Müllner, "Modern hierarchical, agglomerative clustering algorithms",
arXiv 1109.2378, and his fastcluster package for the condensed matrix; the modules
of the routes for the others.
"""

import math
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge
from numpy.typing import NDArray

from embkit import Artifact, Context, Dataset, Estimate, Floats, ParameterError
from embkit_plugins.algorithms.distances.pairs import BLOCK_BYTES, Metric
from embkit_plugins.algorithms.linkage import farthest, means
from embkit_plugins.algorithms.linkage.complete import complete_linkage
from embkit_plugins.algorithms.linkage.condensed import condensed_linkage
from embkit_plugins.algorithms.linkage.genie import genie_linkage
from embkit_plugins.algorithms.linkage.rounds import Nearest
from embkit_plugins.algorithms.linkage.single import linkage_of_edges
from embkit_plugins.algorithms.rows.prepare import row_deviations
from embkit_plugins.algorithms.trees.cuts import is_monotone
from embkit_plugins.artifacts.neighbors import SHARED, Neighbors, nearest_neighbors
from embkit_plugins.artifacts.spanning_tree import SpanningTree

__all__ = [
    "Linkage",
    "Method",
    "Route",
    "check_linkage",
    "fitting_linkages",
    "nearest_rows",
    "route_for",
]

Method = Literal["ward", "complete", "average", "single", "centroid", "median", "weighted", "genie"]
RouteName = Literal["condensed matrix", "means in rounds", "farthest in rounds", "spanning tree"]

_LEAN: dict[tuple[Method, Metric], RouteName] = {
    ("average", "cosine"): "means in rounds",
    ("ward", "euclidean"): "means in rounds",
    ("complete", "cosine"): "farthest in rounds",
    ("complete", "euclidean"): "farthest in rounds",
    ("single", "cosine"): "spanning tree",
    ("single", "euclidean"): "spanning tree",
}
# Up to so many rows the condensed matrix is quicker.
_QUICK: dict[RouteName, int] = {
    "means in rounds": 3000,
    "farthest in rounds": 8000,
    "spanning tree": 3000,
}
_LIST_BYTES = 1200  # a row's list, while it is merged with another
_ROUNDS_BLOCKS = 6 * (1 << 25)
_FEWEST_LEFT, _MOST_LEFT = 500, 8000  # clusters that are left to a matrix


@dataclass(frozen=True)
class Route:
    """How a tree will be made, and what that takes.

    Parameters
    ----------
    name : str
        As it is recorded.
    peak : int
        Bytes at the worst moment, beside the dataset.
    until : int
        Number of clusters that are left to a matrix of their distances.
    """

    name: RouteName
    peak: int
    until: int = 1


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
    linkage : {"ward", "complete", "average", "single", "centroid", "median", "weighted", "genie"}
        What counts as the distance of two clusters: see scipy's ``linkage``. genie is single linkage
        that merges the smallest clusters first while sizes are too unequal.
    metric : {"cosine", "correlation", "euclidean", "hamming", "manhattan", "precomputed"}
        Distance between rows; cosine and correlation are 0 to 2, hamming is 0 to 1.
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
        if self.metric == "correlation":
            deviations = row_deviations(dataset)
            of_cosine = Linkage(linkage=self.linkage, metric="cosine", below=self.below)
            return of_cosine.compute(deviations, context.on(deviations))
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
        if self.linkage == "genie":
            return _genie_linkage(dataset, self.metric, context), {}
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
            case "spanning tree", ("cosine" | "euclidean") as metric:
                return _single_linkage(dataset, metric, context), {}
            case _:
                return condensed_linkage(dataset, self.linkage, self.metric, context.progress), {}


def route_for(linkage: Method, metric: Metric, n_samples: int, n_features: int, budget: int) -> Route:
    """The quickest route within the budget, or the one that needs least.

    Parameters
    ----------
    linkage, metric : str
        What the tree is made of.
    n_samples, n_features : int
        Shape of the dataset.
    budget : int
        Bytes that may be allocated beside it.
    """
    if metric == "correlation":
        route = route_for(linkage, "cosine", n_samples, n_features, budget)
        return replace(route, peak=route.peak + 8 * n_samples * n_features)
    if linkage == "genie":
        return _tree_route(metric, n_samples, n_features, budget)
    matrix = Route("condensed matrix", 4 * n_samples**2 + 8 * n_samples * n_features + 4 * BLOCK_BYTES)
    name = _LEAN.get((linkage, metric))
    if name is None or (n_samples <= _QUICK[name] and matrix.peak <= budget):
        return matrix
    lean = _lean_route(name, metric, n_samples, n_features, budget)
    return lean if n_samples > _QUICK[name] or lean.peak < matrix.peak else matrix


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


def _single_linkage(
    dataset: Dataset, metric: Literal["cosine", "euclidean"], context: Context
) -> Floats:
    if dataset.n_samples == 1:
        return np.empty((0, 4))
    tree = context.artifact("spanning-tree", min_samples=1, metric=metric)
    return linkage_of_edges(tree["edges"], tree["weights"])


def _genie_linkage(dataset: Dataset, metric: Metric, context: Context) -> Floats:
    if dataset.n_samples == 1:
        return np.empty((0, 4))
    tree = context.artifact("spanning-tree", min_samples=1, metric=metric)
    return genie_linkage(tree["edges"], tree["weights"])


def fitting_linkages(n_samples: int, n_features: int, budget: int) -> list[tuple[Method, Metric]]:
    """The linkages and metrics whose lean route keeps within a budget."""
    return [
        (linkage, metric)
        for (linkage, metric), name in _LEAN.items()
        if _lean_route(name, metric, n_samples, n_features, budget).peak <= budget
    ]


def _tree_route(metric: Metric, n_samples: int, n_features: int, budget: int) -> Route:
    tree = SpanningTree(min_samples=1, metric=metric).memory(n_samples, n_features, budget)
    return Route("spanning tree", tree.peak + 400 * n_samples)


def _lean_route(name: RouteName, metric: Metric, n_samples: int, n_features: int, budget: int) -> Route:
    kind: Literal["cosine", "euclidean"] = "cosine" if metric == "cosine" else "euclidean"
    values = n_samples * n_features
    if name == "spanning tree":
        return _tree_route(kind, n_samples, n_features, budget)
    neighbors = Neighbors(n_neighbors=SHARED, metric=kind).memory(n_samples, n_features, budget).peak
    lists = _LIST_BYTES * n_samples + _ROUNDS_BLOCKS
    if name == "means in rounds":
        return Route(name, max(neighbors, 20 * values + lists))
    # Where rows are nearly parallel, and only then, cosine takes the float64 of euclidean.
    base = (32 if kind == "cosine" else 24) * values + lists
    affordable = math.isqrt(max(0, budget - base) // 5)
    until = max(_FEWEST_LEFT, min(_MOST_LEFT, n_samples // 2, affordable))
    return Route(name, max(neighbors, base + 4 * until**2), until)
