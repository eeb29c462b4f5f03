"""Vectors that stay in their files: rows are read and converted when they are asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from embkit.errors import DataError
from embkit.text import format_bytes

__all__ = ["HELD_BYTES", "ArrayRows", "Blocks", "FileRows", "RowSource", "row_sources", "stacked"]

HELD_BYTES = 1 << 28
"""Vectors up to this size, when converted, are read at once: whatever wants them is quicker then."""

_SIGN_AND_REST = np.int32(-1879048193)  # 0x8fffffff: bit 15 after the shift, and the 28 below
_BIAS = np.float32(2.0**112)  # exponents of float32 are biased by 127, those of float16 by 15
_WITHOUT_SIGN = np.int16(0x7FFF)
_INFINITY = 0x7C00  # of float16 without its sign; NaN are above
_CACHED_BYTES = 1 << 18  # converted at once, to stay in the cache of a core
_BLOCK_BYTES = 1 << 25
_WORTH_READING = 8  # rows of a span for each row wanted of it, up to which the span is read


class RowSource(Protocol):
    """Rows that can be read a few at a time: a file, a part of one, an array."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Numbers of rows and of columns."""
        ...

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the values as they are kept."""
        ...

    def read(self, start: int, stop: int) -> NDArray[Any]:
        """Consecutive rows."""
        ...

    def pick(self, rows: NDArray[np.int64]) -> NDArray[Any]:
        """Rows by their numbers, in the order given."""
        ...


@dataclass(frozen=True, eq=False)
class ArrayRows:
    """Rows of an array, such as a memory map.

    Parameters
    ----------
    array : ndarray of shape (n_rows, n_features)
        Of any real dtype.
    """

    array: NDArray[Any]

    @property
    def shape(self) -> tuple[int, ...]:
        """Numbers of rows and of columns."""
        return self.array.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the values."""
        return self.array.dtype

    def read(self, start: int, stop: int) -> NDArray[Any]:
        """Consecutive rows, as a view."""
        return np.asarray(self.array[start:stop])

    def pick(self, rows: NDArray[np.int64]) -> NDArray[Any]:
        """Rows by their numbers, in the order given."""
        return np.asarray(self.array[rows])


@dataclass(frozen=True)
class FileRows:
    """Rows that lie one after the other in a file.

    They are read, not mapped, so that the process holds no more of the file than
    the rows at hand.

    Parameters
    ----------
    path : Path
        The file.
    offset : int
        Where the first row begins, in bytes.
    shape : tuple of int
        Numbers of rows and of columns.
    dtype : dtype
        Type of the values.
    """

    path: Path
    offset: int
    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    def read(self, start: int, stop: int) -> NDArray[Any]:
        """Consecutive rows.

        Raises
        ------
        DataError
            If the file has become shorter, or cannot be read any more.
        """
        width = self.shape[1]
        place = self.offset + start * width * self.dtype.itemsize
        count = (stop - start) * width
        try:
            values = np.fromfile(self.path, self.dtype, count, offset=place)
        except OSError as error:
            raise self._changed(error.strerror or str(error)) from None
        if len(values) != count:
            raise self._changed(f"rows {start} to {stop} are not all there")
        return values.reshape(stop - start, width)

    def pick(self, rows: NDArray[np.int64]) -> NDArray[Any]:
        """Rows by their numbers, in the order given; those that lie close are read together."""
        if not len(rows):
            return np.empty((0, self.shape[1]), dtype=self.dtype)
        first, last = int(rows.min()), int(rows.max())
        if last - first < _WORTH_READING * len(rows):
            return np.asarray(self.read(first, last + 1)[rows - first])
        try:
            mapped = np.memmap(self.path, self.dtype, "r", self.offset, (last + 1, self.shape[1]))
        except (OSError, ValueError) as error:
            raise self._changed(str(error)) from None
        return np.array(mapped[rows])

    def _changed(self, reason: str) -> DataError:
        return DataError(
            f"{self.path}: it changed while it was read",
            reason,
            "run again when nothing writes to it",
        )


