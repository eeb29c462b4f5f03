"""The nodes of a clustering's tree with their names, in agreement with those of its clusters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from embkit import EDITED, Clustering, Context, IntArray, Name, Names, ParameterError
from embkit_plugins.algorithms.naming import LONGEST
from embkit_plugins.artifacts.node_names.component import MIN_SIZE
from embkit_plugins.artifacts.node_names.packing import names_of, packed

__all__ = ["NamedNodes", "node_names_of"]


@dataclass(frozen=True, eq=False)
class NamedNodes:
    """Nodes of a clustering's tree and what they are called; parents come before their parts.

    Parameters
    ----------
    nodes : ndarray of int64, shape (n_nodes,)
        The row of the linkage that makes each.
    parents : ndarray of int64, shape (n_nodes,)
        The position of the smallest named node above each, -1 for none.
    clusters : ndarray of int64, shape (n_nodes,)
        The cluster that each is, -1 if it is none.
    names : Names
        One a node; a node that is a cluster has the cluster's name.
    linkage : ndarray of float64, shape (n_samples - 1, 4)
        The tree.
    """

    nodes: IntArray
    parents: IntArray
    clusters: IntArray
    names: Names
    linkage: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.nodes)

    @property
    def sizes(self) -> IntArray:
        """The number of rows in each node."""
        sizes: IntArray = self.linkage[self.nodes, 3].astype(np.int64)
        return sizes

    @property
    def heights(self) -> NDArray[np.float64]:
        """The height of the merge that makes each node."""
        heights: NDArray[np.float64] = self.linkage[self.nodes, 2]
        return heights

    def by_node(self) -> dict[int, Name]:
        """The names by row of the linkage."""
        return dict(zip(self.nodes.tolist(), self.names.names, strict=True))


def node_names_of(clustering: Clustering, context: Context, *, min_size: int = MIN_SIZE) -> NamedNodes:
    """Name the nodes of a clustering's tree; the context is bound to the clustering's dataset.

    A node that is a cluster is called as the clustering's names call it, and the
    others are distinguished from it: no node has the title of its parent or of its sibling.

    Parameters
    ----------
    clustering : Clustering
        With texts and a whole tree without inversions.
    context : Context
        Where the artifact ``node-names`` is.
    min_size : int
        Rows that a node has at least.

    Raises
    ------
    ParameterError
        If there are no texts or there is no such tree.
    """
    dataset, linkage = clustering.dataset, clustering.linkage
    if dataset.texts is None or linkage is None:
        raise ParameterError(
            "nodes cannot be named", "that needs texts and a whole tree", "give a --table with a text"
        )
    found = context.artifact(
        "node-names", linkage=linkage, texts=packed(_read(dataset.texts)), min_size=min_size
    )
    parents = found["parents"]
    nodes, clusters = _clusters_among(found["nodes"], linkage, clustering)
    names = names_of(found)
    settled = _settled(names, nodes.tolist(), clusters.tolist(), clustering)
    if settled:
        sizes = linkage[nodes, 3].astype(int).tolist()
        names = _agreeing(names, settled, parents.tolist(), sizes)
    return NamedNodes(nodes, parents, clusters, Names(tuple(names)), linkage)


def _clusters_among(
    nodes: IntArray, linkage: NDArray[np.float64], clustering: Clustering
) -> tuple[IntArray, IntArray]:
    """Find the clusters among the nodes: the nodes, and the cluster that each is, -1 for none.

    A cluster may be a node that was left out because it hardly differs from one
    below it: then it takes the place of that one.
    """
    n_rows = len(linkage) + 1
    place = dict(zip(nodes.tolist(), range(len(nodes)), strict=True))
    label: list[int] = clustering.labels.tolist()
    below = [-1] * n_rows  # position of the largest named node at or below each node
    sizes = clustering.sizes.tolist()
    nodes, clusters = nodes.copy(), np.full(len(nodes), -1)
    pairs, rows = linkage[:, :2].astype(np.int64).tolist(), linkage[:, 3].astype(np.int64).tolist()
    for merge, ((left, right), size) in enumerate(zip(pairs, rows, strict=True)):
        label.append(label[left] if label[left] == label[right] else -1)
        below.append(place.get(merge, max(below[left], below[right])))
        if label[-1] >= 0 and size == sizes[label[-1]] and below[-1] >= 0:
            nodes[below[-1]], clusters[below[-1]] = merge, label[-1]
    return nodes, clusters


def _settled(
    names: Sequence[Name], nodes: list[int], clusters: list[int], clustering: Clustering
) -> dict[int, Name]:
    """The names of nodes that are clusters or that a user named, by position."""
    n_rows = len(clustering.labels)
    given = clustering.node_names
    settled: dict[int, Name] = {}
    for position, (node, cluster) in enumerate(zip(nodes, clusters, strict=True)):
        if clustering.names is not None and cluster >= 0 and clustering.names[cluster].title:
            settled[position] = clustering.names[cluster]
        elif node + n_rows in given:
            settled[position] = replace(names[position], title=given[node + n_rows], note=EDITED)
    return settled


def _agreeing(
    names: Sequence[Name], settled: Mapping[int, Name], parents: list[int], sizes: list[int]
) -> list[Name]:
    """Leave some names as they are, and give no other node the title of its parent or sibling."""
    taken: dict[int, set[str]] = {}
    for position, name in settled.items():
        taken.setdefault(parents[position], set()).add(name.title.casefold())
    agreed: list[Name] = []
    for position, (name, parent) in enumerate(zip(names, parents, strict=True)):
        beside = taken.setdefault(parent, set())
        above = {agreed[parent].title.casefold()} if parent >= 0 else set()
        parts = taken.get(position, set())
        chosen = settled.get(position) or name.unlike(beside | above | parts, sizes[position])
        agreed.append(chosen)
        beside.add(chosen.title.casefold())
    return agreed


def _read(texts: Sequence[str]) -> list[str]:
    """Cut texts after what is read of them, so that the key costs no more than the names."""
    return [text[:LONGEST] for text in texts]
