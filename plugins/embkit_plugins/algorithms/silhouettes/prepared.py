"""Rows and distances as silhouettes need them, in float64."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit import Floats
from embkit_plugins.algorithms.distances.pairs import NearPairs
from embkit_plugins.algorithms.rows.prepare import column_means, row_blocks

__all__ = ["centred_units", "euclidean", "less_mean", "scipy_distances"]

_NEAR_SQUARE = 2e-8  # of a squared norm: closer pairs are taken again, from differences


def _unit(block: NDArray[Any]) -> Floats:
    points = block.astype(np.float64)
    norms = np.sqrt(np.einsum("ij,ij->i", points, points))
    points /= np.where(norms > 0, norms, 1)[:, None]
    return points


def centred_units(vectors: NDArray[Any]) -> Callable[[NDArray[Any]], Floats]:
    """Unit rows less their mean: near-parallel rows keep the digits in which they differ."""
    centre = np.zeros(vectors.shape[1])
    for rows in row_blocks(vectors):
        centre += _unit(vectors[rows]).sum(axis=0)
    centre /= len(vectors)

    def centred(block: NDArray[Any]) -> Floats:
        points = _unit(block)
        points -= centre
        return points

    return centred


def less_mean(vectors: NDArray[Any]) -> Callable[[NDArray[Any]], Floats]:
    """Move the mean to the origin: distances stay, and fewer digits cancel."""
    centre = column_means(vectors)

    def centred(block: NDArray[Any]) -> Floats:
        moved: Floats = block - centre
        return moved

    return centred


def euclidean(vectors: NDArray[Any]) -> Callable[[slice], Floats]:
    """Euclidean distances of all rows to a block of them; near ones from differences."""
    points = less_mean(vectors)(vectors)
    norms = np.einsum("ij,ij->i", points, points)
    # (x, |x|^2, 1) . (-2 y, 1, |y|^2) is the squared distance: one product does it all.
    left = np.column_stack([points, norms, np.ones(len(points))])

    again = NearPairs(points)
    everything = slice(0, len(points))

    def distances(rows: slice) -> Floats:
        block_norms = norms[rows]
        right = np.column_stack([-2 * points[rows], np.ones(len(block_norms)), block_norms])
        squares: Floats = left @ right.T
        near = squares <= _NEAR_SQUARE * block_norms
        columns = np.arange(len(block_norms))
        squares[rows.start + columns, columns] = 0.0
        near[rows.start + columns, columns] = False
        if near.any():
            squares[near] = again.squares_again(everything, rows, near)
        np.sqrt(squares, out=squares)
        return squares

    return distances


def scipy_distances(vectors: NDArray[Any], metric: str) -> Callable[[slice], Floats]:
    """Distances of all rows to a block of them, by a metric of scipy's ``cdist``."""
    from scipy.spatial.distance import cdist

    points = vectors.astype(np.float64)

    def distances(rows: slice) -> Floats:
        block: Floats = cdist(points, points[rows], metric)
        return block

    return distances
