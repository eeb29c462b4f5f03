"""Test of similarity between rows that follow one another."""

import numpy as np

from embkit import Floats

__all__ = ["order_correlation"]


def order_correlation(points: Floats) -> tuple[float, float]:
    """Correlation of each row with the next, and its z-score if the order meant nothing.

    Parameters
    ----------
    points : ndarray of float64, shape (n_points, n_features)
        Rows in the order in which they were given.

    Returns
    -------
    tuple of float
        Lag-one autocorrelation of the centred rows, their inner products summed over
        all columns, from -1 to 1; and how many standard deviations it lies above that of
        rows in random order (Wald and Wolfowitz, 1943). 0, 0 where the rows are
        equal or fewer than 3.
    """
    if len(points) < 3:
        return 0.0, 0.0
    centred = points - points.mean(axis=0)
    gram = centred.T @ centred if centred.shape[1] <= len(centred) else centred @ centred.T
    total = float(np.trace(gram))
    if total <= 0:
        return 0.0, 0.0
    n = len(points)
    correlation = float(np.einsum("ij,ij->", centred[:-1], centred[1:])) / total
    # In random order each pair has a mean of -1/n of the total and nearly independent columns.
    deviation = np.sqrt(float((gram * gram).sum()) / n) / total
    return correlation, (correlation + 1.0 / n) / deviation
