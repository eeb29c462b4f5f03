"""Numbers as tables write them: with a decimal point or comma, and never by a guess."""

import re
from collections.abc import Sequence
from pathlib import Path

from embkit import DataError
from embkit.reading import Dialect, is_number, plain_number
from embkit.text import shorten

__all__ = ["floats", "floats_with_comma", "number_of", "refuse_thousands"]

_THOUSANDS = re.compile(r"\s*[-+\u2212]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?\s*")


def refuse_thousands(path: Path, cells: Sequence[str]) -> None:
    """Refuse numbers with a comma that may be its decimal sign, or group thousands, or divide a list."""
    found = [cell for cell in cells if "," in cell]
    if found and all(map(_THOUSANDS.fullmatch, found)):
        raise DataError(
            f"{path}: {shorten(found[0], 40)!r} may be one number whose commas group thousands, or not",
            "there are three digits behind every comma",
            "write numbers without such commas, and lists in brackets; "
            "decimal commas are read with: csv:decimal=comma",
        )


def floats(cells: Sequence[str]) -> list[float]:
    """Numbers with a decimal point; raises ValueError if one is not a number."""
    # float() takes digits grouped by underscores, which is Python and no number in a table.
    joined = "".join(cells)
    if "_" in joined:
        raise ValueError("an underscore")
    return list(map(float if "\u2212" not in joined else plain_number, cells))


def floats_with_comma(cells: Sequence[str]) -> list[float]:
    """Numbers with a decimal comma; raises ValueError if one is not a number."""
    if "." in "".join(cells):
        raise ValueError("a point where the decimal sign is a comma")
    return floats([cell.replace(",", ".") for cell in cells])


def number_of(path: Path, layout: Dialect, name: str, line: int, cell: str) -> float:
    """The number in a cell, or an error that says where it stands.

    Raises
    ------
    DataError
        If it is not a number.
    """
    comma = layout.decimal == ","
    try:
        return (floats_with_comma if comma else floats)([cell])[0]
    except ValueError:
        fix = "repair the line, or choose the vector's columns with column=NAME_OR_PATTERN"
        if is_number(cell, ","):
            fix = f"repair the line, or give decimal={'point' if comma else 'comma'}"
        raise DataError(
            f"{path}: line {line}, column {shorten(name, 80)!r}: {shorten(cell, 40)!r} is not a number",
            "the column is part of the vector",
            fix,
        ) from None
