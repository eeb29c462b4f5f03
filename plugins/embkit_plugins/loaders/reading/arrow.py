"""Vectors in the columns of an Arrow table: which they are, and as a matrix."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from embkit import DataError
from embkit.reading import Column, Form, choose_vector, column_values, form_of
from embkit.text import shorten

__all__ = ["Vector", "is_single", "vector_of"]

_PROBED_ROWS = 64


@dataclass(frozen=True)
class Vector:
    """The place of the vectors.

    Parameters
    ----------
    columns : tuple of str
        List columns, which are joined, or numeric columns.
    form : {"lists", "numbers", "text"}
        What they hold; lists may be written as text or bytes.
    lengths : tuple of int
        Number of values in each column; of variable lists that of the first row.
    dtype : dtype
        Of the values.
    """

    columns: tuple[str, ...]
    form: Literal["lists", "numbers", "text"]
    lengths: tuple[int, ...]
    dtype: np.dtype[Any]

    @property
    def length(self) -> int:
        """Number of values of a vector."""
        return sum(self.lengths)

    def __str__(self) -> str:
        if self.form != "numbers" and len(self.columns) == 1:
            return f"the list column {self.columns[0]}"
        joined = " of lists, joined" if self.form != "numbers" else ""
        return f"{len(self.columns)} columns, {self.columns[0]} to {self.columns[-1]}{joined}"

    def matrix(self, batch: Any, row: int, path: Path) -> NDArray[Any]:
        """Return the vectors of a record batch whose first row is row `row` of the file.

        What is null is NaN, for the host to refuse or drop.

        Raises
        ------
        DataError
            If a vector has another length than the first, or an integer is
            null; names the row.
        """
        if self.form == "lists":
            parts = [
                self._from_lists(_storage(batch.column(name)), length, row, path)
                for name, length in zip(self.columns, self.lengths, strict=True)
            ]
            return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)
        matrix = np.empty((len(batch), self.length), dtype=self.dtype)
        for position, name in enumerate(self.columns):
            values = batch.column(name)
            self._refuse_null_integers(values, path)
            matrix[:, position] = values.to_numpy(zero_copy_only=False)
        return matrix

    def _from_lists(self, lists: Any, length: int, row: int, path: Path) -> NDArray[Any]:
        from pyarrow.compute import list_value_length

        self._refuse_null_integers(lists, path)
        whole = np.flatnonzero(lists.is_valid().to_numpy(zero_copy_only=False))
        n_rows = len(lists)
        lists = lists.drop_null()
        lengths = list_value_length(lists).to_numpy(zero_copy_only=False)
        odd = np.flatnonzero(lengths != length)
        if odd.size:
            raise DataError(
                f"{path}: row {row + whole[odd[0]]}: {lengths[odd[0]]} values, "
                f"expected {length} (as in the first row)",
                "all vectors must be of one length",
                "embed all rows with the same model, or leave the row out",
            )
        # flatten() respects the offset of a slice, which .values does not.
        values = lists.flatten()
        self._refuse_null_integers(values, path)
        vectors: NDArray[Any] = values.to_numpy(zero_copy_only=False).reshape(-1, length)
        if len(vectors) == n_rows:
            return vectors
        matrix = np.full((n_rows, length), np.nan, dtype=self.dtype)
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
    if types.is_dictionary(data_type):
        return is_single(data_type.value_type)
    return not (types.is_nested(data_type) or binary or hasattr(data_type, "storage_type"))


def vector_of(
    file: Any, names: Sequence[str], column: str | Sequence[str] | None, path: Path, loader: str
) -> tuple[Vector, tuple[str, ...]]:
    """Choose the column or columns that hold the vectors.

    Parameters
    ----------
    file : ArrowRows
        The open file.
    names : sequence of str
        Columns without another role.
    column : str, sequence of str or None
        What the user asked for: names, or patterns.
    path : Path
        What to call the file in messages.
    loader : str
        What to call the loader in remedies.

    Returns
    -------
    vector : Vector
        Where the vectors are.
    notes : tuple of str
        What was decided beside.

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
            f"{path}: two columns have the same name", "columns are identified by name", "rename one"
        )
    columns = _columns(file, set(names))
    free = [index for index, name in enumerate(schema.names) if name in set(names)]
    try:
        chosen = choose_vector(
            columns, str(path), asked=column, free=free, how=f"--loader {loader}:column={{}}"
        )
    except DataError as error:
        if "no column of numbers" not in error.what:
            raise
        described = ", ".join(
            f"{shorten(field.name, 60)} ({_named_type(field.type)})" for field in list(schema)[:10]
        )
        raise DataError(
            f"{path}: no column of vectors",
            f"its columns are {described or 'none'}",
            "embeddings are one column of lists of numbers, or numeric columns",
        ) from None
    picked = tuple(schema.names[index] for index in chosen.positions)
    types = [schema.field(name).type for name in picked]
    if not chosen.is_list:
        _refuse_other_types(picked, types, path)
        dtype = np.result_type(*map(_dtype, types))
        return Vector(picked, "numbers", (1,) * len(picked), dtype), chosen.notes
    values = [_list_value(data_type) for data_type in types]
    lengths = tuple(columns[index].length for index in chosen.positions)
    if all(value is None for value in values):
        return Vector(picked, "text", lengths, np.dtype(np.float64)), chosen.notes
    for name, value, data_type in zip(picked, values, types, strict=True):
        if value is None:
            raise DataError(
                f"{path}: column {name!r} holds {shorten(str(data_type), 60)}, not lists of numbers",
                "it was named as a column of the vector",
                "name a column of lists of numbers",
            )
    dtype = np.result_type(*map(_dtype, values))
    return Vector(picked, "lists", lengths, dtype), chosen.notes


