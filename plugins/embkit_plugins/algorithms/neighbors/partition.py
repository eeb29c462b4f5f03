"""Random partitions of rows into leaves: each row is in those of its nearest leaders."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embkit import IntArray
from embkit_plugins.algorithms.neighbors.candidates import TILE, squared_distances
from embkit_plugins.algorithms.rows.threads import in_order

__all__ = ["LEAF_ROWS", "OVERLAP", "Partition", "random_partition"]

LEAF_ROWS = 800  # on average
OVERLAP = 3  # leaves of each row


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


def random_partition(
    points: NDArray[np.float32], rng: np.random.Generator, threads: int = 1
) -> Partition:
    """Draw leaders, and put every row into the leaves of its nearest ones.

    Parameters
    ----------
    points : ndarray of float32, shape (n_samples, n_features + 2)
        `augmented` rows, at least `OVERLAP`.
    rng : Generator
        Draws the leaders.
    threads : int
        Of which the result does not depend.

    Notes
    -----
    Cost: 2 n d (n / 267) flops in float32; 24 bytes a row.
    """
    n_leaves = max(OVERLAP, round(len(points) * OVERLAP / LEAF_ROWS))
    leaders = np.sort(rng.choice(len(points), n_leaves, replace=False)).astype(np.int64)
    nearest = np.empty((len(points), OVERLAP), dtype=np.int32)
    around = points[leaders]

    def assigned(start: int) -> tuple[int, IntArray]:
        squares = squared_distances(points[start : start + TILE], around)
        return start, np.argpartition(squares, OVERLAP - 1, axis=1)[:, :OVERLAP]

    for start, found in in_order(assigned, range(0, len(points), TILE), threads):
        nearest[start : start + TILE] = found
    order = np.argsort(nearest, axis=None, kind="stable")
    bounds = np.searchsorted(nearest.ravel()[order], np.arange(n_leaves + 1)).astype(np.int64)
    filled = np.diff(bounds) > 0  # of equal leaders some get no row
    return Partition(
        leaders[filled], (order // OVERLAP).astype(np.int32), np.append(bounds[:-1][filled], bounds[-1])
    )
