"""Lines of text files, plain or gzip-compressed, with an exact place for every fault."""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from embkit.errors import DataError, ParameterError, ResourceError
from embkit.resources import available_memory
from embkit.text import format_bytes

__all__ = ["LONGEST_LINE", "reading", "text_lines"]

LONGEST_LINE = 1 << 26
"""Bytes beyond which a line is refused."""

# Tables of numbers become about a tenth by gzip; 1000 times is the most that it can do.
_LARGEST_RATIO = 100
_LARGEST_UNCHECKED = 1 << 22
_MOST_BYTES_A_NUMBER = 6  # 24 characters become 4 bytes at best
_BOM = b"\xef\xbb\xbf"
_GZIP = b"\x1f\x8b"


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn what a damaged or unreadable file raises into one error that names it.

    Raises
    ------
    DataError
        For faults of the file, of the disk and of a gzip stream.
    ResourceError
        If the memory does not suffice.
    """
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(
            f"{path}: the compressed data are cut or damaged",
            str(error),
            "copy or compress the file again",
        ) from error
    except MemoryError as error:
        raise ResourceError(
            f"{path}: the memory does not suffice to read it", "", "free memory or split the file"
        ) from error
    except OSError as error:
        raise DataError(
            f"{path}: it cannot be read", error.strerror or str(error), "check the file and the disk"
        ) from error


def text_lines(path: Path, encoding: str = "utf-8") -> Iterator[str]:
    r"""Yield the lines of a text file with their ends; a line ends at ``\n``.

    Parameters
    ----------
    path : Path
        A text file; one that begins like gzip is decompressed on the way. A
        byte order mark of UTF-8 is left out.
    encoding : str
        One in which ``\n`` is a single byte, which excludes UTF-16.

    Raises
    ------
    DataError
        If bytes do not decode (naming line and byte), a line is longer than
        64 MiB, the file is damaged, or it unfolds to more than 4 MiB and more
        than 100 times its size.
    ParameterError
        If the encoding is unknown or has wide line ends.
    ResourceError
        If what is in it could not fit in memory.
    """
    _check_encoding(encoding)
    with reading(path), _opened(path) as stream:
        size = path.stat().st_size
        compressed = _is_compressed(path)
        largest = max(_LARGEST_UNCHECKED, _LARGEST_RATIO * size) if compressed else None
        if not compressed:
            _check_room(path, size)
        offset = 0
        number = 0
        while line := stream.readline(LONGEST_LINE):
            number += 1
            if len(line) == LONGEST_LINE:
                raise DataError(
                    f"{path}: line {number} is longer than {LONGEST_LINE >> 20} MiB",
                    "it is hardly a table or JSON lines",
                    "check that the file has one record a line",
                )
            start = len(_BOM) if number == 1 and line.startswith(_BOM) else 0
            try:
                yield line[start:].decode(encoding)
            except UnicodeError as error:
                raise _undecodable(path, encoding, number, offset + start, error) from None
            offset += len(line)
            if largest is not None and offset > largest:
                raise DataError(
                    f"{path}: it unfolds to more than {format_bytes(largest)}",
                    f"{format_bytes(size)} of compressed numbers or text do not",
                    "if it is meant, decompress it first: gunzip",
                )


def _check_room(path: Path, size: int) -> None:
    """Refuse a text whose numbers and words could not be held, before the first line."""
    least = size // _MOST_BYTES_A_NUMBER
    if size > _LARGEST_UNCHECKED and least > available_memory():
        raise ResourceError(
            f"{path}: reading its {format_bytes(size)} of text takes at least {format_bytes(least)}",
            f"{format_bytes(available_memory())} of memory are available",
            "save the matrix as .npy, which is mapped and not read, or split the file",
        )


def _opened(path: Path) -> IO[bytes]:
    return cast("IO[bytes]", gzip.open(path, "rb")) if _is_compressed(path) else path.open("rb")


def _is_compressed(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(2) == _GZIP


def _check_encoding(encoding: str) -> None:
    try:
        narrow = "\n".encode(encoding) == b"\n" and b"\n".decode(encoding) == "\n"
    except (LookupError, UnicodeError):
        narrow = False
    if not narrow:
        raise ParameterError(
            f"encoding {encoding!r} cannot be read",
            "it is unknown to Python, or its line ends are not single bytes",
            "convert the file first, for instance: iconv -f UTF-16 -t UTF-8",
        )


def _undecodable(path: Path, encoding: str, number: int, offset: int, error: UnicodeError) -> DataError:
    place = f"line {number}"
    if isinstance(error, UnicodeDecodeError):
        value = error.object[error.start]
        place += f", byte {offset + error.start} (0x{value:02x})"
    return DataError(
        f"{path}: {place} is not valid {encoding}",
        "the text is in another encoding, or the file is not text",
        "convert it: iconv -f LATIN1 -t UTF-8, or give the csv and tsv loaders encoding=latin-1",
    )
