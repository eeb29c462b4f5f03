"""Near rows in few dimensions, by scipy's k-d tree: far sooner than products with all rows.

What the tree finds is judged by distances from differences (`SquaresToAll.of_pairs`), as what
products find is; its own distances only say which rows come into question.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from embkit import Floats, IntArray
from embkit_plugins.algorithms.distances.squares import SquaresToAll

__all__ = ["RowTree", "columns_of_others"]

_LEAF_ROWS = 32
_ROUNDING = 1e-9  # of squares that are summed in another order, and by way of square roots
_TINY = float(np.finfo(np.float64).tiny)  # squares below have lost digits


@dataclass(frozen=True, eq=False)
class RowTree:
    """Rows in a k-d tree.

    Parameters
    ----------
    points : SquaresToAll
        The rows. The more of them are equal, the longer a search takes.
    tree : scipy.spatial.KDTree
        Of them in float64.
    """

    points: SquaresToAll
    tree: Any

    @classmethod
    def of(cls, points: SquaresToAll) -> "RowTree | None":
        """A tree of rows that suit one, else None; see `SquaresToAll.suits_trees`.

        Notes
        -----
        Cost: O(n log n) steps; 8 n (n_features + 2) bytes.
        """
        from scipy.spatial import KDTree

        if not points.suits_trees:
            return None
        return cls(points, KDTree(points.rows.astype(np.float64), leafsize=_LEAF_ROWS))

    @property
    def together(self) -> IntArray:
        """All rows, near ones one after the other: in this order they are searched soonest."""
        return np.asarray(self.tree.indices, dtype=np.int64)

    def nearest(self, chosen: IntArray, n_near: int) -> tuple[IntArray, Floats]:
        """The nearest other rows of the chosen ones, as the tree knows their distances.

        Parameters
        ----------
        chosen : ndarray of int64, shape (n_chosen,)
            Rows.
        n_near : int
            How many to find for each, less than there are rows.

        Returns
        -------
        indices : ndarray of int64, shape (n_chosen, n_near)
            In order of distance.
        squares : ndarray of float64, shape (n_chosen, n_near)
            Squared distances; see `errors`.
        """
        distances, near = self.tree.query(self.points.rows[chosen], n_near + 1)
        others = columns_of_others(near, chosen, n_near)
        return np.take_along_axis(near, others, 1), np.take_along_axis(distances, others, 1) ** 2

    def errors(self, squares: Floats) -> Floats:
        """How far squares of the tree can be from those of `SquaresToAll.of_pairs`."""
        return _ROUNDING * squares + 2 * self.points.grid_errors(squares) + _TINY

    def within(self, row: int, square: float) -> IntArray:
        """All other rows whose squared distance to a row may be as little as `square`, ascending."""
        radius = np.sqrt(square + 2 * self.errors(np.array(square)))
        near = np.array(self.tree.query_ball_point(self.points.rows[row], radius), dtype=np.int64)
        return np.sort(near[near != row])


def columns_of_others(near: IntArray, own: IntArray, n_near: int) -> IntArray:
    """The first columns, for each row, in which near rows are not the row itself.

    Parameters
    ----------
    near : ndarray of int64, shape (n_rows, n_near + 1)
        Of each row, the row itself among them or not.
    own : ndarray of int64, shape (n_rows,)
        The rows.
    n_near : int
        How many columns to return.

    Returns
    -------
    ndarray of int64, shape (n_rows, n_near)
    """
    return np.argsort(near == own[:, None], axis=1, kind="stable")[:, :n_near]
