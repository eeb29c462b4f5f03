"""The header of NumPy's array format, checked before numpy sees the file.

The format: numpy.lib.format, versions 1.0 to 3.0 (NEP 1). All arithmetic is on
Python's integers, which do not overflow.
"""

import ast
import math
import re
import warnings
from dataclasses import dataclass
from typing import IO, Any

import numpy as np

from embkit import DataError
from embkit.text import format_bytes

__all__ = ["MAGIC", "Header", "check_extent", "read_header"]

MAGIC = b"\x93NUMPY"

_LONGEST_HEADER = 10_000  # as numpy's max_header_size
_DTYPE = re.compile(r"[<>|=]?[?a-zA-Z]\d*(\[\w+\])?")
_ENCODINGS = {1: "latin-1", 2: "latin-1", 3: "utf-8"}


@dataclass(frozen=True)
class Header:
    """What the header of an array says.

    Parameters
    ----------
    shape : tuple of int
        Extents, none negative.
    dtype : dtype
        Of one value; void for a structured array.
    fortran : bool
        Whether the first index varies fastest.
    offset : int
        Where the data begin, in bytes.
    fields : tuple of str
        Names of the fields of a structured array.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    fortran: bool
    offset: int
    fields: tuple[str, ...] = ()

    @property
    def n_bytes(self) -> int:
        """Size of the data in bytes."""
        return math.prod(self.shape) * self.dtype.itemsize

    def __str__(self) -> str:
        extents = "x".join(str(extent) for extent in self.shape) or "scalar"
        return f"{extents} {'structured' if self.fields else self.dtype}"


def read_header(stream: IO[bytes], name: str) -> Header:
    """Read the header of an array.

    Parameters
    ----------
    stream : binary file
        At its start; left where the data begin.
    name : str
        What to call it in messages.

    Raises
    ------
    DataError
        If the header is cut, or not one of the format.
    """
    start = _read(stream, 8, 0, name)
    if not start.startswith(MAGIC):
        raise _invalid(name, "it does not begin as one")
    major, minor = start[6], start[7]
    if major not in _ENCODINGS or minor != 0:
        raise _invalid(name, f"format version {major}.{minor} is unknown")
    width = 2 if major == 1 else 4
    length = int.from_bytes(_read(stream, width, 8, name), "little")
    if length > _LONGEST_HEADER:
        raise _invalid(name, f"its header claims {length} bytes, at most {_LONGEST_HEADER} are read")
    text = _read(stream, length, 8 + width, name)
    try:
        literal = _literal(text.decode(_ENCODINGS[major]))
        return _checked(literal, 8 + width + length)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError) as error:
        raise _invalid(name, f"its header cannot be read: {error}") from None


def check_extent(header: Header, present: int, name: str) -> None:
    """Compare the size that the header implies with the bytes there are.

    Parameters
    ----------
    header : Header
        What is claimed.
    present : int
        Bytes there are behind the header.
    name : str
        What to call it in messages.

    Raises
    ------
    DataError
        If there are fewer.
    """
    if header.n_bytes > present:
        raise DataError(
            f"{name}: the file is cut: its header says {header} ({format_bytes(header.n_bytes)}),"
            f" it holds {format_bytes(present)}",
            f"{header.n_bytes - present} bytes are missing",
            "copy or write it again",
        )


def _read(stream: IO[bytes], count: int, offset: int, name: str) -> bytes:
    data = stream.read(count)
    if len(data) < count:
        raise DataError(
            f"{name}: the file is cut at byte {offset + len(data)}",
            "the header of a NumPy array is longer",
            "copy or write it again",
        )
    return data


def _literal(text: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Python's parser, about odd literals
        return ast.literal_eval(text)


def _checked(literal: Any, offset: int) -> Header:
    if not isinstance(literal, dict) or set(literal) != {"descr", "fortran_order", "shape"}:
        raise ValueError("it must state descr, fortran_order and shape")
    shape, fortran = literal["shape"], literal["fortran_order"]
    if not isinstance(shape, tuple) or any(type(extent) is not int or extent < 0 for extent in shape):
        raise ValueError(f"the shape {shape!r} is no tuple of sizes")
    if not isinstance(fortran, bool):
        raise ValueError(f"fortran_order is {fortran!r}")
    descr = literal["descr"]
    if isinstance(descr, list):
        fields = tuple(str(field[0]) for field in descr if isinstance(field, tuple) and field)
        return Header(shape, np.dtype(np.void), fortran, offset, fields or ("unnamed",))
    if not isinstance(descr, str) or not _DTYPE.fullmatch(descr):
        raise ValueError(f"the dtype {descr!r} is unknown")
    return Header(shape, np.dtype(descr), fortran, offset)


def _invalid(name: str, reason: str) -> DataError:
    return DataError(f"{name}: not a valid .npy array", reason, "write it again with numpy.save")
