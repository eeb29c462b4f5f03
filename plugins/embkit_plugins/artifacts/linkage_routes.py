"""Which route makes a tree, and how much memory that takes."""

import math
from dataclasses import dataclass
from typing import Literal

from embkit_plugins.artifacts.distances import BLOCK_BYTES, Metric
from embkit_plugins.artifacts.neighbors import Neighbors
from embkit_plugins.artifacts.spanning_tree import SpanningTree

__all__ = ["Method", "Route", "fitting_linkages", "route_for"]

Method = Literal["ward", "complete", "average", "single", "centroid", "median", "weighted"]
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
    matrix = Route("condensed matrix", 4 * n_samples**2 + 8 * n_samples * n_features + 4 * BLOCK_BYTES)
    name = _LEAN.get((linkage, metric))
    if name is None or (n_samples <= _QUICK[name] and matrix.peak <= budget):
        return matrix
    lean = _lean_route(name, metric, n_samples, n_features, budget)
    return lean if n_samples > _QUICK[name] or lean.peak < matrix.peak else matrix


def fitting_linkages(n_samples: int, n_features: int, budget: int) -> list[tuple[Method, Metric]]:
    """The linkages and metrics whose lean route keeps within a budget."""
    return [
        (linkage, metric)
        for (linkage, metric), name in _LEAN.items()
        if _lean_route(name, metric, n_samples, n_features, budget).peak <= budget
    ]


def _lean_route(name: RouteName, metric: Metric, n_samples: int, n_features: int, budget: int) -> Route:
    kind: Literal["cosine", "euclidean"] = "cosine" if metric == "cosine" else "euclidean"
    values = n_samples * n_features
    if name == "spanning tree":
        tree = SpanningTree(min_samples=1, metric=kind).memory(n_samples, n_features, budget)
        return Route(name, tree.peak + 400 * n_samples)
    neighbors = Neighbors(n_neighbors=15, metric=kind).memory(n_samples, n_features, budget).peak
    lists = _LIST_BYTES * n_samples + _ROUNDS_BLOCKS
    if name == "means in rounds":
        return Route(name, max(neighbors, 20 * values + lists))
    base = (12 if kind == "cosine" else 24) * values + lists
    affordable = math.isqrt(max(0, budget - base) // 5)
    until = max(_FEWEST_LEFT, min(_MOST_LEFT, n_samples // 2, affordable))
    return Route(name, max(neighbors, base + 4 * until**2), until)
