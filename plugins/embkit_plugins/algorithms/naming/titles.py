"""The title of each group: its best term or, if there is none, what its most central text says."""

import unicodedata
from collections.abc import Callable, Sequence
from itertools import chain, count

from embkit_plugins.algorithms.naming.tokens import LONGEST, clean
from embkit_plugins.algorithms.naming.types import NOTHING_STANDS_OUT, Groups

__all__ = ["Titles", "excerpt"]

_LENGTH = 60


def excerpt(text: str, length: int = _LENGTH) -> str:
    """Return the beginning of a text on one line, without markup and control characters."""
    cleaned = clean(text[:LONGEST])
    kept = "".join(" " if unicodedata.category(letter)[0] in "CZ" else letter for letter in cleaned)
    line = " ".join(kept.split())
    if len(line) <= length:
        return line
    shortened = line[: length - 1].rsplit(" ", 1)[0] if " " in line[: length - 1] else line[: length - 1]
    return f"{shortened.rstrip(' ,;:.')}…"


class Titles:
    """Writes titles, each unlike those of the parent and of siblings; groups have to come parents first.

    Parameters
    ----------
    texts : sequence of str
        The text of each row.
    written : callable
        Returns a term, by its number, as it is written.
    groups : Groups
        What is named.
    """

    def __init__(self, texts: Sequence[str], written: Callable[[int], str], groups: Groups) -> None:
        self._texts = texts
        self._spell = written
        self._groups = groups
        self._written: dict[int, str] = {}
        self._taken: dict[int, set[str]] = {}

    def write(
        self, group: int, terms: Sequence[int], rows: Sequence[int]
    ) -> tuple[str, tuple[int, ...]]:
        """Return the title of a group and its terms, the one of the title first.

        Parameters
        ----------
        group : int
            Which group.
        terms : sequence of int
            Its terms, best first.
        rows : sequence of int
            Its most central rows, which speak where there are no terms.
        """
        parent = int(self._groups.parents[group])
        taken = self._taken.setdefault(parent, {self._written.get(parent, "").casefold()})
        offers = [self._spell(term) for term in terms] or self._excerpts(rows)
        number = next((i for i, offer in enumerate(offers) if offer.casefold() not in taken), None)
        title = offers[number or 0]
        if number is None:
            title = self._numbered(f"{title} ({self._groups.sizes[group]} rows", taken)
        self._written[group] = title
        taken.add(title.casefold())
        own = list(terms)
        if own:
            own.insert(0, own.pop(number or 0))
        return title, tuple(own)

    @staticmethod
    def _numbered(title: str, taken: set[str]) -> str:
        """Close the bracket of a title, with a number where that is needed to tell it from others."""
        endings = chain([")"], (f"; {number})" for number in count(2)))
        return next(title + ending for ending in endings if (title + ending).casefold() not in taken)

    def _excerpts(self, rows: Sequence[int]) -> list[str]:
        found = [excerpt(self._texts[row]) for row in rows]
        return [offer for offer in found if offer] or [NOTHING_STANDS_OUT]
