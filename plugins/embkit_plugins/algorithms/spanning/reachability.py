"""A sparse graph that holds a minimum spanning tree of mutual reachability, in O(n) memory.

Boruvka's rounds, as lazily as they go. The graph starts as the neighbours of
every row. A row's unseen edges are no shorter than its last neighbour is far;
so where the shortest known edge that leaves a component is not longer than that
bound is for any of its rows, it is the shortest there is, and both its ends
merge. Only where no component can be settled so, the rows that stand in the way
are compared to all rows in float64, the largest component left out: it is
reached from the others. In few dimensions they are compared to more of their
near rows before, which a k-d tree finds: the last of these is a larger bound.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from embkit import Floats, IntArray
from embkit_plugins.algorithms.distances.row_tree import RowTree
from embkit_plugins.algorithms.distances.squares import SquaresToAll, block_rows

__all__ = ["Reachability", "ReachabilityGraph", "spanning_graph"]

_NEAR = (64, 512)  # near rows that are looked at before all rows are
_TOGETHER = 1024  # rows whose near rows are looked at at once


@dataclass(frozen=True, eq=False)
class ReachabilityGraph:
    """Undirected edges.

    Parameters
    ----------
    left, right : ndarray of int64, shape (n_edges,)
        The ends.
    squares : ndarray of float64, shape (n_edges,)
        Squared lengths.
    """

    left: IntArray
    right: IntArray
    squares: Floats

    def among(self, component: IntArray) -> "ReachabilityGraph":
        """The edges between different components."""
        between = component[self.left] != component[self.right]
        return ReachabilityGraph(self.left[between], self.right[between], self.squares[between])

    @classmethod
    def union(cls, graphs: Sequence["ReachabilityGraph"]) -> "ReachabilityGraph":
        """The edges of all."""
        return cls(
            np.concatenate([graph.left for graph in graphs]),
            np.concatenate([graph.right for graph in graphs]),
            np.concatenate([graph.squares for graph in graphs]),
        )


@dataclass(frozen=True, eq=False)
class Reachability:
    """Mutual reachability between rows, squared: the largest of both cores and square / divisor.

    Parameters
    ----------
    points : SquaresToAll
        The rows.
    core : ndarray of float64, shape (n_samples,)
        Squared core distances.
    divisor : float
        Of squared distances.
    """

    points: SquaresToAll
    core: Floats
    divisor: float

    def edges(self, left: IntArray, right: IntArray, squares: Floats) -> ReachabilityGraph:
        """Edges of that reachability, from the squared distances of their ends."""
        cores = np.maximum(self.core[left], self.core[right])
        return ReachabilityGraph(left, right, np.maximum(cores, squares / self.divisor))

    def shortest_leaving(
        self, chosen: IntArray, component: IntArray
    ) -> tuple[ReachabilityGraph, Floats]:
        """For each chosen row its shortest edge to another component, and the squared length of it."""
        reach = self.points.of_rows(chosen)
        reach /= self.divisor
        np.maximum(reach, self.core, out=reach)
        np.maximum(reach, self.core[chosen, None], out=reach)
        reach[component[chosen, None] == component] = np.inf
        nearest = reach.argmin(axis=1)
        edges = self.edges(chosen, nearest, self.points.of_pairs(chosen, nearest))
        return edges, edges.squares

    @cached_property
    def tree(self) -> RowTree | None:
        """A tree that finds near rows sooner than products, where rows suit it and are many."""
        return RowTree.of(self.points) if len(self.points.rows) > _NEAR[-1] else None

    def shortest_among(
        self, tree: RowTree, n_near: int, chosen: IntArray, component: IntArray
    ) -> tuple[ReachabilityGraph, Floats]:
        """The shortest edges of the chosen rows to those of so many near rows in other components.

        Returns
        -------
        edges : ReachabilityGraph
            At most one of each row, in their order.
        bound : ndarray of float64, shape (len(chosen),)
            What no other edge to another component is shorter than.
        """
        near, squares = tree.nearest(chosen, n_near)
        bound = (squares[:, -1] - tree.errors(squares[:, -1])) / self.divisor
        place, column = np.nonzero(component[near] != component[chosen, None])
        left, right = chosen[place], near[place, column]
        edges = self.edges(left, right, self.points.of_pairs(left, right))
        # The shortest of each row, the lowest end of equally short ones.
        order = np.lexsort((right, edges.squares, place))
        best = order[np.unique(place[order], return_index=True)[1]]
        bound[place[best]] = np.minimum(bound[place[best]], edges.squares[best])
        return ReachabilityGraph(left[best], right[best], edges.squares[best]), bound


_Search = Callable[[IntArray, IntArray], tuple[ReachabilityGraph, Floats]]


def spanning_graph(
    points: SquaresToAll, near: IntArray, squares: Floats, min_samples: int, divisor: float
) -> tuple[ReachabilityGraph, int]:
    """Edges of mutual reachability among which there is a minimum spanning tree.

    Parameters
    ----------
    points : SquaresToAll
        The rows.
    near : ndarray of int64, shape (n_samples, n_neighbors)
        The nearest other rows of every row, in order of distance.
    squares : ndarray of float64, shape (n_samples, n_neighbors)
        Their squared distances.
    min_samples : int
        At which neighbour the core distance is, 1 to n_neighbors.
    divisor : float
        Of squared distances against squared core distances.

    Returns
    -------
    graph : ReachabilityGraph
        The edges to all neighbours, and those that join what these leave apart.
    n_scanned : int
        How many rows were looked at beyond their neighbours, each time counted.

    Notes
    -----
    Cost: 2 n d flops in float64 for each row scanned, or a search in the tree; few are
    where groups run into one another, at most n log2(n). Memory: some 100 bytes for each
    neighbour, and the blocks.
    """
    n_samples, n_neighbors = near.shape
    left = np.repeat(np.arange(n_samples), n_neighbors)
    reach = Reachability(points, squares[:, min_samples - 1].copy(), divisor)
    graph = reach.edges(left, near.ravel(), squares.ravel())
    # No edge of a row that is not in the graph is shorter than this.
    bound = np.maximum(reach.core, squares[:, -1] / divisor)
    if n_neighbors == n_samples - 1:
        bound[:] = np.inf
    component = np.arange(n_samples)
    leaving, n_scanned = graph, 0
    while True:
        component, leaving = _settle(component, leaving, bound)
        if component.max() == 0:
            return graph, n_scanned
        found = _scan(reach, component, leaving, bound)
        n_scanned += len(found.left)
        graph, leaving = (
            ReachabilityGraph.union([graph, found]),
            ReachabilityGraph.union([leaving, found]),
        )


def _settle(
    component: IntArray, leaving: ReachabilityGraph, bound: Floats
) -> tuple[IntArray, ReachabilityGraph]:
    """Merge components along edges that are certainly their shortest, while there are any.

    A component takes one edge; which, of several equally short ones, does not matter.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    while len(leaving.left):
        shortest = _shortest(component, leaving)
        settled = shortest <= _lowest(component, bound)
        taken = np.full(len(shortest), -1)
        for ends in (component[leaving.left], component[leaving.right]):
            takes = np.flatnonzero(settled[ends] & (leaving.squares == shortest[ends]))
            taken[ends[takes]] = takes
        taken = taken[taken >= 0]
        if not len(taken):
            break
        links = (component[leaving.left[taken]], component[leaving.right[taken]])
        joins = coo_array((np.ones(len(taken)), links), shape=(len(shortest), len(shortest)))
        component = connected_components(joins, directed=False)[1].astype(np.int64)[component]
        leaving = leaving.among(component)
    return component, leaving


