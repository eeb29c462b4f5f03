"""Row-aligned tables, read from a file as columns of strings."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from embkit.errors import DataError
from embkit.files.kinds import Kind, kind_of, remedy_of
from embkit.files.tables.array import array_values
from embkit.files.tables.arrow import is_arrow, opened_arrow
from embkit.files.tables.parquet import check_parquet_room, column_values, opened_parquet
from embkit.files.tables.roles import ROLES, as_text
from embkit.files.text.delimited import Records, column_names, read_records
from embkit.files.text.dialect import LINES, Dialect, LayoutError, sniff_dialect
from embkit.files.text.documents import json_rows
from embkit.files.text.lines import reading
from embkit.text import shorten

__all__ = ["UNNAMED", "Columns", "TableOptions", "read_columns"]

_TEXT = (Kind.TEXT, Kind.JSON_LINES, Kind.GZIP, None)
_BATCH_ROWS = 8192
_TAB_SUFFIXES = (".tsv", ".tab")
_JSON_SUFFIXES = (".jsonl", ".ndjson", ".json")

_KNOWN = {name for usual in ROLES.values() for name in usual}

UNNAMED = "column 1"
"""What the column of a table of one column without a header is called."""

Columns = dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class TableOptions:
    """Layout of a table as the user states it; None is determined from the file."""

    delimiter: str | None = None
    header: bool | None = None
    encoding: str = "utf-8"
    quoted: bool | None = None


def read_columns(
    path: Path,
    options: TableOptions = TableOptions(),
    *,
    n_rows: int | None = None,
    used: Sequence[str] = (),
) -> tuple[Columns, tuple[str, ...]]:
    """Read a table as columns of strings.

    Parameters
    ----------
    path : Path
        Delimited text, one text a line, JSON (lines or a document), Parquet, Arrow, or a
        one-dimensional NumPy array (``.npy``) of strings or numbers; text in UTF-8, with
        or without a byte order mark, plain or gzip-compressed. In ``.tsv`` files tabs
        separate cells.
    options : TableOptions
        The layout of delimited text, where it is known.
    n_rows : int, optional
        How many rows there must be: of the ways to read a delimited text, the
        first that gives as many is taken.
    used : sequence of str
        Columns that will be asked for: a line that has one is a header.

    Returns
    -------
    columns : dict of str to tuple of str
        In their order, all of one length. Of JSON objects and Parquet, those
        that hold single values.
    notes : tuple of str
        How the table was read, where that is not plain.

    Raises
    ------
    DataError
        If the file is not such a table; names the line.
    MissingExtraError
        If it is Parquet or Arrow and pyarrow is not installed.
    """
    kind = kind_of(path)
    with reading(path):
        if kind is Kind.PARQUET:
            return _parquet_columns(path), ()
        if kind is Kind.NPY:
            return {UNNAMED: array_values(path)}, ()
        if is_arrow(path):
            return _arrow_columns(path), ()
        if kind not in _TEXT:
            raise DataError(
                f"{path}: not a table: it is {kind}",
                "a table is delimited text, JSON, Parquet, Arrow or a one-dimensional .npy",
                remedy_of(kind) if kind in (Kind.UTF16, Kind.HTML, Kind.GIT_LFS) else "export it as CSV",
            )
        if path.name.lower().removesuffix(".gz").endswith(_JSON_SUFFIXES):
            rows, layout = json_rows(path, vectors=False)
            return _json_columns([row for _, row in rows]), (layout,) if layout else ()
        return _delimited_columns(path, options, n_rows, used)


def _delimited_columns(
    path: Path, options: TableOptions, n_rows: int | None, used: Sequence[str]
) -> tuple[Columns, tuple[str, ...]]:
    """Read by the first layout that divides the text evenly, into as many rows as there must be."""
    first_error: LayoutError | None = None
    first_found: Columns | None = None
    for layout in _layouts(path, options, n_rows, used):
        try:
            columns = read_records(
                path,
                layout,
                partial(_columns, path, layout, n_rows),
                options.encoding,
                blank_lines=True,
            )
        except LayoutError as error:
            first_error = first_error or error
            continue
        if n_rows is None or _length(columns) == n_rows:
            plain = layout.header and layout.delimiter != LINES
            return columns, () if plain else (f"{path.name}: {layout}",)
        first_found = columns if first_found is None else first_found
    if first_found is not None and first_error is None:
        return first_found, ()
    if first_error is None:
        raise DataError(f"{path}: it cannot be read as a table", "", "export it as CSV")
    raise first_error


def _layouts(
    path: Path, options: TableOptions, n_rows: int | None, used: Sequence[str]
) -> Iterator[Dialect]:
    """The ways to read a delimited text, the plain one first.

    Others are tried only where the number of rows can tell that they are right.
    """
    named = path.name.lower().removesuffix(".gz").endswith(_TAB_SUFFIXES)
    delimiter = options.delimiter or ("\t" if named else None)
    header = options.header is not False
    try:
        layout = sniff_dialect(path, delimiter=delimiter, header=header, encoding=options.encoding)
        layout = replace(layout, quoted=options.quoted)
    except LayoutError:
        if delimiter is not None or n_rows is None:
            raise
        layout = Dialect(LINES, header=header)
    yield layout
    first = read_records(path, layout, lambda records: next(records, (0, []))[1], options.encoding)
    is_single = len(first) == 1
    is_named = bool({cell.strip().lower() for cell in first} & _KNOWN)
    may_lack_header = n_rows is not None and options.header is None and not is_named
    if layout.delimiter == "\t" and is_single:
        yield replace(layout, quoted=True)
    # In a line of text commas do not delimit; tabs do.
    prose = is_single or (path.suffix.lower() == ".txt" and layout.delimiter != "\t")
    by_line = options.delimiter is None and layout.delimiter != LINES and prose
    if by_line and is_single:
        yield replace(layout, delimiter=LINES)
    if may_lack_header and (is_single or (used and not {cell.strip() for cell in first} & set(used))):
        yield replace(layout, header=False, row_names=False)
    if may_lack_header and by_line:
        yield Dialect(LINES, header=False)


def _columns(path: Path, layout: Dialect, n_rows: int | None, records: Records) -> Columns:
    names, records, first = column_names(path, layout, records)
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        raise LayoutError(
            f"{path}: line {first} names the column {shorten(repeated[0], 80)!r} more than once",
            "a table's first line names its columns",
            "give each column its own name",
        )
    rows = []
    for number, cells in records:
        if len(cells) != len(names):
            if cells == [""]:
                continue  # a blank line; where there is one column, it is an empty text
            raise LayoutError(
                f"{path}: line {number}: {len(cells)} columns, expected {len(names)}"
                f" (from line {first})",
                "every line must have all columns",
                "repair the line, enclose cells that hold the delimiter in quotes, or name another one: "
                "--table FILE:delimiter=tab (or comma, semicolon, pipe, line)",
            )
        rows.append(cells)
    if len(names) == 1:
        rows = _without_blanks(rows, n_rows)
    columns = zip(*rows, strict=True) if rows else ((),) * len(names)
    return dict(zip(names, columns, strict=True))


def _without_blanks(rows: list[list[str]], n_rows: int | None) -> list[list[str]]:
    """The rows of one column: blank lines are empty texts, but not those at the end of the file."""
    kept = len(rows)
    while kept and not rows[kept - 1][0].strip() and kept != n_rows:
        kept -= 1
    filled = [row for row in rows if row[0].strip()]
    return filled if len(filled) == n_rows else rows[:kept]


def _length(columns: Mapping[str, Sequence[Any]]) -> int:
    return len(next(iter(columns.values()), ()))


def _json_columns(rows: list[dict[str, Any]]) -> Columns:
    names = dict.fromkeys(
        name for row in rows for name, value in row.items() if not isinstance(value, list | dict)
    )
    return {name: tuple(as_text(row.get(name)) for row in rows) for name in names}


def _parquet_columns(path: Path) -> Columns:
    with opened_parquet(path, "a table in Parquet") as file:
        names = _single_columns(file.schema_arrow)
        check_parquet_room(path, file, names)
        return _arrow_texts(names, file.iter_batches(columns=names) if names else ())


def _arrow_columns(path: Path) -> Columns:
    with opened_arrow(path, "a table in Arrow") as file:
        names = _single_columns(file.schema_arrow)
        return _arrow_texts(names, file.iter_batches(_BATCH_ROWS, names) if names else ())


def _single_columns(schema: Any) -> list[str]:
    return [
        field.name
        for field in schema
        if not field.type.num_fields and not field.name.startswith("__index_level_")
    ]


def _arrow_texts(names: Sequence[str], batches: Iterable[Any]) -> Columns:
    columns: dict[str, list[str]] = {name: [] for name in names}
    for batch in batches:
        for name in names:
            columns[name] += map(as_text, column_values(batch.column(name)))
    return {name: tuple(values) for name, values in columns.items()}
