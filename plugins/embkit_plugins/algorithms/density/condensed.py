"""The condensed tree of HDBSCAN, and which of its nodes are the clusters."""

from dataclasses import dataclass
from functools import cached_property
from heapq import heapify, heappop, heappush
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit import Floats, IntArray
from embkit_plugins.algorithms.density.package import hdbscan_tree
from embkit_plugins.algorithms.rows.grouping import rows_of_groups

__all__ = ["CondensedTree", "condensed_tree"]


@dataclass(frozen=True, eq=False)
class CondensedTree:
    """A condensed tree with the clusters that were selected in it.

    Nodes are numbered from `n_samples`, the root, down; a child has a larger
    number than its parent. Lambda is 1 / distance.

    Parameters
    ----------
    rows : structured array
        As the hdbscan package has it: ``parent``, ``child``, ``lambda_val`` and
        ``child_size``, with rows of the data as children of size 1.
    n_samples : int
        Rows of the data.
    selected : ndarray of int64, shape (n_clusters,)
        The node that each cluster is, by the cluster's number.
    """

    rows: NDArray[Any]
    n_samples: int
    selected: IntArray

    @cached_property
    def _points(self) -> NDArray[Any]:
        points: NDArray[Any] = self.rows[self.rows["child_size"] == 1]
        return points

    @property
    def cluster_rows(self) -> NDArray[Any]:
        """The rows of the tree whose child is a node."""
        nodes: NDArray[Any] = self.rows[self.rows["child_size"] > 1]
        return nodes

    @property
    def n_nodes(self) -> int:
        """Number of nodes, the root included."""
        return len(self.cluster_rows) + 1

    @cached_property
    def node_of_point(self) -> IntArray:
        """The node that each row of the data leaves, shape (n_samples,), numbered from 0."""
        nodes = np.empty(self.n_samples, dtype=np.int64)
        nodes[self._points["child"]] = self._points["parent"] - self.n_samples
        return nodes

    @cached_property
    def lambda_of_point(self) -> Floats:
        """The lambda at which it leaves, shape (n_samples,)."""
        lambdas = np.empty(self.n_samples)
        lambdas[self._points["child"]] = self._points["lambda_val"]
        return lambdas

    @cached_property
    def parents(self) -> IntArray:
        """The parent of each node, both numbered from 0; -1 for the root."""
        parents = np.full(self.n_nodes, -1, dtype=np.int64)
        nodes = self.cluster_rows
        parents[nodes["child"] - self.n_samples] = nodes["parent"] - self.n_samples
        return parents

    @cached_property
    def births(self) -> Floats:
        """The lambda at which each node parts from its parent; 0 for the root."""
        births = np.zeros(self.n_nodes)
        nodes = self.cluster_rows
        births[nodes["child"] - self.n_samples] = nodes["lambda_val"]
        return births

    @cached_property
    def largest(self) -> Floats:
        """The largest lambda at which something leaves each node, shape (n_nodes,)."""
        largest = np.zeros(self.n_nodes)
        np.maximum.at(largest, self.rows["parent"] - self.n_samples, self.rows["lambda_val"])
        return largest

    @cached_property
    def label_of_node(self) -> IntArray:
        """The cluster that each node is or lies in; -1 for those above the clusters."""
        labels = np.full(self.n_nodes, -1, dtype=np.int64)
        labels[self.selected] = np.arange(len(self.selected))
        for node, parent in enumerate(self.parents):
            if labels[node] < 0 and parent >= 0:
                labels[node] = labels[parent]
        return labels

    @cached_property
    def exemplars(self) -> list[IntArray]:
        """For each cluster the rows that stay longest in each of its leaves."""
        leaves = np.ones(self.n_nodes, dtype=bool)
        leaves[self.parents[self.parents >= 0]] = False
        nodes = self.node_of_point
        lasting = leaves[nodes] & (self.lambda_of_point == self.largest[nodes])
        clusters = np.where(lasting, self.label_of_node[nodes], -1)
        return rows_of_groups(clusters, len(self.selected))


def condensed_tree(linkage: Floats, min_cluster_size: int, labels: IntArray) -> CondensedTree:
    """Condense a single linkage tree, and find the nodes that are the clusters.

    Parameters
    ----------
    linkage : ndarray of float64, shape (n_samples - 1, 4)
        The tree of mutual reachability.
    min_cluster_size : int
        Smaller groups leave a node rather than parting it.
    labels : ndarray of int64, shape (n_samples,)
        The clusters that were selected in this tree.

    Notes
    -----
    A cluster is the lowest node that holds all of its rows. The hdbscan package
    takes the lowest-numbered node that one of its rows leaves: the same, unless
    no row leaves a cluster before it parts in two.
    """
    rows = hdbscan_tree().condense_tree(np.asarray(linkage, dtype=np.float64), min_cluster_size)
    bare = CondensedTree(rows, len(labels), np.empty(0, dtype=np.int64))
    nodes, parents = bare.node_of_point, bare.parents
    n_clusters = int(labels.max(initial=-1)) + 1
    selected = [_lowest_common(nodes[rows], parents) for rows in rows_of_groups(labels, n_clusters)]
    return CondensedTree(rows, len(labels), np.array(selected, dtype=np.int64))


def _lowest_common(nodes: IntArray, parents: IntArray) -> int:
    """The lowest node over some nodes, each of which has a larger number than its parent."""
    waiting = (-np.unique(nodes)).tolist()
    heapify(waiting)
    known = set(waiting)
    while len(waiting) > 1:
        parent = -int(parents[-heappop(waiting)])
        if parent not in known:
            known.add(parent)
            heappush(waiting, parent)
    return -int(waiting[0])
