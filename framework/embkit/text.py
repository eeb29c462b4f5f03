"""Text that is safe to show, and words for numbers."""

import re
import unicodedata
from collections.abc import Iterable

__all__ = [
    "csv_safe",
    "csv_unsafe",
    "fitted",
    "format_bytes",
    "format_seconds",
    "plural",
    "printable",
    "printable_lines",
    "shorten",
    "slug",
    "suggestion",
]

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def plural(number: int, noun: str) -> str:
    """``1 cluster``, ``1,714 clusters``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def printable(text: str) -> str:
    """Replace control, bidirectional-override and unpaired surrogate characters.

    What users' texts hold must not move the cursor, hide text or change
    colours on a terminal. Newlines and tabs become spaces.
    """
    if text.isascii() and text.isprintable():
        return text
    spaced = text.replace("\n", " ").replace("\t", " ").replace("\r", " ")
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(char) in {"Cc", "Cf", "Cs"} else char
        for char in spaced
    )


def printable_lines(text: str) -> str:
    """`printable` of each line, the ends of lines kept."""
    return "\n".join(map(printable, text.split("\n")))


def shorten(text: str, width: int) -> str:
    """`text` on one line, cut with an ellipsis where it is longer than `width`."""
    line = " ".join(printable(text).split())
    return line if len(line) <= width else f"{line[: width - 1].rstrip()}…"


def fitted(text: str, columns: int) -> str:
    """`text` on one line, cut or padded to that many columns of a terminal.

    East Asian wide characters and most emoji take two columns, combining marks none.
    """
    short = shorten(text, columns)
    while (taken := sum(map(_columns, short))) > columns:
        short = shorten(short, min(columns, len(short)) - 1)
    return short + " " * (columns - taken)


def _columns(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("F", "W") else 1


def csv_safe(text: str) -> str:
    """Quote a text cell that a spreadsheet would run as a formula (OWASP: CSV injection).

    A text that already looks quoted is quoted once more, so that `csv_unsafe`
    gives back every text as it was.
    """
    return f"'{text}" if text.lstrip("'").startswith(_FORMULA_STARTS) else text


def csv_unsafe(cell: str) -> str:
    """The text of a cell that `csv_safe` made."""
    return cell[1:] if cell[:1] == "'" and cell.lstrip("'").startswith(_FORMULA_STARTS) else cell


def slug(text: str) -> str:
    """A file name made of a user's text: lower-case letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:40] or "unnamed"


def suggestion(wrong: str, known: Iterable[str]) -> str:
    """Suggest what to type instead: the closest known name, and all of them."""
    import difflib

    names = sorted(known)
    close = difflib.get_close_matches(wrong, names, n=1, cutoff=0.6)
    choices = f"available: {', '.join(names)}" if names else "none is available"
    return f"did you mean {close[0]!r}? {choices}" if close else choices


def format_bytes(count: float) -> str:
    """Bytes in decimal units: ``1.5 GB``."""
    for unit in ("B", "kB", "MB", "GB"):
        if abs(count) < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


def format_seconds(seconds: float) -> str:
    """A duration: ``12 ms``, ``3.4 s``, ``2 min 5 s``."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"
