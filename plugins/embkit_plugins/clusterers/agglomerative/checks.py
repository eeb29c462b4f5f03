"""Which parameters of agglomerative clustering contradict one another."""

from typing import get_args

import numpy as np

from embkit import Dataset, ParameterError
from embkit.text import plural
from embkit_plugins.algorithms.distances.pairs import LARGEST
from embkit_plugins.algorithms.linkage.connected import Connected
from embkit_plugins.algorithms.trees.leaf_order import check_size

__all__ = ["check_connectivity", "check_cut", "check_rows"]

_OF_NEIGHBORS = ("cosine", "correlation", "euclidean")
_INVERTING = ("centroid", "median")
_FORMULAS = {"cosine": "1 - cos", "correlation": "1 - r", "hamming": "the share of values that differ"}


def check_rows(n_clusters: int | None, dataset: Dataset, *, ordered: bool) -> None:
    """Refuse more clusters than there are rows, and more rows than can be ordered.

    Raises
    ------
    ParameterError
        If there are.
    """
    if n_clusters is not None and n_clusters > dataset.n_samples:
        raise ParameterError(
            f"clusterer agglomerative: n_clusters={n_clusters} for {dataset.name} of "
            f"{plural(dataset.n_samples, 'row')}",
            "there cannot be more clusters than rows",
            f"give n_clusters of at most {dataset.n_samples}",
        )
    if ordered:
        check_size(dataset.n_samples)


def check_connectivity(
    linkage: str, metric: str, neighbors: str, min_samples: int, *, whole: bool
) -> None:
    """Refuse what cannot be done along the graph of nearest neighbours.

    Raises
    ------
    ParameterError
        If the linkage or the metric is none of those, the neighbours are approximate, distances are
        of mutual reachability, or the tree is not to be whole.
    """
    given = "clusterer agglomerative: connectivity=neighbors with"
    if linkage not in get_args(Connected):
        raise ParameterError(
            f"{given} linkage={linkage}",
            f"along a graph there are {', '.join(get_args(Connected))}",
            "use one of them, or leave connectivity out",
        )
    if metric not in _OF_NEIGHBORS:
        raise ParameterError(
            f"{given} metric={metric}",
            f"nearest neighbours are by {', '.join(_OF_NEIGHBORS)}",
            "use one of them, or leave connectivity out",
        )
    if neighbors != "exact":
        raise ParameterError(
            f"{given} neighbors={neighbors}",
            "the graph is that of the exact neighbours",
            "leave one of them out",
        )
    if min_samples > 1:
        raise ParameterError(
            f"{given} min_samples={min_samples}",
            "along a graph clusters merge by the distances of their rows",
            "leave one of them out",
        )
    if not whole:
        raise ParameterError(
            f"{given} compute_full_tree=false",
            "along a graph the whole tree is made",
            "leave one of them out",
        )


def check_cut(
    n_clusters: int | None,
    distance_threshold: float | str | None,
    linkage: str,
    metric: str,
    *,
    full_tree: bool,
    ordered: bool,
) -> None:
    """Refuse what does not say where to cut a tree, or says it twice.

    Raises
    ------
    ParameterError
        If both or neither of number and threshold are given, or no cut at a threshold
        is possible, or only a meaningless one.
    """
    threshold = None if distance_threshold == "auto" else distance_threshold
    if n_clusters is None and distance_threshold is None:
        raise ParameterError(
            "clusterer agglomerative: neither n_clusters nor distance_threshold is given",
            "one of them says where to cut the tree",
            "give one, or distance_threshold=auto",
        )
    if n_clusters is not None and threshold is not None:
        raise ParameterError(
            f"clusterer agglomerative: both n_clusters={n_clusters} and "
            f"distance_threshold={threshold} are given",
            "each of them alone says where to cut the tree",
            "leave one of them out",
        )
    if not isinstance(threshold, int | float) and not full_tree:
        raise ParameterError(
            "clusterer agglomerative: compute_full_tree=false without a distance_threshold",
            "only a threshold says where the tree may end",
            "give a number as distance_threshold, or leave compute_full_tree out",
        )
    if ordered and not full_tree:
        raise ParameterError(
            "clusterer agglomerative: optimal_ordering=true with compute_full_tree=false",
            "the leaves of a whole tree are ordered",
            "leave one of them out",
        )
    if n_clusters is None and linkage in _INVERTING:
        raise ParameterError(
            f"clusterer agglomerative: distance_threshold with linkage={linkage}",
            "its merges can be lower than those they contain, so that a height cuts no clusters off",
            "give n_clusters, or use linkage=average",
        )
    largest = LARGEST.get(metric, np.inf)
    if isinstance(threshold, int | float) and threshold > largest:
        raise ParameterError(
            f"clusterer agglomerative: distance_threshold={threshold:g} with metric={metric}",
            f"{metric} distance is {_FORMULAS[metric]} and lies in 0 to {largest}, no "
            f"angle or percentage; above {largest} everything is one cluster",
            f"give a threshold of at most {largest}, for instance 0.3",
        )
