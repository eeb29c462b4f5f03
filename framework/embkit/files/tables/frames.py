"""DataFrames, columns and records that are in memory already, as datasets and tables."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit.data.dataset import Dataset
from embkit.data.matrix import as_matrix, check_matrix
from embkit.errors import DataError
from embkit.files.tables.columns import VectorColumns, choose_vector
from embkit.files.tables.forms import Column, Form, form_of
from embkit.files.tables.keyed import KeyedVectors, keyed_vectors
from embkit.files.tables.native import Frame, frame_of, refuse_unordered, series_values
from embkit.files.tables.roles import attach_columns, choose_roles
from embkit.files.text.cells import parse_vector
from embkit.text import plural, shorten

__all__ = ["attach_frame", "dataset_of"]

_ROLES = {
    "id": ("id", "ids"),
    "text": ("text", "texts", "document", "documents", "content"),
    "label": ("label", "labels"),
}
_SAMPLE = 64


def dataset_of(source: Any) -> Dataset:
    """Make a dataset of what is in memory.

    Parameters
    ----------
    source : array_like of shape (n_samples, n_features), DataFrame, Series, mapping or list of mappings
        An array of vectors; a table of pandas, polars, pyarrow or another
        library that narwhals knows; words with a vector each (see `keyed_vectors`); named
        columns; or records.

    Returns
    -------
    Dataset
        Of a table: the column of arrays or lists is the vectors, else its
        columns of numbers are; ids, texts and labels are the columns of that
        name, and further columns are metadata. The index is the ids where it is
        more than row numbers and there is no such column.

    Raises
    ------
    DataError
        If there is no matrix in it, or it is unclear which columns they are.
    """
    keyed = keyed_vectors(source) if isinstance(source, Mapping) else None
    if keyed is not None:
        return _of_keys(keyed)
    frame = frame_of(source)
    if frame is None:
        series = series_values(source)
        return Dataset(as_matrix(source if series is None else series, "array"), name="array")
    columns = frame.columns
    if not columns:
        raise DataError(f"the {frame.name} has no columns", "there is nothing to read", "")
    roles = choose_roles(columns, {}, frame.name, _ROLES)
    described = [_column(name, values) for name, values in columns.items()]
    free = [place for place, name in enumerate(columns) if name not in roles.values()]
    chosen = choose_vector(described, frame.name, free=free, how=None)
    names = [described[place].name for place in chosen.positions]
    vectors = _vectors(frame, chosen, names, described)
    kept = {name: _plain(values) for name, values in columns.items() if name not in names}
    words = names[0] if len(names) == 1 else f"{len(names)} columns, {names[0]} to {names[-1]}"
    notes = (f"the vector is {shorten(words, 120)}", *chosen.notes)
    dataset = Dataset(vectors, name=frame.name, notes=notes)
    dataset = attach_columns(dataset, kept, roles, frame.name)
    if dataset.ids is None and frame.index is not None:
        dataset = replace(dataset, ids=frame.index, notes=(*dataset.notes, "the ids are its index"))
    return dataset


def _of_keys(keyed: KeyedVectors) -> Dataset:
    are_words = all(isinstance(key, str) for key in keyed.keys)
    note = f"the vectors are the values of the mapping, the keys are the ids{' and texts' * are_words}"
    ids = tuple(map(str, keyed.keys))
    return Dataset(
        keyed.vectors, ids=ids, texts=ids if are_words else None, name="mapping", notes=(note,)
    )


def attach_frame(dataset: Dataset, table: Any) -> Dataset:
    """Put columns that are in memory beside the rows of a dataset.

    Parameters
    ----------
    dataset : Dataset
        The rows.
    table : DataFrame, mapping, list of mappings, or sequence of str
        A table with the columns id, text or label; or the texts.

    Raises
    ------
    DataError
        If it has another number of rows, or no column of such a name.
    """
    frame = frame_of(table)
    if frame is None:
        refuse_unordered(table)
        values = series_values(table)
        texts = list(table) if values is None else values
        frame = Frame("table", {"text": texts})
    columns = {name: _plain(values) for name, values in frame.columns.items()}
    roles = choose_roles(columns, {}, frame.name, _ROLES)
    if not roles:
        raise DataError(
            f"{frame.name}: no column is called id, text or label",
            f"its columns are {', '.join(shorten(name, 60) for name in list(columns)[:12]) or 'none'}",
            "rename them, or give embkit.Dataset(vectors, texts=..., ids=..., reference=...)",
        )
    for name in roles.values():
        if any(isinstance(value, np.ndarray) for value in frame.columns[name][:1]):
            raise DataError(
                f"{_place(frame, name)} is a matrix",
                "ids, texts and labels are single values, one a row",
                "give a sequence of one dimension",
            )
    for name, values in columns.items():
        if len(values) != dataset.n_samples:
            raise DataError(
                f"{_place(frame, name)} has {plural(len(values), 'value')},"
                f" {dataset.name} has {plural(dataset.n_samples, 'row')}",
                "a table must match the matrix row by row",
                "give the table that belongs to this matrix",
            )
    return attach_columns(dataset, columns, roles, "" if frame.name == "mapping" else frame.name)


def _place(frame: Frame, column: str) -> str:
    """What to call a column in messages; a mapping has no name that would help."""
    prefix = "" if frame.name == "mapping" else f"{frame.name}: "
    return f"{prefix}column {shorten(repr(column), 60)}"


def _column(name: str, values: Any) -> Column:
    if isinstance(values, np.ndarray) and values.dtype.kind in "iuf":
        counts = len(values) > 1 and np.array_equal(values, np.arange(len(values)))
        return Column(name, Form.NUMBER, 1, "", counts)
    sample = [value for value in values if not _is_missing(value)][:_SAMPLE]
    if not sample:
        return Column(name, Form.EMPTY, 0)
    if all(isinstance(value, str | bytes) for value in sample):
        column = form_of(name, sample)
        return replace(column, form=Form.OTHER) if column.form is Form.NUMBER else column
    shown = shorten(repr(sample[0])[:200], 60)
    if all(_is_vector(value) for value in sample):
        return Column(name, Form.LIST, len(sample[0]), shown)
    numbers = all(isinstance(value, int | float | np.number | Decimal) for value in sample)
    bools = any(isinstance(value, bool | np.bool_) for value in sample)
    return Column(name, Form.NUMBER if numbers and not bools else Form.OTHER, 1, shown)


def _is_missing(value: Any) -> bool:
    return (
        value is None
        or (isinstance(value, float) and math.isnan(value))
        or (
            type(value).__name__ in ("NAType", "NaTType")  # pandas', without importing it
        )
    )


def _is_vector(value: Any) -> bool:
    if isinstance(value, str | bytes | Mapping) or not hasattr(value, "__len__"):
        return False
    array = np.asarray(value)
    return array.ndim == 1 and array.dtype.kind in "iuf" and len(array) > 0


def _vectors(
    frame: Frame, chosen: VectorColumns, names: Sequence[str], described: Sequence[Column]
) -> NDArray[Any]:
    if not chosen.is_list:
        numbers = [_numbers(frame.columns[name]) for name in names]
        return np.column_stack(numbers)
    (name,) = names
    length = described[chosen.positions[0]].length
    rows = [_row(value, row, name, frame.name) for row, value in enumerate(frame.columns[name])]
    lengths = [len(row) for row in rows if row is not None]
    length = lengths[0] if lengths else length
    check_matrix((len(rows), length), np.dtype(float), frame.name)
    for row, values in enumerate(rows):
        if values is not None and len(values) != length:
            raise DataError(
                f"{frame.name}: row {row} of {shorten(name, 60)}: {len(values)} values,"
                f" expected {length}",
                "all vectors must be of one length",
                "embed all rows with the same model, or leave the row out",
            )
    missing = np.full(length, np.nan)
    return np.stack([missing if values is None else values for values in rows])


def _numbers(values: Any) -> NDArray[Any]:
    if isinstance(values, np.ndarray) and values.dtype.kind in "iuf":
        return values
    return np.array([np.nan if _is_missing(value) else float(value) for value in values])


def _row(value: Any, row: int, name: str, source: str) -> NDArray[Any] | None:
    if _is_missing(value):
        return None
    try:
        parsed = parse_vector(value) if isinstance(value, str | bytes) else value
        array = None if parsed is None else np.asarray(parsed)
    except ValueError as error:
        raise _unreadable(value, row, name, source, str(error)) from None
    if array is not None and (array.ndim != 1 or array.dtype.kind not in "iuf"):
        raise _unreadable(value, row, name, source, "it is not a list of numbers")
    return array


def _unreadable(value: Any, row: int, name: str, source: str, reason: str) -> DataError:
    shown = value[:100] if isinstance(value, str | bytes) else value
    return DataError(
        f"{source}: row {row} of {shorten(name, 60)} is {shorten(repr(shown)[:200], 60)}",
        shorten(reason, 200),
        "give each row a list or array of numbers",
    )


def _plain(values: Any) -> list[Any]:
    plain: list[Any] = values.tolist() if isinstance(values, np.ndarray) else list(values)
    return plain
