"""Which rows hold which terms, in the order in which every group is an interval."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embkit_plugins.algorithms.naming.candidates import Terms
from embkit_plugins.algorithms.naming.types import Groups, IntArray

__all__ = ["Evidence", "gather", "place_of"]

FloatArray = NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class Evidence:
    """Rows in the order of the groups, the terms they hold, and their vectors.

    Parameters
    ----------
    starts, stops : ndarray of int, shape (n_groups,)
        The interval of each group.
    parent_starts, parent_stops : ndarray of int, shape (n_groups,)
        The interval of each group's parent.
    keys : ndarray of int64, shape (n_pairs,)
        ``term * n_rows + place`` for each pair of a term and a row that holds it, ascending.
    vectors : ndarray of float32, shape (n_rows, n_features)
        The rows less their mean.
    """

    starts: IntArray
    stops: IntArray
    parent_starts: IntArray
    parent_stops: IntArray
    keys: IntArray
    vectors: FloatArray

    @property
    def n_rows(self) -> int:
        """The number of rows."""
        return len(self.vectors)

    @property
    def sizes(self) -> IntArray:
        """The number of rows in each group."""
        return self.stops - self.starts

    @property
    def parent_sizes(self) -> IntArray:
        """The number of rows in each group's parent."""
        return self.parent_stops - self.parent_starts

    def count(self, terms: IntArray, starts: IntArray, stops: IntArray) -> IntArray:
        """Count the rows of intervals that hold a term, one interval a term; cost O(log n_pairs) each."""
        offset = terms * self.n_rows
        counted: IntArray = np.searchsorted(self.keys, offset + stops) - np.searchsorted(
            self.keys, offset + starts
        )
        return counted

    def places(self, term: int) -> IntArray:
        """Return the places of the rows that hold a term, ascending."""
        bounds = np.searchsorted(self.keys, [term * self.n_rows, (term + 1) * self.n_rows])
        return self.keys[bounds[0] : bounds[1]] - term * self.n_rows

    def sums(self, starts: IntArray, stops: IntArray) -> FloatArray:
        """Add up the vectors of each interval; cost O(n_rows n_features), whatever the intervals."""
        bounds = np.unique(np.concatenate([[0], starts, stops, [self.n_rows]]))
        total = np.zeros((len(bounds), self.vectors.shape[1]))
        if self.n_rows:
            pieces = np.add.reduceat(self.vectors, bounds[:-1], axis=0, dtype=np.float64)
            np.cumsum(pieces, axis=0, out=total[1:])
        summed: FloatArray = (
            total[np.searchsorted(bounds, stops)] - total[np.searchsorted(bounds, starts)]
        )
        return summed

    def term_sums(self, terms: IntArray) -> FloatArray:
        """Add up the vectors of the rows that hold each term, float32 of shape (n_terms, n_features)."""
        from scipy.sparse import csr_array

        offset = terms * self.n_rows
        begin, end = np.searchsorted(self.keys, offset), np.searchsorted(self.keys, offset + self.n_rows)
        lengths = end - begin
        taken = np.repeat(begin - np.concatenate([[0], np.cumsum(lengths)[:-1]]), lengths)
        places = self.keys[taken + np.arange(len(taken))] - np.repeat(offset, lengths)
        pointers = np.concatenate([[0], np.cumsum(lengths)])
        ones = np.ones(len(places), dtype=np.float32)
        summed: FloatArray = (
            csr_array((ones, places, pointers), shape=(len(terms), self.n_rows)) @ self.vectors
        )
        return summed

    def subset(self, places: IntArray) -> "Evidence":
        """Keep some rows, given by their ascending places."""
        new = np.full(self.n_rows, -1)
        new[places] = np.arange(len(places))
        of_pair = new[self.keys % max(self.n_rows, 1)]
        kept = of_pair >= 0
        bounds = (self.starts, self.stops, self.parent_starts, self.parent_stops)
        starts, stops, parent_starts, parent_stops = (np.searchsorted(places, bound) for bound in bounds)
        keys = self.keys[kept] // max(self.n_rows, 1) * len(places) + of_pair[kept]
        return Evidence(starts, stops, parent_starts, parent_stops, keys, self.vectors[places])


def place_of(groups: Groups, n_rows: int) -> tuple[IntArray, IntArray]:
    """Order all rows, those of no group last: the row at each place, and the place of each row."""
    rest = np.ones(n_rows, dtype=bool)
    rest[groups.order] = False
    order = np.concatenate([groups.order, np.flatnonzero(rest)]).astype(np.int64)
    place = np.empty(n_rows, dtype=np.int64)
    place[order] = np.arange(n_rows)
    return order, place


def gather(terms: Terms, vectors: FloatArray, groups: Groups, *, normalize: bool) -> Evidence:
    """Lay out rows and terms in the order of the groups; cost O(n_pairs log n_pairs + n d)."""
    n_rows = len(vectors)
    order, place = place_of(groups, n_rows)
    term = np.repeat(np.arange(len(terms)), terms.frequencies)
    keys = np.sort(term * n_rows + place[terms.texts]) if len(terms) else np.empty(0, dtype=np.int64)
    ordered = np.asarray(vectors, dtype=np.float32)[order]
    if normalize:
        lengths = np.linalg.norm(ordered, axis=1, keepdims=True)
        ordered = ordered / np.where(lengths > 0, lengths, 1)
    if n_rows:
        ordered = ordered - ordered.mean(axis=0, dtype=np.float64).astype(np.float32)
    starts, stops = groups.starts.astype(np.int64), groups.stops.astype(np.int64)
    inside = groups.parents >= 0
    parents = np.where(inside, groups.parents, 0)
    return Evidence(
        starts,
        stops,
        np.where(inside, starts[parents], 0) if len(groups) else starts,
        np.where(inside, stops[parents], n_rows) if len(groups) else stops,
        keys,
        ordered,
    )
