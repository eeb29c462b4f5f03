"""The nearest rows of every row as far as 8-bit integers can tell, with a bound of the error.

A row x is kept as s q with integers q, and how much is lost, e = |x - s q|, is known. By the
triangle inequality the distance of two rows differs from that of their codes by at most the sum
of their e. Products of integers are exact, so that there is no rounding to account for.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit import FloatArray, Floats, IntArray
from embkit_plugins.algorithms.distances.integer_products import IntegerProducts
from embkit_plugins.algorithms.neighbors.keys import (
    NOTHING,
    bits_of,
    keys_of,
    numbers_of,
    offered,
    positions,
)
from embkit_plugins.algorithms.neighbors.search import Keeper, Offer, Worst, nearest_by_tiles
from embkit_plugins.algorithms.rows.prepare import row_blocks

__all__ = ["Codes", "codes_of"]

_LARGEST = 127
_PILOTS = 128  # rows that show how many candidates are needed
_PILOT_SHARE = 0.99
_ROWS = 64  # compared to all rows at once


@dataclass(frozen=True, eq=False)
class Codes:
    """Rows as integers times a scale, in order of their distance to the centre.

    Parameters
    ----------
    order : ndarray of int64, shape (n_samples,)
        The row that each code is of.
    codes : ndarray of int8, shape (n_samples, n_features)
        Integers of -127 to 127.
    norms : ndarray of int32, shape (n_samples,)
        Their sums of squares, ascending.
    scale : float
        What the integers count.
    lost : ndarray of float64, shape (n_samples,)
        Euclidean distance of each row to its code, at most.
    products : IntegerProducts
        Of the codes.
    """

    order: IntArray
    codes: NDArray[np.int8]
    norms: NDArray[np.int32]
    scale: float
    lost: Floats
    products: IntegerProducts

    def errors(self, squares: Floats) -> Floats:
        """How far squared distances of codes can be off, given the largest of them for each row.

        Rows whose codes are farther than that are no nearer than the largest less its error.
        """
        lost = np.empty(len(self.order))
        lost[self.order] = self.lost + self.lost.max()
        return np.asarray(lost * (2 * np.sqrt(squares) + lost))

    def n_needed(self, n_neighbors: int) -> int:
        """How many candidates settle the neighbours of nearly all of some rows."""
        pilots = np.unique(np.linspace(0, len(self.order) - 1, _PILOTS).astype(np.int64))
        needed: list[int] = []
        for places, squares in self._to_all(pilots):
            kth = np.partition(squares, n_neighbors - 1, axis=1)[:, n_neighbors - 1]
            beyond = self._reach(places, self.scale * np.sqrt(kth))
            needed += np.count_nonzero(squares <= beyond[:, None], axis=1).tolist()
        return int(np.quantile(needed, _PILOT_SHARE)) + 1

    def within(self, chosen: IntArray, squares: Floats) -> list[IntArray]:
        """For each of some rows the other rows that can be at its square or nearer."""
        place = np.empty(len(self.order), dtype=np.int64)
        place[self.order] = np.arange(len(place))
        reach = self._reach(place[chosen], np.sqrt(squares))
        found: list[IntArray] = []
        for places, to_all in self._to_all(place[chosen]):
            limits = reach[len(found) : len(found) + len(places)]
            found += [np.sort(self.order[row]) for row in to_all <= limits[:, None]]
        return found

    def _reach(self, places: IntArray, distances: Floats) -> NDArray[np.int64]:
        """Up to which square of codes there can be rows as near as the distances."""
        reach = (distances + self.lost[places] + self.lost.max()) / self.scale
        limits: NDArray[np.int64] = np.ceil(np.minimum(reach**2, NOTHING - 1)).astype(np.int64)
        return limits

    def nearest(
        self,
        n_candidates: int,
        threads: int,
        progress: Callable[[float], Any],
        keeper: Keeper | None = None,
    ) -> tuple[IntArray, Floats]:
        """For every row the nearest other rows, with the squared distances of their codes.

        Parameters
        ----------
        n_candidates : int
            How many to keep, less than n_samples.
        threads : int
            How many tiles to multiply at once.
        progress : callable
            Told the share of the work that is done.
        keeper : Keeper, optional
            Keeps what is done, for a search that is interrupted to go on from.

        Returns
        -------
        indices : ndarray of int64, shape (n_samples, n_candidates)
            In order of the distance of codes.
        squares : ndarray of float64, shape (n_samples, n_candidates)
            Squared distances of codes; see `errors`.

        Notes
        -----
        Cost: n^2 d operations on integers. Memory: 8 n n_candidates bytes and what a
        block of tiles offers.
        """
        source = _CodeTiles(self, n_candidates)
        best = nearest_by_tiles(source, n_candidates, threads, progress, keeper)
        indices, squares = np.empty((2, *best.shape), dtype=np.int64)
        indices[self.order] = self.order[numbers_of(best)]
        squares[self.order] = bits_of(best)
        return indices, squares * self.scale**2

    def _to_all(self, places: IntArray) -> Iterator[tuple[IntArray, NDArray[np.int32]]]:
        """Squared distances of the codes at some places to all others, some at a time."""
        buffer = np.empty(_ROWS * self.products.tile, dtype=np.int32)
        for start in range(0, len(places), _ROWS):
            some = places[start : start + _ROWS]
            squares = np.empty((len(some), len(self.order)), dtype=np.int32)
            for number, tile in enumerate(self.products.tiles):
                found = self.products.of(self.codes[some], number, buffer)
                found *= -2
                found += self.norms[tile]
                squares[:, tile] = found
            squares += self.norms[some, None]
            squares[np.arange(len(some)), some] = NOTHING
            yield some, squares


def codes_of(rows: FloatArray, tile: int, slack: float) -> Codes:
    """Codes of rows less their mean, on one scale.

    Parameters
    ----------
    rows : ndarray of shape (n_samples, n_features)
        float32 or float64; fewer than 2**32 rows.
    tile : int
        How many rows to multiply at once, less than 2**16.
    slack : float
        How far the distances asked for may be from those of the rows as they are.
    """
    centre = rows.mean(axis=0, dtype=np.float64)
    blocks = row_blocks(rows)
    largest = max(float(np.abs(rows[block] - centre).max()) for block in blocks)
    scale = largest / _LARGEST or 1.0
    codes = np.empty(rows.shape, dtype=np.int8)
    norms, lost = np.empty(len(rows), dtype=np.int32), np.empty(len(rows))
    for block in blocks:
        centred = (rows[block] - centre) / scale
        rounded = np.rint(centred)
        codes[block] = rounded
        norms[block] = np.einsum("ij,ij->i", rounded, rounded)
        centred -= rounded
        lost[block] = np.sqrt(np.einsum("ij,ij->i", centred, centred))
    order = np.argsort(norms, kind="stable")
    codes = codes[order]
    # Centring rounds at the size of the values, and each sum of squares in float64.
    rounding = 2.0**-50 * np.sqrt(rows.shape[1]) * (largest + float(np.abs(centre).max()))
    return Codes(
        order,
        codes,
        norms[order],
        scale,
        lost[order] * scale + rounding + slack,
        IntegerProducts(codes, tile),
    )


@dataclass(frozen=True, eq=False)
class _CodeTiles:
    """Codes by tiles, for whom they are near."""

    codes: Codes
    n_kept: int
    kind: str = "int8"

    @property
    def tiles(self) -> Sequence[slice]:
        return self.codes.products.tiles

    def offers(self, pairs: Sequence[tuple[int, int]], worst: Worst) -> list[Offer]:
        """What pairs of tiles offer each other."""
        products = self.codes.products
        buffer = np.empty(products.tile**2, dtype=np.int32)
        offers: list[Offer] = []
        for tile, other in pairs:
            found = products.of(self.codes.codes[self.tiles[tile]], other, buffer)
            if tile == other:
                offers.append(self._of_itself(tile, found, worst))
            else:
                offers.append(self._of_other(tile, other, found, worst))
                offers.append(self._of_other(other, tile, found.T, worst))
        return offers

    def _of_itself(self, tile: int, found: NDArray[np.int32], worst: Worst) -> Offer:
        norms = self.codes.norms[self.tiles[tile]]
        squares = norms[:, None] + norms - 2 * found
        np.fill_diagonal(squares, NOTHING)
        rows, columns = offered(squares, worst(tile).astype(np.int32), self.n_kept)
        return self._offer(tile, tile, rows, columns, squares[rows, columns])

    def _of_other(self, tile: int, other: int, found: NDArray[np.int32], worst: Worst) -> Offer:
        most = worst(tile).astype(np.int32)
        norms, others = (self.codes.norms[self.tiles[each]] for each in (tile, other))
        # |q|^2 + |r|^2 - 2 q.r < worst needs q.r above this, the first norm of a tile being its least.
        above = (norms - most + others[0]) // 2
        rows, columns = positions(found > above[:, None])
        squares = norms[rows] + others[columns] - 2 * found[rows, columns]
        nearer = squares < most[rows]
        return self._offer(tile, other, rows[nearer], columns[nearer], squares[nearer])

    def _offer(
        self, tile: int, other: int, rows: IntArray, columns: IntArray, squares: NDArray[np.int32]
    ) -> Offer:
        return Offer(tile, rows, keys_of(squares, columns + self.tiles[other].start))
