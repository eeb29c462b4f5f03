"""Loaders csv and tsv: embeddings as numeric columns, or as one list column, of delimited text."""

import re
import warnings
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from operator import itemgetter
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from embkit import DataError, Dataset, EmbkitWarning
from embkit.reading import (
    DELIMITERS,
    Dialect,
    Kind,
    attach_columns,
    column_names,
    is_missing,
    is_number,
    kind_of,
    parse_vector,
    plain_number,
    read_records,
    reading,
    sniff_dialect,
)
from embkit.text import plural, shorten
from embkit_plugins.loaders.reading.columns import ColumnPlan, plan_columns
from embkit_plugins.loaders.reading.files import Room, path_of, wrong_kind
from embkit_plugins.loaders.reading.numerals import (
    floats,
    floats_with_comma,
    number_of,
    refuse_thousands,
)
from embkit_plugins.loaders.reading.rows import VectorRows, narrowed
from embkit_plugins.loaders.word2vec import WordLayout, read_words, word_layout

__all__ = ["Delimited"]

_PLANNED_ROWS = 32
_PLANNED_CELLS = 200_000
# Numbers between blanks in brackets, as str(array) writes them.
_PRINTED = re.compile(r"\s*\[\s*[-+\d.eE]++\s+[-+\d.]")
_NAN = float("nan")

Records = Iterable[tuple[int, list[str]]]


