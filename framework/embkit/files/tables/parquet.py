"""Parquet files: opened with errors that name them, and their values within memory."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from embkit.errors import MissingExtraError, ResourceError
from embkit.files.tables.arrow import damage_named
from embkit.resources import available_memory
from embkit.text import format_bytes

__all__ = ["check_parquet_room", "column_values", "opened_parquet"]

_CELL_BYTES = 64  # what a value takes at least as an object of Python, with its place in a list


@contextmanager
def opened_parquet(path: Path, needed_by: str) -> Iterator[Any]:
    """Give the file as a pyarrow ParquetFile; what pyarrow raises becomes an error that names it.

    Parameters
    ----------
    path : Path
        A Parquet file.
    needed_by : str
        What needs pyarrow, such as ``loader parquet``.

    Raises
    ------
    DataError
        If it is damaged.
    MissingExtraError
        If pyarrow is not installed.
    """
    try:
        from pyarrow import parquet
    except ImportError as error:
        raise MissingExtraError(needed_by, "pyarrow", "parquet") from error
    with damage_named(path, "Parquet"):
        with parquet.ParquetFile(path) as file:
            texts = [field.name for field in file.schema_arrow if _is_text(field.type)]
        # Texts that repeat stay once in memory, as they are in the file.
        with parquet.ParquetFile(path, read_dictionary=texts) as file:
            yield file


def _is_text(data_type: Any) -> bool:
    from pyarrow import types

    return bool(types.is_string(data_type) or types.is_binary(data_type))


def column_values(array: Any) -> list[Any]:
    """Return the values of an Arrow array, those of a dictionary each as one object."""
    if not hasattr(array, "dictionary"):
        values: list[Any] = array.to_pylist()
        return values
    known = array.dictionary.to_pylist()
    return [None if place is None else known[place] for place in array.indices.to_pylist()]


def check_parquet_room(path: Path, file: Any, names: Collection[str]) -> None:
    """Refuse columns of single values that would not fit in memory, before they are read.

    Raises
    ------
    ResourceError
        If they unfold to more than the available memory.
    """
    metadata = file.metadata
    size = 0
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        for index in range(metadata.num_columns):
            column = group.column(index)
            if column.path_in_schema in names:
                size += max(column.total_uncompressed_size, _CELL_BYTES * group.num_rows)
    room = available_memory()
    if size > room:
        raise ResourceError(
            f"{path}: its columns of single values take {format_bytes(size)}",
            f"{format_bytes(room)} of memory are available",
            "write a file with fewer columns",
        )
