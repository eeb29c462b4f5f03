"""Random partitions of rows into leaves: each row is in those of its nearest leaders."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit import IntArray
from embkit_plugins.algorithms.neighbors.candidates import TILE, squared_distances
from embkit_plugins.algorithms.rows.calls import Calls
from embkit_plugins.algorithms.rows.grouping import by_group

__all__ = ["LEAF_ROWS", "OVERLAP", "Partition", "random_partition"]

LEAF_ROWS = 800  # on average
OVERLAP = 3  # leaves of each row
_TOGETHER = 16  # tiles: 50 ms each for a million rows


@dataclass(frozen=True, eq=False)
class Partition:
    """Leaves, none of them empty.

    Parameters
    ----------
    leaders : ndarray of int64, shape (n_leaves,)
        The row that each leaf is around, ascending.
    members : ndarray of int64, shape (n_samples * OVERLAP,)
        The rows of all leaves, leaf by leaf, ascending in each.
    bounds : ndarray of int64, shape (n_leaves + 1,)
        Where each leaf begins among the members.
    """

    leaders: IntArray
    members: NDArray[np.int32]
    bounds: IntArray

    def __len__(self) -> int:
        return len(self.leaders)

    def leaf(self, number: int) -> IntArray:
        """The rows of one leaf."""
        return self.members[self.bounds[number] : self.bounds[number + 1]].astype(np.int64)

    def together(self) -> IntArray:
        """All rows, those in the same leaves one after the other, shape (n_samples,)."""
        leaf_of = np.repeat(np.arange(len(self), dtype=np.int32), np.diff(self.bounds))
        leaves = leaf_of[np.argsort(self.members, kind="stable")].reshape(-1, OVERLAP)
        return np.lexsort(leaves.T[::-1])


def random_partition(calls: Calls, rng: np.random.Generator) -> Partition:
    """Draw leaders, and put every row into the leaves of its nearest ones.

    Parameters
    ----------
    calls : Calls
        Of `augmented` rows, at least `OVERLAP`.
    rng : Generator
        Draws the leaders.

    Notes
    -----
    Cost: 2 n d (n / 267) flops in float32; 24 bytes a row.
    """
    n_samples = len(calls.rows)
    n_leaves = max(OVERLAP, round(n_samples * OVERLAP / LEAF_ROWS))
    leaders = np.sort(rng.choice(n_samples, n_leaves, replace=False)).astype(np.int64)
    nearest = np.empty((n_samples, OVERLAP), dtype=np.int32)
    around = calls.share(calls.rows[leaders])
    tiles = [slice(start, start + TILE) for start in range(0, n_samples, TILE)]
    nearby = calls.map(_nearest_leaders, tiles, around, together=_TOGETHER)
    for tile, found in zip(tiles, nearby, strict=True):
        nearest[tile] = found
    order, bounds = by_group(nearest.ravel(), n_leaves)
    filled = np.diff(bounds) > 0  # of equal leaders some get no row
    return Partition(
        leaders[filled], (order // OVERLAP).astype(np.int32), np.append(bounds[:-1][filled], bounds[-1])
    )


def _nearest_leaders(points: Any, around: NDArray[np.float32], tile: slice) -> NDArray[np.int32]:
    squares = squared_distances(points[tile], around)
    return np.argpartition(squares, OVERLAP - 1, axis=1)[:, :OVERLAP].astype(np.int32)
