"""Rows of length 1, and some of many rows, made whenever they are read, so that there is no copy."""

from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from embkit import Dataset, FloatArray, Floats, IntArray
from embkit_plugins.algorithms.rows.prepare import (
    require_directions,
    row_blocks,
    row_deviations,
    with_lengths,
)

__all__ = ["UnitRows", "picked_rows", "view_of_metric"]


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
