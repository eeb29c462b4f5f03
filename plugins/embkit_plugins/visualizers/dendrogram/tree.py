"""The part of a tree that is drawn: its leaves, and what is folded away.

Every function is one pass over the merges, without recursion, so that a chain
of any length is fine.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embkit import Floats, IntArray

__all__ = ["MIXED", "Folded", "Tree", "cluster_tree", "last_merges", "sample_tree", "top_levels"]

MIXED = -2


@dataclass(frozen=True)
class Folded:
    """Parts of the tree that are not drawn as leaves, each where it joins what is drawn.

    Parameters
    ----------
    nodes : ndarray of int64, shape (n_folded,)
        The drawn node on whose branch the part joins.
    heights : ndarray of float64, shape (n_folded,)
        At which height.
    rows, clusters : ndarray of int64, shape (n_folded,)
        How much it holds; noise has rows and no cluster.
    noise : ndarray of int64, shape (n_folded,)
        How many of its rows are noise.
    """

    nodes: IntArray
    heights: Floats
    rows: IntArray
    clusters: IntArray
    noise: IntArray


@dataclass(frozen=True)
class Tree:
    """The drawn tree: m leaves and m - 1 merges; merge i makes node m + i.

    Parameters
    ----------
    children : ndarray of int64, shape (m - 1, 2)
        The two nodes that each merge joins.
    heights : ndarray of float64, shape (m - 1,)
        At which height.
    names : ndarray of int64, shape (m,)
        The cluster or row that a leaf is, -1 where it stands for several.
    labels : ndarray of int64, shape (2 m - 1,)
        The cluster of all rows drawn under a node, -1 for noise, -2 for several.
    rows : ndarray of int64, shape (m,)
        Number of rows under each leaf.
    parts : ndarray of int64, shape (m,)
        Number of clusters, or rows, under each leaf.
    tops : ndarray of float64, shape (m,)
        Height at which a leaf itself is complete, 0 for a single row.
    folded : Folded
        What joins the branches without being drawn.
    merges : ndarray of int64, shape (m - 1,)
        The row of the linkage that each merge is.
    """

    children: IntArray
    heights: Floats
    names: IntArray
    labels: IntArray
    rows: IntArray
    parts: IntArray
    tops: Floats
    folded: Folded
    merges: IntArray

    @property
    def n_leaves(self) -> int:
        """Number of leaves."""
        return len(self.names)


def sample_tree(linkage: Floats, labels: IntArray) -> Tree:
    """The whole tree of a linkage; its leaves are the rows."""
    n = len(linkage) + 1
    ones = np.ones(n, dtype=np.int64)
    children = linkage[:, :2].astype(np.int64)
    pure = _pure_labels(children, labels)
    tops, every = np.zeros(n), np.arange(n - 1)
    return Tree(children, linkage[:, 2], np.arange(n), pure, ones, ones, tops, _folded([]), every)


def cluster_tree(
    linkage: Floats, labels: IntArray, most: int, rows: IntArray | None = None
) -> Tree | None:
    """The tree above the clusters; its leaves are the first `most` clusters.

    The other clusters and noise are folded. None where some cluster is not one
    subtree of the linkage, which means that the labels do not come from it.

    Parameters
    ----------
    linkage : ndarray of float64, shape (n - 1, 4)
        The tree in scipy's format.
    labels : ndarray of int64, shape (n,)
        Clusters of its leaves from the largest down; -1 is noise.
    most : int
        Number of leaves at most.
    rows : ndarray of int64, shape (n,), optional
        Number of rows that each leaf of the linkage stands for; 1 if omitted.

    Notes
    -----
    A node is pure where all rows under it have one label, and each cluster must
    be one largest pure node. Heights between leaves are those of the full tree.
    Cost: O(n).
    """
    n, n_clusters = len(labels), int(labels.max(initial=-1)) + 1
    children = linkage[:, :2].astype(np.int64)
    pure = _pure_labels(children, labels)
    mixed = np.flatnonzero(pure[n:] == MIXED)
    largest = np.append(children[mixed].ravel(), [] if len(mixed) else [2 * n - 2]).astype(np.int64)
    whole = largest[pure[largest] >= 0]
    if len(whole) != n_clusters or len(np.unique(pure[whole])) != n_clusters:
        return None
    whole = whole[np.argsort(pure[whole])]
    rows = np.ones(n, dtype=np.int64) if rows is None else rows
    sizes, noise = _sums(children, rows), _sums(children, np.where(labels < 0, rows, 0))
    tops = np.concatenate([np.zeros(n), linkage[:, 2]])
    kept = whole[:most]
    merges, folded = _above(children, linkage[:, 2], mixed, whole, np.stack([sizes, noise]), most)
    drawn = np.array([merge for merge, _ in merges], dtype=np.int64)
    return Tree(
        np.array([pair for _, pair in merges], dtype=np.int64).reshape(-1, 2),
        linkage[drawn, 2],
        np.arange(len(kept)),
        np.append(np.arange(len(kept)), np.full(len(merges), MIXED)),
        sizes[kept],
        np.ones(len(kept), dtype=np.int64),
        tops[kept],
        folded,
        drawn,
    )


def _pure_labels(children: IntArray, labels: IntArray) -> IntArray:
    """The one label of all rows under each node, or -2 where there are several."""
    pure: list[int] = labels.tolist()
    for left, right in children.tolist():
        pure.append(pure[left] if pure[left] == pure[right] else MIXED)
    return np.array(pure, dtype=np.int64)


def _sums(children: IntArray, values: IntArray) -> IntArray:
    """For each node the sum of its leaves' values."""
    sums: list[int] = values.tolist()
    for left, right in children.tolist():
        sums.append(sums[left] + sums[right])
    return np.array(sums, dtype=np.int64)


