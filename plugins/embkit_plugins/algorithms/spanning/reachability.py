"""A sparse graph that holds a minimum spanning tree of mutual reachability, in O(n) memory.

Boruvka's rounds, as lazily as they go. The graph starts as the neighbours of
every row. A row's unseen edges are no shorter than its last neighbour is far;
so where the shortest known edge that leaves a component is not longer than that
bound is for any of its rows, it is the shortest there is, and both its ends
merge. Only where no component can be settled so, the rows that stand in the way
are compared to all rows in float64, the largest component left out: it is
reached from the others. In few dimensions they are compared to the rows of near
leaves alone.
"""

import numpy as np

from embkit import Floats, IntArray
from embkit_plugins.algorithms.distances.squares import SquaresToAll, block_rows
from embkit_plugins.algorithms.spanning.leaving import leaving_by_leaves
from embkit_plugins.algorithms.spanning.mutual import Reachability, ReachabilityGraph

__all__ = ["spanning_graph"]


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
    Cost: 2 n d flops in float64 for each row scanned, in at most 8 dimensions the distances
    to some 500 rows; few are scanned where groups run into one another, at most n log2(n).
    Memory: some 100 bytes for each neighbour, and the blocks.
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
        found, n_looked_at = _scan(reach, component, leaving, bound)
        n_scanned += n_looked_at
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
    reach: Reachability,
    component: IntArray,
    leaving: ReachabilityGraph,
    bound: Floats,
) -> tuple[ReachabilityGraph, int]:
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
    originals = rows[places]
    if reach.leaves is None:
        found = _compared_to_all(reach, originals, component, shortest, bound)
        n_scanned = len(found.left)
    else:
        found = leaving_by_leaves(reach, reach.leaves, originals, component, shortest, bound)
        bound[originals] = np.maximum(bound[originals], shortest[component[originals]])
        n_scanned = len(originals)
    bound[rows] = np.maximum(bound[rows], bound[originals][copy_of])
    return found, n_scanned


def _compared_to_all(
    reach: Reachability, rows: IntArray, component: IntArray, shortest: Floats, bound: Floats
) -> ReachabilityGraph:
    """The shortest edges of the rows; `shortest` is lowered and `bound` raised in place."""
    rows = rows[np.argsort(-bound[rows], kind="stable")]  # the outer first: they shorten the rest
    found = [ReachabilityGraph.none()]
    step = block_rows(len(component))
    for start in range(0, len(rows), step):
        chosen = rows[start : start + step]
        chosen = chosen[bound[chosen] < shortest[component[chosen]]]
        edges, beyond = reach.shortest_leaving(chosen, component)
        bound[chosen] = np.maximum(bound[chosen], beyond)
        np.minimum.at(shortest, component[edges.left], edges.squares)
        found.append(edges)
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
