"""The records of a delimited text with their line numbers."""

import csv
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from typing import Literal, TypeVar

from embkit.errors import DataError
from embkit.files.text.dialect import BLANKS, LINES, Dialect, LayoutError, blank_cells
from embkit.files.text.lines import LONGEST_LINE, text_lines

__all__ = ["Records", "column_names", "read_records"]

_MOST_COLUMNS = 100_000

Records = Iterator[tuple[int, list[str]]]
T = TypeVar("T")


class _BrokenQuotesError(LayoutError):
    """Double quotes that do not enclose whole cells."""


def read_records(
    path: Path,
    layout: Dialect,
    read: Callable[[Records], T],
    encoding: str = "utf-8",
    *,
    blank_lines: bool = False,
) -> T:
    """Return ``read(records)``, a record being its first line's number and its cells.

    Blank lines are left out unless they are asked for, as records of one empty
    cell. Double quotes are
    plain characters in a text that does not keep to them: where some line is not
    whole by them, though every line has as many cells as the first without
    them; and in tab-separated text wherever they enclose no whole cells, which
    is what the format's definition (IANA text/tab-separated-values) says.

    Raises
    ------
    DataError
        If quotes are broken, or what `read` raises.
    """
    # Vectors of 12,288 dimensions are longer than the 131,072 characters that Python allows a cell.
    csv.field_size_limit(max(LONGEST_LINE, csv.field_size_limit()))
    if layout.quoted is None and layout.delimiter not in (BLANKS, LINES):
        layout = replace(layout, quoted=not _plain_quotes(path, layout, encoding))
    try:
        return read(_records(path, layout, encoding, blank_lines))
    except _BrokenQuotesError:
        if layout.delimiter != "\t" or not layout.quoted:
            raise
        return read(_records(path, replace(layout, quoted=False), encoding, blank_lines))


def column_names(path: Path, layout: Dialect, records: Records) -> tuple[list[str], Records, int]:
    """Take the header off records.

    Returns
    -------
    names : list of str
        The columns' names, blanks around them left out; an empty first one for
        row names; numbered where there is no header.
    records : iterator
        The records below.
    line : int
        The line the names are from, or the first record's.

    Raises
    ------
    DataError
        If there are more than 100,000 columns.
    """
    first, cells = next(records, (0, []))
    if len(cells) > _MOST_COLUMNS:
        raise DataError(
            f"{path}: line {first} has {len(cells):,} columns",
            f"at most {_MOST_COLUMNS:,} are read from text",
            "save wide matrices as .npy, and check the delimiter",
        )
    if layout.names is not None:
        return list(layout.names), chain([(first, cells)], records), layout.skip
    if not layout.header:
        names = [f"column {index + 1}" for index in range(len(cells))]
        return names, chain([(first, cells)], records) if first else records, first
    names = [cell.strip() for cell in cells]
    return (["", *names] if layout.row_names else names), records, first


def _plain_quotes(path: Path, layout: Dialect, encoding: str) -> bool:
    """Whether every line has as many cells as the first, and some quote is not closed on its line.

    Read with quotes, such a text loses the lines between one quote and the next.
    """
    width = None
    is_broken = False
    for line in islice(text_lines(path, encoding), layout.skip, None):
        text = line.rstrip("\r\n")
        if not text.strip():
            continue
        cells = text.split(layout.delimiter)
        if width is not None and len(cells) != width:
            return False
        width = width or len(cells) + layout.row_names
        is_broken = is_broken or ('"' in text and not _is_whole(text, layout.delimiter))
    return is_broken and (width != 1 or layout.delimiter == "\t")


def _is_whole(line: str, delimiter: str) -> bool:
    """Whether the quotes of a line enclose whole cells, and the last is closed on it."""
    try:
        next(csv.reader([line], delimiter=delimiter, strict=True))
    except csv.Error:
        return False
    return True


def _records(path: Path, layout: Dialect, encoding: str, blank_lines: bool) -> Records:
    lines = islice(text_lines(path, encoding), layout.skip, None)
    start = layout.skip + 1
    if layout.delimiter in (BLANKS, LINES):
        whole = layout.delimiter == LINES
        for number, line in enumerate(lines, start):
            if blank_lines or line.strip():
                yield number, [line.rstrip("\r\n")] if whole else blank_cells(line)
        return
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if layout.quoted else csv.QUOTE_NONE
    reader = csv.reader(lines, delimiter=layout.delimiter, quoting=quoting, strict=True)
    number = start
    try:
        for cells in reader:
            if cells or blank_lines:
                yield number, cells or [""]
            number = start + reader.line_num
    except csv.Error as error:
        raise _BrokenQuotesError(
            f"{path}: the record at line {number} cannot be divided into cells",
            str(error),
            "enclose a cell that holds quotes in quotes, and write each of its own twice",
        ) from error
