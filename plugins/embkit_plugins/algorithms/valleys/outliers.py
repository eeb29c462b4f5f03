"""Rows far from all others, which belong to no group and stretch every scale."""

import numpy as np
from numpy.typing import NDArray

from embkit import Floats
from embkit_plugins.algorithms.valleys.cells import squared_distances

__all__ = ["far_out"]

_NEIGHBOUR = 5
_QUANTILE, _TIMES = 0.95, 6.0
_BLOCK = 1 << 22


def far_out(points: Floats) -> NDArray[np.bool_]:
    """Find rows whose neighbours are farther away than those of nearly all rows.

    Parameters
    ----------
    points : ndarray of float64, shape (n_points, n_features)
        The sample.

    Returns
    -------
    ndarray of bool, shape (n_points,)
        True where the fifth nearest neighbour is more than 6 times as far away as that of
        95 % of the rows: a twentieth of the rows at most. A small group is not
        far out, however far away it is, if it has six rows close to one another. Nowhere
        true where nineteen in twenty rows come six times.

    Notes
    -----
    Cost: O(n_points^2 x n_features), in blocks.
    """
    rank = min(_NEIGHBOUR, len(points) - 1)
    if rank < 1:
        return np.zeros(len(points), dtype=bool)
    step = max(1, _BLOCK // len(points))
    scale = np.concatenate(
        [
            np.partition(squared_distances(points[start : start + step], points), rank, axis=1)[:, rank]
            for start in range(0, len(points), step)
        ]
    )
    usual = float(np.quantile(scale, _QUANTILE, method="lower"))
    return scale > _TIMES**2 * usual if usual > 0 else np.zeros(len(points), dtype=bool)
