"""By which route a tree of merges is made, and what memory that takes.

=====================  ==================================  ==================================
route                  for                                 memory beside the vectors
=====================  ==================================  ==================================
condensed matrix       everything                          4 n^2 bytes
means in rounds        average cosine, Ward's              20 n d bytes and lists
farthest in rounds     complete, cosine or euclidean       8 to 32 n d bytes and lists
spanning tree          genie; single, cosine or euclidean  4 to 16 n d bytes and lists
=====================  ==================================  ==================================

Correlation takes the routes of cosine, on the rows less their own means; mutual reachability
is always of a spanning tree.

The last three need about as long as one to five n x n matrix products; they are
taken where they are quicker, and where the matrix would not fit. All routes give
the same tree; where merges tie there is more than one, and each route has a fixed
way to choose. Only a spanning tree can be of approximate neighbours, by name.
"""

import math
from dataclasses import dataclass, replace
from typing import Literal

from embkit_plugins.algorithms.distances.pairs import BLOCK_BYTES, Metric
from embkit_plugins.artifacts.neighbors import SHARED, Neighbors
from embkit_plugins.artifacts.spanning_tree import SpanningTree, has_leaves

__all__ = [
    "SPANNING",
    "Approximation",
    "Method",
    "Route",
    "fitting_linkages",
    "of_spanning_tree",
    "route_for",
]

Approximation = Literal["exact", "leaves"]
Method = Literal["ward", "complete", "average", "single", "centroid", "median", "weighted", "genie"]
RouteName = Literal["condensed matrix", "means in rounds", "farthest in rounds", "spanning tree"]

SPANNING: tuple[Method, ...] = ("genie", "single")
"""The linkages that a spanning tree is enough for."""

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


def of_spanning_tree(linkage: Method, metric: Metric) -> bool:
    """Whether a linkage can be made of approximate neighbours alone, by their spanning tree."""
    return linkage in SPANNING and has_leaves(metric)


def route_for(
    linkage: Method,
    metric: Metric,
    n_samples: int,
    n_features: int,
    budget: int,
    *,
    min_samples: int = 1,
    neighbors: Approximation = "exact",
) -> Route:
    """The quickest route within the budget, or the one that needs least.

    Parameters
    ----------
    linkage, metric : str
        What the tree is made of.
    n_samples, n_features : int
        Shape of the dataset.
    budget : int
        Bytes that may be allocated beside it.
    min_samples : int
        Above 1, distances are of mutual reachability.
    neighbors : {"exact", "leaves"}
        How those of a spanning tree are found.
    """
    if metric == "correlation":
        route = route_for(
            linkage,
            "cosine",
            n_samples,
            n_features,
            budget,
            min_samples=min_samples,
            neighbors=neighbors,
        )
        return replace(route, peak=route.peak + 8 * n_samples * n_features)
    if linkage == "genie" or min_samples > 1:
        return _tree_route(metric, n_samples, n_features, budget, min_samples, neighbors)
    blocks = min(4 * BLOCK_BYTES, 2 * 10**6 + 32 * n_samples**2)
    matrix = Route("condensed matrix", 4 * n_samples**2 + 8 * n_samples * n_features + blocks)
    name = _LEAN.get((linkage, metric))
    if name is None or (n_samples <= _QUICK[name] and matrix.peak <= budget):
        return matrix
    if neighbors == "leaves":
        return _tree_route(metric, n_samples, n_features, budget, neighbors=neighbors)
    lean = _lean_route(name, metric, n_samples, n_features, budget)
    return lean if n_samples > _QUICK[name] or lean.peak < matrix.peak else matrix


def fitting_linkages(n_samples: int, n_features: int, budget: int) -> list[tuple[Method, Metric]]:
    """The linkages and metrics whose lean route keeps within a budget."""
    return [
        (linkage, metric)
        for (linkage, metric), name in _LEAN.items()
        if _lean_route(name, metric, n_samples, n_features, budget).peak <= budget
    ]


def _tree_route(
    metric: Metric,
    n_samples: int,
    n_features: int,
    budget: int,
    min_samples: int = 1,
    neighbors: Approximation = "exact",
) -> Route:
    spanning = SpanningTree(min_samples=min_samples, metric=metric, neighbors=neighbors)
    tree = spanning.memory(n_samples, n_features, budget)
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
