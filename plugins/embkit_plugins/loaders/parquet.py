"""Loader parquet: a list column, or the numeric columns, of a Parquet file."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit import DataError, Dataset, check_matrix
from embkit.reading import (
    Kind,
    attach_columns,
    check_parquet_room,
    choose_roles,
    column_values,
    kind_of,
    opened_parquet,
    reading,
)
from embkit_plugins.loaders.reading.arrow import Vector, is_single, vector_of
from embkit_plugins.loaders.reading.files import check_room, path_of, wrong_kind
from embkit_plugins.loaders.reading.rows import VectorRows

__all__ = ["Parquet"]

_COLUMNS = {
    "id": ("id", "ids"),
    "text": ("text", "texts", "document", "content"),
    "label": ("label", "labels"),
}
_BATCH_ROWS = 8192


class Parquet:
    """A Parquet file: its one list column is the vector, or its numeric columns are.

    A column called embedding or vector is the vector whatever else there is; it
    may hold lists, lists in text (as JSON, for instance), or the bytes of float32.

    Columns called id, text and label are the rows' ids, texts and reference
    labels; other columns of single values become metadata.

    Parameters
    ----------
    column : str or tuple of str, optional
        The column of the vector, or a pattern such as ``dim_*`` of its columns,
        or a list of such; needed where there are several list columns, which
        are joined if several are asked for.
    id : str, optional
        The column of the ids, where it is not called id; empty for none.
    text : str, optional
        The column of the texts; text, document or content if omitted, empty for none.
    label : str, optional
        The column of the reference labels, where it is not called label; empty for none.

    Notes
    -----
    Needs pyarrow, which the extra ``parquet`` brings.
    """

    def __init__(
        self,
        *,
        column: str | tuple[str, ...] | None = None,
        id: str | None = None,  # noqa: A002 - as users type it
        text: str | None = None,
        label: str | None = None,
    ) -> None:
        self.column = column
        self.id = id
        self.text = text
        self.label = label

    def load(self, source: str | None) -> Dataset:
        """Read a Parquet file batch by batch.

        Parameters
        ----------
        source : str
            Path of the file.

        Returns
        -------
        Dataset
            Vectors of shape (n_samples, n_features) in the column's own dtype.

        Raises
        ------
        DataError
            If the file is damaged, a vector is missing, incomplete or of another
            length (naming its row), or there is no single column to take.
        MissingExtraError
            If pyarrow is not installed.
        ParameterError
            If an asked column does not exist.
        ResourceError
            If the matrix would not fit in memory.
        """
        path = path_of(source, "parquet")
        with reading(path):
            if kind_of(path) != Kind.PARQUET:
                raise wrong_kind(path, "a Parquet file")
            with opened_parquet(path, "loader parquet") as file:
                return self._read(path, file)

    def _read(self, path: Path, file: Any) -> Dataset:
        names = [name for name in file.schema_arrow.names if not name.startswith("__index_level_")]
        asked = {"id": self.id, "text": self.text, "label": self.label}
        roles = choose_roles(dict.fromkeys(names), asked, str(path), _COLUMNS)
        free = [name for name in names if name not in roles.values()]
        vector, decided = vector_of(file, free, self.column, path)
        singles = [name for name in free if is_single(file.schema_arrow.field(name).type)]
        others = [name for name in (*roles.values(), *singles) if name not in vector.columns]
        check_parquet_room(path, file, others)
        read = _read_texts if vector.form == "text" else _read_matrix
        vectors, columns, notes = read(file, vector, others, path)
        dataset = Dataset(vectors, name=path.name, notes=(f"the vector is {vector}", *decided, *notes))
        return attach_columns(dataset, columns, roles, path.name)


def _read_matrix(
    file: Any, vector: Vector, others: Sequence[str], path: Path
) -> tuple[NDArray[Any], dict[str, list[Any]], tuple[str, ...]]:
    n_rows = file.metadata.num_rows
    check_matrix((n_rows, vector.length), vector.dtype, str(path))
    check_room(str(path), n_rows * vector.length * vector.dtype.itemsize)
    vectors = np.empty((n_rows, vector.length), dtype=vector.dtype)
    columns: dict[str, list[Any]] = {name: [] for name in others}
    row = 0
    for batch in file.iter_batches(batch_size=_BATCH_ROWS, columns=[*vector.columns, *others]):
        vectors[row : row + len(batch)] = vector.matrix(batch, row, path)
        for name in others:
            columns[name] += column_values(batch.column(name))
        row += len(batch)
    if row != n_rows:
        raise DataError(f"{path}: it holds {row} rows, its footer says {n_rows}", "", "write it again")
    return vectors, columns, ()


def _read_texts(
    file: Any, vector: Vector, others: Sequence[str], path: Path
) -> tuple[NDArray[Any], dict[str, list[Any]], tuple[str, ...]]:
    """Vectors that are written as text, or are the bytes of their numbers."""
    if len(vector.columns) > 1:
        raise DataError(
            f"{path}: several columns of lists in text: {', '.join(vector.columns[:10])}",
            "only one can be the vector",
            f"name it: --loader parquet:column={vector.columns[0]}",
        )
    (source,) = vector.columns
    rows = VectorRows(path, "row")
    columns: dict[str, list[Any]] = {name: [] for name in others}
    for batch in file.iter_batches(batch_size=_BATCH_ROWS, columns=[source, *others]):
        for value in column_values(batch.column(source)):
            rows.append(len(rows), value, source)
        for name in others:
            columns[name] += column_values(batch.column(name))
    return rows.matrix(), columns, rows.notes
