"""Vectors in the columns of an Arrow table: which they are, and as a matrix."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit import DataError, EmbkitError, MissingExtraError
from embkit.reading import Kind, kind_of, unknown_column
from embkit_plugins.loaders.reading.files import wrong_kind

__all__ = ["Vector", "choose_vector", "is_single", "opened"]

_PROBED_ROWS = 64


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """Give the file as a pyarrow ParquetFile; what pyarrow raises becomes an error that names it.

    Raises
    ------
    DataError
        If it is no Parquet file, or damaged.
    MissingExtraError
        If pyarrow is not installed.
    """
    try:
        import pyarrow as pa
        from pyarrow.parquet import ParquetFile
    except ImportError as error:
        raise MissingExtraError("loader parquet", "pyarrow", "parquet") from error
    if kind_of(path) != Kind.PARQUET:
        raise wrong_kind(path, "a Parquet file")
    try:
        with ParquetFile(path) as file:
            yield file
    except EmbkitError:
        raise
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise DataError(
            f"{path}: the Parquet file is cut or damaged", reason, "write or copy it again"
        ) from error


@dataclass(frozen=True)
class Vector:
    """Where the vectors are.

    Parameters
    ----------
    columns : tuple of str
        One list column, or numeric columns.
    is_list : bool
        Which of the two.
    length : int
        Number of values of a vector; of variable lists that of the first row.
    dtype : dtype
        Of the values.
    """

    columns: tuple[str, ...]
    is_list: bool
    length: int
    dtype: np.dtype[Any]

    def __str__(self) -> str:
        if self.is_list:
            return f"the list column {self.columns[0]}"
        return f"{self.length} columns, {self.columns[0]} to {self.columns[-1]}"

    def matrix(self, batch: Any, row: int, path: Path) -> NDArray[Any]:
        """Return the vectors of a record batch whose first row is row `row` of the file.

        What is null is NaN, for the host to refuse or drop.

        Raises
        ------
        DataError
            If a vector has another length than the first, or an integer is
            null; names the row.
        """
        if self.is_list:
            return self._from_lists(_storage(batch.column(self.columns[0])), row, path)
        matrix = np.empty((len(batch), self.length), dtype=self.dtype)
        for position, name in enumerate(self.columns):
            values = batch.column(name)
            self._refuse_null_integers(values, path)
            matrix[:, position] = values.to_numpy(zero_copy_only=False)
        return matrix

    def _from_lists(self, lists: Any, row: int, path: Path) -> NDArray[Any]:
        from pyarrow.compute import list_value_length

        self._refuse_null_integers(lists, path)
        whole = np.flatnonzero(lists.is_valid().to_numpy(zero_copy_only=False))
        n_rows = len(lists)
        lists = lists.drop_null()
        lengths = list_value_length(lists).to_numpy(zero_copy_only=False)
        odd = np.flatnonzero(lengths != self.length)
        if odd.size:
            raise DataError(
                f"{path}: row {row + whole[odd[0]]}: {lengths[odd[0]]} values, "
                f"expected {self.length} (as in the first row)",
                "all vectors must be of one length",
                "embed all rows with the same model, or leave the row out",
            )
        # flatten() respects the offset of a slice, which .values does not.
        values = lists.flatten()
        self._refuse_null_integers(values, path)
        vectors: NDArray[Any] = values.to_numpy(zero_copy_only=False).reshape(-1, self.length)
        if len(vectors) == n_rows:
            return vectors
        matrix = np.full((n_rows, self.length), np.nan, dtype=self.dtype)
        matrix[whole] = vectors
        return matrix

    def _refuse_null_integers(self, values: Any, path: Path) -> None:
        if values.null_count and self.dtype.kind != "f":
            raise DataError(
                f"{path}: {values.null_count} values are null in {self}",
                f"{self.dtype} has no NaN to stand for them",
                "fill them, or write the column as float32",
            )


def is_single(data_type: Any) -> bool:
    """Whether a column of that type holds a number, string, date or the like in each row."""
    from pyarrow import types

    binary = (
        types.is_binary(data_type)
        or types.is_large_binary(data_type)
        or types.is_fixed_size_binary(data_type)
    )
    return not (types.is_nested(data_type) or binary or hasattr(data_type, "storage_type"))


def choose_vector(file: Any, names: Sequence[str], column: str | None, path: Path) -> Vector:
    """Choose the column or columns that hold the vectors.

    Parameters
    ----------
    file : ParquetFile
        The open file.
    names : sequence of str
        Columns without another role.
    column : str or None
        What the user asked for: a name, or a pattern of numeric columns.
    path : Path
        What to call the file in messages.

    Raises
    ------
    DataError
        If there is no such column, or several list columns.
    ParameterError
        If nothing is called as asked.
    """
    schema = file.schema_arrow
    if len(set(schema.names)) < len(schema.names):
        raise DataError(
            f"{path}: two columns have the same name", "columns are told by name", "rename one"
        )
    lists = [name for name in names if _list_value(schema.field(name).type) is not None]
    numeric = [name for name in names if _is_number(schema.field(name).type)]
    if column is not None:
        lists = [name for name in lists if name == column]
        numeric = [name for name in numeric if name == column or fnmatchcase(name, column)]
        if not lists and not numeric and column not in schema.names:
            raise unknown_column(str(path), f"column={column}", column, dict.fromkeys(schema.names))
    if len(lists) > 1:
        lengths = ", ".join(f"{name} ({_list_length(file, name)} values)" for name in lists)
        raise DataError(
            f"{path}: several list columns: {lengths}",
            "which one holds the embeddings cannot be told",
            f"name it: --loader parquet:column={lists[0]}",
        )
    if lists:
        value_type = _list_value(schema.field(lists[0]).type)
        return Vector((lists[0],), True, _list_length(file, lists[0]), _dtype(value_type))
    if not numeric:
        described = ", ".join(f"{field.name} ({field.type})" for field in list(schema)[:10])
        raise DataError(
            f"{path}: no column of vectors",
            f"its columns are {described or 'none'}",
            "embeddings are one column of lists of numbers, or numeric columns",
        )
    dtype = np.result_type(*(_dtype(schema.field(name).type) for name in numeric))
    return Vector(tuple(numeric), False, len(numeric), dtype)


def _list_value(data_type: Any) -> Any:
    """The type of a list's values where they are numbers, else None."""
    from pyarrow import types

    data_type = getattr(data_type, "storage_type", data_type)
    is_list = (
        types.is_list(data_type) or types.is_large_list(data_type) or types.is_fixed_size_list(data_type)
    )
    return data_type.value_type if is_list and _is_number(data_type.value_type) else None


def _is_number(data_type: Any) -> bool:
    from pyarrow import types

    return bool(types.is_integer(data_type) or types.is_floating(data_type))


def _dtype(data_type: Any) -> np.dtype[Any]:
    dtype: np.dtype[Any] = np.dtype(data_type.to_pandas_dtype())
    return dtype


def _list_length(file: Any, name: str) -> int:
    """Length of the first vector that is not null, or as the type says."""
    data_type = file.schema_arrow.field(name).type
    stated = getattr(getattr(data_type, "storage_type", data_type), "list_size", None)
    if stated is not None:
        return int(stated)
    for batch in file.iter_batches(batch_size=_PROBED_ROWS, columns=[name]):
        for vector in _storage(batch.column(name)):
            if vector.is_valid:
                return len(vector.values)
    return 0


def _storage(values: Any) -> Any:
    """The plain lists within a column of tensors."""
    return getattr(values, "storage", values)
