"""Clusters and tree nodes as groups of rows in one order."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit import DataError
from embkit_plugins.algorithms.naming.types import Groups, IntArray

__all__ = ["cluster_groups", "node_groups"]


def cluster_groups(labels: IntArray) -> Groups:
    """Group rows by label, each group a part of the whole dataset; negative labels are noise.

    Parameters
    ----------
    labels : ndarray of int, shape (n_rows,)
        The cluster of each row, 0 to n_clusters-1.

    Returns
    -------
    Groups
        Group g holds the rows of label g, in ascending order.
    """
    order = np.argsort(labels, kind="stable")
    order = order[labels[order] >= 0]
    bounds = np.searchsorted(labels[order], np.arange(int(labels.max(initial=-1)) + 2))
    return Groups(order, bounds[:-1], bounds[1:], np.full(len(bounds) - 1, -1))


def node_groups(
    linkage: NDArray[Any], *, min_size: int = 10, labels: IntArray | None = None
) -> tuple[Groups, IntArray]:
    """Turn the nodes of a tree into groups, in the order of its leaves.

    Parameters
    ----------
    linkage : ndarray, shape (n_rows - 1, 4)
        The tree, as scipy's ``linkage`` returns it.
    min_size : int
        Nodes of fewer rows are left out.
    labels : ndarray of int, shape (n_rows,), optional
        Flat clusters that are subtrees of this tree: added as the last groups,
        with the smallest node above as parent. A cluster that is itself a node
        replaces that node.

    Returns
    -------
    groups : Groups
        Nodes from the root downwards in the order of their number, then clusters.
    nodes : ndarray of int
        The row of `linkage` that each group is; -1 for a cluster that is a single row.

    Raises
    ------
    DataError
        If a cluster is not a subtree.
    """
    n_rows = len(linkage) + 1
    left, right = linkage[:, 0].astype(np.int64), linkage[:, 1].astype(np.int64)
    size = np.concatenate([np.ones(n_rows, dtype=np.int64), linkage[:, 3].astype(np.int64)])
    start = np.zeros(2 * n_rows - 1, dtype=np.int64)
    above = np.full(2 * n_rows - 1, -1)
    for node in range(n_rows - 2, -1, -1):
        one, other = left[node], right[node]
        start[one], start[other] = start[n_rows + node], start[n_rows + node] + size[one]
        above[one] = above[other] = node
    order = np.empty(n_rows, dtype=np.int64)
    order[start[:n_rows]] = np.arange(n_rows)
    chosen = np.flatnonzero(size[n_rows:] >= max(min_size, 2))[::-1]
    clusters = _cluster_nodes(labels, start, size, n_rows) if labels is not None else chosen[:0]
    chosen = chosen[~np.isin(chosen + n_rows, clusters)]
    members = np.concatenate([chosen + n_rows, clusters])
    group = np.full(2 * n_rows - 1, -1)
    group[members] = np.arange(len(members))
    parents = np.array([_parent(int(node), above, group, n_rows) for node in members], dtype=np.int64)
    nodes = np.where(members >= n_rows, members - n_rows, -1)
    return Groups(order, start[members], start[members] + size[members], parents), nodes


def _parent(node: int, above: IntArray, group: IntArray, n_rows: int) -> int:
    merge = int(above[node])
    while merge >= 0 and group[merge + n_rows] < 0:
        merge = int(above[merge + n_rows])
    return int(group[merge + n_rows]) if merge >= 0 else -1


def _cluster_nodes(labels: IntArray, start: IntArray, size: IntArray, n_rows: int) -> IntArray:
    """Find the node of each cluster: where its leaves begin, and as large as it is."""
    kept = labels >= 0
    counts = np.bincount(labels[kept])
    first = np.full(len(counts), n_rows)
    np.minimum.at(first, labels[kept], start[:n_rows][kept])
    keys = start * (n_rows + 1) + size
    by_key = np.argsort(keys, kind="stable")
    wanted = first * (n_rows + 1) + counts
    found = by_key[np.minimum(np.searchsorted(keys[by_key], wanted), len(keys) - 1)]
    wrong = np.flatnonzero(keys[found] != wanted)
    if len(wrong):
        raise DataError(
            f"cluster {wrong[0]} is not a subtree of this tree",
            "its rows are not those below one node",
            "pass labels that are a cut of the same tree",
        )
    result: IntArray = found.astype(np.int64)
    return result