def _named_type(data_type: Any) -> str:
    plain = getattr(data_type, "value_type", data_type) if _is_text(data_type) else data_type
    return shorten(str(plain), 60)


def _refuse_other_types(names: Sequence[str], types: Sequence[Any], path: Path) -> None:
    for name, data_type in zip(names, types, strict=True):
        if not _is_number(data_type):
            raise DataError(
                f"{path}: column {name!r} holds {shorten(str(data_type), 60)}, not numbers",
                "it was named as a column of the vector",
                "name columns of numbers, or one column of lists",
            )


def _columns(file: Any, free: set[str]) -> list[Column]:
    """What the columns hold: by their types, and of texts and bytes by the first rows."""
    texts = [field.name for field in file.schema_arrow if field.name in free and _is_text(field.type)]
    numbers = [
        field.name for field in file.schema_arrow if field.name in free and _is_integer(field.type)
    ]
    first = next(iter(file.iter_batches(batch_size=_PROBED_ROWS, columns=[*texts, *numbers])), None)
    return [_column(file, field, first) for field in file.schema_arrow]


def _column(file: Any, field: Any, first: Any) -> Column:
    name, data_type = field.name, field.type
    if _list_value(data_type) is not None:
        return Column(name, Form.LIST, _list_length(file, name))
    if first is not None and name in first.schema.names:
        cells = column_values(first.column(name))
        if _is_integer(data_type):
            counts = len(cells) > 1 and cells == list(range(len(cells)))
            return Column(name, Form.NUMBER, 1, "", counts)
        column = form_of(name, cells)
        # Numbers written as text are not a column of numbers here.
        return replace(column, form=Form.OTHER) if column.form is Form.NUMBER else column
    return Column(name, Form.NUMBER if _is_number(data_type) else Form.OTHER)


def _list_value(data_type: Any) -> Any:
    """The type of a list's values where they are numbers, else None."""
    from pyarrow import types

    data_type = getattr(data_type, "storage_type", data_type)
    is_list = (
        types.is_list(data_type) or types.is_large_list(data_type) or types.is_fixed_size_list(data_type)
    )
    return data_type.value_type if is_list and _is_number(data_type.value_type) else None


def _is_text(data_type: Any) -> bool:
    from pyarrow import types

    if types.is_dictionary(data_type):
        data_type = data_type.value_type
    return bool(
        types.is_string(data_type)
        or types.is_large_string(data_type)
        or types.is_binary(data_type)
        or types.is_large_binary(data_type)
        or types.is_fixed_size_binary(data_type)
    )


def _is_integer(data_type: Any) -> bool:
    from pyarrow import types

    return bool(types.is_integer(data_type))


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
