"""Rows of few dimensions in leaves of near ones, and boxes around rows."""

from dataclasses import dataclass

import numpy as np

from embkit import FloatArray, Floats, IntArray

__all__ = ["Boxes", "Leaves"]

_LEAF_ROWS = 48  # or more, where leaves would be too many
_MOST_LEAVES = 4096


@dataclass(frozen=True, eq=False)
class Boxes:
    """Axis-parallel boxes; an empty one has infinite corners the wrong way round.

    Parameters
    ----------
    low, high : ndarray of float64, shape (n_features, n_boxes)
        Their corners.
    """

    low: Floats
    high: Floats

    def between(self, others: "Boxes") -> Floats:
        """Least squared distances of each box to all others, shape (n_boxes, n_others)."""
        squares = np.zeros((self.low.shape[1], others.low.shape[1]))
        for low, high, *other in zip(self.low, self.high, others.low, others.high, strict=True):
            apart = np.maximum(low[:, None] - other[1], other[0] - high[:, None])
            np.maximum(apart, 0, out=apart)
            apart *= apart
            squares += apart
        return squares

    def beside(self, rows: Floats, boxes: IntArray) -> Floats:
        """The least squared distance of each row to its box, shape (n_rows,)."""
        squares = np.zeros(len(rows))
        for column, low, high in zip(rows.T, self.low, self.high, strict=True):
            apart = np.maximum(low[boxes] - column, column - high[boxes])
            squares += np.maximum(apart, 0) ** 2
        return squares

    def part(self, chosen: slice) -> "Boxes":
        """Some boxes."""
        return Boxes(self.low[:, chosen], self.high[:, chosen])


@dataclass(frozen=True, eq=False)
class Leaves:
    """Leaves of as many rows each.

    Parameters
    ----------
    members : ndarray of int64, shape (n_leaves, n_members)
        The rows of each; a few stand twice, so that all have as many.
    values : ndarray of float64, shape (n_features, n_leaves, n_members)
        Of the members.
    """

    members: IntArray
    values: Floats

    @classmethod
    def of(cls, rows: FloatArray) -> "Leaves":
        """Halve rows by their widest column, again and again.

        Parameters
        ----------
        rows : ndarray of shape (n_samples, n_features)
            Read column by column.

        Notes
        -----
        Cost: at most 12 sorts of n values. Memory: 8 n (n_features + 1) bytes.
        """
        n_halvings = int(np.log2(np.clip(len(rows) / _LEAF_ROWS, 1, _MOST_LEAVES)))
        n_members = -(-len(rows) >> n_halvings)
        members = np.resize(np.arange(len(rows)), (1, n_members << n_halvings))
        for _ in range(n_halvings):
            widths = np.stack([np.ptp(column[members], axis=1) for column in rows.T])
            along = rows[members, widths.argmax(axis=0)[:, None]]
            order = np.argsort(along, axis=1, kind="stable")
            members = np.take_along_axis(members, order, axis=1).reshape(2 * len(members), -1)
        values = np.stack([column[members].astype(np.float64) for column in rows.T])
        return cls(members, values)

    def to_members(self, rows: Floats, leaves: IntArray) -> Floats:
        """The squared distances of each row to those of its leaf, shape (n_rows, n_members)."""
        squares = np.zeros((len(rows), self.members.shape[1]))
        for column, values in zip(rows.T, self.values, strict=True):
            apart = values[leaves]
            apart -= column[:, None]
            apart *= apart
            squares += apart
        return squares