def _scan(
    reach: Reachability, component: IntArray, leaving: ReachabilityGraph, bound: Floats
) -> ReachabilityGraph:
    """Find the shortest edge of every component but one; `bound` is raised in place.

    Only rows whose bound is below the shortest edge known so far can have a
    shorter one; the component with most of them is left out.
    """
    shortest = _shortest(component, leaving)
    blocking = bound < shortest[component]
    skipped = np.bincount(component[blocking]).argmax()
    rows = np.flatnonzero(blocking & (component != skipped))
    # Copies in one component have the same edges out of it: one of them is compared for all.
    pairs = reach.points.first[rows] * len(component) + component[rows]
    places, copy_of = np.unique(pairs, return_index=True, return_inverse=True)[1:]
    copies, originals = rows, rows[places]
    rows = originals
    rows = rows[np.argsort(-bound[rows], kind="stable")]  # the outer first: they shorten the rest
    found = [ReachabilityGraph(rows[:0], rows[:0], bound[:0])]
    searches: list[tuple[_Search, int]] = [(reach.shortest_leaving, block_rows(len(component)))]
    if reach.tree is not None:
        searches[:0] = [
            (partial(reach.shortest_among, reach.tree, n_near), _TOGETHER) for n_near in _NEAR
        ]
    for search, step in searches:
        for start in range(0, len(rows), step):
            chosen = rows[start : start + step]
            chosen = chosen[bound[chosen] < shortest[component[chosen]]]
            edges, beyond = search(chosen, component)
            bound[chosen] = np.maximum(bound[chosen], beyond)
            np.minimum.at(shortest, component[edges.left], edges.squares)
            found.append(edges)
    bound[copies] = np.maximum(bound[copies], bound[originals][copy_of])
    return ReachabilityGraph.union(found)


def _shortest(component: IntArray, leaving: ReachabilityGraph) -> Floats:
    """Squared length of the shortest known edge that leaves each component; inf where none is."""
    shortest = np.full(int(component.max()) + 1, np.inf)
    np.minimum.at(shortest, component[leaving.left], leaving.squares)
    np.minimum.at(shortest, component[leaving.right], leaving.squares)
    return shortest


def _lowest(component: IntArray, bound: Floats) -> Floats:
    lowest = np.full(int(component.max()) + 1, np.inf)
    np.minimum.at(lowest, component, bound)
    return lowest
