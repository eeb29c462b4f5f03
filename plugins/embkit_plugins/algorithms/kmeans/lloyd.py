"""Lloyd's iteration: rows to their nearest centres, centres to the means of their rows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from embkit import Floats, IntArray
from embkit_plugins.algorithms.kmeans.assign import Bounds, assigned, nearest_of_all
from embkit_plugins.algorithms.kmeans.centres import Centres, Drift
from embkit_plugins.algorithms.kmeans.empty import without_empty
from embkit_plugins.algorithms.kmeans.parts import FOLD, Parts
from embkit_plugins.algorithms.kmeans.points import Points
from embkit_plugins.algorithms.kmeans.sums import Change, Sums
from embkit_plugins.algorithms.rows.threads import in_order

__all__ = ["GROUP_SIZE", "Fit", "lloyd"]

GROUP_SIZE = 128  # centres that share a bound: products of fewer are slow for what they spare
_GROUPING = 5  # iterations to find the groups, which need not be good
_WITHOUT_BOUNDS = 2  # iterations in which centres move too far for any bound to hold


@dataclass(frozen=True, eq=False)
class Fit:
    """Where Lloyd's iteration ended.

    Parameters
    ----------
    labels : ndarray of int64, shape (n_samples,)
        The nearest centre of each row, ties by lowest centre.
    centres : ndarray of float64, shape (n_clusters, n_features)
        Among the vectors; of length 1 for spherical points.
    inertia : float
        Sum of squared distances of the rows to their centres.
    n_iter : int
        Iterations.
    converged : bool
        Whether it ended before `max_iter`.
    n_distances : int
        Distances between rows and centres that were computed.
    """

    labels: IntArray
    centres: Floats
    inertia: float
    n_iter: int
    converged: bool
    n_distances: int

    @property
    def n_clusters(self) -> int:
        """Number of clusters that have rows."""
        return len(np.unique(self.labels))


def lloyd(
    points: Points,
    start: Floats,
    *,
    max_iter: int = 300,
    tol: float = 1e-4,
    group_size: int = GROUP_SIZE,
    threads: int = 1,
    parts: Parts | None = None,
    progress: Callable[[float, str], Any] = lambda _done, _note: None,
) -> Fit:
    """Iterate from given centres, as scikit-learn does, with its rules for the end.

    The labels are those of plain Lloyd's from the same centres. They do not depend on
    threads, parts and workers, nor on how a matrix product rounds.

    Parameters
    ----------
    points : Points
        The rows.
    start : ndarray of float64, shape (n_clusters, n_features)
        The first centres, in the coordinates of the points.
    max_iter : int
        Most iterations.
    tol : float
        End when the squared moves of the centres sum to no more than this share of
        the mean variance of the columns.
    group_size : int
        Centres that share a lower bound in each row; 1 is Elkan's iteration. It
        changes the time and the memory, 4 n n_clusters / group_size bytes, only.
    threads : int
        Blocks at a time.
    parts : Parts, optional
        The rows in parts, for the work to be done elsewhere; `threads` is not used then.
    progress : callable
        Told the share of `max_iter` and what happened.

    Returns
    -------
    Fit
        Cost: at most n k d multiplications an iteration, less as centres come to rest.
    """
    state = _State.of(points, start, group_size, parts or Parts.whole(points.vectors, threads))
    converged, number = False, 0
    for number in range(1, max_iter + 1):
        n_moved = state.assign(fresh=number <= _WITHOUT_BOUNDS)
        progress(number / max_iter, f"iteration {number}, {n_moved} rows moved")
        if n_moved == 0:
            converged = True
            break
        if state.update() <= tol * points.variance:
            converged = True
            state.assign(fresh=False)
            break
    else:
        state.assign(fresh=False)
    return state.fit(number, converged=converged)


class _State:
    """Labels, bounds, centres and sums of one start, changed from iteration to iteration."""

    def __init__(self, points: Points, centres: Centres, group_size: int, parts: Parts) -> None:
        n_samples, n_clusters = len(points), len(centres.order)
        self.points = points
        self.parts = parts
        self.group_size = group_size
        self.labels = np.full(n_samples, -1, dtype=np.int64)
        self.centres = centres
        self.drift = Drift(np.zeros(n_clusters), np.zeros(1))
        self.upper = np.zeros(n_samples, dtype=np.float32)
        self.lower = np.zeros((n_samples, 1), dtype=np.float32)
        self.sums = Sums.nothing(n_clusters, points.n_features)
        self.n_distances = 0

    @classmethod
    def of(cls, points: Points, start: Floats, group_size: int, parts: Parts) -> "_State":
        """Before the first iteration; one group will do, since its bounds do not last."""
        centres = Centres.of(start, np.zeros(len(start), dtype=np.int64))
        return cls(points, centres, group_size, parts)

    def assign(self, *, fresh: bool) -> int:
        """Give each row its nearest centre; the number of rows that moved."""
        if fresh and (self.labels >= 0).all():
            self._group()
        frame = self.points.on(self.points.vectors[:0])
        drift = None if fresh else self.drift
        work = partial(_assigned_part, frame, self.centres, drift, self.parts.threads)
        n_moved = 0
        for rows, (found, changes) in zip(
            self._rows_of_parts(), self.parts.map(work, self._known()), strict=True
        ):
            self.labels[rows], self.upper[rows] = found.labels, found.upper
            self.lower[rows] = found.lower
            self.n_distances += found.products
            for change in changes:
                self.sums.add(change)
                n_moved += change.n_moved
        return n_moved

    def _rows_of_parts(self) -> Iterator[slice]:
        for start in range(0, len(self.points), self.parts.n_rows):
            yield slice(start, min(start + self.parts.n_rows, len(self.points)))

    def _known(self) -> Iterator[tuple[Any, Bounds]]:
        """Each part with what is known of its rows."""
        all_known = Bounds(self.labels, self.upper, self.lower)
        for vectors, rows in zip(self.parts.vectors, self._rows_of_parts(), strict=True):
            yield vectors, all_known.at(rows)

    def update(self) -> float:
        """Move the centres to the means; the sum of their squared moves."""
        sums = without_empty(self.points, self.labels, self.centres.positions, self.sums)
        means = sums.means(self.centres.positions)
        if self.points.spherical:
            means = self.points.on_sphere(means, self.centres.positions)
        self.centres, self.drift = self.centres.moved_to(means)
        return float(self.drift.each @ self.drift.each)

    def _group(self) -> None:
        n_groups = -(-len(self.centres.order) // self.group_size)
        positions = self.centres.positions
        self.centres = Centres.of(positions, _groups(positions, n_groups))
        self.lower = np.zeros((len(self.points), self.centres.n_groups), dtype=np.float32)

    def fit(self, n_iter: int, *, converged: bool) -> Fit:
        """What there is now."""
        centres, sums, counts = self.centres.positions, self.sums.sums, self.sums.counts
        squares = self.points.total + float(np.sum(sums.sum(axis=0) ** 2)) / len(self.points)
        squares += float(counts @ np.einsum("ij,ij->i", centres, centres))
        squares -= 2 * float(np.einsum("ij,ij->", sums, centres))
        inertia = max(0.0, squares) / self.points.scale**2
        places = self.points.in_vectors(centres)
        return Fit(self.labels, places, inertia, n_iter, converged, self.n_distances)


def _assigned_part(
    frame: Points, centres: Centres, drift: Drift | None, threads: int, part: tuple[Any, Bounds]
) -> tuple[Bounds, list[Change]]:
    """The nearest centres of the rows of a part, and what that changes, fold by fold of blocks.

    Without a drift nothing but the labels is taken from what was known.
    """
    vectors, known = part
    points = frame.on(vectors)

    def work(rows: slice) -> tuple[Bounds, Change]:
        before = known.at(rows)
        found = (
            nearest_of_all(points, rows, centres)
            if drift is None
            else assigned(points, rows, centres, before, drift)
        )
        return found, Change.between(points, rows.start, before.labels, found.labels)

    found, changes = zip(*in_order(work, points.blocks(), threads), strict=True)
    folds = range(0, len(changes), FOLD)
    return Bounds.joined(found), [Change.joined(changes[start : start + FOLD]) for start in folds]


def _groups(positions: Floats, n_groups: int) -> IntArray:
    """Groups of centres that lie together, by a few iterations among themselves."""
    if n_groups == 1:
        return np.zeros(len(positions), dtype=np.int64)
    if n_groups == len(positions):
        return np.arange(n_groups, dtype=np.int64)
    points = Points.of(positions)
    first = np.linspace(0, len(positions) - 1, n_groups).astype(np.int64)
    found = lloyd(points, points.double(first), max_iter=_GROUPING, group_size=n_groups)
    return np.unique(found.labels, return_inverse=True)[1].astype(np.int64)
