"""Check that the way between two neighbouring groups is straight, as valleys on a line presuppose.

A bent continuum (a ring, a helix) shows valleys between its parts on any
straight line. Two things give it away: the way from one part to the other along
neighbouring cells is much longer than the line, as in Isomap (Tenenbaum, de
Silva and Langford, 2000); and in a window on the line the points lie along a
slanted curve, whose length, not the window's width, is what their number has to
be divided by.
"""

import numpy as np

from embkit import Floats
from embkit_plugins.algorithms.valleys.valleys import neighbouring_cells

__all__ = ["Ways", "slant"]

_LEAST_POINTS = 8
_MOST_SLANT = 2.0
_LONGEST_HOP = 2.5  # in median edges of the minimum spanning tree; a longer one is a gap, not a way


class Ways:
    """Lengths of ways along neighbouring cells.

    Parameters
    ----------
    centres : ndarray of float64, shape (n_cells, n_features)
        Centres of many small cells: averages, so that noise across the way
        hardly counts.

    Notes
    -----
    Edges join Gabriel neighbours, up to 2.5 times the median edge of the
    minimum spanning tree. Cost: O(n_cells^3).
    """

    def __init__(self, centres: Floats) -> None:
        from scipy.sparse.csgraph import dijkstra, minimum_spanning_tree

        first, second, length = neighbouring_cells(centres)
        edges = np.zeros((len(centres), len(centres)))
        edges[first, second] = length
        shortest = minimum_spanning_tree(edges).data
        if len(shortest):  # else all centres are equal
            edges[edges > _LONGEST_HOP * np.median(shortest)] = 0.0
        self._centres = centres
        self._lengths = dijkstra(edges, directed=False)

    def bend(self, one: Floats, other: Floats) -> float:
        """Length of the way between the cells nearest to two points, over their distance.

        At least 1, and 1 where there is no way: across a gap nothing is bent.
        """
        start = int(((self._centres - one) ** 2).sum(axis=1).argmin())
        end = int(((self._centres - other) ** 2).sum(axis=1).argmin())
        straight = float(np.linalg.norm(self._centres[start] - self._centres[end]))
        way = float(self._lengths[start, end])
        return max(1.0, way / straight) if straight > 0 and np.isfinite(way) else 1.0


def slant(points: Floats, position: Floats) -> float:
    """Length of the line fitted to points in a window, per unit of the axis: 1 is straight along it.

    Parameters
    ----------
    points : ndarray of float64, shape (n_points, n_features)
        The points in the window.
    position : ndarray of float64, shape (n_points,)
        Where they are on the axis, in the units of `points`.

    Returns
    -------
    float
        1 to 2. Twice its standard error is taken off the squared slope, and
        fewer than eight points say 1, so that noise makes no slant.
    """
    along = position - position.mean() if len(position) else position
    spread = float(along @ along)
    if len(points) < _LEAST_POINTS or spread <= 0:
        return 1.0
    away = points - points.mean(axis=0)
    slope = along @ away / spread
    variance = ((away - along[:, None] * slope) ** 2).sum(axis=0) / (len(points) - 2) / spread
    error = np.sqrt(2.0 * (variance**2).sum() + 4.0 * (slope**2 * variance).sum())
    across = float((slope**2).sum() - 1.0 - variance.sum() - 2.0 * error)
    return min(_MOST_SLANT, float(np.sqrt(1.0 + max(0.0, across))))
