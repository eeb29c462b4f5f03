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
    sizes = [1] * n_samples + [0] * (n_samples - 1)
    # Two flat lists: a tuple a merge would have the garbage collector walk through all of them.
    roots: list[int] = []
    for place, end in enumerate(edges.ravel().tolist()):
        root = end
        while above[root] != root:
            above[root] = above[above[root]]  # halve the way for those who come later
            root = above[root]
        node = n_samples + place // 2
        above[root] = node
        sizes[node] += sizes[root]
        roots.append(root)
    children = np.sort(np.reshape(roots, (-1, 2)), axis=1)
    return np.column_stack([children, weights, sizes[n_samples:]])
