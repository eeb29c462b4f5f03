"""Vectors that arrive one a line: of equal length, and of numbers only."""

from array import array
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit.errors import DataError

__all__ = ["VectorRows"]

_NUMBERS = {int, float}
_WORDS = {
    "NoneType": "null",
    "str": "a string",
    "bool": "a boolean",
    "list": "a list",
    "dict": "an object",
}


class VectorRows:
    """Collects one list of numbers a line into a matrix of float64.

    Parameters
    ----------
    path : Path
        What to call the file in messages.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._values = array("d")
        self._width = 0
        self._first = 0

    def append(self, line: int, vector: Any) -> None:
        """Add the vector of a line.

        Raises
        ------
        DataError
            If it is no list of numbers, or not as long as the first.
        """
        place = f"{self._path}: line {line}"
        if not isinstance(vector, list) or not vector:
            kind = "an empty list" if vector == [] else _word(vector)
            raise DataError(
                f"{place}: the vector is {kind}", "it must be a list of numbers", "repair the line"
            )
        if not set(map(type, vector)) <= _NUMBERS:
            index, value = next(
                (index, value) for index, value in enumerate(vector) if type(value) not in _NUMBERS
            )
            raise DataError(
                f"{place}: value {index} of the vector is {_word(value)}",
                "it must be a list of numbers",
                "repair the line or leave it out",
            )
        self._first = self._first or line
        self._width = self._width or len(vector)
        if len(vector) != self._width:
            raise DataError(
                f"{place}: {len(vector)} values, expected {self._width} (from line {self._first})",
                "all vectors must be of one length",
                "embed all rows with the same model, or leave the line out",
            )
        try:
            self._values.extend(vector)
        except OverflowError:
            raise DataError(
                f"{place}: the vector holds an integer beyond any float", "", "repair the line"
            ) from None

    def matrix(self) -> NDArray[np.float64]:
        """Return the vectors, shape (n_lines, n_values).

        Raises
        ------
        DataError
            If there are none.
        """
        if not self._values:
            raise DataError(
                f"{self._path}: it holds no vector", "there is nothing to read", "check the source"
            )
        return np.frombuffer(self._values, dtype=np.float64).reshape(-1, self._width)


def _word(value: Any) -> str:
    return _WORDS.get(type(value).__name__, "no list")
