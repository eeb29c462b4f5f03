"""Single linkage from the minimum spanning tree: its edges, in order of weight, are the merges.

Source: Gower and Ross, "Minimum spanning trees and single linkage cluster
analysis", Applied Statistics 18, 1969. Cost beside the tree: O(n log n).
"""

import numpy as np

from embkit import Floats, IntArray

__all__ = ["linkage_of_edges"]


def linkage_of_edges(edges: IntArray, weights: Floats) -> Floats:
    """The tree of single linkage: merge the ends of the edges of a spanning tree one after another.

    Parameters
    ----------
    edges : ndarray of int64, shape (n_samples - 1, 2)
        The rows that each edge joins.
    weights : ndarray of float64, shape (n_samples - 1,)
        In ascending order.

    Returns
    -------
    ndarray of float64, shape (n_samples - 1, 4)
        scipy's format.
    """
    n_samples = len(edges) + 1
    above = list(range(2 * n_samples - 1))  # a node over each node, its root in the end
    sizes = [1] * (2 * n_samples - 1)
    merges = []
    for node, (left, right) in enumerate(edges.tolist(), start=n_samples):
        roots = []
        for end in (left, right):
            root = end
            while above[root] != root:
                above[root] = above[above[root]]  # halve the way for those who come later
                root = above[root]
            above[root] = node
            roots.append(root)
        sizes[node] = sizes[roots[0]] + sizes[roots[1]]
        merges.append((min(roots), max(roots), sizes[node]))
    children_and_sizes = np.reshape(merges, (-1, 3))
    return np.column_stack([children_and_sizes[:, :2], weights, children_and_sizes[:, 2]])
