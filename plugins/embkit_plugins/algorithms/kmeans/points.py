"""The rows as k-means sees them: shifted near the origin, of length 1 for cosine."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit import Floats, IntArray
from embkit_plugins.algorithms.kmeans.parts import Parts, blocks_of
from embkit_plugins.algorithms.rows.threads import in_order

__all__ = ["Points"]

_GRID_BITS = 12
_PLAIN = (2.0**-20, 2.0**20)  # sizes whose squares are safe in float32 without scaling
_SMALLEST_MEAN = 1e-12  # of unit rows: they point in all directions, and their mean in none

Selection = slice | IntArray


@dataclass(frozen=True, eq=False)
class Points:
    """Rows read by blocks, as ``(row - shift) * scale``, or ``row / |row| - shift``.

    The shift is the mean on a coarse grid: small differences of a far origin
    survive float32, and subtracting it in float64 rounds nothing. It is zero where the
    origin is no farther from the mean than the rows are.

    Parameters
    ----------
    vectors : array_like of shape (n_samples, n_features)
        Of any real dtype; read by slices and by lists of rows.
    spherical : bool
        Whether rows are scaled to length 1 first.
    shift : ndarray of float64, shape (n_features,)
        Subtracted from each row.
    scale : float
        A power of two.
    total : float
        Sum of squared distances of the points to their mean.
    """

    vectors: NDArray[Any]
    spherical: bool
    shift: Floats
    scale: float
    total: float

    @classmethod
    def of(
        cls,
        vectors: NDArray[Any],
        *,
        spherical: bool = False,
        threads: int = 1,
        parts: Parts | None = None,
    ) -> "Points":
        """Look at all rows once, in parts if there are some; cost one pass."""
        parts = parts or Parts.whole(vectors, threads)
        n_features = vectors.shape[1]
        count, mean, squares = 0, np.zeros(n_features), np.zeros(n_features)
        low, high = np.full(n_features, np.inf), np.full(n_features, -np.inf)
        moments = chain.from_iterable(
            parts.map(partial(_moments, spherical, parts.threads), parts.vectors)
        )
        for more, centre, squares_here, *extent in moments:
            # Chan, Golub and LeVeque 1983: variances of parts joined without cancellation.
            apart = centre - mean
            squares += squares_here + apart**2 * (count * more / (count + more))
            mean = mean + apart * (more / (count + more))
            count += more
            low, high = np.minimum(low, extent[0]), np.maximum(high, extent[1])
        reach = float(np.maximum(high - mean, mean - low).max())
        exponent = float(np.ceil(np.log2(reach))) if reach > 0 else 0.0
        grid = 2.0 ** (exponent - _GRID_BITS)
        far = len(vectors) * float(mean @ mean) > float(squares.sum())
        shift = np.round(mean / grid) * grid if far else np.zeros(n_features)
        scale = 1.0 if _PLAIN[0] <= reach <= _PLAIN[1] else 2.0**-exponent
        total = float(squares.sum()) * scale * scale
        return cls(vectors, spherical, shift, scale, total)

    def __len__(self) -> int:
        return int(self.vectors.shape[0])

    @property
    def n_features(self) -> int:
        """Number of dimensions."""
        return int(self.vectors.shape[1])

    @property
    def variance(self) -> float:
        """Mean variance of the columns."""
        return self.total / (len(self) * self.n_features)

    def blocks(self) -> Iterator[slice]:
        """Consecutive slices that cover all rows."""
        return blocks_of(len(self))

    def on(self, vectors: NDArray[Any]) -> "Points":
        """Other rows in the same coordinates."""
        return replace(self, vectors=vectors)

    def single(self, rows: Selection) -> NDArray[np.float32]:
        """Points in float32, each value within a rounding or two of `double`."""
        narrow = self.vectors.dtype.kind == "f" and self.vectors.dtype.itemsize <= 4
        if self.spherical or self.scale != 1.0 or not narrow:
            return self.double(rows).astype(np.float32)
        if not self.shift.any():
            return np.array(self.vectors[rows], dtype=np.float32, order="C", copy=None)
        shift = self.shift.astype(np.float32)
        if (shift != self.shift).any():
            return self.double(rows).astype(np.float32)
        block: NDArray[np.float32] = np.subtract(self.vectors[rows], shift, dtype=np.float32, order="C")
        return block

    def double(self, rows: Selection) -> Floats:
        """Points in float64."""
        block = _plain(self.vectors[rows], spherical=self.spherical)
        block -= self.shift
        if self.scale != 1.0:
            block *= self.scale
        return block

    def in_vectors(self, positions: Floats) -> Floats:
        """Positions among the points as positions among the vectors, or among those of length 1."""
        return positions / self.scale + self.shift

    def restored(self, centres: Floats) -> Floats:
        """Points in the coordinates of the vectors."""
        return centres / self.scale + self.shift

    def on_sphere(self, means: Floats, kept: Floats) -> Floats:
        """Centres scaled to length 1 about the origin of the vectors; `kept` where that is the mean."""
        centres = self.in_vectors(means)
        lengths = np.sqrt(np.einsum("ij,ij->i", centres, centres))
        found = lengths > _SMALLEST_MEAN
        scaled = centres / np.where(found, lengths, 1)[:, None]
        return np.where(found[:, None], (scaled - self.shift) * self.scale, kept)


def _moments(
    spherical: bool, threads: int, vectors: NDArray[Any]
) -> list[tuple[int, Floats, Floats, Floats, Floats]]:
    """Number, mean, squares about it, least and largest values of each block of rows."""

    def moments(rows: slice) -> tuple[int, Floats, Floats, Floats, Floats]:
        block = _plain(vectors[rows], spherical=spherical)
        extent = block.min(axis=0), block.max(axis=0)
        centre = block.mean(axis=0)
        block -= centre
        return len(block), centre, np.einsum("ij,ij->j", block, block), *extent

    return list(in_order(moments, blocks_of(len(vectors)), threads))


def _plain(block: NDArray[Any], *, spherical: bool) -> Floats:
    rows = np.array(block, dtype=np.float64, order="C")
    if spherical:
        scales = np.abs(rows).max(axis=1, keepdims=True)
        rows /= scales
        rows /= np.sqrt(np.einsum("ij,ij->i", rows, rows))[:, None]
    return rows
