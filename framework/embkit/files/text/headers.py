"""Decide whether the first line of a delimited text names its columns."""

import re
from collections.abc import Iterable, Sequence
from itertools import islice

from embkit.files.text.cells import is_missing, is_number, looks_like_list, parse_vector

__all__ = ["counts_columns", "has_header", "is_value"]

_SAMPLE_CELLS = 2000
_INTEGER = re.compile(r"\s*[-+\u2212]?\d{1,18}\s*")


def is_value(cell: str, decimal: str = ".") -> bool:
    """Whether a cell is a number or a vector, and so no name."""
    return is_number(cell, decimal) or _is_vector(cell)


def _is_vector(cell: str) -> bool:
    """Whether a cell holds several numbers, in brackets or not."""
    if looks_like_list(cell):
        return True
    if is_number(cell, ",") or not re.match(r"\s*[-+\d.]", cell):
        return False
    try:
        values = parse_vector(cell)
    except ValueError:
        return False
    return values is not None and len(values) > 1


def has_header(first: Sequence[str], body: Sequence[Sequence[str]], decimal: str) -> bool:
    """Whether the first row differs in kind from those below: words above numbers, none above lists."""
    for cell, *below in islice(zip(first, *body, strict=False), _SAMPLE_CELLS):
        filled = [value for value in below if not is_missing(value)]
        if not filled or is_missing(cell):
            continue
        if all(is_number(value, decimal) for value in filled) and not is_value(cell, decimal):
            return True
        if all(map(_is_vector, filled)) and not _is_vector(cell):
            return True
    return not any(is_value(cell, decimal) for cell in first[:_SAMPLE_CELLS])


def counts_columns(first: Sequence[str], body: Sequence[Sequence[str]]) -> bool:
    """Whether the first line is the columns' numbers, and what is below is not such numbers."""
    columns = list(islice(zip(first, *body, strict=False), _SAMPLE_CELLS)) if body else []
    numeric = [
        (name.strip(), below)
        for name, *below in columns
        if all(is_number(cell) or is_missing(cell) for cell in below) and any(map(is_number, below))
    ]
    names = [name for name, _ in numeric if name]
    if not names or not all(_INTEGER.fullmatch(name) for name in names):
        return False
    start = _integer(names[0])
    if start not in (0, 1) or list(map(_integer, names)) != list(range(start, start + len(names))):
        return False
    if not first[0].strip() and _INTEGER.fullmatch(body[0][0] if body[0] else ""):
        return True  # no name above row numbers: pandas' index
    if len(names) < 2:
        return False
    return _differ_from_names(names, [below for name, below in numeric if name])


def _differ_from_names(names: Sequence[str], columns: Sequence[Sequence[str]]) -> bool:
    whole = [_are_integers(cells) for cells in columns]
    if not any(whole) and all(map(_have_points, columns)):
        return True  # pandas writes 5.0 in a column of floats, and 5 in its header
    if all(whole):
        following = [_integer(cells[0]) for cells in columns if not is_missing(cells[0])]
        last = _integer(names[-1])
        counting = following == list(range(last + 1, last + 1 + len(names)))
        return len(names) >= (4 if names[0] == "0" else 8) and not counting
    return len(names) >= 8


def _integer(cell: str) -> int:
    return int(cell.replace("\N{MINUS SIGN}", "-"))


def _are_integers(cells: Iterable[str]) -> bool:
    return all(_INTEGER.fullmatch(cell) or is_missing(cell) for cell in cells)


def _have_points(cells: Iterable[str]) -> bool:
    return all(not _INTEGER.fullmatch(cell) for cell in cells)
