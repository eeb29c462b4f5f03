"""Variants of one word."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

__all__ = ["fold", "is_number", "related", "spelling"]

_CONTRACTED = re.compile(r"^(.+)['\u2019](?:s|t|re|ve|ll|d|m)$")
_ELIDED = re.compile(
    r"^(?:[cdjlmnst]|qu|[dl]ell|nell|all|sull)['\u2019](.+)$"
)  # l'eau, d'un, qu'il, dell'arte
_ORDINAL = re.compile(r"^\d+(?:st|nd|rd|th)$")
_IRREGULAR = {"news", "species", "series", "always", "lens", "physics", "mathematics", "men"}
_DOUBLED = re.compile(r"([bdgmnprt])\1$")


def spelling(word: str) -> str:
    """Return a word without case, hyphens, joiners, points, elided articles and possessive s."""
    word = word.casefold()
    if "'" in word or "\u2019" in word:
        word = _CONTRACTED.sub(r"\1", word)
        word = _ELIDED.sub(r"\1", word)
    if word.isascii():
        return word.replace("-", "").replace("'", "") or word
    kept = (letter for letter in word if not _silent(letter))
    return "".join(kept) or word


def _silent(letter: str) -> bool:
    """Whether a character does not change the word: joiners, hyphens, vowel points, tatweel."""
    if letter in "\u200c\u200d\u0640-'\u2019\u2010\u2011":
        return True
    return "\u0590" <= letter <= "\u06ff" and unicodedata.category(letter) == "Mn"


def is_number(word: str) -> bool:
    """Whether a spelling is a number, a date or an ordinal: at least as many digits as letters."""
    if not any(letter.isdigit() for letter in word):
        return False
    digits = sum(letter.isnumeric() for letter in word)
    return 2 * digits >= len(word) or bool(_ORDINAL.match(word))


def fold(counts: Mapping[str, int]) -> dict[str, str]:
    """Map every spelling to the one that stands for its inflections.

    An ending is cut only where the rest occurs among the spellings by itself,
    so that nothing is assumed of a language that the texts do not show.

    Parameters
    ----------
    counts : mapping of str to int
        The spellings and how often each occurs.

    Returns
    -------
    dict of str to str
        The base form of each spelling, itself where there is no other.
    """
    return {word: _base(word, counts) for word in counts}


def _base(word: str, counts: Mapping[str, int]) -> str:
    for _ in range(2):  # settings, setting, set
        found = [base for base in _shorter(word) if base in counts]
        if not found:
            break
        word = max(found, key=lambda base: (counts[base], base))
    return word


def _shorter(word: str) -> Sequence[str]:
    """List what a word could be an inflection of: plurals and participles."""
    if len(word) < 4 or word in _IRREGULAR:
        return ()
    return _singulars(word) if word.endswith("s") else _verbs(word)


def _singulars(word: str) -> Sequence[str]:
    if word.endswith(("ss", "us", "is")):
        return ()
    if word.endswith("ies"):
        return (f"{word[:-3]}y", word[:-1])
    if word.endswith(("ches", "shes", "sses", "xes", "zes", "oes")):
        return (word[:-2],)
    return (word[:-1],)


def _verbs(word: str) -> Sequence[str]:
    if word.endswith("ied"):
        return (f"{word[:-3]}y",)
    stem = word.removesuffix("ing").removesuffix("ed")
    if stem == word or len(stem) < 3 or not any(vowel in stem for vowel in "aeiouy"):
        return ()
    return (stem, f"{stem}e", *((stem[:-1],) if _DOUBLED.search(stem) else ()))


def related(one: str, other: str) -> bool:
    """Whether two spellings look like one family: print, printer, printing; cancel, cancellation.

    Too bold a rule to count by, but good enough to keep two of a family out of one name.
    """
    if one == other:
        return True
    shorter, longer = sorted((one, other), key=len)
    common = 0
    for left, right in zip(shorter, longer, strict=False):
        if left != right:
            break
        common += 1
    if common == len(shorter):
        return common >= 4
    return common >= max(4, len(shorter) - 2) and 5 * common >= 3 * len(longer)
