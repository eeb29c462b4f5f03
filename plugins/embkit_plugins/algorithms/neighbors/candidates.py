"""The nearest rows of every row as far as float32 can tell, by tiles of a matrix product.

The square of tiles is symmetric: each product above the diagonal serves its rows
and its columns.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit import FloatArray, Floats, IntArray
from embkit_plugins.algorithms.neighbors.keys import (
    Keys,
    numbers_of,
    positions,
    sortable,
    values_of,
    wanted,
)
from embkit_plugins.algorithms.neighbors.search import Keeper, Offer, Worst, nearest_by_tiles
from embkit_plugins.algorithms.rows.prepare import row_blocks, row_squares

__all__ = ["TILE", "AugmentedRows", "augmented", "candidates", "squared_distances", "unscaled"]

TILE = 1024


def candidates(
    rows: FloatArray,
    n_candidates: int,
    progress: Callable[[float], Any],
    threads: int = 1,
    keeper: Keeper | None = None,
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """For every row the nearest other rows, with squared distances as float32 knows them.

    Parameters
    ----------
    rows : ndarray of shape (n_samples, n_features)
        float32 or float64; fewer than 2**32 rows.
    n_candidates : int
        How many to keep, less than n_samples.
    progress : callable
        Told the share of the work that is done.
    threads : int
        How many tiles to multiply at once.
    keeper : Keeper, optional
        Keeps what is done, for a search that is interrupted to go on from.

    Returns
    -------
    indices : ndarray of int64, shape (n_samples, n_candidates)
        In order of distance; ties by lowest row.
    squares : ndarray of float64, shape (n_samples, n_candidates)
        Squared euclidean distances.

    Notes
    -----
    Cost: n^2 d flops in float32. Memory: a float32 copy of the rows,
    8 n n_candidates bytes, and for each thread a tile of some 10 MB.
    """
    points, scale = augmented(rows)
    source = _Points(points, n_candidates)
    return unscaled(nearest_by_tiles(source, n_candidates, threads, progress, keeper), scale)


@dataclass(frozen=True, eq=False)
class _Points:
    """Rows that are `augmented`, by tiles."""

    points: NDArray[np.float32]
    n_kept: int
    kind: str = "float32"

    @cached_property
    def tiles(self) -> Sequence[slice]:
        n_samples = len(self.points)
        return [slice(start, min(start + TILE, n_samples)) for start in range(0, n_samples, TILE)]

    def offers(self, pairs: Sequence[tuple[int, int]], worst: Worst) -> list[Offer]:
        """What pairs of tiles offer each other."""
        found = []
        for tile, other in pairs:
            squares = squared_distances(self.points[self.tiles[tile]], self.points[self.tiles[other]])
            if tile == other:
                np.fill_diagonal(squares, np.inf)
            else:
                found.append(self._offer(other, tile, squares.T, worst))
            found.append(self._offer(tile, other, squares, worst))
        return found

    def _offer(self, tile: int, other: int, squares: NDArray[np.float32], worst: Worst) -> Offer:
        rows, columns = positions(wanted(squares, worst(tile).view(np.float32), self.n_kept))
        return Offer(tile, rows, sortable(squares[rows, columns], columns + self.tiles[other].start))


@dataclass(frozen=True, eq=False)
class AugmentedRows:
    """Rows (x, |x|^2, 1) of float32, centred and scaled to 1, made whenever they are read.

    Parameters
    ----------
    rows : ndarray of shape (n_samples, n_features)
        float32 or float64; read by slices and by lists of rows.
    centre : ndarray of float64, shape (n_features,)
        Subtracted from each.
    scale : float
        What the differences are divided by.
    """

    rows: FloatArray
    centre: Floats
    scale: float

    @classmethod
    def of(cls, rows: FloatArray, centre: Floats | None = None) -> "AugmentedRows":
        """About their mean, unless there is a centre; cost one pass or two."""
        if centre is None:
            centre = rows.mean(axis=0, dtype=np.float64)
        scale = max(float(np.abs(rows[block] - centre).max()) for block in row_blocks(rows))
        return cls(rows, centre, scale or 1.0)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, rows: slice | IntArray) -> NDArray[np.float32]:
        """Some rows, of the same bytes whatever others are read with them."""
        centred = self.rows[rows] - self.centre
        centred /= self.scale
        points = np.empty((len(centred), centred.shape[1] + 2), dtype=np.float32)
        points[:, :-2] = centred
        points[:, -2] = row_squares(centred)
        points[:, -1] = 1
        return points

    def held(self) -> NDArray[np.float32]:
        """All rows, shape (n_samples, n_features + 2)."""
        points = np.empty((len(self), self.rows.shape[1] + 2), dtype=np.float32)
        for block in row_blocks(self.rows):
            points[block] = self[block]
        return points


def augmented(rows: FloatArray, centre: Floats | None = None) -> tuple[NDArray[np.float32], float]:
    """All `AugmentedRows`, and their scale."""
    view = AugmentedRows.of(rows, centre)
    return view.held(), view.scale


def squared_distances(points: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    """Squared distances between `augmented` rows: (-2 x, 1, |x|^2) . (y, |y|^2, 1)."""
    left: NDArray[np.float32] = points * np.float32(-2)
    left[:, -2] = 1
    left[:, -1] = points[:, -2]
    squares: NDArray[np.float32] = left @ others.T
    return squares


def unscaled(best: Keys, scale: float) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The row numbers in keys, and their squares as of the rows before `augmented` scaled them."""
    squares = values_of(best).astype(np.float64)
    squares *= scale**2
    return numbers_of(best), squares
