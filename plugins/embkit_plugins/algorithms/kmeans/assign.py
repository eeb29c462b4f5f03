"""The nearest centre of each row of a block, with bounds that spare most of the products.

Every row keeps an upper bound of the distance to its own centre, and for each
group of centres a lower bound of the distance to the others of that group; both
are moved by as much as the centres moved (Hamerly 2010 with one group, Ding and
others 2015, "Yinyang k-means", with several, Elkan 2003 with one a centre). Only
groups whose bound lies below the upper one are compared, by a float32 product,
and what float32 cannot tell apart is settled in float64: labels are those of
plain Lloyd's, ties by lowest centre.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embkit import IntArray
from embkit_plugins.algorithms.kmeans.centres import Centres, Drift
from embkit_plugins.algorithms.kmeans.points import Points

__all__ = ["Bounds", "assigned", "nearest_of_all"]

Floats32 = NDArray[np.float32]

_OUTWARD = np.float32(1e-6)  # more than a few roundings of float32, by which bounds are loosened
# See `algorithms.neighbors.exact`: four times the roundings that a product of d values has.
_ROUNDING = 4 * 2.0**-24
_MOST = 0.5  # of the rows of a block in a product: from there on all, a selection costs a copy
_PAIR_VALUES = 1 << 16


@dataclass(frozen=True, eq=False)
class Bounds:
    """What is known of the rows of one or more blocks.

    Parameters
    ----------
    labels : ndarray of int64, shape (n_rows,)
        The nearest centre.
    upper : ndarray of float32, shape (n_rows,)
        At least the distance to it.
    lower : ndarray of float32, shape (n_rows, n_groups)
        At most the distance to any other centre of each group.
    products : int
        Distances that were computed.
    """

    labels: IntArray
    upper: Floats32
    lower: Floats32
    products: int = 0

    def at(self, rows: slice) -> "Bounds":
        """Of some of the rows."""
        return Bounds(self.labels[rows], self.upper[rows], self.lower[rows])

    @classmethod
    def joined(cls, bounds: Sequence["Bounds"]) -> "Bounds":
        """Of the rows of some blocks, one after the other."""
        return cls(
            np.concatenate([each.labels for each in bounds]),
            np.concatenate([each.upper for each in bounds]),
            np.concatenate([each.lower for each in bounds]),
            sum(each.products for each in bounds),
        )


def nearest_of_all(points: Points, rows: slice, centres: Centres) -> Bounds:
    """The nearest centres of the rows of a block, all centres compared."""
    n_rows = rows.stop - rows.start
    lower = np.full((n_rows, centres.n_groups), 0, dtype=np.float32)
    nothing = Bounds(np.zeros(n_rows, dtype=np.int64), np.full(n_rows, np.inf, np.float32), lower)
    return _compared(points, rows, centres, nothing)


def assigned(points: Points, rows: slice, centres: Centres, before: Bounds, drift: Drift) -> Bounds:
    """The nearest centres of the rows of a block, from those of the iteration before."""
    upper = (before.upper + drift.each[before.labels].astype(np.float32)) * (1 + _OUTWARD)
    lower = before.lower * (1 - _OUTWARD) - (drift.groups * (1 + 1e-6)).astype(np.float32)
    known = Bounds(before.labels, upper, lower)
    doubtful = np.flatnonzero(lower.min(axis=1) <= upper)
    if not len(doubtful):
        return known
    if len(doubtful) > _MOST * len(upper):
        return _compared(points, rows, centres, known)
    some = Bounds(before.labels[doubtful], upper[doubtful], lower[doubtful])
    found = _compared(points, doubtful + rows.start, centres, some)
    labels = before.labels.copy()
    labels[doubtful], upper[doubtful], lower[doubtful] = found.labels, found.upper, found.lower
    return Bounds(labels, upper, lower, found.products)


def _compared(points: Points, rows: slice | IntArray, centres: Centres, known: Bounds) -> Bounds:
    """Compare rows with the groups that their bounds do not exclude."""
    block = _Block.of(points, rows, centres)
    if centres.n_groups == 1:
        return _with_all(block)
    own = block.to_own(known.labels)
    upper = np.minimum(known.upper, block.upper_of(own))
    wanted = known.lower <= upper[:, None]
    search = _Search.of(block, known.labels, own)
    products = len(own) + sum(
        search.look_at(group, np.flatnonzero(wanted[:, group])) for group in range(centres.n_groups)
    )
    others = search.others()
    lower = np.where(np.isnan(others), known.lower, block.lower_of(others))
    moved = np.flatnonzero(search.labels != known.labels)
    groups = centres.group[known.labels[moved]]
    lower[moved, groups] = np.minimum(lower[moved, groups], block.lower_of(own)[moved])
    runners_up = np.fmin.reduce(others, axis=1)
    runners_up[moved] = np.fmin(runners_up[moved], own[moved])
    found = Bounds(search.labels, block.upper_of(search.best), lower, products)
    return _without_ties(block, found, search.best, runners_up)


def _with_all(block: "_Block") -> Bounds:
    """Compare rows with all centres, which are one group: one product, and nothing before it."""
    centres = block.centres
    squares = block.points @ centres.doubled.T
    squares += centres.squares
    each, nearest = np.arange(len(squares)), squares.argmin(axis=1)
    best = squares[each, nearest]
    squares[each, nearest] = np.inf
    runners_up = squares.min(axis=1)
    lower = block.lower_of(runners_up)[:, None]
    found = Bounds(centres.order[nearest], block.upper_of(best), lower, squares.size)
    return _without_ties(block, found, best, runners_up)


def _without_ties(block: "_Block", found: Bounds, best: Floats32, runners_up: Floats32) -> Bounds:
    """Settle the rows whose two nearest centres float32 cannot tell apart."""
    close = np.flatnonzero(runners_up - best <= 2 * block.error)
    if not len(close):
        return found
    labels, upper, lower = found.labels.copy(), found.upper.copy(), found.lower.copy()
    labels[close] = _settled(block, close)
    upper[close] = block.upper_of(best[close] + 2 * block.error[close], close)
    lower[close] = np.minimum(lower[close], block.lower_of(best[close], close)[:, None])
    products = found.products + len(close) * len(block.centres.order)
    return Bounds(labels, upper, lower, products)


@dataclass(frozen=True, eq=False)
class _Block:
    """Some rows in float32, and how far off a squared distance of theirs may be.

    Squared distances are less the square of the row throughout, which keeps their order.
    """

    source: Points
    rows: slice | IntArray
    points: Floats32
    norms: Floats32
    error: Floats32
    centres: Centres

    @classmethod
    def of(cls, source: Points, rows: slice | IntArray, centres: Centres) -> "_Block":
        points = source.single(rows)
        norms = np.einsum("ij,ij->i", points, points)
        scale = (np.sqrt(norms) + np.float32(centres.reach)) ** 2
        error = np.float32(_ROUNDING * np.sqrt(source.n_features + 2)) * scale
        return cls(source, rows, points, norms, error, centres)

    def to_own(self, labels: IntArray) -> Floats32:
        """Squares from each row to one centre."""
        place = self.centres.place[labels]
        squares: Floats32 = np.einsum("ij,ij->i", self.points, self.centres.doubled[place])
        squares += self.centres.squares[place]
        return squares

    def upper_of(self, squares: Floats32, chosen: slice | IntArray = slice(None)) -> Floats32:
        """At least the distances of chosen rows."""
        most = squares + (self.norms + self.error)[chosen]
        return np.asarray(np.sqrt(np.maximum(most, 0)) * (1 + _OUTWARD))

    def lower_of(self, squares: Floats32, chosen: slice | IntArray = slice(None)) -> Floats32:
        """At most the distances of chosen rows; squares may have a column a group."""
        less = (self.norms - self.error)[chosen]
        least = squares + less.reshape(len(less), *[1] * (squares.ndim - 1))
        return np.asarray(np.sqrt(np.maximum(least, 0)) * (1 - _OUTWARD))


@dataclass(eq=False)
class _Search:
    """The best centre of each row so far, and what came next to it.

    Parameters
    ----------
    block : _Block
        The rows.
    before : ndarray of int64, shape (n_rows,)
        The centre that each row had.
    labels : ndarray of int64, shape (n_rows,)
        The best so far.
    best : ndarray of float32, shape (n_rows,)
        Its square.
    second : ndarray of float32, shape (n_rows,)
        The square of the next one in the group of the best; NaN while that is `before`.
    nearest : ndarray of float32, shape (n_groups, n_rows)
        The least square in each group, `before` left out; NaN where none was computed.
    """

    block: _Block
    before: IntArray
    labels: IntArray
    best: Floats32
    second: Floats32
    nearest: Floats32

    @classmethod
    def of(cls, block: _Block, before: IntArray, own: Floats32) -> "_Search":
        nothing = np.full((block.centres.n_groups + 1, len(own)), np.nan, dtype=np.float32)
        return cls(block, before, before.copy(), own.copy(), nothing[0], nothing[1:])

    def look_at(self, group: int, rows: IntArray) -> int:
        """Compare rows with a group; the number of distances computed."""
        centres, points = self.block.centres, self.block.points
        if not len(rows):
            return 0
        if len(rows) > _MOST * len(points):
            rows = np.arange(len(points))
        else:
            points = points[rows]
        start, stop = centres.starts[group : group + 2]
        # A row a centre: NumPy takes minima along the first axis for many columns at a time.
        squares = centres.doubled[start:stop] @ points.T
        squares += centres.squares[start:stop, None]
        place = centres.place[self.before[rows]] - start
        inside = np.flatnonzero((place >= 0) & (place < stop - start))
        squares[place[inside], inside] = np.inf
        nearest = squares.min(axis=0)
        self.nearest[group, rows] = nearest
        better = np.flatnonzero(nearest < self.best[rows])
        if len(better):
            columns = np.ascontiguousarray(squares[:, better])
            winners = columns.argmin(axis=0)
            columns[winners, np.arange(len(better))] = np.inf
            winning = rows[better]
            self.best[winning] = nearest[better]
            self.labels[winning] = centres.order[start + winners]
            self.second[winning] = columns.min(axis=0)
        return int(squares.size)

    def others(self) -> Floats32:
        """The least square in each group but for the best, shape (n_rows, n_groups)."""
        others: Floats32 = self.nearest.T.copy()
        moved = np.flatnonzero(self.labels != self.before)
        others[moved, self.block.centres.group[self.labels[moved]]] = self.second[moved]
        return others


def _settled(block: _Block, chosen: IntArray) -> IntArray:
    """The nearest centres of chosen rows by differences in float64, ties by lowest centre."""
    centres, points = block.centres, block.points[chosen]
    squares = points @ centres.doubled.T
    squares += centres.squares
    within = squares <= (squares.min(axis=1) + 2 * block.error[chosen])[:, None]
    places, columns = np.nonzero(within)
    candidates = centres.order[columns]
    first = block.rows.start + chosen if isinstance(block.rows, slice) else block.rows[chosen]
    exact = np.empty(len(places))
    rows = block.source.double(first)
    step = max(1, _PAIR_VALUES // rows.shape[1])
    for start in range(0, len(places), step):
        part = slice(start, start + step)
        apart = rows[places[part]] - centres.positions[candidates[part]]
        exact[part] = np.einsum("ij,ij->i", apart, apart)
    by_row = np.lexsort((candidates, exact, places))
    firsts = np.searchsorted(places[by_row], np.arange(len(chosen)))
    labels: IntArray = candidates[by_row][firsts]
    return labels
