"""Loader word2vec: words with their vectors, as word2vec, fastText and GloVe write them."""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Annotated

import numpy as np
from annotated_types import Ge

from embkit import DataError, Dataset
from embkit.reading import Kind, is_number, kind_of, plain_number, reading, text_lines
from embkit.text import shorten
from embkit_plugins.loaders.reading.files import Room, path_of, wrong_kind
from embkit_plugins.loaders.reading.rows import narrowed
from embkit_plugins.loaders.reading.word_bytes import read_word_bytes, words_dataset

__all__ = ["Word2Vec", "word_layout"]

_SAMPLE_LINES = 32
_SAMPLE_CHARACTERS = 1 << 20


@dataclass(frozen=True)
class WordLayout:
    """How long the vectors are, and how many the first line says there are."""

    dim: int
    stated: int | None


class Word2Vec:
    """A word and its vector a line, between blanks, with or without word2vec's line of sizes.

    The last numbers of a line are the vector; what is before them is the word,
    which may hold blanks itself. Words are the rows' texts, and their ids where
    no word is repeated.

    Parameters
    ----------
    dim : int, optional
        Length of the vectors; from the line of sizes, or the first lines, where
        not given.

    Notes
    -----
    The formats: word2vec's text output (a first line with the number of words
    and of dimensions), which fastText writes too, and GloVe's, which has no such
    line; and word2vec's binary output.
    """

    def __init__(self, *, dim: Annotated[int, Ge(1)] | None = None) -> None:
        self.dim = dim

    def load(self, source: str | None) -> Dataset:
        """Read words and vectors: text, plain or gzip-compressed, or binary.

        Parameters
        ----------
        source : str
            Path of the file.

        Returns
        -------
        Dataset
            Vectors of shape (n_words, n_features), float64, or float32 where that is
            exact; of binary files float32.

        Raises
        ------
        DataError
            If a line does not end in as many numbers, or there are fewer words
            than the first line says.
        """
        path = path_of(source, "word2vec")
        with reading(path):
            if kind_of(path) == Kind.WORD2VEC:
                return read_word_bytes(path, self.dim)
            if kind_of(path) not in (Kind.TEXT, Kind.GZIP, None):
                raise wrong_kind(path, "words with vectors in text")
            layout = word_layout(path, self.dim)
            if layout is None:
                raise DataError(
                    f"{path}: no words with vectors",
                    "its first lines do not end in equally many numbers",
                    "give the length of the vectors: --loader word2vec:dim=LENGTH",
                )
            return read_words(path, layout)


def word_layout(path: Path, dim: int | None = None, encoding: str = "utf-8") -> WordLayout | None:
    """Tell from its first lines whether a text is words with vectors.

    Parameters
    ----------
    path : Path
        The text.
    dim : int, optional
        The length of the vectors, where it is known.
    encoding : str
        Of the text.

    Returns
    -------
    WordLayout or None
        None where the lines are something else.
    """
    lines = _first_lines(path, encoding)
    if not lines:
        return None
    sizes = lines[0].split()
    if len(sizes) == 2 and len(lines) > 1 and all(size.isdecimal() and len(size) < 13 for size in sizes):
        stated, length = map(int, sizes)
        if length > 0 and dim in (None, length) and _ends_in(lines[1].split(), length):
            return WordLayout(length, stated)
    fields = [line.split() for line in lines]
    if dim is not None:
        return WordLayout(dim, None)
    length = min(map(_n_trailing_numbers, fields))
    words = [row[-length - 1] for row in fields if len(row) > length]
    named = len(words) == len(fields) and 2 * sum(not is_number(word) for word in words) > len(words)
    if length < 2 or not named or any("\t" in line for line in lines):
        return None
    return WordLayout(length, None)


def _first_lines(path: Path, encoding: str) -> list[str]:
    lines: list[str] = []
    size = 0
    for line in islice(text_lines(path, encoding), 4 * _SAMPLE_LINES):
        size += len(line)
        if line.strip():
            lines.append(line)
        if len(lines) >= _SAMPLE_LINES or size > _SAMPLE_CHARACTERS:
            break
    return lines


def _ends_in(fields: list[str], length: int) -> bool:
    return len(fields) > length and all(map(is_number, fields[-length:]))


def _n_trailing_numbers(fields: list[str]) -> int:
    count = 0
    for field in reversed(fields):
        if not is_number(field):
            break
        count += 1
    return count


def read_words(path: Path, layout: WordLayout, encoding: str = "utf-8") -> Dataset:
    """Read the words and vectors of a text.

    Raises
    ------
    DataError
        If a line does not end in as many numbers, or lines are missing.
    """
    values = array("d")
    words: list[str] = []
    room = Room(str(path))
    for number, line in _lines(path, layout, encoding):
        fields = line.strip().rsplit(None, layout.dim)
        try:
            if len(fields) != layout.dim + 1:
                raise ValueError("too few")
            values.extend(map(plain_number, fields[1:]))
        except ValueError:
            raise DataError(
                f"{path}: line {number}: it does not end in {layout.dim} numbers",
                f"it is {shorten(line, 60)!r}",
                "repair the line, or give the length of the vectors: --loader word2vec:dim=LENGTH",
            ) from None
        words.append(fields[0])
        room.take(values)
    if layout.stated is not None and layout.stated != len(words):
        raise DataError(
            f"{path}: line 1 says {layout.stated} words, there are {len(words)}",
            "the file is cut, or its first line is wrong",
            "copy or write it again",
        )
    if not words:
        raise DataError(f"{path}: it holds no vector", "there is nothing to read", "check the source")
    return words_dataset(narrowed(np.frombuffer(values).reshape(-1, layout.dim)), words, path)


def _lines(path: Path, layout: WordLayout, encoding: str) -> Iterator[tuple[int, str]]:
    lines = ((number, line) for number, line in enumerate(text_lines(path, encoding), 1) if line.strip())
    if layout.stated is not None:
        next(lines)
    return lines
