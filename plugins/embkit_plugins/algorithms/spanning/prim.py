"""Prim's algorithm on a sparse graph, in the order in which the hdbscan package runs it."""

from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

from embkit import IntArray

__all__ = ["prim"]


def prim(n_samples: int, left: IntArray, right: IntArray, weights: NDArray[np.float64]) -> IntArray:
    """Grow a minimum spanning tree from row 0.

    Of the rows nearest to the tree the lowest is taken, and of the edges that
    short to it the one whose end has been in the tree for longest. Mutual
    reachability is full of ties, because a core distance is the weight of many
    edges, and labels hinge on how they fall: in this order they fall as in
    ``hdbscan._hdbscan_linkage.mst_linkage_core`` on the whole matrix, since each
    edge that is shortest across a cut is in some minimum spanning tree.

    Parameters
    ----------
    n_samples : int
        Number of rows.
    left, right : ndarray of int64, shape (n_edges,)
        Ends of undirected edges that connect all rows; repeats are allowed.
    weights : ndarray of float64, shape (n_edges,)
        Their lengths.

    Returns
    -------
    ndarray of int64, shape (n_samples - 1,)
        Positions of the tree's edges, in the order in which they were added.

    Notes
    -----
    Cost: O(n_edges log n_samples); about a second for 1,000,000 edges, and some 80 bytes for each.
    """
    # Equal weights share a rank, and rank and row share one number to sort by.
    ranks = np.unique(weights, return_inverse=True)[1] * n_samples
    keys = np.concatenate([ranks + right, ranks + left])
    del ranks
    sources = np.concatenate([left, right])
    starts = np.append(0, np.cumsum(np.bincount(sources, minlength=n_samples))).tolist()
    edges = np.argsort(sources, kind="stable")
    del sources
    keys = keys[edges]
    edges %= len(left)

    unreached = len(weights) * n_samples
    best = [unreached] * n_samples  # the smallest key offered to each row, -1 in the tree
    edge_to = [-1] * n_samples
    added: list[int] = []
    heap: list[int] = []
    current = 0
    while True:
        best[current] = -1
        reached = slice(starts[current], starts[current + 1])
        # Lists row by row: a list of everything would take ten times the room.
        for key, edge in zip(keys[reached].tolist(), edges[reached].tolist(), strict=True):
            target = key % n_samples
            if key < best[target]:
                best[target] = key
                edge_to[target] = edge
                heappush(heap, key)
        if len(added) == n_samples - 1:
            return np.array(added, dtype=np.int64)
        current = heappop(heap) % n_samples
        while best[current] < 0:
            current = heappop(heap) % n_samples
        added.append(edge_to[current])
