"""A layout of very many rows that starts from the layout of a sample of them."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit import Floats, IntArray
from embkit_plugins.algorithms.layout.fuzzy_graph import FuzzyGraph
from embkit_plugins.algorithms.layout.umap import layout

__all__ = ["layout_from_sample", "placed_among"]

_Floats32 = NDArray[np.float32]

_EPOCHS = 100
_RATE = 0.5
_JITTER = 0.05  # tells rows with the same neighbours apart


def layout_from_sample(
    graph: FuzzyGraph,
    start: _Floats32,
    sample: IntArray,
    places: _Floats32,
    *,
    a: float,
    b: float,
    random_state: int,
    progress: Callable[[float], Any],
) -> _Floats32:
    """Spread the layout of a sample out, put the other rows into it, and move all of them.

    Parameters
    ----------
    graph : FuzzyGraph
        Of all rows.
    start : ndarray of float32, shape (n_samples, n_components)
        Principal coordinates of all rows, see `placed_among`.
    sample : ndarray of int64, shape (n_sampled,)
        Rows whose places are known.
    places : ndarray of float32, shape (n_sampled, n_components)
        Their layout.
    a, b : float
        From `embkit_plugins.algorithms.layout.umap.curve_for`.
    random_state : int
        Seed; the same seed gives the same bytes on one machine.
    progress : callable
        Told the share of the work that is done.

    Returns
    -------
    ndarray of float32, shape (n_samples, n_components)
        Cost: 100 epochs of `embkit_plugins.algorithms.layout.umap.layout`.

    Notes
    -----
    Rows take up about as much room each in a large layout as in a small one, so
    the sample's is stretched by the root of the ratio of their numbers first:
    on 50,000 rows and a sample of 10,000 that is worth 0.015 of trustworthiness.
    """
    stretch = (len(start) / len(sample)) ** (1 / start.shape[1])
    middle = places.mean(axis=0, dtype=np.float64)
    begun = placed_among(graph, start, sample, (places - middle) * stretch)
    begun += np.random.default_rng(random_state).normal(scale=_JITTER, size=begun.shape)
    return layout(
        graph,
        begun.astype(np.float32),
        a=a,
        b=b,
        random_state=random_state,
        progress=progress,
        n_epochs=_EPOCHS,
        rate=_RATE,
    )


def placed_among(graph: FuzzyGraph, start: NDArray[Any], sample: IntArray, places: Floats) -> Floats:
    """Put rows at the mean of those of their neighbours that have a place, weighted by strength.

    In rounds, from the sample outwards. A row that no edge connects with the
    sample goes to the place of the row of the sample nearest to it in `start`.

    Parameters
    ----------
    graph : FuzzyGraph
        Of all rows.
    start : ndarray of shape (n_samples, n_components)
        Where rows are compared that the graph does not reach.
    sample : ndarray of int64, shape (n_sampled,)
        Rows that have a place.
    places : ndarray of float64, shape (n_sampled, n_components)
        Theirs.

    Returns
    -------
    ndarray of float64, shape (n_samples, n_components)
        Cost: O(n_edges) for each round; as many rounds as edges to the farthest row.
    """
    from scipy.spatial import cKDTree

    n_samples = graph.n_nodes
    placed = np.zeros((n_samples, places.shape[1]))
    placed[sample] = places
    has_place = np.zeros(n_samples, dtype=bool)
    has_place[sample] = True
    rows = np.concatenate([graph.heads, graph.tails])
    others = np.concatenate([graph.tails, graph.heads])
    weights = np.concatenate([graph.weights, graph.weights]).astype(np.float64)
    while True:
        open_edges = ~has_place[rows]
        rows, others, weights = rows[open_edges], others[open_edges], weights[open_edges]
        usable = has_place[others]
        if not usable.any():
            break
        near, where, weight = rows[usable], others[usable], weights[usable]
        total = np.bincount(near, weight, n_samples)
        new = np.flatnonzero(total)
        for axis in range(places.shape[1]):
            sums = np.bincount(near, weight * placed[where, axis], n_samples)
            placed[new, axis] = sums[new] / total[new]
        has_place[new] = True
    apart = np.flatnonzero(~has_place)
    if len(apart):
        nearest = cKDTree(start[sample]).query(start[apart])[1]
        placed[apart] = places[nearest]
    return placed
