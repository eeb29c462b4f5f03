"""Density where two parts touch against the density at the peaks next to it, in balls.

From the densest place of the border, the way uphill along nearest neighbours leads to
a peak on either side (mode seeking: Koontz, Narendra and Fukunaga, 1976). However the
data bend on that way, two groups have more rows around both peaks than where
they touch (compare the merging of density peaks: Chaudhuri and Dasgupta,
2010; Chazal, Guibas, Oudot and Skraba, 2013). In few dimensions this sees what ways across
the border are too short to show.
"""

import numpy as np
from numpy.typing import NDArray

from embkit import Floats, IntArray
from embkit_plugins.algorithms.valleys.borders import Bridges, LocalEvidence
from embkit_plugins.algorithms.valleys.cells import squared_distances

__all__ = ["PEAK_SCALES", "peak_evidence"]

PEAK_SCALES = (24, 32, 48, 64)
"""Rows in a ball around a peak."""
_FLAT = 0.5  # where two lines cross there are twice as many rows as on either
_N_BALLS = 5
_ALIKE = 1.15  # radii of balls of one density differ by less


def peak_evidence(
    points: Floats, side: NDArray[np.bool_], distances: Floats, held: Floats, found: Bridges
) -> LocalEvidence:
    """Count held-out rows in balls at the border and at the peaks of both sides.

    Parameters
    ----------
    points : ndarray of float64, shape (n_points, n_features)
        The training rows.
    side : ndarray of bool, shape (n_points,)
        The side of each.
    distances : ndarray of float64, shape (n_points, n_points)
        Their squared distances.
    held : ndarray of float64, shape (n_held, n_features)
        The rows to count.
    found : Bridges
        Where the sides come nearest.

    Returns
    -------
    LocalEvidence
        For each of `PEAK_SCALES`; nothing is missing where a side has fewer rows than a ball.
    """
    members = np.flatnonzero(side), np.flatnonzero(~side)
    deficit, variance = np.zeros((2, len(PEAK_SCALES), 2))
    for scale, n_rows in enumerate(PEAK_SCALES):
        if n_rows <= min(len(each) for each in members):
            deficit[scale], variance[scale] = _at_scale(points, members, distances, held, found, n_rows)
    return LocalEvidence(deficit, variance)


def _at_scale(
    points: Floats,
    members: tuple[IntArray, IntArray],
    distances: Floats,
    held: Floats,
    found: Bridges,
    n_rows: int,
) -> tuple[Floats, Floats]:
    middle = (points[found.first] + points[found.second]) / 2.0
    across = squared_distances(middle, points)
    saddles = sum(points[_nearest(across, each, n_rows // 2)].mean(axis=1) for each in members) / 2.0
    radius = _radius(saddles, points, n_rows)
    densest = int(radius.argmin())
    saddles = _spread(saddles, radius, radius[densest])
    peaks = []
    for start, each in ((found.first[densest], members[0]), (found.second[densest], members[1])):
        peaks.append(
            _peaks(points, distances, each, _climb(distances, each, int(start), n_rows), n_rows)
        )
    if peaks[0][1] < peaks[1][1]:
        peaks.reverse()  # the sparser side first
    results = [_missing(held, saddles, centres, reach) for centres, reach in peaks]
    return np.array([each[0] for each in results]), np.array([each[1] for each in results])


def _missing(held: Floats, saddles: Floats, peaks: Floats, radius: float) -> tuple[float, float]:
    low, high = (
        (squared_distances(held, centres) <= radius**2).sum(axis=1) for centres in (saddles, peaks)
    )
    share = _FLAT * len(saddles) / (_FLAT * len(saddles) + len(peaks))
    total = low + high
    return float((share * total - low).sum()), float((total**2).sum() * share * (1.0 - share))


def _peaks(
    points: Floats, distances: Floats, members: IntArray, peak: int, n_rows: int
) -> tuple[Floats, float]:
    """Centres around a peak that are as dense as it, and the radius of a ball there."""
    near = members[np.argsort(distances[peak, members], kind="stable")[: 8 * n_rows]]
    radius = np.partition(distances[near], n_rows, axis=1)[:, n_rows]
    rows = near[np.argsort(radius, kind="stable")][: 4 * n_rows]
    own = np.concatenate([[peak], rows[rows != peak]])
    centres = points[_nearest(distances[own], members, n_rows)].mean(axis=1)
    reach = _radius(centres, points, n_rows)
    alike = np.flatnonzero((reach <= _ALIKE * reach[0]) & (reach >= reach[0] / _ALIKE))
    return _spread(centres[alike], np.arange(len(alike), dtype=float), np.inf, reach[0]), float(reach[0])


def _spread(centres: Floats, radius: Floats, least: float, apart: float | None = None) -> Floats:
    """Up to five of the centres, best first, as dense as the best one and a radius apart."""
    gap = least if apart is None else apart
    chosen: list[int] = []
    for candidate in np.argsort(radius, kind="stable"):
        if radius[candidate] > _ALIKE * least or len(chosen) == _N_BALLS:
            break
        away = np.linalg.norm(centres[chosen] - centres[candidate], axis=1)
        if not len(away) or away.min() >= gap:
            chosen.append(int(candidate))
    return centres[chosen]


def _climb(distances: Floats, members: IntArray, start: int, n_rows: int) -> int:
    """The peak that the way uphill along nearest neighbours of one side leads to."""
    here = start
    while True:
        near = members[np.argsort(distances[here, members], kind="stable")[:n_rows]]
        radius = np.partition(distances[near], n_rows, axis=1)[:, n_rows]
        own = np.partition(distances[here], n_rows)[n_rows]
        if radius.min() >= own:
            return here
        here = int(near[radius.argmin()])


def _nearest(distances: Floats, members: IntArray, n_rows: int) -> IntArray:
    size = min(n_rows, len(members))
    order = np.argpartition(distances[:, members], size - 1, axis=1)[:, :size]
    return np.asarray(members[np.sort(order, axis=1)])


def _radius(centres: Floats, points: Floats, n_rows: int) -> Floats:
    return np.sqrt(np.partition(squared_distances(centres, points), n_rows - 1, axis=1)[:, n_rows - 1])
