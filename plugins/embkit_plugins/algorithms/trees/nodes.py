"""The nodes of a tree of merges: which rows each of them holds, without recursion.

Paths to the root are followed by pointer doubling, all nodes at once, so that a
chain of any length costs log2(n) passes. Trees are in scipy's format, see `cuts`.
"""

from dataclasses import dataclass

import numpy as np

from embkit import Floats, IntArray

__all__ = ["Floats", "TreeLayout", "cluster_nodes", "layout"]


@dataclass(frozen=True, eq=False)
class TreeLayout:
    """Rows in an order in which every node of a tree is a slice.

    Parameters
    ----------
    order : ndarray of int64, shape (n_samples,)
        The leaves from left to right, each merge's first child to the left.
    starts, sizes : ndarray of int64, shape (2 * n_samples - 1,)
        Node i holds ``order[starts[i] : starts[i] + sizes[i]]``.
    """

    order: IntArray
    starts: IntArray
    sizes: IntArray

    def members(self, node: int) -> IntArray:
        """The rows under a node, in their order along the tree."""
        return self.order[self.starts[node] : self.starts[node] + self.sizes[node]]


def cluster_nodes(linkage: Floats, n_merges: int, n_samples: int | None = None) -> IntArray:
    """The node that holds each row after the first `n_merges` merges.

    Parameters
    ----------
    linkage : ndarray of shape (at least n_merges, 4)
        The tree.
    n_merges : int
        How many of its merges are made.
    n_samples : int, optional
        Number of rows; needed where the tree is not whole.

    Returns
    -------
    ndarray of int64, shape (n_samples,)
        A row number where the row is alone, else ``n_samples`` plus the number of a merge.
    """
    n_samples = n_samples or len(linkage) + 1
    parents, _ = _parents(linkage[:n_merges], n_samples)
    while True:
        grandparents = parents[parents]
        if np.array_equal(grandparents, parents):
            return parents[:n_samples]
        parents = grandparents


def _parents(linkage: Floats, n_samples: int) -> tuple[IntArray, IntArray]:
    """The node above each node, a root's being itself, and the children of each merge."""
    children = linkage[:, :2].astype(np.int64)
    parents = np.arange(n_samples + len(linkage), dtype=np.int64)
    parents[children[:, 0]] = parents[n_samples:]
    parents[children[:, 1]] = parents[n_samples:]
    return parents, children


def layout(linkage: Floats) -> TreeLayout:
    """Place the leaves of a whole tree so that every node is a slice of them.

    Cost: O(n log n) whatever the shape of the tree.
    """
    n_samples = len(linkage) + 1
    parents, children = _parents(linkage, n_samples)
    sizes = np.ones(len(parents), dtype=np.int64)
    sizes[n_samples:] = linkage[:, 3]
    # A second child starts where its sibling ends; a node's start is the sum on its way up.
    starts = np.zeros(len(parents), dtype=np.int64)
    starts[children[:, 1]] = sizes[children[:, 0]]
    root = len(parents) - 1
    while (parents != root).any():
        starts += starts[parents]
        parents = parents[parents]
    order = np.empty(n_samples, dtype=np.int64)
    order[starts[:n_samples]] = np.arange(n_samples)
    return TreeLayout(order, starts, sizes)
