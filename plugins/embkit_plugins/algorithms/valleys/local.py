"""A division that straight lines propose, looked at closely where its sides meet."""

import numpy as np
from numpy.typing import NDArray

from embkit import Floats, IntArray
from embkit_plugins.algorithms.valleys.borders import (
    BORDER_SCALES,
    LocalEvidence,
    border_evidence,
    bridges,
)
from embkit_plugins.algorithms.valleys.cells import squared_distances
from embkit_plugins.algorithms.valleys.peaks import PEAK_SCALES, peak_evidence

__all__ = ["N_SCALES", "combined_z", "local_evidence", "local_z"]

N_SCALES = len(BORDER_SCALES) + len(PEAK_SCALES)
_CONFIRMATION = 0.8


def local_evidence(
    points: Floats,
    cells: IntArray,
    side: NDArray[np.bool_],
    held: NDArray[np.bool_],
    reference: tuple[Floats, IntArray],
    value: Floats | None = None,
) -> LocalEvidence:
    """Count held-out points close to the border of a division.

    Parameters
    ----------
    points : ndarray of float64, shape (n_points, n_features)
        The sample.
    cells : ndarray of int64, shape (n_points,)
        The cell of each point in the divided partition.
    side : ndarray of bool, shape (n_cells,)
        The side of each cell.
    held : ndarray of bool, shape (n_points,)
        Which points had no part in the division.
    reference : tuple
        Points of a sample without clusters, possibly none, and their cells.
    value : ndarray of float64, shape (n_points,), optional
        What the division is by where it is by one value, as by the distance from the mean.

    Returns
    -------
    LocalEvidence
        For the scales of `border_evidence`, then those of `peak_evidence`; all zero where
        one of the sides has no training points.

    Notes
    -----
    Cost: O(n_points^2 x n_features).
    """
    trained = ~held
    train, of_side = points[trained], side[cells[trained]]
    if of_side.all() or not of_side.any():
        return LocalEvidence(np.zeros((N_SCALES, 2)), np.zeros((N_SCALES, 2)))
    distances = squared_distances(train, train)
    found = bridges(of_side, distances)
    samples = [
        (points[rows], cells[rows], None if value is None else value[rows]) for rows in (trained, held)
    ]
    border = border_evidence(samples[0], samples[1], reference, found)
    peaks = peak_evidence(train, of_side, distances, points[held], found)
    return LocalEvidence(
        np.concatenate([border.deficit, peaks.deficit]),
        np.concatenate([border.variance, peaks.variance]),
    )


def local_z(deficit: Floats, variance: Floats) -> float:
    """Evidence for a valley close to the border, in standard deviations.

    Parameters
    ----------
    deficit, variance : ndarray of float64, shape (n_scales, 2)
        Sums of `LocalEvidence` over held-out parts.

    Returns
    -------
    float
        The greater of two: the valley on short ways across the border, at the scale
        that shows it less; and that between peaks, on average over the scales. Either is
        counted against the side that shows it less.
    """
    z = (deficit / np.sqrt(variance + 0.25)).min(axis=1)
    n_border = len(BORDER_SCALES)
    return float(max(z[:n_border].min(), z[n_border:].mean()))


def combined_z(straight: float, close: float) -> float:
    """Evidence on straight lines as far as the close look confirms it.

    Parameters
    ----------
    straight, close : float
        z-scores of the same held-out rows.

    Returns
    -------
    float
        The greater of `straight` and the mean of both, which is again at most a standard
        normal deviate where there is no valley; but no more than `close` and 0.8. The
        close look counts against densities of 0.5 and 0.6, far below that
        of a continuum, and is therefore asked to confirm at about four times the level.
    """
    return min(max(straight, (straight + close) / 2.0), close + _CONFIRMATION)
