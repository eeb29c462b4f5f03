"""The layout of a delimited text, guessed from its first lines and kept in a `Dialect`."""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from embkit.errors import DataError
from embkit.files.text.cells import is_number, looks_like_list
from embkit.files.text.headers import counts_columns, has_header, is_value
from embkit.files.text.lines import text_lines

__all__ = ["BLANKS", "DELIMITERS", "LINES", "Dialect", "LayoutError", "blank_cells", "sniff_dialect"]

BLANKS = " "
"""Stands for runs of blanks and tabs between cells."""

LINES = "\n"
"""Stands for one cell a line, whatever is in it."""

DELIMITERS = {
    "comma": ",",
    "semicolon": ";",
    "tab": "\t",
    "pipe": "|",
    "space": BLANKS,
    "line": LINES,
}

_GUESSED = ("\t", ",", ";", "|")
_TAB_SUFFIXES = (".tsv", ".tab", ".tsv.gz", ".tab.gz")
_SAMPLE_LINES = 32
_SAMPLE_CHARACTERS = 1 << 20
_SAMPLE_CELLS = 2000
_MOST_BLANK_LINES = 100_000
_POINT = re.compile(r"\s*[-+\u2212]?\d*\.\d*([eE][-+]?\d+)?\s*")
_COMMA = re.compile(r"\s*[-+\u2212]?(\d+,\d*|,\d+)([eE][-+\u2212]?\d+)?\s*")
# R writes names in double quotes, a quote of their own after a backslash or doubled.
_BLANK_CELL = re.compile(r'"((?:[^"\\]|\\.|"")*)"(?=\s|$)|(\S+)')


class LayoutError(DataError):
    """The text is not laid out as was thought; another layout may fit."""


@dataclass(frozen=True)
class Dialect:
    """How a delimited text is written.

    Parameters
    ----------
    delimiter : str
        The character between cells, or `BLANKS`, or `LINES`.
    decimal : str
        ``"."`` or ``","``.
    header : bool
        Whether the first line names the columns.
    quoted : bool or None
        Whether a double quote at the start of a cell encloses it; None where
        the text is to tell.
    skip : int
        Number of lines of comments before the first record.
    names : tuple of str, optional
        The columns' names, where they stand in a comment.
    row_names : bool
        Whether the header has no cell for the first column, as R writes tables.
    counted : bool
        Whether the header is nothing but the columns' numbers.
    """

    delimiter: str = ","
    decimal: str = "."
    header: bool = True
    quoted: bool | None = None
    skip: int = 0
    names: tuple[str, ...] | None = None
    row_names: bool = False
    counted: bool = False

    def __str__(self) -> str:
        words = {character: name for name, character in DELIMITERS.items()}
        first = self.skip + 1
        header = f"line {first} names the columns" if self.header else f"no header, line {first} is data"
        if self.names is not None:
            header = f"the comment in line {self.skip} names the columns"
        elif self.counted:
            header += " (by numbers; header=false reads it as a row)"
        comments = f", {self.skip} lines of comments" if self.skip and self.names is None else ""
        decimal = ", decimal comma" if self.decimal == "," else ""
        if self.delimiter == LINES:
            return f"one cell a line{comments}, {header}"
        return f"{words[self.delimiter]}-separated{decimal}{comments}, {header}"


def sniff_dialect(
    path: Path,
    *,
    delimiter: str | None = None,
    decimal: str | None = None,
    header: bool | None = None,
    encoding: str = "utf-8",
    comments: bool = False,
) -> Dialect:
    """Guess the layout from the first 32 lines; what is given is not guessed.

    The delimiter is the one of ``, ; tab |`` by which most lines have equally
    many cells, then most cells are numbers. Without any, blanks separate
    numbers. In a file called .tsv it is the tab wherever there is one.
    Whether the first line is a header, `has_header` and `counts_columns` tell.

    Parameters
    ----------
    path : Path
        A text file, plain or gzip-compressed.
    delimiter, decimal : str, optional
        What is known.
    header : bool, optional
        Whether the first line is a header, where it is known.
    encoding : str
        Of the text.
    comments : bool
        Whether leading lines that begin with ``#`` are comments, the last of
        them perhaps a header, as numpy.savetxt writes them.

    Raises
    ------
    DataError
        If it is empty or undecodable, or no delimiter divides most lines alike.
    """
    lines, blank = _sample(path, encoding)
    if not lines:
        raise DataError(f"{path}: the file is empty", "there is nothing to read", "check the source")
    if re.match(r'\s*(\{\s*"|\[\s*\{)', lines[0]):
        raise DataError(
            f"{path}: it is not delimited text",
            "it is JSON text",
            "call it .jsonl or .json, or use --loader jsonl",
        )
    remarks = _leading_comments(lines) if comments else 0
    body = lines[remarks:] or lines
    remarks = remarks if remarks < len(lines) else 0
    if delimiter is None:
        delimiter = _by_name(path, body) or _guess_delimiter(path, body)
    if remarks:
        skip, names = _comments(lines[:remarks], body, delimiter)
        # Blank lines count: records are found again by their number.
        skip = blank[skip - 1] if skip else 0
        lines = lines[remarks:] if skip else lines
    else:
        skip, names = 0, None
    rows = _split(lines, delimiter)
    below = rows if names is not None else rows[1:] or rows
    decimal = _guess_decimal(below) if decimal is None else decimal
    if names is not None and header is not False:
        return Dialect(delimiter, decimal, header=False, skip=skip, names=names)
    layout = Dialect(delimiter, decimal, skip=skip, header=bool(header))
    return _with_header(layout, rows, header)


