"""Rows and distances as silhouettes need them, in float64."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit import Floats
from embkit_plugins.algorithms.rows.prepare import column_means, row_blocks, row_squares

__all__ = ["ByScipy", "Euclidean", "centred_units", "less_mean"]

_NEAR_SQUARE = 2e-8  # of a squared norm: closer pairs are taken again, from differences
_NEAR_VALUES = 1 << 22


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


@dataclass(frozen=True, eq=False)
class CentredRows:
    """Rows (x, |x|^2, 1) in float64, x being a row less a centre, made whenever they are read."""

    rows: NDArray[Any]
    centre: Floats

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, rows: slice) -> Floats:
        """Consecutive rows, of the same bytes whatever others are read with them."""
        block = self.rows[rows]
        points = np.empty((len(block), block.shape[1] + 2))
        np.subtract(block, self.centre, out=points[:, :-2])
        points[:, -2] = row_squares(points[:, :-2])
        points[:, -1] = 1
        return points


@dataclass(frozen=True, eq=False)
class DoubleRows:
    """Rows in float64, made whenever they are read."""

    rows: NDArray[Any]

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, rows: slice) -> Floats:
        """Consecutive rows."""
        return self.rows[rows].astype(np.float64)


class Euclidean:
    """Euclidean distances by products of `CentredRows`; near ones from differences."""

    def view(self, vectors: NDArray[Any]) -> Callable[[Any], CentredRows]:
        """How rows are read, about the mean of these."""
        return partial(CentredRows, centre=column_means(vectors))

    def to(self, block: Floats) -> Callable[[Floats, int], Floats]:
        """A function of other rows: ``distances(others, offset)``, shape (n_others, n_rows).

        Row i of the block is row i + offset of the others, if there is one.
        """
        # (x, |x|^2, 1) . (-2 y, 1, |y|^2) is the squared distance: one product does it all.
        turned, norms = -2 * block, block[:, -2]
        turned[:, -2] = 1
        turned[:, -1] = norms

        def distances(others: Floats, offset: int) -> Floats:
            squares: Floats = others @ turned.T
            near = squares <= _NEAR_SQUARE * norms
            columns = np.arange(max(0, -offset), min(len(block), len(others) - offset))
            squares[columns + offset, columns] = 0.0
            near[columns + offset, columns] = False
            if near.any():
                squares[near] = _squares_again(others, block, near)
            np.sqrt(squares, out=squares)
            return squares

        return distances


def _squares_again(others: Floats, block: Floats, near: NDArray[np.bool_]) -> Floats:
    """Squares of the pairs marked in `near`, from differences."""
    left, right = np.nonzero(near)
    squares = np.empty(len(left))
    step = max(1, _NEAR_VALUES // block.shape[1])
    for start in range(0, len(left), step):
        chosen = slice(start, start + step)
        difference = others[left[chosen], :-2] - block[right[chosen], :-2]
        squares[chosen] = np.einsum("ij,ij->i", difference, difference)
    return squares


@dataclass(frozen=True)
class ByScipy:
    """Distances of a metric of scipy's ``cdist``; see `Euclidean`."""

    metric: str

    def view(self, _vectors: NDArray[Any]) -> Callable[[Any], DoubleRows]:
        """How rows are read."""
        return DoubleRows

    def to(self, block: Floats) -> Callable[[Floats, int], Floats]:
        """A function of other rows; see `Euclidean.to`."""
        from scipy.spatial.distance import cdist

        def distances(others: Floats, _offset: int) -> Floats:
            apart: Floats = cdist(others, block, self.metric)
            return apart

        return distances
