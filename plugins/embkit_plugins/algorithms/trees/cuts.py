"""Cuts of a tree of merges, each in O(n): labels, counts, ties, plateaus, members of a node.

A tree is scipy's linkage matrix: merge i joins nodes ``linkage[i, 0]`` and
``linkage[i, 1]`` at height ``linkage[i, 2]`` into node ``n_samples + i`` of
``linkage[i, 3]`` rows. It may be whole, or the first merges of one, as complete
linkage below a threshold leaves it. Clusters merge when their height is *below*
a threshold, never at it, as in scikit-learn; scipy's ``fcluster`` merges at it too.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from embkit import Floats, IntArray, ParameterError, canonical_labels
from embkit_plugins.algorithms.trees.nodes import cluster_nodes

__all__ = [
    "Plateau",
    "Ties",
    "cut_at",
    "cut_into",
    "inversions",
    "is_monotone",
    "merges_below",
    "n_clusters_at",
    "plateaus",
    "require_monotone",
    "short_number",
    "ties_at",
]

_ROUNDING = 1e-6  # of the greatest height: what float32 distances that should be equal may differ by


@dataclass(frozen=True)
class Ties:
    """The place of a threshold among the heights of a tree.

    Parameters
    ----------
    at : int
        Merges whose height equals the threshold up to rounding.
    below, above : float
        Height of the last merge under the threshold and of the first over it,
        ties aside; NaN where there is none.
    gap : float
        Distance from the threshold to the nearest height, 0 with ties, infinite
        without merges.
    """

    at: int
    below: float
    above: float
    gap: float


@dataclass(frozen=True)
class Plateau:
    """A range of thresholds that all give the same clusters.

    Parameters
    ----------
    low, high : float
        The clusters stand for every threshold above `low`, up to and including `high`.
    n_clusters : int
        How many there are.
    """

    low: float
    high: float
    n_clusters: int

    @property
    def middle(self) -> float:
        """The threshold farthest from both ends."""
        return (self.low + self.high) / 2


def is_monotone(linkage: Floats) -> bool:
    """Whether no merge is lower than one before it (centroid and median linkage may invert)."""
    return bool((np.diff(linkage[:, 2]) >= 0).all())


def inversions(linkage: Floats) -> int:
    """Number of merges that are lower than a merge they contain."""
    tops = np.concatenate([np.zeros(len(linkage) + 1), linkage[:, 2]])
    within = tops[linkage[:, :2].astype(np.int64)].max(axis=1)
    return int(np.count_nonzero(linkage[:, 2] < within))


def require_monotone(linkage: Floats) -> None:
    """Refuse a tree that no height cuts into clusters.

    Raises
    ------
    ParameterError
        If a merge is lower than one before it.
    """
    if not is_monotone(linkage):
        raise ParameterError(
            "distance_threshold on a tree with inversions",
            "under centroid and median linkage, and under ward along a graph, a merge can be lower "
            "than those it contains, so that a height cuts no clusters off",
            "give n_clusters, or use linkage=average",
        )


def _heights(linkage: Floats) -> NDArray[np.float64]:
    require_monotone(linkage)
    return np.asarray(linkage[:, 2])


def merges_below(linkage: Floats, threshold: float) -> int:
    """Number of merges with a height below `threshold`; they come first in the tree.

    Raises
    ------
    ParameterError
        If the tree has inversions.
    """
    return int(np.searchsorted(_heights(linkage), threshold, side="left"))


def n_clusters_at(linkage: Floats, thresholds: ArrayLike) -> IntArray:
    """Number of clusters at each of many thresholds, O(log n) each.

    Parameters
    ----------
    linkage : ndarray of shape (n_samples - 1, 4)
        A whole tree.
    thresholds : array_like of float
        Merges below each are made.

    Raises
    ------
    ParameterError
        If the tree has inversions.
    """
    merged = np.searchsorted(_heights(linkage), np.asarray(thresholds, dtype=np.float64), side="left")
    return np.asarray(len(linkage) + 1 - merged, dtype=np.int64)


def cut_at(linkage: Floats, threshold: float, n_samples: int | None = None) -> IntArray:
    """Labels of the clusters that the merges below `threshold` make.

    Parameters
    ----------
    linkage : ndarray of shape (n_merges, 4)
        A whole tree, or the first merges of one.
    threshold : float
        A merge at it is not made.
    n_samples : int, optional
        Number of rows; needed where the tree is not whole.

    Returns
    -------
    ndarray of int64, shape (n_samples,)
        0 to k-1 in order of decreasing cluster size, ties by first row.

    Raises
    ------
    ParameterError
        If the tree has inversions.
    """
    return _labels(linkage, merges_below(linkage, threshold), n_samples or len(linkage) + 1)


def cut_into(linkage: Floats, n_clusters: int, n_samples: int | None = None) -> IntArray:
    """Labels of the `n_clusters` clusters that the first merges leave.

    Parameters
    ----------
    linkage : ndarray of shape (n_merges, 4)
        A whole tree, or the first merges of one.
    n_clusters : int
        At most the number of rows.
    n_samples : int, optional
        Number of rows; needed where the tree is not whole.

    Returns
    -------
    ndarray of int64, shape (n_samples,)
        0 to k-1 in order of decreasing cluster size, ties by first row.
    """
    n_samples = n_samples or len(linkage) + 1
    return _labels(linkage, n_samples - n_clusters, n_samples)


def _labels(linkage: Floats, n_merges: int, n_samples: int) -> IntArray:
    return canonical_labels(cluster_nodes(linkage, n_merges, n_samples), n_samples, "a cut")


def ties_at(linkage: Floats, threshold: float) -> Ties:
    """How many merges lie exactly at a threshold, and how far the nearest others are.

    Equal means within a millionth of the tree's greatest height, which is the
    rounding of distances in float32.

    Raises
    ------
    ParameterError
        If the tree has inversions.
    """
    heights = _heights(linkage)
    if not len(heights):
        return Ties(0, np.nan, np.nan, np.inf)
    slack = _ROUNDING * float(heights[-1])
    first = int(np.searchsorted(heights, threshold - slack, side="left"))
    last = int(np.searchsorted(heights, threshold + slack, side="right"))
    below = float(heights[first - 1]) if first else np.nan
    above = float(heights[last]) if last < len(heights) else np.nan
    gap = 0.0 if last > first else float(np.nanmin([threshold - below, above - threshold]))
    return Ties(last - first, below, above, gap)


def plateaus(linkage: Floats, most: int = 10) -> tuple[Plateau, ...]:
    """The widest ranges of thresholds within which the clusters do not change.

    Parameters
    ----------
    linkage : ndarray of shape (n_samples - 1, 4)
        A whole tree.
    most : int
        How many to return.

    Returns
    -------
    tuple of Plateau
        Widest first; two clusters at least and one merge made at least.

    Raises
    ------
    ParameterError
        If the tree has inversions.
    """
    heights = _heights(linkage)
    widths = np.diff(heights)
    widest = np.argsort(-widths, kind="stable")[:most]
    return tuple(
        Plateau(float(heights[merge]), float(heights[merge + 1]), len(heights) - int(merge))
        for merge in widest
        if widths[merge] > 0
    )


def short_number(low: float, high: float) -> float:
    """The number with the fewest digits in the middle half of a range."""
    middle, margin = (low + high) / 2, (high - low) / 4
    for digits in range(17):
        number = round(middle, digits)
        if abs(number - middle) <= margin:
            return number
    return middle
