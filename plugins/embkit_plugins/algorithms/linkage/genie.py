"""Genie: single linkage that lets no cluster run away, from the minimum spanning tree.

The edges of the tree are merged from the shortest up, as in single linkage, as long as
the Gini index of the cluster sizes is at most a threshold. Above it the shortest edge
that joins one of the smallest clusters to another comes first, so that the
inequality falls.

Source: Gagolewski, Bartoszuk and Cena, "Genie: a new, fast, and outlier-resistant
hierarchical clustering algorithm", Information Sciences 363, 2016. Cost beside the tree:
O(n) merges, each O(number of different cluster sizes), which is at most sqrt(2 n).
"""

import numpy as np

from embkit import Floats, IntArray

__all__ = ["GINI_THRESHOLD", "genie_linkage"]

GINI_THRESHOLD = 0.3
"""What the authors recommend."""


class _Sizes:
    """How many clusters have each size, and the sum of differences over all pairs of clusters."""

    def __init__(self, n_samples: int) -> None:
        self.counts = {1: n_samples}
        self.differences = 0
        self.n_clusters = n_samples
        self.n_samples = n_samples

    @property
    def gini(self) -> float:
        """Gini index of the sizes, 0 (all equal) to 1: the normalised mean difference."""
        return self.differences / ((self.n_clusters - 1) * self.n_samples)

    def merge(self, one: int, two: int) -> None:
        """Replace two sizes by their sum."""
        for size in (one, two):
            self.counts[size] -= 1
            if not self.counts[size]:
                del self.counts[size]
        both = one + two
        self.differences -= abs(one - two)
        for size, count in self.counts.items():
            change = abs(both - size) - abs(one - size) - abs(two - size)
            self.differences += count * change
        self.counts[both] = self.counts.get(both, 0) + 1
        self.n_clusters -= 1


def genie_linkage(edges: IntArray, weights: Floats, gini_threshold: float = GINI_THRESHOLD) -> Floats:
    """The tree of merges by Genie.

    Parameters
    ----------
    edges : ndarray of int64, shape (n_samples - 1, 2)
        The rows that each edge of a minimum spanning tree joins.
    weights : ndarray of float64, shape (n_samples - 1,)
        In any order; equal ones are taken in order of their rows, as genieclust does.
    gini_threshold : float
        0 to 1; 1 is single linkage.

    Returns
    -------
    ndarray of float64, shape (n_samples - 1, 4)
        scipy's format, in the order of merging. A merge made before a shorter one has the
        height of the shortest that follows, so that heights ascend and any cut of the tree
        is a number of merges.
    """
    n_samples = len(edges) + 1
    edges = np.sort(edges, axis=1)
    in_order = np.lexsort((edges[:, 1], edges[:, 0], weights))
    edges, weights = edges[in_order], weights[in_order]
    ends = edges.tolist()
    above = list(range(2 * n_samples - 1))  # a node over each node, its root in the end
    size_of = [1] * (2 * n_samples - 1)
    sizes = _Sizes(n_samples)
    made = [False] * len(ends)
    next_edge = 0  # all before are made
    smallest, next_of_smallest = 0, 0  # all before join no two clusters of which one is that small
    merges, order = [], []
    for node in range(n_samples, 2 * n_samples - 1):
        while made[next_edge]:
            next_edge += 1
        chosen = next_edge
        if sizes.gini > gini_threshold:
            least = min(sizes.counts)
            if least != smallest:
                smallest, next_of_smallest = least, next_edge
            chosen = next_of_smallest
            while made[chosen] or min(size_of[_root(above, end)] for end in ends[chosen]) > least:
                chosen += 1
            next_of_smallest = chosen
        roots = sorted(_root(above, end) for end in ends[chosen])
        made[chosen] = True
        above[roots[0]] = above[roots[1]] = node
        size_of[node] = size_of[roots[0]] + size_of[roots[1]]
        sizes.merge(size_of[roots[0]], size_of[roots[1]])
        merges.append((*roots, size_of[node]))
        order.append(chosen)
    children_and_sizes = np.reshape(merges, (-1, 3))
    heights = np.minimum.accumulate(weights[order][::-1])[::-1]
    return np.column_stack([children_and_sizes[:, :2], heights, children_and_sizes[:, 2]])


def _root(above: list[int], node: int) -> int:
    while above[node] != node:
        above[node] = above[above[node]]  # halve the way for those who come later
        node = above[node]
    return node
