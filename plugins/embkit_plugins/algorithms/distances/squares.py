"""Squared euclidean distances in float64: of chosen pairs, and of chosen rows to all rows."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from embkit import FloatArray, Floats, IntArray
from embkit_plugins.algorithms.rows.prepare import first_equal, row_blocks

__all__ = ["UNIT_GRID", "SquaresToAll", "block_rows", "distances_of_squares", "pair_squares"]

# Distances of unit rows are rounded to multiples of it, some thousand times the rounding of the
# rows themselves: equal angles make equal distances, and ties fall as if nothing was rounded.
UNIT_GRID = 2.0**-42

# In more, rows of one dense group are found no sooner by trees than by products: for the neighbours
# of 20,000 normally distributed rows a tree takes 0.3 of the time in 5 dimensions, as long in 8, and
# four times in 12.
_FEW_DIMENSIONS = 8
_PAIR_VALUES = 1 << 15  # three temporaries of that size fit the cache of a core
_COLUMN_BYTES = 1 << 25
_BLOCK_VALUES = 1 << 21
_BLOCK_ROWS = 64  # fewer would not be worth the conversion of all rows to float64


def distances_of_squares(squares: Floats, metric: str) -> Floats:
    """Distances from the squared euclidean ones of `rows_of_metric`: euclidean, or 0 to 2 of angles."""
    return np.asarray(np.sqrt(squares) if metric == "euclidean" else np.minimum(squares / 2, 2))


def block_rows(n_samples: int) -> int:
    """How many rows to compare to all `n_samples` rows at once: 16 MB of distances, or 64 rows."""
    return max(_BLOCK_ROWS, _BLOCK_VALUES // n_samples)


def pair_squares(
    rows: FloatArray, left: IntArray, right: IntArray, grid: float = 0.0
) -> NDArray[np.float64]:
    """Squared distances of pairs of rows, from the differences of their values.

    Nothing cancels, so that equal rows are at distance 0 and close ones keep
    all their digits.

    Parameters
    ----------
    rows : ndarray of shape (n_samples, n_features)
        float32 or float64.
    left, right : ndarray of int64, shape (n_pairs,)
        Row numbers of the pairs.
    grid : float
        Round the distances to multiples of it; 0 leaves them as they are.

    Returns
    -------
    ndarray of float64, shape (n_pairs,)
    """
    squares = np.empty(len(left))
    step = max(1, _PAIR_VALUES // rows.shape[1])
    for start in range(0, len(left), step):
        chosen = slice(start, start + step)
        differences = rows[left[chosen]].astype(np.float64)
        differences -= rows[right[chosen]]
        squares[chosen] = np.einsum("ij,ij->i", differences, differences)
    if grid:
        np.sqrt(squares, out=squares)
        squares /= grid
        np.rint(squares, out=squares)
        squares *= grid
        squares *= squares
    return squares


@dataclass(frozen=True, eq=False)
class SquaresToAll:
    """Squared distances of chosen rows to all rows, by matrix products in float64.

    Parameters
    ----------
    rows : ndarray of shape (n_samples, n_features)
        float32 or float64.
    centre : ndarray of float64, shape (n_features,)
        Their mean. Distances are taken from there, so that a far origin costs
        no digits.
    norms : ndarray of float64, shape (n_samples,)
        Squared distance of each row to the centre.
    grid : float
        Of distances from differences, see `pair_squares`.
    """

    rows: FloatArray
    centre: NDArray[np.float64]
    norms: NDArray[np.float64]
    grid: float = 0.0

    @cached_property
    def first(self) -> IntArray:
        """For each row the lowest that is equal to it."""
        return first_equal(self.rows)

    @classmethod
    def of(cls, rows: FloatArray, grid: float = 0.0) -> "SquaresToAll":
        """Prepare a matrix; cost one pass over it."""
        centre = rows.mean(axis=0, dtype=np.float64)
        norms = np.empty(len(rows))
        for block in row_blocks(rows):
            centred = rows[block] - centre
            norms[block] = np.einsum("ij,ij->i", centred, centred)
        return cls(rows, centre, norms, grid)

    def of_pairs(self, left: IntArray, right: IntArray) -> NDArray[np.float64]:
        """Squared distances of pairs of rows, from differences; see `pair_squares`."""
        return pair_squares(self.rows, left, right, self.grid)

    @property
    def suits_trees(self) -> bool:
        """Whether trees find near rows sooner than products: dimensions are few, no square overflows."""
        return self.rows.shape[1] <= _FEW_DIMENSIONS and bool(np.isfinite(4 * self.norms.max()))

    @property
    def rounding(self) -> NDArray[np.float64]:
        """Bound of the rounding error of each row's smaller results, shape (n_samples,)."""
        bound: NDArray[np.float64] = 1e-14 * np.sqrt(self.rows.shape[1]) * self.norms
        return bound

    def grid_errors(self, squares: Floats) -> Floats:
        """How far rounding distances to the grid can move their squares."""
        return self.grid * np.sqrt(squares) + self.grid**2

    def of_rows(self, chosen: IntArray) -> NDArray[np.float64]:
        """Squared distances of the chosen rows to all rows, 0 or more.

        Returns
        -------
        ndarray of float64, shape (len(chosen), n_samples)
            Good to about 1e-15 of the squared norms; take what must be better
            from `pair_squares`. Cost: 2 len(chosen) n_samples n_features flops.
        """
        squares = np.empty((len(chosen), len(self.rows)))
        left = -2 * (self.rows[chosen] - self.centre)
        for block in row_blocks(self.rows, _COLUMN_BYTES):
            np.matmul(left, (self.rows[block] - self.centre).T, out=squares[:, block])
        squares += self.norms
        squares += self.norms[chosen, None]
        np.maximum(squares, 0.0, out=squares)
        return squares
