"""Incidence of terms in rows, in the order in which every group is an interval."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embkit import Groups, IntArray
from embkit_plugins.algorithms.naming.candidates import Terms
from embkit_plugins.algorithms.rows.grouping import runs

__all__ = ["Evidence", "gather", "place_of"]

FloatArray = NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class Evidence:
    """Rows in the order of the groups, the terms they hold, and their vectors.

    Parameters
    ----------
    starts, stops : ndarray of int, shape (n_groups,)
        The interval of each group.
    parents : ndarray of int, shape (n_groups,)
        The group that each is a part of; -1 for all rows.
    keys : ndarray of int64, shape (n_pairs,)
        ``term * n_rows + place`` for each pair of a term and a row that holds it, ascending.
    vectors : ndarray of float32, shape (n_rows, n_features)
        The rows less the mean of all.
    """

    starts: IntArray
    stops: IntArray
    parents: IntArray
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
    def around(self) -> tuple[IntArray, IntArray]:
        """Where the parent of each group starts and stops."""
        inside = self.parents >= 0
        starts, stops = np.zeros_like(self.starts), np.full_like(self.stops, self.n_rows)
        starts[inside] = self.starts[self.parents[inside]]
        stops[inside] = self.stops[self.parents[inside]]
        return starts, stops

    def totals(self, terms: IntArray) -> IntArray:
        """Count all rows that hold each term."""
        return self.count(terms, np.zeros_like(terms), np.full_like(terms, self.n_rows))

    def counts(self, groups: IntArray, terms: IntArray) -> IntArray:
        """Count the rows of groups that hold terms, pair by pair."""
        return self.count(terms, self.starts[groups], self.stops[groups])

    def count(self, terms: IntArray, starts: IntArray, stops: IntArray) -> IntArray:
        """Count the rows of one interval a term that hold it; cost O(log n_pairs) each."""
        offset = terms * self.n_rows
        counted: IntArray = np.searchsorted(self.keys, offset + stops) - np.searchsorted(
            self.keys, offset + starts
        )
        return counted

    def centres(self) -> FloatArray:
        """Average the vectors of each group; cost O(n_rows n_features), whatever the groups."""
        from scipy.sparse import csr_array

        bounds = np.unique(np.concatenate([[0], self.starts, self.stops, [self.n_rows]]))
        pieces = csr_array(
            (np.ones(self.n_rows, dtype=np.float32), np.arange(self.n_rows), bounds),
            shape=(len(bounds) - 1, self.n_rows),
        )
        total = np.zeros((len(bounds), self.vectors.shape[1]))
        np.cumsum(pieces @ self.vectors, axis=0, dtype=np.float64, out=total[1:])
        sums = total[np.searchsorted(bounds, self.stops)] - total[np.searchsorted(bounds, self.starts)]
        averaged: FloatArray = sums / np.maximum(self.sizes, 1)[:, None]
        return averaged

    def term_sums(self, terms: IntArray) -> FloatArray:
        """Add up the vectors of the rows that hold each term, float32 of shape (n_terms, n_features)."""
        from scipy.sparse import csr_array

        offset = terms * self.n_rows
        begin, end = np.searchsorted(self.keys, offset), np.searchsorted(self.keys, offset + self.n_rows)
        lengths = end - begin
        places = self.keys[runs(begin, lengths)] - np.repeat(offset, lengths)
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
        starts, stops = np.searchsorted(places, self.starts), np.searchsorted(places, self.stops)
        keys = self.keys[kept] // max(self.n_rows, 1) * len(places) + of_pair[kept]
        return Evidence(starts, stops, self.parents, keys, self.vectors[places])


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
        ordered /= np.where(lengths > 0, lengths, 1)
    if n_rows:
        ordered -= ordered.mean(axis=0, dtype=np.float64).astype(np.float32)
    starts, stops, parents = (
        np.asarray(bound, dtype=np.int64) for bound in (groups.starts, groups.stops, groups.parents)
    )
    return Evidence(starts, stops, parents, keys, ordered)
