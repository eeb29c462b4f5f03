"""The centres of one iteration, as the products with blocks of rows need them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embkit import Floats, IntArray
from embkit_plugins.algorithms.rows.grouping import by_group

__all__ = ["Centres", "Drift"]


@dataclass(frozen=True, eq=False)
class Centres:
    """Centres in groups; every group shares a lower bound in each row.

    Parameters
    ----------
    positions : ndarray of float64, shape (n_clusters, n_features)
        The centres.
    group : ndarray of int64, shape (n_clusters,)
        The group of each centre, 0 to n_groups - 1, none of them empty.
    order : ndarray of int64, shape (n_clusters,)
        The centres by group, then by number.
    starts : ndarray of int64, shape (n_groups + 1,)
        Where in `order` each group starts.
    doubled : ndarray of float32, shape (n_clusters, n_features)
        Minus two times the positions, in `order`.
    squares : ndarray of float32, shape (n_clusters,)
        Squared lengths, in `order`.
    place : ndarray of int64, shape (n_clusters,)
        Where in `order` each centre is.
    """

    positions: Floats
    group: IntArray
    order: IntArray
    starts: IntArray
    doubled: NDArray[np.float32]
    squares: NDArray[np.float32]
    place: IntArray

    @classmethod
    def of(cls, positions: Floats, group: IntArray) -> "Centres":
        """Prepare positions for products."""
        order, starts = by_group(group, int(group.max()) + 1)
        ordered = positions[order]
        return cls(
            positions,
            group,
            order,
            starts,
            (-2 * ordered).astype(np.float32),
            np.einsum("ij,ij->i", ordered, ordered).astype(np.float32),
            np.argsort(order),
        )

    @property
    def n_groups(self) -> int:
        """Number of groups."""
        return len(self.starts) - 1

    @property
    def reach(self) -> float:
        """Length of the longest centre."""
        return float(np.sqrt(self.squares.max()))

    def moved_to(self, positions: Floats) -> "tuple[Centres, Drift]":
        """The same groups elsewhere, and how far they went."""
        apart = positions - self.positions
        each = np.sqrt(np.einsum("ij,ij->i", apart, apart))
        longest = np.maximum.reduceat(each[self.order], self.starts[:-1])
        return Centres.of(positions, self.group), Drift(each, longest)


@dataclass(frozen=True, eq=False)
class Drift:
    """How far centres have gone.

    Parameters
    ----------
    each : ndarray of float64, shape (n_clusters,)
        For each centre.
    groups : ndarray of float64, shape (n_groups,)
        The farthest of each group.
    """

    each: Floats
    groups: Floats
