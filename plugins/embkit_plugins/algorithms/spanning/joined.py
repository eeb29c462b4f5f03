"""A connected graph of mutual reachability from approximate neighbours.

The graph is that of the neighbours, in which minimum spanning trees are nearly
minimal. Where it falls into components, Boruvka's rounds join them: some rows of
each but the largest are asked for a near row of another component, and the
shortest edge so found is walked to a shorter one by the neighbours of its ends.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from embkit import Floats, IntArray
from embkit_plugins.algorithms.spanning.mutual import ReachabilityGraph

__all__ = ["joined_graph"]

_ASKING = 1 << 17  # rows that are asked in a round, or one of each component where these are more
_BLOCK = 1024
_STEPS = 10  # of a walk; few take more than three

NearestOutside = Callable[[IntArray, IntArray], IntArray]


@dataclass(frozen=True, eq=False)
class _Reach:
    """Squared mutual reachability of pairs, given core distances."""

    core: Floats
    divisor: float
    squares_of: Callable[[IntArray, IntArray], Floats]

    def edges(self, left: IntArray, right: IntArray, squares: Floats | None = None) -> ReachabilityGraph:
        reach = (self.squares_of(left, right) if squares is None else squares) / self.divisor
        np.maximum(reach, self.core[left], out=reach)
        np.maximum(reach, self.core[right], out=reach)
        return ReachabilityGraph(left, right, reach)


def joined_graph(
    near: IntArray,
    squares: Floats,
    first: IntArray,
    min_samples: int,
    divisor: float,
    squares_of: Callable[[IntArray, IntArray], Floats],
    outside: Callable[[Floats], NearestOutside],
) -> tuple[ReachabilityGraph, int]:
    """Edges of mutual reachability that connect all rows.

    Parameters
    ----------
    near : ndarray of int64, shape (n_samples, n_neighbors)
        Near other rows of every row, in order of distance.
    squares : ndarray of float64, shape (n_samples, n_neighbors)
        Their squared distances.
    first : ndarray of int64, shape (n_samples,)
        For each row the lowest that is equal to it.
    min_samples : int
        At which neighbour the core distance is, 1 to n_neighbors.
    divisor : float
        Of squared distances against squared core distances.
    squares_of : callable
        The squared distances of pairs of rows.
    outside : callable
        Given what the square to each row counts at least, returns a function that finds near
        rows of another component for some rows, given all components; asked for
        only where there are several.

    Returns
    -------
    graph : ReachabilityGraph
        Exact for its ends, given the core distances.
    n_components : int
        How many there were before they were joined.

    Notes
    -----
    Cost beside the neighbours: at most log2(n_components) rounds, each of 131,072
    rows asked, or one a component, and of some 60 distances for each component.
    """
    n_samples = len(near)
    reach = _Reach(squares[:, min_samples - 1].copy(), divisor, squares_of)
    copies = np.flatnonzero(first != np.arange(n_samples))
    graph = ReachabilityGraph.union(
        [
            reach.edges(*_pairs_once(near, squares)),
            reach.edges(copies, first[copies], np.zeros(len(copies))),
        ]
    )
    component = _components(n_samples, graph.left, graph.right)
    n_components = int(component.max()) + 1
    if n_components == 1:
        return graph, 1
    nearest = outside(reach.core * divisor)
    while component.max() > 0:
        asking = _asking(component)
        found = _shortest(reach.edges(asking, nearest(asking, component)), component)
        found = _walked(found, near, reach)
        graph = ReachabilityGraph.union([graph, found])
        ends = component[found.left], component[found.right]
        component = _components(int(component.max()) + 1, *ends)[component]
    return graph, n_components


def _pairs_once(near: IntArray, squares: Floats) -> tuple[IntArray, IntArray, Floats]:
    """Rows, their neighbours and squares, without those of two that know one another a second time."""
    left, right, apart = [], [], []
    for start in range(0, len(near), _BLOCK):
        ends = near[start : start + _BLOCK]
        own = np.arange(start, start + len(ends))[:, None]
        once = (ends > own) | (near[ends] != own[:, :, None]).all(axis=2)
        left.append(own[np.nonzero(once)[0], 0])
        right.append(ends[once])
        apart.append(squares[start : start + _BLOCK][once])
    return np.concatenate(left), np.concatenate(right), np.concatenate(apart)


def _components(n_nodes: int, left: IntArray, right: IntArray) -> IntArray:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    links = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(n_nodes, n_nodes))
    found: IntArray = connected_components(links, directed=False)[1].astype(np.int64)
    return found


def _asking(component: IntArray) -> IntArray:
    """Rows spread evenly over each component but the largest."""
    sizes = np.bincount(component)
    most = max(1, _ASKING // (len(sizes) - 1))
    rows = np.argsort(component, kind="stable")
    sizes_of = sizes[component[rows]]
    places = np.arange(len(rows)) - (np.cumsum(sizes) - sizes)[component[rows]]
    share = np.minimum(most, sizes_of)
    spread = (places * share) % sizes_of < share
    chosen: IntArray = rows[spread & (component[rows] != sizes.argmax())]
    return chosen


def _shortest(edges: ReachabilityGraph, component: IntArray) -> ReachabilityGraph:
    """The shortest of the edges from each component, the first of equally short ones."""
    owner = component[edges.left]
    order = np.lexsort((edges.squares, owner))
    best = order[np.unique(owner[order], return_index=True)[1]]
    return ReachabilityGraph(edges.left[best], edges.right[best], edges.squares[best])


def _walked(edges: ReachabilityGraph, near: IntArray, reach: _Reach) -> ReachabilityGraph:
    """Move the ends of edges to neighbours of theirs while that makes them shorter."""
    left, right, squares = edges.left.copy(), edges.right.copy(), edges.squares.copy()
    moving = np.arange(len(left))
    for _ in range(_STEPS):
        before = squares[moving]
        for end, other in ((left, right), (right, left)):
            ways = near[end[moving]]
            lengths = reach.edges(ways.ravel(), np.repeat(other[moving], ways.shape[1])).squares
            lengths = lengths.reshape(ways.shape)
            best = lengths.argmin(axis=1)[:, None]
            shorter = np.take_along_axis(lengths, best, axis=1)[:, 0] < squares[moving]
            here = moving[shorter]
            end[here] = np.take_along_axis(ways, best, axis=1)[shorter, 0]
            squares[here] = np.take_along_axis(lengths, best, axis=1)[shorter, 0]
        moving = moving[squares[moving] < before]
        if not len(moving):
            break
    return ReachabilityGraph(left, right, squares)