def _above(
    children: IntArray, heights: Floats, mixed: IntArray, clusters: IntArray, sizes: IntArray, most: int
) -> tuple[list[tuple[int, tuple[int, int]]], Folded]:
    """Merges among the first `most` of the nodes `clusters`, and where all else joins them.

    `sizes` has the rows under each node, and how many of them are noise.
    """
    n, kept = len(children) + 1, min(most, len(clusters))
    drawn = dict(zip(clusters[:most].tolist(), range(kept), strict=True))
    hidden = dict.fromkeys(clusters[most:].tolist(), 1)
    merges: list[tuple[int, tuple[int, int]]] = []
    joins: list[tuple[int, float, int, int, int]] = []
    for merge in mixed.tolist():
        left, right = children[merge].tolist()
        if left in drawn and right in drawn:
            drawn[n + merge] = kept + len(merges)
            merges.append((merge, (drawn[left], drawn[right])))
        elif left in drawn or right in drawn:
            branch, part = (left, right) if left in drawn else (right, left)
            drawn[n + merge] = drawn[branch]
            rows, noise = sizes[:, part].tolist()
            joins.append((drawn[branch], float(heights[merge]), rows, hidden.get(part, 0), noise))
        else:
            hidden[n + merge] = hidden.get(left, 0) + hidden.get(right, 0)
    return merges, _folded(joins)


def _folded(joins: list[tuple[int, float, int, int, int]]) -> Folded:
    nodes, heights, rows, clusters, noise = zip(*joins, strict=True) if joins else ((), (), (), (), ())
    return Folded(
        np.array(nodes, dtype=np.int64),
        np.array(heights, dtype=np.float64),
        np.array(rows, dtype=np.int64),
        np.array(clusters, dtype=np.int64),
        np.array(noise, dtype=np.int64),
    )


def last_merges(tree: Tree, p: int) -> Tree:
    """The top of a tree down to `p` leaves, two at least, as scipy's ``truncate_mode="lastp"``."""
    merges = len(tree.heights)
    return _contract(tree, np.arange(merges) > merges - max(p, 2))


def top_levels(tree: Tree, p: int) -> Tree:
    """The top of a tree down to `p` levels below the root, as scipy's ``truncate_mode="level"``."""
    m = tree.n_leaves
    level = [0] * (2 * m - 1)
    for merge in range(m - 2, -1, -1):
        for child in tree.children[merge].tolist():
            level[child] = level[m + merge] + 1
    return _contract(tree, np.array(level[m:]) <= p)


def _contract(tree: Tree, keep: NDArray[np.bool_]) -> Tree:
    """Make one leaf of each largest subtree without a merge to keep; a kept merge's parent is kept."""
    m = tree.n_leaves
    if keep.all():
        return tree
    tops = np.append(tree.tops, tree.heights)
    kept = np.concatenate([np.zeros(m, dtype=bool), keep])
    under = tree.children[keep].ravel()
    leaves = np.sort(under[~kept[under]])
    number = np.full(2 * m - 1, -1)
    number[leaves] = np.arange(len(leaves))
    number[kept] = len(leaves) + np.arange(int(keep.sum()))
    still = number[tree.folded.nodes] >= 0
    folded = Folded(
        number[tree.folded.nodes[still]],
        tree.folded.heights[still],
        tree.folded.rows[still],
        tree.folded.clusters[still],
        tree.folded.noise[still],
    )
    return Tree(
        number[tree.children[keep]],
        tree.heights[keep],
        np.where(leaves < m, tree.names[np.minimum(leaves, m - 1)], -1),
        tree.labels[np.append(leaves, np.flatnonzero(kept))],
        _sums(tree.children, tree.rows)[leaves],
        _sums(tree.children, tree.parts)[leaves],
        tops[leaves],
        folded,
        tree.merges[keep],
    )
