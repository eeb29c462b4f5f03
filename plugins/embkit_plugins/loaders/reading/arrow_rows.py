"""The rows of an Arrow table, piece by piece, as a dataset: Parquet, Arrow and Feather files."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from embkit import HELD_BYTES, DataError, Dataset, SpooledRows, check_matrix, stacked
from embkit.reading import attach_columns, choose_roles, column_values
from embkit_plugins.loaders.reading.arrow import Vector, is_single, vector_of
from embkit_plugins.loaders.reading.files import check_room
from embkit_plugins.loaders.reading.rows import VectorRows

__all__ = ["ArrowRows", "read_table"]

_COLUMNS = {
    "id": ("id", "ids"),
    "text": ("text", "texts", "document", "content"),
    "label": ("label", "labels"),
}
_BATCH_ROWS = 8192
_HELD_OF_A_FILE = HELD_BYTES // 4  # a source may have many files


class ArrowRows(Protocol):
    """An open file with an Arrow schema: ``schema_arrow`` and ``n_rows``."""

    schema_arrow: Any
    n_rows: int

    def iter_batches(self, batch_size: int, columns: Sequence[str]) -> Iterator[Any]:
        """The rows of some columns as record batches."""

    def check_room(self, path: Path, names: Collection[str]) -> None:
        """Refuse columns of single values that would not fit in memory."""


def read_table(
    path: Path,
    file: ArrowRows,
    column: str | Sequence[str] | None,
    asked: Mapping[str, str | None],
    loader: str,
) -> Dataset:
    """Read the vectors and the columns beside them.

    Parameters
    ----------
    path : Path
        What to call the file in messages.
    file : ArrowRows
        The open file.
    column : str, sequence of str or None
        The vector's columns, where the user named any.
    asked : mapping of str to str or None
        The column of each role, as `choose_roles` takes it.
    loader : str
        What to call the loader in remedies.

    Raises
    ------
    DataError
        If there is no single column to take, or a vector is missing, incomplete
        or of another length.
    ParameterError
        If an asked column does not exist.
    ResourceError
        If it would not fit in memory.
    """
    names = [name for name in file.schema_arrow.names if not name.startswith("__index_level_")]
    roles = choose_roles(dict.fromkeys(names), asked, str(path), _COLUMNS)
    free = [name for name in names if name not in roles.values()]
    vector, decided = vector_of(file, free, column, path, loader)
    singles = [name for name in free if is_single(file.schema_arrow.field(name).type)]
    others = [name for name in (*roles.values(), *singles) if name not in vector.columns]
    file.check_room(path, others)
    if vector.form == "text":
        vectors, columns, notes = _read_texts(file, vector, others, path, loader)
    else:
        vectors, columns, notes = _read_matrix(file, vector, others, path)
    dataset = Dataset(vectors, name=path.name, notes=(f"the vector is {vector}", *decided, *notes))
    return attach_columns(dataset, columns, roles, path.name)


def _read_matrix(
    file: ArrowRows, vector: Vector, others: Sequence[str], path: Path
) -> tuple[NDArray[Any], dict[str, list[Any]], tuple[str, ...]]:
    n_rows = file.n_rows
    shape = (n_rows, vector.length)
    check_matrix(shape, vector.dtype, str(path))
    columns: dict[str, list[Any]] = {name: [] for name in others}
    matrix = _matrix_for(shape, vector.dtype, str(path))
    for batch in file.iter_batches(_BATCH_ROWS, [*vector.columns, *others]):
        matrix.append(vector.matrix(batch, matrix.n_written, path))
        for name in others:
            columns[name] += column_values(batch.column(name))
    if matrix.n_written != n_rows:
        raise DataError(
            f"{path}: it holds {matrix.n_written} rows, its footer says {n_rows}", "", "write it again"
        )
    vectors = stacked([matrix]) if isinstance(matrix, SpooledRows) else matrix.array
    return vectors, columns, ()


class _Held:
    """A matrix in memory that is filled from the top."""

    def __init__(self, shape: tuple[int, int], dtype: np.dtype[Any]) -> None:
        self.array = np.empty(shape, dtype=dtype)
        self.n_written = 0

    def append(self, rows: NDArray[Any]) -> None:
        self.array[self.n_written : self.n_written + len(rows)] = rows
        self.n_written += len(rows)


def _matrix_for(shape: tuple[int, int], dtype: np.dtype[Any], name: str) -> "_Held | SpooledRows":
    """What takes the rows: memory, or a temporary file where they are many, or one file of many."""
    n_bytes = shape[0] * shape[1] * dtype.itemsize
    if dtype.kind == "f" and n_bytes > _HELD_OF_A_FILE:
        return SpooledRows(shape, dtype)
    check_room(name, n_bytes)
    return _Held(shape, dtype)


def _read_texts(
    file: ArrowRows, vector: Vector, others: Sequence[str], path: Path, loader: str
) -> tuple[NDArray[Any], dict[str, list[Any]], tuple[str, ...]]:
    """Vectors that are written as text, or are the bytes of their numbers."""
    if len(vector.columns) > 1:
        raise DataError(
            f"{path}: several columns of lists in text: {', '.join(vector.columns[:10])}",
            "only one can be the vector",
            f"name it: --loader {loader}:column={vector.columns[0]}",
        )
    (source,) = vector.columns
    rows = VectorRows(path, "row")
    columns: dict[str, list[Any]] = {name: [] for name in others}
    for batch in file.iter_batches(_BATCH_ROWS, [source, *others]):
        for value in column_values(batch.column(source)):
            rows.append(len(rows), value, source)
        for name in others:
            columns[name] += column_values(batch.column(name))
    return rows.matrix(), columns, rows.notes
