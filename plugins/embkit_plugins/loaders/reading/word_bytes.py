"""Words with their vectors in word2vec's binary format."""

import mmap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit import DataError, Dataset
from embkit_plugins.loaders.reading.files import check_room

__all__ = ["read_word_bytes", "words_dataset"]

_LONGEST_HEAD = 64
_LONGEST_WORD = 4096


def words_dataset(matrix: NDArray[Any], words: Sequence[str], path: Path) -> Dataset:
    """The vectors with their words as texts, and as ids unless a word is repeated."""
    unique = len(set(words)) == len(words)
    notes = (
        f"words with vectors of {matrix.shape[1]} numbers",
        *(() if unique else ("words are repeated, so that they are texts and no ids",)),
    )
    return Dataset(matrix, ids=words if unique else None, texts=words, name=path.name, notes=notes)


def read_word_bytes(path: Path, dim: int | None = None) -> Dataset:
    """Read a line with the sizes, then each word, a blank, and its vector as little-endian float32.

    Parameters
    ----------
    path : Path
        The file.
    dim : int, optional
        The length of the vectors, where the user gave it.

    Raises
    ------
    DataError
        If the file is cut, or a word has no end.
    ResourceError
        If the matrix would not fit in memory.
    """
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        head = data[:_LONGEST_HEAD].partition(b"\n")[0]
        n_words, length = map(int, head.split())
        if dim not in (None, length) or not n_words or not length:
            raise DataError(
                f"{path}: its first line says {n_words} words of {length} numbers",
                "there is nothing to read" if dim is None else f"dim={dim} was given",
                "check the source",
            )
        position, size = len(head) + 1, 4 * length
        if n_words * (size + 2) > len(data) - position:
            raise DataError(
                f"{path}: its first line says {n_words} words of {length} numbers",
                "the file is too short for them: it is cut, or its first line is wrong",
                "copy or write it again",
            )
        check_room(str(path), n_words * size)
        matrix = np.empty((n_words, length), dtype=np.float32)
        words = []
        for row in range(n_words):
            end = data.find(b" ", position, position + _LONGEST_WORD)
            if end < 0 or end + 1 + size > len(data):
                raise DataError(
                    f"{path}: word {row} of {n_words} has no end, or no vector after it",
                    "the file is cut or damaged",
                    "copy or write it again",
                )
            words.append(data[position:end].lstrip(b"\n").decode("utf-8", "replace"))
            matrix[row] = np.frombuffer(data[end + 1 : end + 1 + size], "<f4")
            position = end + 1 + size
    return words_dataset(matrix, words, path)
