"""How a delimited text file is laid out, and its records with their line numbers.

What is guessed from the first lines (delimiter, decimal comma, header) is kept
in a `Dialect`, so that it can be told to the user.
"""

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Literal, TypeVar

from embkit.errors import DataError
from embkit.files.lines import text_lines

__all__ = [
    "BLANKS",
    "DELIMITERS",
    "Dialect",
    "is_number",
    "looks_like_list",
    "read_records",
    "sniff_dialect",
]

BLANKS = " "
"""Stands for runs of blanks and tabs between cells."""

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", "space": BLANKS}

_GUESSED = ("\t", ",", ";", "|")
_SAMPLE_LINES = 32
_POINT = re.compile(
    r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*|\s*[-+]?(nan|inf|infinity)\s*", re.IGNORECASE
)
_COMMA = re.compile(r"\s*[-+]?(\d+,\d*|,\d+)([eE][-+]?\d+)?\s*")
_INTEGER = re.compile(r"\s*[-+]?\d+\s*")

T = TypeVar("T")


@dataclass(frozen=True)
class Dialect:
    """How a delimited text is written.

    Parameters
    ----------
    delimiter : str
        The character between cells, or `BLANKS`.
    decimal : str
        ``"."`` or ``","``.
    header : bool
        Whether the first line names the columns.
    quoted : bool
        Whether a double quote at the start of a cell encloses it.
    """

    delimiter: str = ","
    decimal: str = "."
    header: bool = True
    quoted: bool = True

    def __str__(self) -> str:
        names = {character: name for name, character in DELIMITERS.items()}
        header = "line 1 names the columns" if self.header else "no header, line 1 is data"
        decimal = ", decimal comma" if self.decimal == "," else ""
        return f"{names[self.delimiter]}-separated{decimal}, {header}"


class _BrokenQuotesError(DataError):
    """Double quotes that do not enclose whole cells."""


def is_number(cell: str, decimal: str = ".") -> bool:
    """Whether a cell is written as a number with that decimal sign."""
    return bool(_POINT.fullmatch(cell) or (decimal == "," and _COMMA.fullmatch(cell)))


def looks_like_list(cell: str) -> bool:
    """Whether a cell is written as a list: in square brackets."""
    return cell.lstrip()[:1] == "[" and cell.rstrip()[-1:] == "]"


def sniff_dialect(
    path: Path,
    *,
    delimiter: str | None = None,
    decimal: str | None = None,
    header: bool | None = None,
    encoding: str = "utf-8",
) -> Dialect:
    """Guess the layout from the first 32 lines; what is given is not guessed.

    The delimiter is the one of ``, ; tab |`` by which most lines have equally
    many cells, then most cells are numbers. Without any, blanks separate
    numbers. A first line is a header where it is no number above numbers, or
    where it counts the columns (0, 1, 2, ... as pandas writes them).

    Raises
    ------
    DataError
        If the file is empty or cannot be decoded, or no delimiter divides
        most of the lines alike.
    """
    lines = [line for line in islice(text_lines(path, encoding), _SAMPLE_LINES) if line.strip()]
    if not lines:
        raise DataError(f"{path}: the file is empty", "there is nothing to read", "check the source")
    if lines[0].lstrip().startswith('{"'):
        raise DataError(
            f"{path}: it is not delimited text",
            "it is JSON text",
            "call it .jsonl, or use --loader jsonl",
        )
    delimiter = delimiter or _guess_delimiter(path, lines)
    rows = _split(lines, delimiter)
    if decimal is None:
        decimal = _guess_decimal(rows[1:] or rows)
    if header is None:
        header = _has_header(rows, decimal)
    return Dialect(delimiter, decimal, header)


def read_records(
    path: Path,
    layout: Dialect,
    read: Callable[[Iterator[tuple[int, list[str]]]], T],
    encoding: str = "utf-8",
) -> T:
    """Return ``read(records)``, a record being its first line's number and its cells.

    Blank lines are left out. Tab-separated text that does not keep to double
    quotes is read once more with quotes as plain characters, which is what the
    format's definition (IANA text/tab-separated-values) says.

    Raises
    ------
    DataError
        If quotes are broken, or what `read` raises.
    """
    try:
        return read(_records(path, layout, encoding))
    except _BrokenQuotesError:
        if layout.delimiter != "\t":
            raise
        return read(_records(path, replace(layout, quoted=False), encoding))


