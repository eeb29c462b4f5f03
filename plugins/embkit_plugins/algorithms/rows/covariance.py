"""Principal components of more rows than should be in memory, from their covariance."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit import Floats
from embkit_plugins.algorithms.rows.prepare import column_means, row_blocks
from embkit_plugins.algorithms.rows.principal import Principal

__all__ = ["components_by_blocks"]

_BLOCK_BYTES = 1 << 24


def components_by_blocks(
    vectors: NDArray[Any], n_components: float, *, whiten: bool = False
) -> Principal:
    """Return coordinates along the directions of greatest variance, read in blocks.

    As `embkit_plugins.algorithms.rows.principal.principal_components`, by the
    eigenvectors of the covariance in float64. The sign of a direction is such that
    its largest component is positive. Cost: 2 n d^2 flops and three passes.

    Parameters
    ----------
    vectors : array_like of shape (n_samples, n_features)
        Not all equal; read by slices.
    n_components : int or float
        How many directions, or a share of the variance below 1.
    whiten : bool
        Scale every column of the result to variance 1.

    Returns
    -------
    Principal
    """
    means = column_means(vectors)
    blocks = row_blocks(vectors, _BLOCK_BYTES)
    # By a power of two, so that no square overflows or vanishes and nothing is rounded.
    largest = max(float(np.abs(vectors[rows] - means).max()) for rows in blocks)
    scale = 2.0 ** np.floor(np.log2(largest))
    covariance = np.zeros((len(means), len(means)))
    for rows in blocks:
        centred = (vectors[rows] - means) / scale
        covariance += centred.T @ centred
    covariance /= max(1, len(vectors) - 1)
    variances, directions = np.linalg.eigh(covariance)
    variances, directions = np.maximum(variances[::-1], 0), directions[:, ::-1]
    shares = variances / variances.sum()
    kept = _number_kept(shares, n_components)
    directions = _with_signs(directions[:, :kept])
    directions = directions / np.sqrt(variances[:kept]) if whiten else directions * scale
    scores = np.empty((len(vectors), kept), dtype=vectors.dtype)
    for rows in blocks:
        scores[rows] = (vectors[rows] - means) / scale @ directions
    return Principal(scores, shares[:kept], means, directions.T / scale)


def _number_kept(shares: Floats, n_components: float) -> int:
    if isinstance(n_components, int):
        return n_components
    return int(np.searchsorted(np.cumsum(shares), n_components, side="right")) + 1


def _with_signs(directions: Floats) -> Floats:
    largest = np.abs(directions).argmax(axis=0)
    signs = np.sign(directions[largest, np.arange(directions.shape[1])])
    signed: Floats = directions * signs
    return signed
