"""Clusters that have lost all their rows."""

import numpy as np

from embkit import Floats, IntArray
from embkit_plugins.algorithms.kmeans.points import Points
from embkit_plugins.algorithms.kmeans.sums import Sums
from embkit_plugins.algorithms.rows.threads import in_order

__all__ = ["without_empty"]


def without_empty(points: Points, labels: IntArray, centres: Floats, sums: Sums) -> Sums:
    """The sums as if each empty cluster had one of the rows that lie farthest from their centres.

    As in scikit-learn the rows keep their labels until they are compared again.

    Parameters
    ----------
    points : Points
        The rows.
    labels : ndarray of int64, shape (n_samples,)
        Their clusters.
    centres : ndarray of float64, shape (n_clusters, n_features)
        What the rows were compared to.
    sums : Sums
        Of the rows of each cluster.

    Returns
    -------
    Sums
        The same ones if no cluster is empty. A cluster stays empty where no row is
        left that differs from its centre and has others beside it. Cost: one pass if any is empty.
    """
    empty = np.flatnonzero(sums.counts == 0)
    if not len(empty):
        return sums
    filled = Sums(sums.sums.copy(), sums.counts.copy())
    rows = iter(_farthest(points, labels, centres, len(empty)))
    for cluster in empty:
        row = next((row for row in rows if filled.counts[labels[row]] > 1), None)
        if row is None:
            break
        point = points.double(np.array([row]))[0]
        filled.sums[labels[row]] -= point
        filled.counts[labels[row]] -= 1
        filled.sums[cluster] = point
        filled.counts[cluster] = 1
    return filled


def _farthest(points: Points, labels: IntArray, centres: Floats, most: int) -> IntArray:
    """Rows by decreasing distance to their centres, ties by lowest row; those at 0 left out."""
    squares = np.empty(len(points))

    def work(rows: slice) -> tuple[slice, Floats]:
        apart = points.double(rows) - centres[labels[rows]]
        return rows, np.einsum("ij,ij->i", apart, apart)

    for rows, found in in_order(work, points.blocks(), 1):
        squares[rows] = found
    order = np.argsort(-squares, kind="stable")[: 2 * most]
    return np.asarray(order[squares[order] > 0], dtype=np.int64)
