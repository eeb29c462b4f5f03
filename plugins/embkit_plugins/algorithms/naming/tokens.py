"""Texts as sequences of words, in any script."""

import html
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain

import numpy as np

from embkit import IntArray

__all__ = ["LONGEST", "Tokens", "clean", "tokenize"]

LONGEST = 4000
"""Characters of a text that are read; what a long document is about shows in its first page."""

_END = "\x00"  # between two texts
# Terminal escapes: CSI sequences, OSC strings, two-character escapes.
_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b\]|\x9d)[^\x07\x1b\x9c\x00]*(?:\x07|\x9c|\x1b\\)?"
    r"|\x1b[ -~]"
)
_TAGS = re.compile(r"<!--[^\x00]*?-->|</?[A-Za-z][^<>\x00]*>")
_ADDRESSES = re.compile(r"(?:\w+://|www\.)[^\s\x00]+|[^\s\x00@]+@[^\s\x00@]+\.\w+")
_INVISIBLE = dict.fromkeys(
    [0xAD, 0xFEFF, *range(0x200E, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070)]
)
# Scripts that are written without spaces: every character is a token of its own.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
)
_HIRAGANA, _KATAKANA = "\u3041-\u309f", "\u30a0-\u30ff\u31f0-\u31ff"
_JOINERS = "\u200c\u200d"  # ZWNJ and ZWJ are part of the spelling in Persian and in Indic scripts


@dataclass(frozen=True, eq=False)
class Tokens:
    """All texts as one sequence of tokens.

    Parameters
    ----------
    ids : ndarray of int, shape (n_tokens,)
        Index into `words`, or -1 for whatever ends a phrase: punctuation, the end of a text.
    texts : ndarray of int, shape (n_tokens,)
        The text of each token.
    words : tuple of str
        The distinct words as they are spelled.
    unspaced : ndarray of bool, shape (n_words,)
        Whether a word is a character of a script without spaces.
    opening : ndarray of bool, shape (n_tokens,)
        Whether a token opens a sentence, where its capital says nothing.
    """

    ids: IntArray
    texts: IntArray
    words: tuple[str, ...]
    unspaced: np.ndarray
    opening: np.ndarray


def clean(text: str) -> str:
    """Drop markup, terminal escapes, addresses and invisible characters; compose the rest (NFKC)."""
    if "\x1b" in text or "\x9b" in text or "\x9d" in text:
        text = _ESCAPES.sub(" ", text)
    if "<" in text:
        text = _TAGS.sub(" ", text)
    if "&" in text:
        text = html.unescape(text)
    if "://" in text or "www." in text or "@" in text:
        text = _ADDRESSES.sub(" ", text)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).translate(_INVISIBLE)
    return text


def tokenize(texts: Sequence[str]) -> Tokens:
    """Split texts into words; cost O(total length).

    Numbers and marks belong to words, as do inner hyphens and apostrophes.
    Characters of scripts written without spaces are tokens of their own;
    katakana stay together, and hiragana, which mostly inflect, end a phrase.
    """
    joined = _END.join(text[:LONGEST].replace(_END, " ") for text in texts)
    found = _pattern().findall(clean(joined).replace("_", " "))
    vocabulary = _Numbered()
    ids = np.array([vocabulary[token] for token in found], dtype=np.int64)
    words = tuple(vocabulary)
    word = np.array([_is_word(token) for token in words], dtype=bool)
    ends = np.array([_END in token for token in words], dtype=bool)
    stops = np.array([not _is_word(token) and not _continues(token) for token in words], dtype=bool)
    if not len(ids):
        return Tokens(ids, ids, (), word, word)
    end = ends[ids]
    of_text = np.cumsum(end) - end
    opening = np.concatenate([[True], stops[ids][:-1]])
    renumbered = np.where(word, np.cumsum(word) - 1, -1)
    kept = [token for token, keep in zip(words, word, strict=True) if keep]
    unspaced = re.compile(f"[{_UNSPACED}]")
    return Tokens(
        renumbered[ids],
        of_text,
        tuple(kept),
        np.array([bool(unspaced.match(token)) for token in kept], dtype=bool),
        opening,
    )


class _Numbered(dict[str, int]):
    """Numbers every new key."""

    def __missing__(self, key: str) -> int:
        number = self[key] = len(self)
        return number


def _is_word(token: str) -> bool:
    first = token[0]
    return (
        first.isalnum() or unicodedata.category(first)[0] == "M"
    ) and not "\u3041" <= first <= "\u309f"


def _continues(token: str) -> bool:
    """Whether a sentence goes on after this punctuation."""
    return not any(mark in token for mark in (_END, *".!?:\u0964\u06d4\u061f\u3002\uff1f"))


@cache
def _pattern() -> re.Pattern[str]:
    """Compile the expression of a token, with the marks that Python does not count as letters."""
    codes = chain(range(0x300, 0x1F000), range(0xE0100, 0xE01F0))  # no others have marks
    marks = "".join(chr(code) for code in codes if unicodedata.category(chr(code))[0] == "M")
    letter = rf"(?:(?![{_UNSPACED}{_HIRAGANA}{_KATAKANA}])[\w{marks}{_JOINERS}])"
    word = rf"{letter}+(?:['\u2019\-\u2010\u2011]{letter}+)*"
    single = rf"[{_UNSPACED}][{marks}]*"
    return re.compile(
        rf"{_END}|{word}|{single}|[{_KATAKANA}]+|[{_HIRAGANA}]+|(?:(?!{_END})[^\w\s{marks}])+"
    )
