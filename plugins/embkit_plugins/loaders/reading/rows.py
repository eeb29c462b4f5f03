"""Vectors that arrive one a line: of equal length, and of numbers only."""

from array import array
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit import DataError
from embkit.reading import parse_vector
from embkit.text import shorten
from embkit_plugins.loaders.reading.files import Room

__all__ = ["VectorRows", "narrowed"]

_NAN = float("nan")
_NUMBERS = {int, float}
_NUMBERS_OR_NULL = {int, float, type(None)}
_WORDS = {"str": "a string", "bool": "a boolean", "list": "a list", "dict": "an object"}


class VectorRows:
    """Collects one list of numbers a line into a matrix.

    What is null is kept as NaN, for the host to refuse or drop.

    Parameters
    ----------
    path : Path
        What to call the file in messages.
    row : str
        What the numbers of rows count: lines, or rows.
    """

    def __init__(self, path: Path, row: str = "line") -> None:
        self._path = path
        self._row = row
        self._room = Room(str(path))
        self._values = array("d")
        self._width = 0
        self._first = 0
        self._leading = 0
        self._null_lines: list[int] = []

    def __len__(self) -> int:
        if not self._width:
            return self._leading
        return self._leading + len(self._values) // self._width

    def append(self, line: int, vector: Any, name: str = "") -> None:
        """Add the vector of a line, from the column or field of that name.

        Raises
        ------
        DataError
            If it is neither null nor a list of numbers, or not as long as the first.
        """
        place = f"{self._path}: {self._row} {line}"
        vector = _listed(vector, place, name)
        if vector is None:
            self._append_null(line)
            return
        if not isinstance(vector, list) or not vector:
            kind = "an empty list" if vector == [] else _word(vector)
            raise DataError(
                f"{place}: the vector is {kind}", "it must be a list of numbers", "repair the line"
            )
        types = set(map(type, vector))
        if not types <= _NUMBERS:
            if not types <= _NUMBERS_OR_NULL:
                raise _wrong_value(place, vector)
            self._null_lines.append(line)
            vector = [_NAN if value is None else value for value in vector]
        if not self._width:
            self._first, self._width = line, len(vector)
        if len(vector) != self._width:
            raise DataError(
                f"{place}: {len(vector)} values, expected {self._width}"
                f" (from {self._row} {self._first})",
                "all vectors must be of one length",
                "embed all rows with the same model, or leave the line out",
            )
        try:
            self._values.extend(vector)
        except OverflowError:
            raise DataError(
                f"{place}: the vector holds an integer beyond any float", "", "repair the line"
            ) from None
        self._room.take(self._values)

    def _append_null(self, line: int) -> None:
        self._null_lines.append(line)
        if self._width:
            self._values.extend([_NAN] * self._width)
        else:
            self._leading += 1

    def matrix(self) -> NDArray[Any]:
        """Return the vectors, shape (n_lines, n_values): float32 if that is exact, else float64.

        Raises
        ------
        DataError
            If there are none.
        """
        if not self._values:
            raise DataError(
                f"{self._path}: it holds no vector", "there is nothing to read", "check the source"
            )
        matrix = np.frombuffer(self._values, dtype=np.float64).reshape(-1, self._width)
        if self._leading:
            matrix = np.concatenate([np.full((self._leading, self._width), _NAN), matrix])
        return narrowed(matrix)

    @property
    def notes(self) -> tuple[str, ...]:
        """How many vectors are null or hold nulls."""
        lines = self._null_lines
        return (
            (f"{len(lines)} vectors are null or hold nulls, the first in {self._row} {lines[0]}",)
            if lines
            else ()
        )


def narrowed(values: NDArray[np.float64]) -> NDArray[Any]:
    """Return the values as float32 where that loses nothing, else as they are.

    Embeddings are computed in float32 and often written with all digits of a
    float64; half the memory and twice the speed are worth the look.
    """
    with np.errstate(over="ignore"):
        narrow = values.astype(np.float32)
    return narrow if np.array_equal(narrow, values, equal_nan=True) else values


def _listed(vector: Any, place: str, name: str) -> Any:
    """A vector that was written as text or bytes, as a list; the one row of a matrix, as that row."""
    if isinstance(vector, str | bytes):
        try:
            return parse_vector(vector)
        except ValueError as error:
            shown = vector if isinstance(vector, str) else f"{len(vector)} bytes"
            where = f" in {shorten(name, 80)!r}" if name else ""
            raise DataError(
                f"{place}: the vector{where} is {shorten(shown, 40)!r}",
                str(error),
                "write it as a list of numbers like [0.1, 0.2]",
            ) from None
    while isinstance(vector, list) and len(vector) == 1 and isinstance(vector[0], list):
        vector = vector[0]
    return vector


def _wrong_value(place: str, vector: list[Any]) -> DataError:
    index = next(index for index, value in enumerate(vector) if type(value) not in _NUMBERS_OR_NULL)
    return DataError(
        f"{place}: value {index} of the vector is {_word(vector[index])}",
        "it must be a list of numbers",
        "repair the line or leave it out",
    )


def _word(value: Any) -> str:
    return _WORDS.get(type(value).__name__, "no list")
