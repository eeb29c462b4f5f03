"""Trustworthiness of a map."""

import numpy as np
from numpy.typing import NDArray

from embkit import Floats

__all__ = ["trustworthiness"]

_BLOCK = 1 << 22  # distances held at a time


def trustworthiness(
    vectors: Floats,
    layout: Floats,
    *,
    cosine: bool,
    n_neighbors: int = 15,
    max_samples: int = 500,
    seed: int = 0,
) -> float | None:
    """How far the neighbours on a map are neighbours in the data, 0 to 1.

    Venna and Kaski (ICANN 2001), as scikit-learn computes it, but for a random
    sample of the rows, each of them among all rows.

    Parameters
    ----------
    vectors : ndarray of shape (n_samples, n_features)
        The data.
    layout : ndarray of shape (n_samples, 2)
        The map.
    cosine : bool
        Whether rows of the data are compared by cosine distance instead of euclidean.
    n_neighbors : int
        Neighbours of each row on the map.
    max_samples : int
        Rows looked at.
    seed : int
        Of the sample.

    Returns
    -------
    float or None
        None for fewer than two rows to each neighbour. Cost: O(max_samples x n x d).
    """
    n = len(vectors)
    if n < 2 * n_neighbors + 2:
        return None
    rows = np.random.default_rng(seed).permutation(n)[: min(max_samples, n)]
    data: Floats = np.asarray(vectors, dtype=np.float32)
    if cosine:
        lengths = np.linalg.norm(data, axis=1, keepdims=True)
        data = data / np.where(lengths > 0, lengths, 1)
    points: Floats = np.asarray(layout, dtype=np.float64)
    step = max(1, _BLOCK // n)
    blocks = [rows[top : top + step] for top in range(0, len(rows), step)]
    penalty = sum([_penalty(data, points, block, n_neighbors) for block in blocks], 0.0)
    worst = len(rows) * n_neighbors * (2 * n - 3 * n_neighbors - 1) / 2
    return 1.0 - penalty / worst


def _penalty(data: Floats, points: Floats, rows: NDArray[np.int64], n_neighbors: int) -> float:
    """By how many ranks the neighbours on the map are too far away in the data, summed."""
    away, apart = _squares(points, rows), _squares(data, rows)
    near = np.argpartition(away, n_neighbors, axis=1)[:, :n_neighbors]
    beyond = 0.0
    for row, neighbors in enumerate(near):
        ranks = 1 + np.searchsorted(np.sort(apart[row]), apart[row, neighbors])
        beyond += float(np.maximum(ranks - n_neighbors, 0).sum())
    return beyond


def _squares(points: Floats, rows: NDArray[np.int64]) -> Floats:
    """Squared distances of some rows to all, infinite to themselves."""
    squares = (points**2).sum(axis=1)
    found = squares[rows, None] + squares[None, :] - 2 * points[rows] @ points.T
    found[np.arange(len(rows)), rows] = np.inf
    return np.asarray(found)
