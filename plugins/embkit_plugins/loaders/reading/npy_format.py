"""The header of NumPy's array format, read by numpy and checked before anything is mapped.

Sizes are products of Python's integers, which do not overflow.
"""

import math
import warnings
from dataclasses import dataclass
from tokenize import TokenError
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy

from embkit import DataError
from embkit.text import format_bytes, shorten

__all__ = ["MAGIC", "Header", "check_extent", "read_header"]

MAGIC = b"\x93NUMPY"

_LONGEST_HEADER = 10_000
_LONGEST_REASON = 120
# Version 3.0 is 2.0 with names of fields in UTF-8 (NEP 1), and structured arrays are refused.
_READERS = {
    (1, 0): npy.read_array_header_1_0,
    (2, 0): npy.read_array_header_2_0,
    (3, 0): npy.read_array_header_2_0,
}


@dataclass(frozen=True)
class Header:
    """The header of an array.

    Parameters
    ----------
    shape : tuple of int
        Extents, none negative.
    dtype : dtype
        Type of one value.
    fortran : bool
        Whether the first index varies fastest.
    offset : int
        Where the data begin, in bytes.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    fortran: bool
    offset: int

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the fields of a structured array."""
        return self.dtype.names or ()

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
        If the header is cut off or invalid.
    """
    try:
        with warnings.catch_warnings():
            # From Python's parser about odd literals, from numpy about headers of Python 2.
            warnings.simplefilter("ignore")
            version = npy.read_magic(stream)
            if version not in _READERS:
                raise ValueError(f"unknown format version {version[0]}.{version[1]}")
            shape, fortran, dtype = _READERS[version](stream, max_header_size=_LONGEST_HEADER)
        if any(type(extent) is not int or extent < 0 for extent in shape):
            raise ValueError(f"invalid shape {shape}")
    except (ValueError, TypeError, SyntaxError, TokenError, MemoryError, RecursionError) as error:
        raise _invalid(name, str(error) or type(error).__name__) from None
    return Header(shape, dtype, fortran, stream.tell())


def check_extent(header: Header, present: int, name: str) -> None:
    """Compare the size that the header implies with the number of bytes available.

    Parameters
    ----------
    header : Header
        The header.
    present : int
        Number of bytes after the header.
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


def _invalid(name: str, reason: str) -> DataError:
    if reason.startswith("EOF"):
        return DataError(
            f"{name}: the file is cut off within its header", reason, "copy or write it again"
        )
    # numpy quotes whole headers, and goes on about unpickling.
    first = shorten(reason.partition("\n")[0], _LONGEST_REASON)
    return DataError(f"{name}: not a valid .npy array", first, "write it again with numpy.save")
