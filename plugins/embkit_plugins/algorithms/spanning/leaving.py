"""The shortest edge that leaves each component, in few dimensions: leaf by leaf, the nearest first.

The rows of one component in a leaf are compared to another leaf only where the boxes around both
are nearer than the shortest edge known to leave the component, and of these rows only those that the
box is near enough to. So does the dual-tree Boruvka algorithm (March, Ram and Gray, KDD 2010), with
boxes on more than one level. Here the box of a leaf that is mostly of one component is, for rows of
that component, the box around its other rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from embkit import Floats, IntArray
from embkit_plugins.algorithms.rows.grouping import runs
from embkit_plugins.algorithms.spanning.boxes import Boxes, Leaves
from embkit_plugins.algorithms.spanning.mutual import Reachability, ReachabilityGraph

__all__ = ["leaving_by_leaves"]

_SURE = 1 - 1e-9  # of squares of boxes, that rounding makes no larger than those of their rows
_TOGETHER = 4096  # rows that are compared to leaves at once, at least
_PAIRS = 1 << 15  # of boxes, at once: their distances fit the cache of a core


def leaving_by_leaves(
    reach: Reachability,
    leaves: Leaves,
    rows: IntArray,
    component: IntArray,
    shortest: Floats,
    bound: Floats,
) -> ReachabilityGraph:
    """The shortest edge that leaves each component that the rows are of.

    Parameters
    ----------
    reach : Reachability
        Between all rows.
    leaves : Leaves
        Of all rows.
    rows : ndarray of int64, shape (n_rows,)
        All that may have a shorter edge than is known for their component, at least one.
    component : ndarray of int64, shape (n_samples,)
        Of each row.
    shortest : ndarray of float64, shape (n_components,)
        Squared length of the shortest known edge that leaves each; lowered in place.
    bound : ndarray of float64, shape (n_samples,)
        What no unknown edge of each row is shorter than.

    Returns
    -------
    ReachabilityGraph
        Edges that are shorter than those known, the shortest of each component among them.

    Notes
    -----
    Cost: some 10 n_leaves**2 n_features steps, and n_members n_features for each row and leaf that
    have to be compared: a few leaves a row.
    """
    others = _Others.of(leaves, component, reach.core)
    asking = _Asking.of(leaves, rows, component, bound, reach)
    search = _Search(reach, leaves, others, asking, component, shortest, bound)
    step = max(1, _PAIRS // len(leaves.members))
    parts = [slice(start, start + step) for start in range(0, len(asking.starts) - 1, step)]
    found = search.compared(_Pairs.union([search.nearest(part) for part in parts]))
    for part in parts:
        found += search.compared(search.near(part))
    edges = ReachabilityGraph.union([ReachabilityGraph.none(), *found])
    ends = np.maximum(shortest[component[edges.left]], shortest[component[edges.right]])
    return edges.where(edges.squares <= ends)


@dataclass(frozen=True, eq=False)
class _Others:
    """What leaves hold: all rows of each, and then again those that are not of its usual component.

    Parameters
    ----------
    component, core : ndarray of shape (n_leaves, n_members)
        Of the members of each leaf.
    usual : ndarray of int64, shape (n_leaves,)
        The component of most rows of a leaf, where it is that of more than half.
    boxes : Boxes
        2 n_leaves.
    least : ndarray of float64, shape (2 n_leaves,)
        The least squared core distance in each box.
    """

    component: IntArray
    core: Floats
    usual: IntArray
    boxes: Boxes
    least: Floats

    @classmethod
    def of(cls, leaves: Leaves, component: IntArray, core: Floats) -> "_Others":
        components = component[leaves.members]
        usual = np.median(components, axis=1).astype(np.int64)
        rest = components != usual[:, None]
        masks = (np.ones_like(rest), rest)
        values, cores = leaves.values, core[leaves.members]
        low = [values.min(axis=2, where=mask, initial=np.inf) for mask in masks]
        high = [values.max(axis=2, where=mask, initial=-np.inf) for mask in masks]
        least = [cores.min(axis=1, where=mask, initial=np.inf) for mask in masks]
        boxes = Boxes(np.concatenate(low, axis=1), np.concatenate(high, axis=1))
        return cls(components, cores, usual, boxes, np.concatenate(least))

    def seen_from(self, component: IntArray, leaves: IntArray) -> IntArray:
        """Which box of each leaf is meant for a row of a component."""
        return np.where(self.usual[leaves] == component, leaves + len(self.usual), leaves)


@dataclass(frozen=True, eq=False)
class _Asking:
    """Rows that ask for edges, in groups: those of one component in one leaf.

    Parameters
    ----------
    rows : ndarray of int64, shape (n_rows,)
        Group by group.
    starts : ndarray of int64, shape (n_groups + 1,)
        Where each group begins.
    component : ndarray of int64, shape (n_groups,)
    boxes : Boxes
        Around each group.
    floor : ndarray of float64, shape (n_groups,)
        What no unknown edge of its rows is shorter than.
    """

    rows: IntArray
    starts: IntArray
    component: IntArray
    boxes: Boxes
    floor: Floats

    @classmethod
    def of(
        cls, leaves: Leaves, rows: IntArray, component: IntArray, bound: Floats, reach: Reachability
    ) -> "_Asking":
        leaf_of = np.empty(len(component), dtype=np.int64)
        leaf_of[leaves.members.ravel()] = np.arange(leaves.members.size) // leaves.members.shape[1]
        rows = rows[np.lexsort((component[rows], leaf_of[rows]))]
        groups = leaf_of[rows] * len(component) + component[rows]
        starts = np.append(0, 1 + np.flatnonzero(np.diff(groups)))
        values = reach.points.rows[rows].T.astype(np.float64)
        low, high = (of.reduceat(values, starts, axis=1) for of in (np.minimum, np.maximum))
        floor = np.minimum.reduceat(bound[rows], starts)
        return cls(rows, np.append(starts, len(rows)), component[rows[starts]], Boxes(low, high), floor)


@dataclass(frozen=True, eq=False)
class _Pairs:
    """Groups that ask, a leaf for each, and what no edge between them is shorter than."""

    groups: IntArray
    leaves: IntArray
    floor: Floats

    @classmethod
    def union(cls, pairs: Sequence["_Pairs"]) -> "_Pairs":
        return cls(
            np.concatenate([each.groups for each in pairs]),
            np.concatenate([each.leaves for each in pairs]),
            np.concatenate([each.floor for each in pairs]),
        )


@dataclass(frozen=True, eq=False)
class _Search:
    """See `leaving_by_leaves`."""

    reach: Reachability
    leaves: Leaves
    others: _Others
    asking: _Asking
    component: IntArray
    shortest: Floats
    bound: Floats

    def nearest(self, part: slice) -> _Pairs:
        """For each of some groups the leaf that holds the nearest rows of other components."""
        floor = self._floor(part)
        leaves = floor.argmin(axis=1)
        return _Pairs(part.start + np.arange(len(floor)), leaves, floor.min(axis=1))

    def near(self, part: slice) -> _Pairs:
        """All leaves that can hold a shorter edge for a row of some groups."""
        floor = self._floor(part)
        known = self.shortest[self.asking.component[part]]
        groups, leaves = np.nonzero(floor < known[:, None])
        return _Pairs(part.start + groups, leaves, floor[groups, leaves])

    def _floor(self, part: slice) -> Floats:
        """What no edge of each group to each leaf is shorter than."""
        floor = self.asking.boxes.part(part).between(self.others.boxes)
        floor *= _SURE / self.reach.divisor
        np.maximum(floor, self.others.least, out=floor)
        everything, rest = np.split(floor, 2, axis=1)
        own = self.others.usual == self.asking.component[part, None]
        return np.maximum(np.where(own, rest, everything), self.asking.floor[part, None])

    def compared(self, pairs: _Pairs) -> list[ReachabilityGraph]:
        """Compare rows and leaves, the nearest first; edges that were the shortest when found."""
        order = np.argsort(pairs.floor, kind="stable")
        sizes = np.diff(self.asking.starts)[pairs.groups[order]]
        chunks = np.split(order, np.flatnonzero(np.diff(np.cumsum(sizes) // _TOGETHER)) + 1)
        return [self._compare(pairs.groups[chunk], pairs.leaves[chunk]) for chunk in chunks]

    def _compare(self, groups: IntArray, leaves: IntArray) -> ReachabilityGraph:
        starts, sizes = self.asking.starts[groups], np.diff(self.asking.starts)[groups]
        left, leaves = self.asking.rows[runs(starts, sizes)], np.repeat(leaves, sizes)
        own, values = self.component[left], self.reach.points.rows[left].astype(np.float64)
        boxes = self.others.seen_from(own, leaves)
        floor = self.others.boxes.beside(values, boxes) * (_SURE / self.reach.divisor)
        floor = np.maximum(floor, np.maximum(self.bound[left], self.others.least[boxes]))
        asks = floor < self.shortest[own]
        left, leaves, own = left[asks], leaves[asks], own[asks]
        squares = self.leaves.to_members(values[asks], leaves)
        squares /= self.reach.divisor
        np.maximum(squares, self.others.core[leaves], out=squares)
        squares[self.others.component[leaves] == own[:, None]] = np.inf
        nearest = squares.argmin(axis=1)
        reached = np.maximum(squares[np.arange(len(left)), nearest], self.reach.core[left])
        return self._shortest(left, self.leaves.members[leaves, nearest], reached)

    def _shortest(self, left: IntArray, right: IntArray, squares: Floats) -> ReachabilityGraph:
        """The shortest edge of each component, where it is shorter than the one known."""
        shorter = squares < self.shortest[self.component[left]]
        left, right, squares = left[shorter], right[shorter], squares[shorter]
        order = np.lexsort((right, left, squares, self.component[left]))
        best = order[np.unique(self.component[left[order]], return_index=True)[1]]
        left, right = left[best], right[best]
        edges = self.reach.edges(left, right, self.reach.points.of_pairs(left, right))
        for ends in (left, right):
            np.minimum.at(self.shortest, self.component[ends], edges.squares)
        return edges
