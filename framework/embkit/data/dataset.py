"""Datasets: a matrix of embeddings with its row-aligned columns.

All of them are frozen, and every array in them is read-only: a component that
wants other values makes a new object.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit.data.blocks import HELD_BYTES, Blocks
from embkit.data.fingerprint import array_fingerprint
from embkit.data.frozen import FrozenMapping, Remade
from embkit.data.matrix import as_matrix, check_matrix, checked_ids
from embkit.errors import DataError
from embkit.text import shorten

__all__ = ["Dataset", "Fitted", "FloatArray", "Floats", "IntArray", "Table"]

FloatArray = NDArray[np.floating[Any]]
Floats = NDArray[np.float64]
IntArray = NDArray[np.int64]
Table = Mapping[str, Sequence[Any] | NDArray[Any]]
"""Named columns of equal length, in the order in which they are shown."""
Fitted = Mapping[str, NDArray[Any]]
"""What a component learned from rows, by name; kept on disk without pickle."""


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    """Return a view of `array` that cannot be written through."""
    view = array.view()
    view.flags.writeable = False
    return view


@dataclass(frozen=True, eq=False)
class Dataset(Remade):
    """A matrix of embeddings and what is known of its rows.

    Parameters
    ----------
    vectors : ndarray of shape (n_samples, n_features)
        One embedding a row; any integer or floating dtype until the host has
        admitted the dataset, C-contiguous float32 or float64 from then on. They
        may be `Blocks`, which are read when they are asked for; see `in_memory`.
    ids : sequence of str, optional
        One unique id a row; the row numbers if omitted.
    texts : sequence of str, optional
        One text a row; empty where a row has none.
    reference : sequence of str, optional
        One reference label a row, for external validation; empty where unknown.
    metadata : mapping of str to sequence, optional
        Further row-aligned columns.
    name : str
        What to call it in titles and records.
    rows : ndarray of int64, optional
        The row numbers in the source, where rows were dropped or sampled.
    dropped : mapping of int to str
        Source rows left out, each with the reason.
    dropped_ids : mapping of int to str
        The ids of those rows, as far as they had any.
    notes : tuple of str
        What the loader decided or noticed, shown in the summary.
    fitted : mapping of str to ndarray
        What the reducer that made these vectors learned from the rows, and needs
        to place other rows beside them.
    space : str
        The reducers that made these vectors, as ``"normalize -> umap"``; empty for those of
        the source. Set by the host.

    Raises
    ------
    DataError
        If the matrix is empty, not two-dimensional or not of real numbers, or
        if a row-aligned column has another length, or if ids are not unique.
    """

    vectors: NDArray[Any]
    ids: Sequence[str] | None = None
    texts: Sequence[str] | None = None
    reference: Sequence[str] | None = None
    metadata: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    name: str = "dataset"
    rows: IntArray | None = None
    dropped: Mapping[int, str] = field(default_factory=dict)
    dropped_ids: Mapping[int, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    fitted: Fitted = field(default_factory=dict)
    space: str = ""

    def __post_init__(self) -> None:
        vectors = as_matrix(self.vectors, self.name)
        check_matrix(vectors.shape, vectors.dtype, self.name)
        kept = vectors if isinstance(vectors, Blocks) else read_only(vectors)
        object.__setattr__(self, "vectors", kept)
        for column in ("ids", "texts", "reference"):
            values = getattr(self, column)
            if values is not None:
                object.__setattr__(self, column, tuple(values))
                self._check_length(column, len(values))
        for column, values in self.metadata.items():
            self._check_length(column, len(values))
        object.__setattr__(self, "metadata", FrozenMapping(self.metadata))
        for column in ("dropped", "dropped_ids", "fitted"):
            object.__setattr__(self, column, FrozenMapping(getattr(self, column)))
        if self.rows is not None:
            self._check_length("rows", len(self.rows))
            object.__setattr__(self, "rows", read_only(np.asarray(self.rows, dtype=np.int64)))
        if self.ids is not None:
            object.__setattr__(self, "ids", checked_ids(self.ids, self.name))

    def __repr__(self) -> str:
        beside = [name for name in ("ids", "texts", "reference") if getattr(self, name) is not None]
        if self.metadata:
            beside.append(f"metadata {', '.join(list(self.metadata)[:5])}")
        if len(self.metadata) > 5:
            beside.append(f"{len(self.metadata) - 5} further columns")
        described = f"{self.n_samples} x {self.n_features} {self.vectors.dtype}"
        return shorten(f"Dataset({self.name!r}: {', '.join([described, *beside])})", 200)

    def _check_length(self, column: str, length: int) -> None:
        if length != self.n_samples:
            raise DataError(
                f"{self.name}: {column} has {length} values, the matrix has {self.n_samples} rows",
                "every column must match the matrix row by row",
                "give a table with one line for each row of the matrix",
            )

    @property
    def n_samples(self) -> int:
        """Number of rows."""
        return int(self.vectors.shape[0])

    @property
    def n_features(self) -> int:
        """Number of dimensions of each embedding."""
        return int(self.vectors.shape[1])

    @property
    def dtype(self) -> str:
        """Name of the vectors' dtype."""
        return str(self.vectors.dtype)

    @cached_property
    def fingerprint(self) -> str:
        """Hexadecimal digest of dtype, shape and content of the vectors.

        Cost: one pass over the matrix, O(n d).
        """
        return array_fingerprint(self.vectors)

    def take_fingerprint(self, progress: Callable[[float, str], None]) -> str:
        """Compute the `fingerprint` if it has not been, reporting the share of rows that was read."""
        if "fingerprint" not in vars(self):
            vars(self)["fingerprint"] = array_fingerprint(self.vectors, progress)
        return self.fingerprint

    @cached_property
    def source_rows(self) -> IntArray:
        """Row number in the source for each row, shape (n_samples,)."""
        if self.rows is not None:
            return self.rows
        return np.arange(self.n_samples, dtype=np.int64)

    def row_id(self, row: int) -> str:
        """The id of a row: as given, or its row number in the source."""
        return self.ids[row] if self.ids is not None else str(self.source_rows[row])

    def dropped_id(self, source_row: int) -> str:
        """The id of a row that was left out; empty where other rows have ids and it had none."""
        return self.dropped_ids.get(source_row, "" if self.ids is not None else str(source_row))

    def describe_row(self, row: int) -> str:
        """The text of a row if it has one, else its id."""
        text = self.texts[row] if self.texts is not None else ""
        return text or self.row_id(row)

    def with_vectors(self, vectors: NDArray[Any], fitted: Fitted | None = None) -> "Dataset":
        """The same rows with other vectors.

        Parameters
        ----------
        vectors : ndarray of shape (n_samples, n_features)
            One a row.
        fitted : mapping of str to ndarray, optional
            What a reducer that can place other rows needs for it; kept without pickle.
        """
        return replace(self, vectors=vectors, fitted=fitted or {})

    @cached_property
    def in_memory(self) -> "Dataset":
        """The same rows with an array of vectors: the dataset itself, or one read once."""
        vectors: Any = self.vectors
        if not isinstance(vectors, Blocks):
            return self
        dataset = self.with_vectors(vectors.array())
        if "fingerprint" in vars(self):
            vars(dataset)["fingerprint"] = self.fingerprint
        return dataset

    def take(self, rows: NDArray[Any]) -> "Dataset":
        """The dataset of the given row positions, in the order given."""

        def pick(values: Sequence[Any] | None) -> tuple[Any, ...] | None:
            return None if values is None else tuple(values[row] for row in rows)

        return replace(
            self,
            vectors=_taken(self.vectors, rows),
            ids=pick(self.ids),
            texts=pick(self.texts),
            reference=pick(self.reference),
            metadata={
                name: tuple(values[row] for row in rows) for name, values in self.metadata.items()
            },
            rows=self.source_rows[rows],
        )


def _taken(vectors: Any, rows: NDArray[Any]) -> Any:
    """Rows of a matrix; of `Blocks` they stay in their files where they are many."""
    if isinstance(vectors, Blocks) and len(rows) * vectors.shape[1] * vectors.itemsize > HELD_BYTES:
        return vectors.select(np.asarray(rows, dtype=np.int64))
    return vectors[rows]
