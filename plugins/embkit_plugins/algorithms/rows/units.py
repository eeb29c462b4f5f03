"""Rows of length 1, and some of many rows, made whenever they are read, so that there is no copy."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from embkit import Blocks, Dataset, FloatArray, Floats, IntArray
from embkit_plugins.algorithms.rows.prepare import (
    require_directions,
    row_blocks,
    row_deviations,
    with_lengths,
)

__all__ = ["UnitRows", "apart", "picked_rows", "view_of_metric"]


@dataclass(frozen=True, eq=False)
class UnitRows:
    """The rows of a matrix scaled to length 1, in float64, read by slices and by lists of rows.

    Parameters
    ----------
    vectors : ndarray of shape (n_samples, n_features)
        float32 or float64, none of them zero.
    scales : ndarray of float64, shape (n_samples,), optional
        What rows are divided by first.
    lengths : ndarray of float64, shape (n_samples,)
        Of the rows so divided.
    """

    vectors: FloatArray
    scales: Floats | None
    lengths: Floats

    dtype = np.dtype(np.float64)
    ndim = 2

    @classmethod
    def of(cls, vectors: FloatArray) -> "UnitRows":
        """Take the lengths; cost one pass."""
        parts = [with_lengths(vectors[rows])[1:] for rows in row_blocks(vectors)]
        scales = [scale for scale, _ in parts if scale is not None]
        lengths = np.concatenate([length for _, length in parts])
        return cls(vectors, np.concatenate(scales) if scales else None, lengths)

    def __len__(self) -> int:
        return len(self.vectors)

    @property
    def shape(self) -> tuple[int, ...]:
        """Numbers of rows and of columns."""
        return self.vectors.shape

    def __getitem__(self, rows: slice | IntArray) -> Floats:
        """The same bytes as the rows of `unit_rows` in float64, as a new array."""
        block: Floats = self.vectors[rows].astype(np.float64)
        if self.scales is not None:
            block /= self.scales[rows][:, None]
        block /= self.lengths[rows][:, None]
        return block


@dataclass(frozen=True, eq=False)
class _PickedRows:
    """Some rows of a matrix, read by slices and by lists of places among them."""

    source: FloatArray
    rows: IntArray

    ndim = 2

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def shape(self) -> tuple[int, ...]:
        return len(self.rows), self.source.shape[1]

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.source.dtype

    def __getitem__(self, places: slice | IntArray) -> FloatArray:
        return self.source[self.rows[places]]


def picked_rows(source: FloatArray, rows: IntArray) -> FloatArray:
    """Some rows of a matrix, or of `UnitRows`, without a copy; read by slices and by lists."""
    return cast("FloatArray", _PickedRows(source, rows))


@dataclass(frozen=True, eq=False)
class _UnitRowsAnew:
    """The same bytes as `UnitRows`, with lengths taken whenever rows are read."""

    vectors: FloatArray

    dtype = np.dtype(np.float64)
    ndim = 2

    def __len__(self) -> int:
        return len(self.vectors)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.vectors.shape

    def __getitem__(self, rows: slice | IntArray) -> Floats:
        block, _, lengths = with_lengths(self.vectors[rows])
        block /= lengths[:, None]
        return block


def apart(rows: Any) -> tuple[Any, Callable[[Any], Any]]:
    """The vectors that rows are made of, and how: a function that pickles, and carries no rows.

    Parameters
    ----------
    rows : ndarray of shape (n_samples, n_features)
        Or `embkit.Blocks`, or what `view_of_metric` or `picked_rows` returned.

    Returns
    -------
    vectors : ndarray or Blocks
    view : callable
        Of these vectors, wherever they are, it makes rows of the same bytes.
    """
    if isinstance(rows, _PickedRows):
        vectors, view = apart(rows.source)
        if isinstance(vectors, Blocks):
            return vectors.select(rows.rows), view
        return vectors[rows.rows], view
    if isinstance(rows, UnitRows):
        return rows.vectors, _UnitRowsAnew
    return rows, _as_they_are


def _as_they_are(vectors: Any) -> Any:
    return vectors


def view_of_metric(dataset: Dataset, metric: str) -> FloatArray:
    """The rows of `rows_of_metric`, those of length 1 as `UnitRows` in float64.

    Cost: one pass; under correlation a matrix of the deviations too.

    Raises
    ------
    DataError
        If a row is zero under cosine, or constant under correlation.
    """
    if metric == "correlation":
        return view_of_metric(row_deviations(dataset), "cosine")
    if metric != "cosine":
        return dataset.vectors
    require_directions(dataset)
    return cast("FloatArray", UnitRows.of(dataset.vectors))
