"""Mutual reachability between rows, and graphs of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from embkit import Floats, IntArray
from embkit_plugins.algorithms.distances.squares import SquaresToAll
from embkit_plugins.algorithms.spanning.boxes import Leaves

__all__ = ["Reachability", "ReachabilityGraph"]


@dataclass(frozen=True, eq=False)
class ReachabilityGraph:
    """Undirected edges.

    Parameters
    ----------
    left, right : ndarray of int64, shape (n_edges,)
        The ends.
    squares : ndarray of float64, shape (n_edges,)
        Squared lengths.
    """

    left: IntArray
    right: IntArray
    squares: Floats

    def among(self, component: IntArray) -> "ReachabilityGraph":
        """The edges between different components."""
        return self.where(component[self.left] != component[self.right])

    def where(self, chosen: NDArray[np.bool_]) -> "ReachabilityGraph":
        """Some of the edges."""
        return ReachabilityGraph(self.left[chosen], self.right[chosen], self.squares[chosen])

    @classmethod
    def none(cls) -> "ReachabilityGraph":
        """No edges."""
        nowhere = np.empty(0, dtype=np.int64)
        return cls(nowhere, nowhere, np.empty(0))

    @classmethod
    def union(cls, graphs: Sequence["ReachabilityGraph"]) -> "ReachabilityGraph":
        """The edges of all."""
        return cls(
            np.concatenate([graph.left for graph in graphs]),
            np.concatenate([graph.right for graph in graphs]),
            np.concatenate([graph.squares for graph in graphs]),
        )


@dataclass(frozen=True, eq=False)
class Reachability:
    """Mutual reachability between rows, squared: the largest of both cores and square / divisor.

    Parameters
    ----------
    points : SquaresToAll
        The rows.
    core : ndarray of float64, shape (n_samples,)
        Squared core distances.
    divisor : float
        Of squared distances.
    """

    points: SquaresToAll
    core: Floats
    divisor: float

    def edges(self, left: IntArray, right: IntArray, squares: Floats) -> ReachabilityGraph:
        """Edges of that reachability, from the squared distances of their ends."""
        cores = np.maximum(self.core[left], self.core[right])
        return ReachabilityGraph(left, right, np.maximum(cores, squares / self.divisor))

    @cached_property
    def leaves(self) -> Leaves | None:
        """Leaves of near rows, where they are found sooner by these."""
        return Leaves.of(self.points.rows) if self.points.suits_trees else None

    def shortest_leaving(
        self, chosen: IntArray, component: IntArray
    ) -> tuple[ReachabilityGraph, Floats]:
        """For each chosen row its shortest edge to another component, and the squared length of it."""
        reach = self.points.of_rows(chosen)
        reach /= self.divisor
        np.maximum(reach, self.core, out=reach)
        np.maximum(reach, self.core[chosen, None], out=reach)
        reach[component[chosen, None] == component] = np.inf
        nearest = reach.argmin(axis=1)
        edges = self.edges(chosen, nearest, self.points.of_pairs(chosen, nearest))
        return edges, edges.squares
