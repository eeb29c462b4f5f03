"""The leading principal components of a sample."""

import numpy as np

from embkit import Floats

__all__ = ["N_COMPONENTS", "leading_components"]

N_COMPONENTS = 64
"""Components that are looked at."""


def leading_components(vectors: Floats) -> Floats:
    """Coordinates along the directions of greatest variance, 64 at most, without the constant ones.

    Parameters
    ----------
    vectors : ndarray of float64, shape (n_samples, n_features)
        The rows.

    Returns
    -------
    ndarray of float64, shape (n_samples, n_components)
        The principal components, not scaled; without columns where all rows are equal.
    """
    centred = vectors - vectors.mean(axis=0)
    wide = centred.shape[1] > centred.shape[0]
    gram = centred @ centred.T if wide else centred.T @ centred
    values, directions = np.linalg.eigh(gram)
    values, directions = values[::-1][:N_COMPONENTS], directions[:, ::-1][:, :N_COMPONENTS]
    # What centring leaves of equal values is rounding, some units in the last place of each.
    rounding = vectors.size * (4 * np.finfo(np.float64).eps * np.abs(vectors).max(initial=0)) ** 2
    varying = values > max(1e-12 * float(np.trace(gram)), rounding)
    values, directions = values[varying], directions[:, varying]
    return np.asarray(directions * np.sqrt(values) if wide else centred @ directions)
