"""For every cluster the nearest others that are known, and how far the knowledge reaches."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embkit import Floats, IntArray

__all__ = ["Lists", "nearest_columns", "tidy"]


@dataclass(eq=False)
class Lists:
    """The nearest other clusters of every cluster, changed in place as clusters merge.

    Parameters
    ----------
    ids : ndarray of int64, shape (n_clusters, width)
        Clusters in order of distance, ties by lowest number; -1 where a list ends.
    distances : ndarray of float64, shape (n_clusters, width)
        How far they are; infinite where a list ends.
    reach : ndarray of float64, shape (n_clusters,)
        No cluster that is missing in a list is nearer than this.
    """

    ids: IntArray
    distances: Floats
    reach: Floats

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def width(self) -> int:
        """How many clusters a list can hold."""
        return int(self.ids.shape[1])

    def stale(self, below: float = np.inf) -> NDArray[np.bool_]:
        """Which lists do not know the nearest cluster, and might have one nearer than `below`."""
        stale: NDArray[np.bool_] = (self.distances[:, 0] > self.reach) & (self.reach < below)
        return stale

    def put(self, where: IntArray | NDArray[np.bool_], lists: "Lists") -> None:
        """Replace the lists of the given clusters."""
        self.ids[where], self.distances[where], self.reach[where] = (
            lists.ids,
            lists.distances,
            lists.reach,
        )

    def take(self, where: IntArray | NDArray[np.bool_]) -> "Lists":
        """The lists of the given clusters only."""
        return Lists(self.ids[where], self.distances[where], self.reach[where])

    def without(self, gone: IntArray) -> "Lists":
        """The lists after the given clusters, which no list holds any more, have left."""
        live = np.ones(len(self), dtype=bool)
        live[gone] = False
        number = np.append(np.cumsum(live) - 1, -1)  # the last one stands for -1
        return Lists(number[self.ids[live]], self.distances[live], self.reach[live])


def tidy(ids: IntArray, distances: Floats, reach: Floats, width: int) -> Lists:
    """Sort lists, and leave out repeats, what lies beyond reach (but the nearest), and what is too much.

    Parameters
    ----------
    ids : ndarray of int64, shape (n, any)
        In any order; -1 for nothing. A cluster that stands twice does so with one distance.
    distances : ndarray of float64, shape (n, any)
        Infinite for nothing.
    reach : ndarray of float64, shape (n,)
        No cluster that is missing is nearer; lowered where a list is cut short.
    width : int
        How many to keep.
    """
    order = np.lexsort((ids, distances), axis=1)
    ids = np.take_along_axis(ids, order, axis=1)
    distances = np.take_along_axis(distances, order, axis=1)
    drop = distances > np.maximum(reach, distances[:, 0])[:, None]
    drop[:, 1:] |= ids[:, 1:] == ids[:, :-1]
    drop |= ids < 0
    ids, distances = np.where(drop, -1, ids), np.where(drop, np.inf, distances)
    order = np.argsort(distances, axis=1, kind="stable")
    ids = np.take_along_axis(ids, order, axis=1)
    distances = np.take_along_axis(distances, order, axis=1)
    if ids.shape[1] > width:
        reach = np.minimum(reach, distances[:, width])
    elif ids.shape[1] < width:
        missing = ((0, 0), (0, width - ids.shape[1]))
        ids = np.pad(ids, missing, constant_values=-1)
        distances = np.pad(distances, missing, constant_values=np.inf)
    return Lists(ids[:, :width], distances[:, :width], reach)


def nearest_columns(distances: NDArray[np.floating], n_nearest: int) -> IntArray:
    """The columns of the smallest values of every row, in no order.

    Only stripes of columns whose smallest value is among the smallest are
    opened, so that most values are looked at once.

    Parameters
    ----------
    distances : ndarray of shape (n, m)
        Some floating dtype.
    n_nearest : int
        At most m.

    Returns
    -------
    ndarray of int64, shape (n, n_nearest)
    """
    n, m = distances.shape
    n_stripes = int(np.sqrt(n_nearest * m))
    depth = m // n_stripes
    if depth < 4:
        return np.argpartition(distances, n_nearest - 1, axis=1)[:, :n_nearest]
    striped = n_stripes * depth
    lowest = distances[:, :striped].reshape(n, depth, n_stripes).min(axis=1)
    stripes = np.argpartition(lowest, n_nearest - 1, axis=1)[:, :n_nearest]
    opened = (stripes[:, :, None] + np.arange(0, striped, n_stripes)).reshape(n, -1)
    rest = np.broadcast_to(np.arange(striped, m), (n, m - striped))
    columns = np.concatenate([opened, rest], axis=1)
    values = np.take_along_axis(distances, columns, axis=1)
    chosen = np.argpartition(values, n_nearest - 1, axis=1)[:, :n_nearest]
    return np.take_along_axis(columns, chosen, axis=1)
