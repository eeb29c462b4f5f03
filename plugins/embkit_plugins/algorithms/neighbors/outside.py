"""For chosen rows, a near row of another group: the nearest in the nearest leaves that hold one."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from embkit import FloatArray, Floats, IntArray
from embkit_plugins.algorithms.neighbors.candidates import (
    TILE,
    augmented,
    squared_distances,
)
from embkit_plugins.algorithms.neighbors.keys import (
    Keys,
    no_candidates,
    numbers_of,
    sortable,
)
from embkit_plugins.algorithms.neighbors.partition import Partition, random_partition
from embkit_plugins.algorithms.rows.calls import Calls
from embkit_plugins.algorithms.rows.prepare import column_means
from embkit_plugins.algorithms.rows.threads import in_order

__all__ = ["Outside"]

_LEAVES = 8  # looked at for each row
_MIXED = -1
_VALUES = 1 << 22  # squares at once


@dataclass(frozen=True, eq=False)
class Outside:
    """Rows in leaves, to find near ones of another group in.

    Parameters
    ----------
    points : ndarray of float32, shape (n_samples, n_features + 2)
        `augmented` rows.
    floor : ndarray of float32, shape (n_samples,)
        What a square counts at least, in the scale of the points.
    leaves : Partition
        Of the points.
    threads : int
        How many to work with.
    """

    points: NDArray[np.float32]
    floor: NDArray[np.float32]
    leaves: Partition
    threads: int

    @classmethod
    def of(cls, rows: FloatArray, floor: Floats, *, seed: int = 0, threads: int = 1) -> "Outside":
        """Divide rows into leaves.

        Parameters
        ----------
        rows : ndarray of shape (n_samples, n_features)
            Read by slices and by lists of rows.
        floor : ndarray of float64, shape (n_samples,)
            What the squared distance to each row counts at least.
        seed : int
            Of the leaders.
        threads : int
            Of which results do not depend.
        """
        from threadpoolctl import threadpool_limits

        with threadpool_limits(1, user_api="blas"):
            points, scale = augmented(rows, column_means(rows))
            leaves = random_partition(Calls.here(points, threads), np.random.default_rng(seed))
        return cls(points, (floor / scale**2).astype(np.float32), leaves, threads)

    def nearest(self, chosen: IntArray, group: IntArray) -> IntArray:
        """A near row of another group for each chosen row; there must be one.

        Parameters
        ----------
        chosen : ndarray of int64, shape (n_chosen,)
            Rows.
        group : ndarray of int64, shape (n_samples,)
            0 or more, at least two of them.

        Notes
        -----
        Cost: for each chosen row its distances to all leaders, and to the rows of 8 leaves.
        """
        from threadpoolctl import threadpool_limits

        with threadpool_limits(1, user_api="blas"):
            probed = self._leaves_of(chosen, group)

            def searched(part: tuple[int, IntArray]) -> tuple[IntArray, Keys]:
                number, places = part
                return places, self._in_leaf(number, chosen[places], group)

            best = no_candidates(len(chosen), 1)[:, 0]
            for places, keys in in_order(searched, self._asking(probed), self.threads):
                best[places] = np.minimum(best[places], keys)
        return numbers_of(best)

    def _asking(self, probed: IntArray) -> Iterator[tuple[int, IntArray]]:
        """Leaves, each with the places of some of the rows that look into it."""
        order = np.argsort(probed, axis=None, kind="stable")
        bounds = np.searchsorted(probed.ravel()[order], np.arange(len(self.leaves) + 1))
        sizes = np.diff(self.leaves.bounds)
        for number, (start, stop) in enumerate(pairwise(bounds)):
            step = max(1, _VALUES // int(sizes[number]))
            for first in range(start, stop, step):
                yield number, order[first : min(first + step, stop)] // _LEAVES

    def _leaves_of(self, chosen: IntArray, group: IntArray) -> IntArray:
        """The nearest leaves of each chosen row that hold rows of other groups, n_leaves for none."""
        holds = self._holds(group)
        around = self.points[self.leaves.leaders]
        most = min(_LEAVES, len(self.leaves))

        def found(start: int) -> IntArray:
            rows = chosen[start : start + TILE]
            squares = squared_distances(self.points[rows], around)
            squares[holds == group[rows, None]] = np.inf
            nearest = np.full((len(rows), _LEAVES), len(self.leaves))
            nearest[:, :most] = np.argpartition(squares, most - 1, axis=1)[:, :most]
            useless = ~np.isfinite(np.take_along_axis(squares, nearest[:, :most], axis=1))
            nearest[:, :most][useless] = len(self.leaves)
            return nearest

        return np.concatenate(list(in_order(found, range(0, len(chosen), TILE), self.threads)))

    def _holds(self, group: IntArray) -> IntArray:
        """The group of all rows of each leaf, `_MIXED` where there are several."""
        groups = group[self.leaves.members]
        starts = self.leaves.bounds[:-1]
        low, high = np.minimum.reduceat(groups, starts), np.maximum.reduceat(groups, starts)
        holds: IntArray = np.where(low == high, low, _MIXED)
        return holds

    def _in_leaf(self, number: int, asking: IntArray, group: IntArray) -> Keys:
        """The nearest row of another group in one leaf, for each asking row."""
        leaf = self.leaves.leaf(number)
        squares = squared_distances(self.points[asking], self.points[leaf])
        np.maximum(squares, self.floor[leaf], out=squares)
        squares[group[asking, None] == group[leaf]] = np.inf
        nearest = squares.argmin(axis=1)
        return sortable(squares[np.arange(len(asking)), nearest], leaf[nearest])
