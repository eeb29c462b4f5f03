"""A division that straight lines propose, looked at closely where its sides meet."""

import numpy as np
from numpy.typing import NDArray

from embkit_plugins.algorithms.valleys.borders import (
    BORDER_SCALES,
    LocalEvidence,
    border_evidence,
    bridges,
)
from embkit_plugins.algorithms.valleys.peaks import PEAK_SCALES, peak_evidence
from embkit_plugins.artifacts._structure_cells import squared_distances

__all__ = ["N_SCALES", "local_evidence", "local_z"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
N_SCALES = len(BORDER_SCALES) + len(PEAK_SCALES)


def local_evidence(
    points: tuple[Floats, Floats],
    cells: tuple[Ints, Ints],
    values: tuple[Floats | None, Floats | None],
    side: NDArray[np.bool_],
    held: NDArray[np.bool_],
) -> LocalEvidence:
    """Count held-out points close to the border of a division.

    Parameters
    ----------
    points : tuple of two ndarray of float64, shape (n_points, n_features)
        The sample and a reference without clusters.
    cells : tuple of two ndarray of int64, shape (n_points,)
        The cell of each of them in the divided partition.
    values : tuple
        The value of each where the division is by one value, as of the distance from the
        mean, otherwise None.
    side : ndarray of bool, shape (n_cells,)
        The side of each cell.
    held : ndarray of bool, shape (n_points,)
        Which points of the sample had no part in the division.

    Returns
    -------
    LocalEvidence
        For the scales of `border_evidence`, then those of `peak_evidence`; all zero where
        one of the sides has no training points.

    Notes
    -----
    Cost: O(n_points^2 x n_features).
    """
    sample, reference = points
    trained = ~held
    train, of_side = sample[trained], side[cells[0][trained]]
    if of_side.all() or not of_side.any():
        return LocalEvidence(np.zeros((N_SCALES, 2)), np.zeros((N_SCALES, 2)))
    distances = squared_distances(train, train)
    found = bridges(of_side, distances)
    value = [None if values[0] is None else values[0][rows] for rows in (trained, held)]
    border = border_evidence(
        (train, cells[0][trained], value[0]),
        (sample[held], cells[0][held], value[1]),
        (reference, cells[1], values[1]),
        found,
    )
    peaks = peak_evidence(train, of_side, distances, sample[held], found)
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