class Delimited:
    """Delimited text: the numeric columns are the vector, or one column of lists is.

    A column called embedding or vector is the vector whatever else there is: as
    JSON, as Python or NumPy print lists, tuples and arrays, as numbers between
    commas or blanks, or as base64. Columns called id, text and label are the
    rows' ids, texts and reference labels; other columns that are not numbers
    become metadata. Lines that begin with # before the table are comments.
    Words with their vectors between blanks (word2vec, GloVe) are read as the
    loader word2vec reads them. What was decided is said in the summary.

    Parameters
    ----------
    delimiter : {"auto", "comma", "semicolon", "tab", "pipe", "space", "line"}
        What separates cells; auto tells it from the first lines; with line, each
        line is one cell.
    decimal : {"auto", "point", "comma"}
        The decimal sign of the numbers.
    header : {"auto"} or bool
        Whether the first line names the columns; auto takes a line of numbers as data.
    encoding : str
        Character encoding, such as ``latin-1``.
    column : str or tuple of str, optional
        The columns of the vector, by name or by pattern such as ``dim_*``, or a
        list of such; several list columns are joined. All that are numeric
        if omitted.
    id : str, optional
        The column of the ids, where it is not called id; empty for none.
    text : str, optional
        The column of the texts, where it is not called text; empty for none.
    label : str, optional
        The column of the reference labels, where it is not called label; empty for none.
    """

    def __init__(
        self,
        *,
        delimiter: Literal["auto", "comma", "semicolon", "tab", "pipe", "space", "line"] = "auto",
        decimal: Literal["auto", "point", "comma"] = "auto",
        header: Literal["auto"] | bool = "auto",
        encoding: str = "utf-8",
        column: str | tuple[str, ...] | None = None,
        id: str | None = None,  # noqa: A002 - as users type it
        text: str | None = None,
        label: str | None = None,
    ) -> None:
        self.delimiter = delimiter
        self.decimal = decimal
        self.header = header
        self.encoding = encoding
        self.column = column
        self.id = id
        self.text = text
        self.label = label

    def load(self, source: str | None) -> Dataset:
        """Read a delimited text, plain or gzip-compressed.

        Parameters
        ----------
        source : str
            Path of the file.

        Returns
        -------
        Dataset
            Vectors of shape (n_samples, n_features), float64, or float32 where that
            is exact. Empty cells are NaN.

        Raises
        ------
        DataError
            If a line has too few or too many cells, a cell is not a number, or
            bytes do not decode; names file, line and column.
        ParameterError
            If an asked column does not exist.
        """
        path = path_of(source, "csv")
        with reading(path):
            if kind_of(path) not in (Kind.TEXT, Kind.JSON_LINES, Kind.GZIP, None):
                raise wrong_kind(path, "delimited text")
            words = self._words(path)
            if words is not None:
                return read_words(path, words, self.encoding)
            layout = sniff_dialect(
                path,
                delimiter=DELIMITERS.get(self.delimiter),
                decimal={"point": ".", "comma": ","}.get(self.decimal),
                header=None if self.header == "auto" else self.header,
                encoding=self.encoding,
                comments=True,
            )
            return read_records(
                path, layout, lambda records: self._read(path, layout, records), self.encoding
            )

    def _words(self, path: Path) -> WordLayout | None:
        """The layout of words with vectors, unless the user says that it is a table."""
        asked = (self.column, self.id, self.text, self.label)
        if self.delimiter not in ("auto", "space") or asked != (None,) * 4:
            return None
        layout = word_layout(path, encoding=self.encoding)
        # A line with the sizes is a header of a kind; another one makes a table of it.
        sized = layout is not None and layout.stated is not None
        return layout if self.header is not True or sized else None

    def _read(self, path: Path, layout: Dialect, records: Iterator[tuple[int, list[str]]]) -> Dataset:
        names, records, first = column_names(path, layout, records)
        names = [name or (f"column {index + 1}" if index else "") for index, name in enumerate(names)]
        records = _checked(path, records, len(names), first)
        # Of wide tables fewer rows tell as much.
        sample = list(islice(records, max(1, min(_PLANNED_ROWS, _PLANNED_CELLS // max(1, len(names))))))
        if not sample:
            raise DataError(
                f"{path}: no row below the header", "there is nothing to read", "check the source"
            )
        plan = plan_columns(
            names,
            [cells for _, cells in sample],
            column=self.column,
            asked={"id": self.id, "text": self.text, "label": self.label},
            source=str(path),
            loader="tsv" if layout.delimiter == "\t" else "csv",
        )
        if self.decimal == "auto" and layout.delimiter == ",":
            refuse_thousands(path, [cells[index] for _, cells in sample for index in plan.vector])
        read = _read_lists if plan.is_list else _read_numbers
        vectors, columns, notes = read(path, layout, plan, names, chain(sample, records))
        dataset = Dataset(vectors, name=path.name, notes=(str(layout), *plan.notes, *notes))
        return attach_columns(dataset, columns, plan.roles, path.name)


def _checked(path: Path, records: Records, width: int, first: int) -> Iterator[tuple[int, list[str]]]:
    for number, cells in records:
        if len(cells) != width:
            raise DataError(
                f"{path}: line {number}: {len(cells)} columns, expected {width} (from line {first})",
                "every line must have all columns",
                "repair the line; a cell that holds the delimiter must be in double quotes, and "
                "comments must begin with # and stand before the table",
            )
        yield number, cells


def _read_numbers(
    path: Path, layout: Dialect, plan: ColumnPlan, names: Sequence[str], records: Records
) -> tuple[NDArray[Any], dict[str, list[str]], tuple[str, ...]]:
    values = array("d")
    room = Room(str(path))
    columns: dict[str, list[str]] = {names[index]: [] for index in plan.others}
    kept = [(columns[names[index]], index) for index in plan.others]
    pick = itemgetter(*plan.vector, plan.vector[0])  # one more, so that it is a tuple always
    parse = floats_with_comma if layout.decimal == "," else floats
    n_missing = 0
    for number, cells in records:
        numbers = pick(cells)[:-1]
        try:
            row = parse(numbers)
        except ValueError:
            row = [
                _NAN
                if is_missing(cells[index])
                else number_of(path, layout, names[index], number, cells[index])
                for index in plan.vector
            ]
            n_missing += any(map(is_missing, numbers))
        values.extend(row)
        room.take(values)
        for column, index in kept:
            column.append(cells[index])
    matrix = np.frombuffer(values, dtype=np.float64).reshape(-1, len(plan.vector))
    notes = (f"empty cells, read as NaN, in {plural(n_missing, 'row')}",) if n_missing else ()
    return narrowed(matrix), columns, notes


def _read_lists(
    path: Path, layout: Dialect, plan: ColumnPlan, names: Sequence[str], records: Records
) -> tuple[NDArray[Any], dict[str, list[str]], tuple[str, ...]]:
    rows = VectorRows(path)
    columns: dict[str, list[str]] = {names[index]: [] for index in plan.others}
    was_printed = False
    for number, cells in records:
        parts = [_parse_list(path, number, names[index], cells[index], layout) for index in plan.vector]
        was_printed = was_printed or any(
            _PRINTED.match(cells[index]) and "," not in cells[index] for index in plan.vector
        )
        rows.append(number, parts[0] if len(parts) == 1 else _joined(parts))
        for index in plan.others:
            columns[names[index]].append(cells[index])
    if was_printed:
        warnings.warn(
            f"{path}: lists were printed by NumPy, with 8 digits at most; save array.tolist(), or the"
            " matrix with numpy.save",
            EmbkitWarning,
            stacklevel=2,
        )
    return rows.matrix(), columns, rows.notes


def _joined(parts: Sequence[Any]) -> list[Any] | None:
    return None if None in parts else [value for part in parts for value in part]


def _parse_list(path: Path, number: int, name: str, cell: str, layout: Dialect) -> Any:
    try:
        if is_number(cell, layout.decimal):  # a vector of one value among longer ones
            return [plain_number(cell.replace(",", "."))]
        return parse_vector(cell)
    except ValueError as error:
        raise DataError(
            f"{path}: line {number}, column {shorten(name, 80)!r}: {shorten(cell, 40)!r}"
            " is not a list like [0.1, 0.2]",
            str(error),
            "write it as JSON, for instance array.tolist(); NumPy leaves values out when it prints",
        ) from None
