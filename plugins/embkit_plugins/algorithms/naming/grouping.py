"""Nodes of a tree as groups of rows in one order."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit import DataError, Dataset, Groups, IntArray

__all__ = ["node_groups"]


def node_groups(
    dataset: Dataset,
    linkage: NDArray[Any],
    *,
    min_size: int = 10,
    min_growth: float = 0.0,
    labels: IntArray | None = None,
) -> tuple[Groups, IntArray]:
    """Turn the nodes of a tree into groups, in the order of its leaves.

    Parameters
    ----------
    dataset : Dataset
        The rows that the tree is of.
    linkage : ndarray, shape (n_rows - 1, 4)
        The tree, as scipy's ``linkage`` returns it.
    min_size : int
        Nodes of fewer rows are left out.
    min_growth : float
        A node is left out if it is larger than a node below it by less than this
        share, unless it joins two that are kept. In a chain, where row after row
        joins the same group, this leaves one node for each time the group has
        grown by the share.
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
    chosen = _kept(linkage, max(min_size, 2), min_growth)[::-1]
    clusters = _cluster_nodes(labels, start, size, n_rows) if labels is not None else chosen[:0]
    chosen = chosen[~np.isin(chosen + n_rows, clusters)]
    members = np.concatenate([chosen + n_rows, clusters])
    group = np.full(2 * n_rows - 1, -1)
    group[members] = np.arange(len(members))
    parents = _groups_above(above, group, n_rows)[members]
    nodes = np.where(members >= n_rows, members - n_rows, -1)
    return Groups(order, start[members], start[members] + size[members], parents, dataset), nodes


def _kept(linkage: NDArray[Any], min_size: int, min_growth: float) -> IntArray:
    """Find the merges that are groups of their own, in ascending order."""
    n_rows = len(linkage) + 1
    largest = [0] * (n_rows + len(linkage))  # kept at or below each node
    kept = []
    pairs, sizes = linkage[:, :2].astype(np.int64).tolist(), linkage[:, 3].astype(np.int64).tolist()
    for merge, ((left, right), size) in enumerate(zip(pairs, sizes, strict=True)):
        below = (largest[left], largest[right])
        if size >= min_size and (min(below) or size >= (1 + min_growth) * max(below)):
            kept.append(merge)
            largest[n_rows + merge] = size
        else:
            largest[n_rows + merge] = max(below)
    return np.array(kept, dtype=np.int64)


def _groups_above(above: IntArray, group: IntArray, n_rows: int) -> IntArray:
    """Find the smallest group above each node, -1 for none; parents have greater numbers."""
    found = np.full(len(group), -1)
    for node in range(len(group) - 2, -1, -1):
        parent = above[node] + n_rows
        found[node] = group[parent] if group[parent] >= 0 else found[parent]
    return found


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
