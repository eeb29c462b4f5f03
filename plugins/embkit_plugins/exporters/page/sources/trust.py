"""Trustworthiness of maps."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from embkit import Floats

__all__ = ["trustworthiness"]

_BLOCK = 1 << 22  # distances held at a time


def trustworthiness(
    vectors: Floats,
    layouts: Sequence[Floats],
    *,
    cosine: bool,
    n_neighbors: int = 15,
    max_samples: int = 500,
    seed: int = 0,
) -> list[float | None]:
    """How far the neighbours on each of some maps are neighbours in the data, 0 to 1.

    Venna and Kaski (ICANN 2001), as scikit-learn computes it, but for a random
    sample of the rows, each of them among all rows.

    Parameters
    ----------
    vectors : ndarray of shape (n_samples, n_features)
        The data.
    layouts : sequence of ndarray of shape (n_samples, 2)
        The maps.
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
    list of float or None
        One for each map; None for fewer than two rows to each neighbour.
        Cost: O(max_samples x n x d), and O(max_samples x n) for each map.
    """
    n = len(vectors)
    if n < 2 * n_neighbors + 2:
        return [None] * len(layouts)
    rows = np.random.default_rng(seed).permutation(n)[: min(max_samples, n)]
    data = _prepared(vectors, cosine)
    maps: list[Floats] = [np.asarray(layout, dtype=np.float64) for layout in layouts]
    near = [_nearest(points, rows, n_neighbors) for points in maps]
    step = max(1, _BLOCK // n)
    beyond = np.zeros(len(maps))
    for top in range(0, len(rows), step):
        block = slice(top, top + step)
        apart = _squares(data, rows[block])
        in_order = np.sort(apart, axis=1)
        beyond += [_ranks_beyond(apart, in_order, neighbors[block]) for neighbors in near]
    worst = len(rows) * n_neighbors * (2 * n - 3 * n_neighbors - 1) / 2
    return [float(1.0 - share) for share in beyond / worst]


def _prepared(vectors: Floats, cosine: bool) -> Floats:
    data: Floats = np.asarray(vectors, dtype=np.float32)
    if not cosine:
        return data
    lengths = np.sqrt(np.einsum("ij,ij->i", data, data))
    return np.asarray(data / np.where(lengths > 0, lengths, 1)[:, None])


def _nearest(points: Floats, rows: NDArray[np.int64], n_neighbors: int) -> NDArray[np.int64]:
    """The nearest other rows of some rows on a map, shape (len(rows), n_neighbors)."""
    from scipy.spatial import cKDTree

    _, found = cKDTree(points).query(points[rows], k=n_neighbors + 1)
    others = found != rows[:, None]
    others[others.all(axis=1), -1] = False  # where more rows than asked for lie on one another
    return np.asarray(found[others].reshape(len(rows), n_neighbors), dtype=np.int64)


def _ranks_beyond(apart: Floats, in_order: Floats, near: NDArray[np.int64]) -> float:
    """By how many ranks the neighbours on the map are too far away in the data, summed."""
    beyond = 0.0
    for row, neighbors in enumerate(near):
        ranks = 1 + np.searchsorted(in_order[row], apart[row, neighbors])
        beyond += float(np.maximum(ranks - neighbors.size, 0).sum())
    return beyond


def _squares(points: Floats, rows: NDArray[np.int64]) -> Floats:
    """Squared distances of some rows to all, infinite to themselves."""
    squares = np.einsum("ij,ij->i", points, points)
    found = points[rows] @ points.T
    found *= -2
    found += squares
    found += squares[rows, None]
    found[np.arange(len(rows)), rows] = np.inf
    return np.asarray(found)
