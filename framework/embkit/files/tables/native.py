"""Tables and columns of other libraries, and of Python itself, as named columns."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

import numpy as np

from embkit.errors import DataError, MissingExtraError
from embkit.text import shorten

__all__ = ["Frame", "frame_of", "refuse_unordered", "series_values"]


@dataclass(frozen=True)
class Frame:
    """Named columns: arrays of numbers, or lists of anything."""

    name: str
    columns: dict[str, Any]
    index: tuple[str, ...] | None = None


def frame_of(source: Any) -> Frame | None:
    """The named columns of a table, or None if it is none.

    Parameters
    ----------
    source : object
        A mapping of columns, a list of mappings, a table of a library that
        narwhals knows, or what gives a stream of Arrow's record batches.

    Raises
    ------
    DataError
        If its rows are not in memory, or columns have one name.
    MissingExtraError
        If it gives such a stream and pyarrow is not installed.
    """
    if isinstance(source, Mapping):
        return Frame(
            "mapping", {str(name): _values(str(name), values) for name, values in source.items()}
        )
    if isinstance(source, list | tuple) and source and all(isinstance(row, Mapping) for row in source):
        fields = dict.fromkeys(str(name) for row in source for name in row)
        return Frame("records", {name: [row.get(name) for row in source] for name in fields})
    if isinstance(source, np.ndarray | list | tuple):
        return None
    import narwhals as nw

    frame = nw.from_native(_arrow_of(source), pass_through=True)
    if isinstance(frame, nw.LazyFrame):
        raise DataError(
            f"{type(source).__name__}: its rows are not in memory",
            "they are computed when they are asked for",
            "call .collect() or .compute() on it first",
        )
    if not isinstance(frame, nw.DataFrame):
        return None
    names = [str(name) for name in frame.columns]
    if len(set(names)) < len(names):
        raise DataError(
            "DataFrame: two columns have the same name", "columns are identified by name", ""
        )
    columns = dict(zip(names, map(_series, frame.iter_columns()), strict=True))
    return Frame("DataFrame", columns, _index(nw.maybe_get_index(frame)))


def _arrow_of(source: Any) -> Any:
    """A table of pyarrow of what only gives a stream of Arrow's batches; anything else as it is.

    Raises
    ------
    MissingExtraError
        If it gives such a stream and pyarrow is not installed.
    """
    import narwhals as nw

    known = nw.from_native(source, pass_through=True, allow_series=True)
    if known is not source or not hasattr(source, "__arrow_c_stream__"):
        return source
    try:
        import pyarrow as pa
    except ImportError as error:
        raise MissingExtraError(type(source).__name__, "pyarrow", "parquet") from error
    try:
        return pa.table(source)
    except (pa.ArrowInvalid, TypeError):  # a column, and no table
        return pa.table({"embedding": pa.chunked_array(source)})


def _index(index: Any) -> tuple[str, ...] | None:
    """The index of a pandas table as ids, unless it only counts rows or repeats."""
    if index is None or (type(index).__name__ == "RangeIndex" and index.start == 0 and index.step == 1):
        return None
    ids = tuple(map(str, index))
    return ids if len(set(ids)) == len(ids) else None


def series_values(source: Any) -> list[Any] | None:
    """The values of a column of a library that narwhals knows, or None if it is none."""
    if isinstance(source, np.ndarray | list | tuple) or hasattr(source, "__array_interface__"):
        return None
    import narwhals as nw

    series = nw.from_native(source, series_only=True, pass_through=True)
    return list(_series(series)) if isinstance(series, nw.Series) else None


def _series(series: Any) -> Any:
    """A column as an array if it holds numbers, else as a list; lists of numbers stay arrays."""
    import narwhals as nw

    if series.dtype.is_numeric():
        return series.to_numpy()
    if isinstance(series.dtype, nw.List | nw.Array):
        return list(series.to_numpy())
    return series.to_list()


def refuse_unordered(values: Any) -> None:
    """Refuse what has no order to match rows by.

    Raises
    ------
    DataError
        If it is a set.
    """
    if isinstance(values, AbstractSet):
        raise DataError(
            f"{type(values).__name__}: its values have no order",
            "values are matched with the vectors row by row",
            "give a list in the order of the rows",
        )


def _values(name: str, values: Any) -> Any:
    """A column of a mapping: an array of numbers stays one, a matrix becomes its rows.

    pandas' ``to_dict`` gives each column as a mapping of row names to values.
    """
    if isinstance(values, Mapping):
        values = list(values.values())
    refuse_unordered(values)
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        raise DataError(
            f"column {shorten(repr(name), 60)} is a single value",
            f"it is {shorten(repr(values), 60)}",
            "give a sequence with a value for each row; a file of columns is given as table",
        )
    array = values if isinstance(values, np.ndarray) else None
    if array is not None and array.ndim == 1 and array.dtype.kind in "iuf":
        return array
    series = series_values(values)
    return list(values) if series is None else series
