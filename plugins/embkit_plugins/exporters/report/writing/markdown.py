"""Markdown of which nothing can be made but what was meant: every text is escaped."""

import re
from collections.abc import Iterable, Sequence

from embkit.text import printable, shorten

__all__ = ["NONE", "escape", "figure", "number", "table"]

NONE = "\N{EN DASH}"
"""Stands where a figure is missing."""

# GitHub's Markdown links addresses by themselves, so these are taken apart as well.
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;"}
_SPECIAL = re.compile(r"([\\`*_{}\[\]|~$#!])")
_ADDRESS = re.compile(r"(?i)(://|www\.)")


def escape(text: str, width: int = 300) -> str:
    """A user's text as Markdown that shows it as it is, on one line, in a table too."""
    plain = shorten(printable(text), width)
    plain = _SPECIAL.sub(r"\\\1", plain)
    plain = "".join(_ENTITIES.get(character, character) for character in plain)
    return _ADDRESS.sub(lambda found: found[0].replace(":", "&#58;").replace(".", "&#46;"), plain)


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table whose cells are Markdown already; the first column to the left, others to the right."""
    lines = [list(headings), [":--", *["--:"] * (len(headings) - 1)], *map(list, rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def figure(name: str, words: str) -> str:
    """A reference to a figure of the report, with what it shows in words."""
    return f"![{escape(words)}](figures/{name}.png)"


def number(value: float | None, digits: int = 4) -> str:
    """A figure for a table; a dash where there is none."""
    if value is None:
        return NONE
    if value and abs(value) < 10 ** -(digits - 1):
        return f"{value:.2g}"
    if abs(value) >= 10 ** (digits - 1):
        return f"{value:,.0f}"
    return f"{value:.{max(0, digits - 1 - (len(str(int(abs(value)))) - 1))}f}"
