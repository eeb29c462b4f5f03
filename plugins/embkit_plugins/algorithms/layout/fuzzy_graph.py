"""UMAP's graph: how strongly rows are connected, from their nearest neighbours.

McInnes, Healy and Melville, "UMAP: Uniform Manifold Approximation and Projection
for Dimension Reduction", arXiv 1802.03426, section 3.1; the constants are those
of umap-learn, whose graph this one equals to rounding.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["FuzzyGraph", "fuzzy_graph"]

_HALVINGS = 64
_TOLERANCE = 1e-5  # of the sum of strengths of a row
_SMALLEST_SCALE = 1e-3  # of the mean distance to the neighbours


@dataclass(frozen=True, eq=False)
class FuzzyGraph:
    """An undirected weighted graph.

    Parameters
    ----------
    n_nodes : int
        Number of rows.
    heads, tails : ndarray of int64, shape (n_edges,)
        The two ends of each edge, ``heads < tails``, in lexical order.
    weights : ndarray of float32, shape (n_edges,)
        Strengths, above 0 and at most 1.
    """

    n_nodes: int
    heads: NDArray[np.int64]
    tails: NDArray[np.int64]
    weights: NDArray[np.float32]


def fuzzy_graph(indices: NDArray[np.int64], distances: NDArray[np.floating[Any]]) -> FuzzyGraph:
    """Connect every row with its neighbours, each row by its own scale.

    The strength of row i's edge to j is ``exp(-(d_ij - rho_i) / sigma_i)``, rho
    being the distance to the nearest row that is not a repeat, and sigma such that
    the strengths of a row sum to log2(k + 1). An edge exists if either end has
    it: ``p + q - p q``.

    Parameters
    ----------
    indices : ndarray of int64, shape (n_samples, k)
        Nearest other rows.
    distances : ndarray of shape (n_samples, k)
        Their distances, ascending.

    Returns
    -------
    FuzzyGraph
        At most n k edges. Cost: O(n k) memory; 64 passes over the distances at most.
    """
    n_samples, n_neighbors = distances.shape
    nearest, scales = _local_scales(distances.astype(np.float64))
    excess = np.maximum(distances - nearest[:, None], 0)
    strengths = np.exp(-excess / scales[:, None]).ravel()

    rows = np.repeat(np.arange(n_samples), n_neighbors)
    others = indices.ravel()
    keys = np.minimum(rows, others) * n_samples + np.maximum(rows, others)
    order = np.argsort(keys, kind="stable")
    edges, starts = np.unique(keys[order], return_index=True)
    # 1 - (1 - p)(1 - q) where both ends have the edge, p where one has.
    weights = 1 - np.multiply.reduceat(1 - strengths[order], starts)
    heads, tails = np.divmod(edges, n_samples)
    present = weights > 0
    return FuzzyGraph(n_samples, heads[present], tails[present], weights[present].astype(np.float32))


def _local_scales(distances: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Find rho and sigma of every row, sigma by bisection."""
    n_samples, n_neighbors = distances.shape
    nearest = np.where(distances > 0, distances, np.inf).min(axis=1)
    nearest[np.isinf(nearest)] = 0
    excess = np.maximum(distances - nearest[:, None], 0)
    target = np.log2(n_neighbors + 1)

    low, high, scales = np.zeros(n_samples), np.full(n_samples, np.inf), np.ones(n_samples)
    active = np.arange(n_samples)
    for _ in range(_HALVINGS):
        sums = np.exp(-excess[active] / scales[active, None]).sum(axis=1)
        off = np.abs(sums - target) >= _TOLERANCE
        active, above = active[off], sums[off] > target
        if len(active) == 0:
            break
        high[active[above]] = scales[active[above]]
        low[active[~above]] = scales[active[~above]]
        unbounded = np.isinf(high[active])
        scales[active] = np.where(unbounded, 2 * scales[active], (low[active] + high[active]) / 2)

    # The row itself counts in the means, at distance 0, as in umap-learn.
    row_means = distances.sum(axis=1) / (n_neighbors + 1)
    floors = np.where(nearest > 0, row_means, row_means.mean())
    return nearest, np.maximum(scales, _SMALLEST_SCALE * floors)