def _records(path: Path, layout: Dialect, encoding: str) -> Iterator[tuple[int, list[str]]]:
    lines = text_lines(path, encoding)
    if layout.delimiter == BLANKS:
        yield from ((number, line.split()) for number, line in enumerate(lines, 1) if line.strip())
        return
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if layout.quoted else csv.QUOTE_NONE
    reader = csv.reader(lines, delimiter=layout.delimiter, quoting=quoting, strict=True)
    start = 1
    try:
        for cells in reader:
            if cells:
                yield start, cells
            start = reader.line_num + 1
    except csv.Error as error:
        raise _BrokenQuotesError(
            f"{path}: the record at line {start} cannot be divided into cells",
            str(error),
            "enclose a cell that holds quotes in quotes, and write each of its own twice",
        ) from error


def _split(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    if delimiter == BLANKS:
        return [line.split() for line in lines]
    rows: list[list[str]] = []
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        for row in reader:
            rows.append(row)  # noqa: PERF402 - what precedes an error is kept
    except csv.Error:
        # A quoted cell may go on behind the last line of the sample; else quotes are plain characters.
        if not rows or len(lines) < _SAMPLE_LINES or reader.line_num < len(lines):
            return [line.rstrip("\r\n").split(delimiter) for line in lines]
    return [row for row in rows if row]


def _guess_delimiter(path: Path, lines: Sequence[str]) -> str:
    if 2 * sum(map(looks_like_list, lines)) > len(lines):
        return "\t"  # one list a line, whatever separates its values
    scores = {}
    divided = 0
    for delimiter in (*_GUESSED, BLANKS):
        rows = _split(lines, delimiter)
        (width, agreeing), *_ = Counter(map(len, rows)).most_common(1)
        score = (agreeing / len(rows), _numeric_share(rows), width)
        # Blanks are in every text; they separate cells only where these are numbers.
        if width > 1 and (delimiter != BLANKS or score[1] > 0.5):
            scores[delimiter] = score
        divided += 0 if delimiter == BLANKS else sum(len(row) > 1 for row in rows)
    if not scores and divided <= len(lines) / 2:
        return ","
    best = max(scores, key=lambda delimiter: scores[delimiter], default="")
    if not best or scores[best][0] <= 0.5:
        raise DataError(
            f"{path}: the delimiter cannot be told",
            f"by none of , ; tab | do most of the first {len(lines)} lines have equally many cells",
            "write it with one delimiter, or give delimiter= and decimal= to the csv loader",
        )
    return best


def _numeric_share(rows: Sequence[Sequence[str]]) -> float:
    cells = [cell for row in rows[1:] or rows for cell in row]
    return sum(is_number(cell, ",") or looks_like_list(cell) for cell in cells) / max(1, len(cells))


def _guess_decimal(rows: Sequence[Sequence[str]]) -> str:
    cells = [cell for row in rows for cell in row]
    with_comma = any(_COMMA.fullmatch(cell) for cell in cells)
    with_point = any("." in cell and _POINT.fullmatch(cell) for cell in cells)
    return "," if with_comma and not with_point else "."


def _has_header(rows: Sequence[Sequence[str]], decimal: str) -> bool:
    def is_value(cell: str) -> bool:
        return is_number(cell, decimal) or looks_like_list(cell)

    first, body = rows[0], rows[1:]
    if _counts_columns(first, body):
        return True
    for cell, *below in zip(first, *body, strict=False):
        if below and all(map(is_value, below)) and cell.strip() and not is_value(cell):
            return True
    return not any(map(is_value, first))


def _counts_columns(first: Sequence[str], body: Sequence[Sequence[str]]) -> bool:
    """Whether the first line is 0, 1, 2, ... above numbers that are no such integers."""
    names = [cell.strip() for cell in first if cell.strip()]
    counted = len(names) > 1 and names == [str(number) for number in range(len(names))]
    return counted and any(cell and not _INTEGER.fullmatch(cell) for row in body for cell in row)
