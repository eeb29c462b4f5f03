"""Linkage along a graph: only clusters with an edge between their rows merge."""

from collections.abc import Callable
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import Literal

import numpy as np

from embkit import Dataset, Floats, IntArray
from embkit_plugins.algorithms.distances.pairs import Metric, pairs_of
from embkit_plugins.algorithms.rows.grouping import by_group
from embkit_plugins.algorithms.rows.prepare import row_blocks

__all__ = ["Connected", "Edges", "connected_linkage", "joined_components"]

Connected = Literal["ward", "complete", "average", "single"]
"""The linkages that can be taken along a graph."""


@dataclass(frozen=True, eq=False)
class Edges:
    """Undirected edges between rows.

    Parameters
    ----------
    left, right : ndarray of int64, shape (n_edges,)
        Their ends; repeats do no harm.
    distances : ndarray of float64, shape (n_edges,)
        How far these are apart.
    """

    left: IntArray
    right: IntArray
    distances: Floats


def joined_components(edges: Edges, dataset: Dataset, metric: Metric) -> tuple[Edges, int]:
    """Join the components of a graph, each to every other by the two nearest rows.

    Parameters
    ----------
    edges : Edges
        The graph.
    dataset : Dataset
        Its rows.
    metric : str
        Distance between rows.

    Returns
    -------
    edges : Edges
        A graph with a path between any two rows.
    n_components : int
        How many there were. Cost: with more than one, the distances of all rows of
        different components, in blocks.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n_samples = dataset.n_samples
    graph = coo_array((np.ones(len(edges.left)), (edges.left, edges.right)), (n_samples, n_samples))
    n_components, component = connected_components(graph, directed=False)
    if n_components == 1:
        return edges, 1
    order, bounds = by_group(component, n_components)
    pairs = pairs_of(dataset.take(order), metric, np.float64)
    found = []
    for part in range(n_components - 1):
        later = slice(int(bounds[part + 1]), n_samples)
        best = np.full(n_samples - later.start, np.inf)
        nearest = np.zeros(len(best), dtype=np.int64)
        first = int(bounds[part])
        for own in row_blocks(pairs.rows[first : bounds[part + 1]]):
            rows = slice(first + own.start, first + own.stop)
            block = pairs.block(rows, later)
            lowest = block.argmin(axis=0)
            closest = block[lowest, np.arange(len(best))]
            nearest = np.where(closest < best, lowest + rows.start, nearest)
            best = np.minimum(best, closest)
        starts = bounds[part + 1 : -1] - later.start
        least = np.repeat(np.minimum.reduceat(best, starts), np.diff(bounds[part + 1 :]))
        ties = np.flatnonzero(best == least)
        chosen = ties[np.searchsorted(ties, starts)]
        found.append(Edges(order[nearest[chosen]], order[chosen + later.start], best[chosen]))
    return _union([edges, *found]), int(n_components)


def _union(parts: list[Edges]) -> Edges:
    return Edges(
        np.concatenate([part.left for part in parts]),
        np.concatenate([part.right for part in parts]),
        np.concatenate([part.distances for part in parts]),
    )


def connected_linkage(
    edges: Edges,
    n_samples: int,
    linkage: Connected,
    vectors: Floats | None = None,
    progress: Callable[[float], None] | None = None,
) -> Floats:
    """Merge the two nearest clusters among those with an edge between them, again and again.

    Under complete and average linkage only the edges count: the farthest, and the
    mean weighted by sizes at each merge, as scikit-learn has it.

    Parameters
    ----------
    edges : Edges
        A graph with a path between any two rows.
    n_samples : int
        Number of rows.
    linkage : {"ward", "complete", "average", "single"}
        Distance of two clusters.
    vectors : ndarray of shape (n_samples, n_features), optional
        The rows, for ward.
    progress : callable, optional
        Told the share of merges done.

    Returns
    -------
    ndarray of float64, shape (n_samples - 1, 4)
        scipy's format; ties go to the lowest rows. Under ward a merge can be lower than
        one it contains. Cost: O(n_edges log(n_edges)) steps in Python, under ward times
        the number of features; some 600 bytes for each edge.
    """
    near = _adjacent(edges, n_samples)
    heap = [(distance, a, b) for a, others in enumerate(near) for b, distance in others.items() if a < b]
    means = None
    if linkage == "ward":
        means = np.array(vectors, dtype=np.float64)
        heap = [(_ward(means, [1] * n_samples, a, [b])[0], a, b) for _, a, b in heap]
        for height, a, b in heap:
            near[a][b] = near[b][a] = height
    heapify(heap)
    node, size = list(range(n_samples)), [1] * n_samples
    tree = np.empty((n_samples - 1, 4))
    for step in range(n_samples - 1):
        height, a, b = heappop(heap)
        while near[a].get(b) != height:  # merged away, or nearer or farther by now
            height, a, b = heappop(heap)
        kept, gone = (a, b) if len(near[a]) >= len(near[b]) else (b, a)
        tree[step] = *sorted((node[a], node[b])), height, size[a] + size[b]
        changed = _merge(near, kept, gone, linkage, (size[kept], size[gone]))
        if means is not None:
            total = size[a] + size[b]
            means[kept] = (size[kept] * means[kept] + size[gone] * means[gone]) / total
        size[kept], node[kept] = size[a] + size[b], n_samples + step
        if means is not None and near[kept]:
            changed = dict(zip(near[kept], _ward(means, size, kept, list(near[kept])), strict=True))
        for other, distance in changed.items():
            near[kept][other] = near[other][kept] = distance
            heappush(heap, (distance, min(kept, other), max(kept, other)))
        if progress is not None and step % 1000 == 0:
            progress(step / n_samples)
    return tree


def _adjacent(edges: Edges, n_samples: int) -> list[dict[int, float]]:
    near: list[dict[int, float]] = [{} for _ in range(n_samples)]
    ends = (edges.left.tolist(), edges.right.tolist(), edges.distances.tolist())
    for left, right, distance in zip(*ends, strict=True):
        near[left][right] = near[right][left] = distance
    return near


def _merge(
    near: list[dict[int, float]], kept: int, gone: int, linkage: Connected, sizes: tuple[int, int]
) -> dict[int, float]:
    """Give the edges of one cluster to another; what has changed of that one's."""
    del near[kept][gone], near[gone][kept]
    changed = {}
    for other, distance in near[gone].items():
        del near[other][gone]
        now = near[kept].get(other)
        changed[other] = distance if now is None else _combined(now, distance, linkage, sizes)
    near[gone] = {}
    near[kept].update(changed)
    return changed


def _combined(kept: float, gone: float, linkage: Connected, sizes: tuple[int, int]) -> float:
    match linkage:
        case "single":
            return min(kept, gone)
        case "complete":
            return max(kept, gone)
        case _:
            return (sizes[0] * kept + sizes[1] * gone) / (sizes[0] + sizes[1])


def _ward(means: Floats, size: list[int], cluster: int, others: list[int]) -> list[float]:
    """Heights of merges with others: sqrt(2 n m / (n + m)) times the distance of the means."""
    differences = means[others] - means[cluster]
    sizes = np.array([size[other] for other in others], dtype=np.float64)
    weights = 2 * sizes * size[cluster] / (sizes + size[cluster])
    heights: list[float] = np.sqrt(weights * np.einsum("ij,ij->i", differences, differences)).tolist()
    return heights