class Blocks:
    """Rows of files and arrays, one below the other, as float32 or float64 whenever some are read.

    An array for who reads it by slices and by lists of rows; ``numpy.asarray``
    reads it as a whole. A component that declares ``by_blocks = True`` is handed
    such vectors, all others an array.

    Parameters
    ----------
    parts : sequence of RowSource
        Of floats, all of the same width, in the order of their rows.
    rows : ndarray of int64, optional
        The rows to take of them; all if omitted.
    """

    ndim = 2

    def __init__(self, parts: Sequence[RowSource], rows: NDArray[np.int64] | None = None) -> None:
        self.parts = tuple(parts)
        self.rows = rows
        self._ends = np.cumsum([part.shape[0] for part in self.parts])
        kept = np.result_type(*(part.dtype for part in self.parts))
        self.dtype: np.dtype[Any] = np.dtype(np.float64 if kept.itemsize >= 8 else np.float32)
        self.kept = kept
        """The type that holds the values of all parts."""

    def __len__(self) -> int:
        return int(self._ends[-1]) if self.rows is None else len(self.rows)

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of rows and of columns."""
        return len(self), int(self.parts[0].shape[1])

    @property
    def itemsize(self) -> int:
        """Bytes of a value when it is read."""
        return int(self.dtype.itemsize)

    @property
    def nbytes(self) -> int:
        """Bytes of all rows when they are read."""
        return len(self) * self.shape[1] * self.itemsize

    def __repr__(self) -> str:
        return (
            f"Blocks({len(self)} x {self.shape[1]} {self.dtype}, kept as {self.kept} in"
            f" {len(self.parts)} parts, {format_bytes(self.nbytes)})"
        )

    def __getitem__(self, key: Any) -> NDArray[Any]:
        """Rows as an array: of a slice, of a list or mask of rows, or one row."""
        if isinstance(key, tuple):
            rows, *columns = key
            return np.asarray(self[rows][..., *columns])
        if isinstance(key, slice):
            start, stop, step = key.indices(len(self))
            if step == 1:
                return self._read(start, max(start, stop))
            return self._pick(np.arange(start, stop, step))
        if isinstance(key, int | np.integer):
            row = range(len(self))[int(key)]
            return np.asarray(self._read(row, row + 1)[0])
        rows = np.asarray(key)
        if rows.dtype == bool:
            return self._pick(np.flatnonzero(rows))
        rows = rows.astype(np.int64)
        return self._pick(np.where(rows < 0, rows + len(self), rows))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        """All rows."""
        if copy is False:
            raise ValueError("vectors in files cannot be an array without a copy")
        array = np.empty(self.shape, dtype=dtype or self.dtype)
        step = max(1, _BLOCK_BYTES // max(1, self.shape[1] * self.itemsize))
        for start in range(0, len(self), step):
            stop = min(start + step, len(self))
            array[start:stop] = self._read(start, stop)
        return array

    def array(self) -> NDArray[Any]:
        """All rows: a memory map where they lie in one file as they are wanted, else read."""
        part = self.parts[0]
        plain = len(self.parts) == 1 and self.rows is None and part.dtype == self.dtype
        if plain and isinstance(part, FileRows):
            return np.memmap(part.path, part.dtype, "r", part.offset, part.shape)
        return np.asarray(self)

    def select(self, rows: NDArray[np.int64]) -> "Blocks":
        """Some of the rows, in the order given, still where they are."""
        return Blocks(self.parts, rows if self.rows is None else self.rows[rows])

    def _read(self, start: int, stop: int) -> NDArray[Any]:
        if self.rows is not None:
            return self._pick(np.arange(start, stop))
        found = []
        for number, part in enumerate(self.parts):
            begin = int(self._ends[number]) - part.shape[0]
            low, high = max(start, begin), min(stop, int(self._ends[number]))
            if low < high:
                found.append(_converted(part.read(low - begin, high - begin), self.dtype))
        if len(found) == 1:
            return found[0]
        return np.concatenate(found) if found else np.empty((0, self.shape[1]), dtype=self.dtype)

    def _pick(self, rows: NDArray[np.int64]) -> NDArray[Any]:
        if self.rows is not None:
            rows = self.rows[rows]
        if len(rows) and not 0 <= int(rows.min()) <= int(rows.max()) < int(self._ends[-1]):
            raise IndexError(f"there are {int(self._ends[-1])} rows")
        array = np.empty((len(rows), self.shape[1]), dtype=self.dtype)
        owner = np.searchsorted(self._ends, rows, side="right")
        for number in np.unique(owner):
            part = self.parts[number]
            here = np.flatnonzero(owner == number)
            begin = int(self._ends[number]) - part.shape[0]
            array[here] = _converted(part.pick(rows[here] - begin), self.dtype)
        return array


def row_sources(vectors: Any) -> tuple[RowSource, ...]:
    """What a matrix of floats is read from, if that are files; else nothing."""
    if isinstance(vectors, Blocks):
        return vectors.parts if vectors.rows is None else ()
    is_mapped = isinstance(vectors, np.memmap) and vectors.dtype.kind == "f"
    return (ArrayRows(vectors),) if is_mapped else ()


def stacked(parts: Sequence[RowSource]) -> NDArray[Any]:
    """`Blocks` of some parts, with the type of the array that they stand for."""
    return cast("NDArray[Any]", Blocks(parts))


def _converted(block: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
    """A block in its dtype, as a new array."""
    if block.dtype != np.float16 or not block.dtype.isnative or dtype != np.float32:
        return np.array(block, dtype=dtype, order="C")
    # Bits shifted into place and scaled: exact, and a third of the time of NumPy's conversion.
    halves = block.view(np.int16)
    values = np.empty(block.shape, dtype=np.float32)
    step = max(1, _CACHED_BYTES // (4 * max(1, block.shape[1])))
    for start in range(0, len(block), step):
        part, some = halves[start : start + step], values[start : start + step]
        if np.bitwise_and(part, _WITHOUT_SIGN).max(initial=0) >= _INFINITY:
            return np.array(block, dtype=dtype, order="C")
        bits = some.view(np.int32)
        np.copyto(bits, part)
        np.left_shift(bits, 13, out=bits)
        np.bitwise_and(bits, _SIGN_AND_REST, out=bits)
        np.multiply(some, _BIAS, out=some)
    return values
