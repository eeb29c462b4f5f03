"""UMAP's layout as array operations: the same forces, all rows at once.

umap-learn moves rows one edge at a time in code that is compiled in every new
process. Here an epoch is a fixed number of NumPy calls: all edges pull by their
expected share, each row is pushed by a sample of the others, and Adam makes the
step (Kingma and Ba, arXiv 1412.6980), as in the batch mode of the R package uwot.
The forces are those of umap-learn; the result is as faithful, does not depend on
the number of threads, and a fresh process is as fast as a warm one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit_plugins.algorithms.layout.fuzzy_graph import FuzzyGraph

__all__ = ["curve_for", "layout", "start_from"]

_Floats = NDArray[np.float32]

_EXTENT = 10.0  # the layout starts in a cube of this side
_JITTER = 1e-4  # tells repeats apart
_NEGATIVES = 5  # pushes for each pull
_SHIFTS = 16  # partners of a row in one epoch, in each of two directions
_CHUNK = 1 << 16  # coordinates pushed in one call: the temporaries stay in the cache
_MAX_PUSH = 4.0
_TINY = 1e-12  # squared distance below which rows coincide
_MOMENTUM, _DECAY = 0.5, 0.9


def curve_for(min_dist: float, spread: float = 1.0) -> tuple[float, float]:
    """Fit the closeness ``1 / (1 + a r^(2 b))`` to 1 within `min_dist` and a decay beyond.

    Parameters
    ----------
    min_dist : float
        Distance in the layout up to which rows count as together.
    spread : float
        Length of the exponential decay beyond it.

    Returns
    -------
    tuple of float
        a and b, as umap-learn fits them.
    """
    from scipy.optimize import curve_fit

    distances = np.linspace(0, 3 * spread, 300)
    wanted = np.where(distances < min_dist, 1.0, np.exp(-(distances - min_dist) / spread))
    (a, b), _ = curve_fit(lambda r, a, b: 1 / (1 + a * r ** (2 * b)), distances, wanted)
    return float(a), float(b)


def start_from(scores: NDArray[Any], n_components: int, random_state: int) -> _Floats:
    """Scale principal coordinates to where a layout starts.

    Parameters
    ----------
    scores : ndarray of shape (n_samples, m)
        With m at most `n_components`; missing columns are drawn at random.
    n_components : int
        Dimensions of the layout.
    random_state : int
        Seed of the jitter.

    Returns
    -------
    ndarray of float32, shape (n_samples, n_components)
        Every column from 0 to 10, but for a jitter that tells repeats apart.
    """
    rng = np.random.default_rng(random_state)
    missing = rng.normal(size=(len(scores), n_components - scores.shape[1]))
    start = np.hstack([scores, missing])
    start -= start.min(axis=0)
    extents = start.max(axis=0)
    start *= _EXTENT / np.where(extents > 0, extents, 1)
    return (start + rng.normal(scale=_JITTER, size=start.shape)).astype(np.float32)


def layout(
    graph: FuzzyGraph,
    start: _Floats,
    *,
    a: float,
    b: float,
    random_state: int,
    progress: Callable[[float], Any],
    n_epochs: int | None = None,
    rate: float = 1.0,
) -> _Floats:
    """Move the rows until near ones are those that the graph connects.

    Minimises UMAP's fuzzy cross entropy: each edge pulls in proportion to its
    weight, and each row is pushed from random others `_NEGATIVES` times as often
    as it is pulled.

    Parameters
    ----------
    graph : FuzzyGraph
        From `fuzzy_graph`.
    start : ndarray of float32, shape (n_samples, n_components)
        From `start_from`.
    a, b : float
        From `curve_for`.
    random_state : int
        Seed; the same seed gives the same bytes on one machine.
    progress : callable
        Told the share of the work that is done.
    n_epochs : int, optional
        Steps; 500 up to 10,000 rows and 200 above if omitted, as in umap-learn.
    rate : float
        Length of the first step; the others shrink linearly.

    Returns
    -------
    ndarray of float32, shape (n_samples, n_components)
        Cost: each epoch is of O(n_edges + n) operations; memory of about 12 floats an edge.
    """
    n_samples, n_components = start.shape
    usual = 500 if n_samples <= 10_000 else 200
    n_epochs = usual if n_epochs is None else n_epochs
    rng = np.random.default_rng(random_state)
    # Rows meet their partners in a random order: see _Pushes.
    order = rng.permutation(n_samples)
    pulls = _Pulls.of(graph, order, usual, n_components, a, b)
    pushes = _Pushes.of(pulls.degrees, n_components, a, b)
    places = np.ascontiguousarray(start[order].T)
    adam = _Adam(np.zeros_like(places), np.zeros_like(places))
    for epoch in range(n_epochs):
        force = pulls.force(places)
        pushes.add_to(force, places, rng.integers(1, n_samples, _SHIFTS))
        adam.step(places, force, rate=rate * (1 - epoch / n_epochs), count=epoch + 1)
        if epoch % 20 == 0:
            progress(epoch / n_epochs)
    laid_out = np.empty_like(start)
    laid_out[order] = places.T
    return laid_out


@dataclass(frozen=True, eq=False)
class _Pulls:
    """All edges at once; arrays are columns of edges, reused from epoch to epoch."""

    heads: NDArray[np.int64]
    tails: NDArray[np.int64]
    rates: _Floats
    degrees: _Floats
    a: np.float32
    b: np.float32
    gaps: _Floats
    work: _Floats

    @classmethod
    def of(
        cls,
        graph: FuzzyGraph,
        order: NDArray[np.int64],
        n_epochs: int,
        n_components: int,
        a: float,
        b: float,
    ) -> "_Pulls":
        """Rename the rows to their positions in `order`, without the edges too weak to be drawn once."""
        positions = np.empty_like(order)
        positions[order] = np.arange(len(order))
        shares = graph.weights / graph.weights.max()
        kept = shares >= 1 / n_epochs
        heads, tails, shares = positions[graph.heads[kept]], positions[graph.tails[kept]], shares[kept]
        by_place = np.lexsort((tails, heads))  # neighbouring reads are quicker
        heads, tails, shares = heads[by_place], tails[by_place], shares[by_place]
        degrees = np.bincount(heads, shares, len(order)) + np.bincount(tails, shares, len(order))
        return cls(
            heads,
            tails,
            # An edge is drawn from both of its ends, and each time moves both.
            (2 * 2 * a * b * shares).astype(np.float32),
            degrees.astype(np.float32),
            np.float32(a),
            np.float32(b),
            np.empty((n_components, len(heads)), np.float32),
            np.empty((n_components, len(heads)), np.float32),
        )

    def force(self, places: _Floats) -> _Floats:
        """Sum of ``2 a b r^(2b-2) / (1 + a r^(2b))`` times the gap, over the edges of each row."""
        np.take(places, self.heads, axis=1, out=self.gaps, mode="clip")
        np.take(places, self.tails, axis=1, out=self.work, mode="clip")
        np.subtract(self.gaps, self.work, out=self.gaps)
        squares = np.einsum("ce,ce->e", self.gaps, self.gaps)
        np.maximum(squares, _TINY, out=squares)
        powers = _power(squares, self.b)
        squares *= 1 + self.a * powers
        powers *= self.rates
        powers /= squares
        np.multiply(self.gaps, powers, out=self.gaps)
        force = np.empty_like(places)
        for axis, pull in enumerate(self.gaps):
            force[axis] = np.bincount(self.tails, pull, places.shape[1])
            force[axis] -= np.bincount(self.heads, pull, places.shape[1])
        return force


@dataclass(frozen=True, eq=False)
class _Pushes:
    """Random partners without random access.

    Rows stand in random order, so that the rows some positions further on are a
    random sample; a shift drawn anew in each epoch makes every pair possible. A
    pair pushes both of its rows, hence two directions of partners.
    """

    rates: _Floats
    a: np.float32
    b: np.float32
    gaps: _Floats

    @classmethod
    def of(cls, degrees: _Floats, n_components: int, a: float, b: float) -> "_Pushes":
        """Spread the pushes that belong to a row's pulls over its partners."""
        together = min(_SHIFTS, max(1, _CHUNK // (len(degrees) * n_components)))
        rates = (2 * b * _NEGATIVES / (2 * _SHIFTS)) * degrees
        gaps = np.empty((together, n_components, len(degrees)), np.float32)
        return cls(rates.astype(np.float32), np.float32(a), np.float32(b), gaps)

    def add_to(self, force: _Floats, places: _Floats, shifts: NDArray[np.int64]) -> None:
        """Add ``2 b / ((0.001 + r^2)(1 + a r^(2b)))`` times the gap, over the partners of each row."""
        n_samples = places.shape[1]
        twice = np.concatenate((places, places), axis=1)
        for first in range(0, len(shifts), len(self.gaps)):
            chunk = shifts[first : first + len(self.gaps)]
            gaps = self.gaps[: len(chunk)]
            for gap, shift in zip(gaps, chunk, strict=True):
                np.subtract(places, twice[:, shift : shift + n_samples], out=gap)
            squares = np.einsum("scn,scn->sn", gaps, gaps)
            powers = _power(squares + np.float32(_TINY), self.b)
            squares += np.float32(0.001)
            squares *= 1 + self.a * powers
            gaps /= squares[:, None]
            limit = np.float32(_MAX_PUSH / (2 * float(self.b)))
            np.clip(gaps, -limit, limit, out=gaps)
            push = gaps.sum(axis=0)
            for gap, shift in zip(gaps, chunk, strict=True):
                push[:, shift:] -= gap[:, : n_samples - shift]
                push[:, :shift] -= gap[:, n_samples - shift :]
            push *= self.rates
            force += push


@dataclass(frozen=True, eq=False)
class _Adam:
    """Running means of the force and of its square, by which steps are scaled."""

    mean: _Floats
    square: _Floats

    def step(self, places: _Floats, force: _Floats, rate: float, count: int) -> None:
        """Move the places in the direction of the force, by about `rate` at most."""
        np.multiply(self.mean, np.float32(_MOMENTUM), out=self.mean)
        np.add(self.mean, np.float32(1 - _MOMENTUM) * force, out=self.mean)
        np.multiply(self.square, np.float32(_DECAY), out=self.square)
        np.add(self.square, np.float32(1 - _DECAY) * force**2, out=self.square)
        size = np.sqrt(self.square / np.float32(1 - _DECAY**count))
        size += np.float32(1e-7)
        places += np.float32(rate / (1 - _MOMENTUM**count)) * (self.mean / size)


def _power(squares: _Floats, exponent: np.float32) -> _Floats:
    """``squares ** exponent`` by exp and log, which NumPy vectorises on every processor."""
    powers = np.log(squares)
    powers *= exponent
    return np.exp(powers, out=powers)