def _sample(path: Path, encoding: str) -> tuple[list[str], list[int]]:
    """The first lines that are not blank, and their numbers."""
    lines: list[str] = []
    numbers: list[int] = []
    size = 0
    for number, line in enumerate(text_lines(path, encoding), 1):
        if line.strip():
            lines.append(line)
            numbers.append(number)
            size += len(line)
        if len(lines) >= _SAMPLE_LINES or (len(lines) > 1 and size > _SAMPLE_CHARACTERS):
            break
        if number - len(lines) > _MOST_BLANK_LINES:
            raise DataError(
                f"{path}: {number - len(lines)} of its first {number} lines are blank",
                "it is hardly a table",
                "check the source",
            )
    return lines, numbers


def _leading_comments(lines: Sequence[str]) -> int:
    found = [index for index, line in enumerate(lines) if not line.lstrip().startswith("#")]
    return found[0] if found else 0


def _comments(
    remarks: Sequence[str], body: Sequence[str], delimiter: str
) -> tuple[int, tuple[str, ...] | None]:
    """How many of the leading lines are comments, and the names in the last of them.

    One that divides into as many cells as the lines below is a row if there are
    numbers in it, and a header if there are none.
    """
    rows = _split(body, delimiter)
    width = len(rows[0])
    for index, line in enumerate(remarks):
        (cells,) = _split([line], delimiter) or [[]]
        if len(cells) == width and any(map(is_number, cells)):
            return index, None
    (last,) = _split([remarks[-1].lstrip()[1:]], delimiter) or [[]]
    if len(last) == width > 1 and not any(map(is_number, last)):
        return len(remarks), tuple(cell.strip() for cell in last)
    return len(remarks), None


def blank_cells(line: str) -> list[str]:
    """The cells of a line between blanks; one in double quotes may hold blanks."""
    if '"' not in line:
        return line.split()
    found = _BLANK_CELL.finditer(line)
    return [
        re.sub(r'\\(.)|"(")', r"\1\2", match.group(1)) if match.group(2) is None else match.group(2)
        for match in found
    ]


def _split(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    if delimiter == BLANKS:
        return [blank_cells(line) for line in lines]
    if delimiter == LINES:
        return [[line.rstrip("\r\n")] for line in lines]
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


def _by_name(path: Path, lines: Sequence[str]) -> str | None:
    named = path.name.lower().endswith(_TAB_SUFFIXES)
    return "\t" if named and 2 * sum("\t" in line for line in lines) > len(lines) else None


def _guess_delimiter(path: Path, lines: Sequence[str]) -> str:
    if 2 * sum(map(_is_bare_list, lines)) > len(lines):
        return LINES  # one list a line, whatever separates its values
    scores = {}
    divided = 0
    quoted = all(line.startswith('"') for line in lines)
    for delimiter in (*_GUESSED, BLANKS):
        rows = _split(lines, delimiter)
        (width, agreeing), *_ = Counter(map(len, rows)).most_common(1)
        score = (agreeing / len(rows), _numeric_share(rows), width)
        # Blanks are in every text; they separate cells where these are numbers, or in quotes.
        if width > 1 and (delimiter != BLANKS or (score[0] > 0.5 and (score[1] > 0.5 or quoted))):
            scores[delimiter] = score
        divided += 0 if delimiter == BLANKS else sum(len(row) > 1 for row in rows)
    if not scores and divided <= len(lines) / 2:
        return ","
    best = max(scores, key=lambda delimiter: scores[delimiter], default="")
    if not best or scores[best][0] <= 0.5:
        raise LayoutError(
            f"{path}: the delimiter is unclear",
            f"by none of , ; tab | do most of the first {len(lines)} lines have equally many cells",
            "write it with one delimiter, or give delimiter= and decimal= to the csv loader",
        )
    return best


def _is_bare_list(line: str) -> bool:
    return looks_like_list(line) and line.count("[") == 1


def _numeric_share(rows: Sequence[Sequence[str]]) -> float:
    cells = [cell for row in rows[1:] or rows for cell in row[:_SAMPLE_CELLS]]
    return sum(is_number(cell, ",") or looks_like_list(cell) for cell in cells) / max(1, len(cells))


def _guess_decimal(rows: Sequence[Sequence[str]]) -> str:
    cells = [cell for row in rows for cell in row[:_SAMPLE_CELLS]]
    with_comma = any(_COMMA.fullmatch(cell) for cell in cells)
    with_point = any(_POINT.fullmatch(cell) for cell in cells if "." in cell)
    return "," if with_comma and not with_point else "."


def _with_header(layout: Dialect, rows: Sequence[Sequence[str]], header: bool | None) -> Dialect:
    first, body = rows[0], rows[1:]
    row_names = len(first) > 1 and bool(body) and all(len(row) == len(first) + 1 for row in body)
    if header is None and row_names:
        header = not any(is_value(cell, layout.decimal) for cell in first)
    counted = header is not False and counts_columns(first, body)
    if header is None:
        header = counted or has_header(first, body, layout.decimal)
    return Dialect(
        layout.delimiter,
        layout.decimal,
        header=header,
        skip=layout.skip,
        row_names=row_names and header,
        counted=counted and header,
    )
