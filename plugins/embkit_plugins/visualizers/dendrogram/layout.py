"""Positions of the leaves and merges of a tree, computed without recursion."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from embkit import Floats, IntArray
from embkit_plugins.visualizers.dendrogram.tree import Tree

__all__ = ["LeafLayout", "Sort", "lay_out"]

Sort = bool | Literal["ascending", "descending"]


@dataclass(frozen=True)
class LeafLayout:
    """Positions across the leaves (0, 1, 2, ...); heights are the tree's.

    Parameters
    ----------
    order : ndarray of int64, shape (m,)
        The leaves from first to last.
    across : ndarray of float64, shape (2 m - 1,)
        Position of each node: a leaf's place, a merge's middle of its children.
    """

    order: IntArray
    across: Floats


def lay_out(tree: Tree, distance_sort: Sort) -> LeafLayout:
    """Order the leaves as ``scipy.cluster.hierarchy.dendrogram`` does, and place the merges.

    Parameters
    ----------
    tree : Tree
        What is drawn.
    distance_sort : bool or {"ascending", "descending"}
        Which child of a merge comes first: the one complete at the lower height
        (True, "ascending"), at the greater ("descending"), or as in the tree (False).
    """
    order = _order(tree, distance_sort)
    m = tree.n_leaves
    across = [0.0] * m
    for place, leaf in enumerate(order):
        across[leaf] = float(place)
    for left, right in tree.children.tolist():
        across.append((across[left] + across[right]) / 2)
    return LeafLayout(np.array(order, dtype=np.int64), np.array(across))


def _order(tree: Tree, distance_sort: Sort) -> list[int]:
    m = tree.n_leaves
    children = tree.children
    if distance_sort:
        complete = np.append(tree.tops, tree.heights)[children]
        left, right = complete.T
        swap = left <= right if distance_sort == "descending" else left > right
        children = np.where(swap[:, None], children[:, ::-1], children)
    pairs = children.tolist()
    order: list[int] = []
    waiting = [2 * m - 2]
    while waiting:
        node = waiting.pop()
        if node < m:
            order.append(node)
        else:
            first, second = pairs[node - m]
            waiting += [second, first]
    return order
