"""One compressed block of bytes that carries everything a page shows.

The block is gzip of: the length of a JSON document as uint32, the document, and
the arrays it lists, each starting at a multiple of eight bytes; little-endian.
Words that occur in many places, such as those of names, are stored once.
Of an array the first bytes of all numbers come first, then the second bytes and
so on, which gzip compresses better. The block is written in base 85: four bytes
as five characters, of an alphabet that needs no escape in a script element.
"""

import gzip
import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["Kind", "Packer", "from_base85", "to_base85", "unpack"]

_LEVEL = 6  # of gzip
_ALPHABET = np.array(
    [code for code in range(ord("!"), ord("~")) if chr(code) not in "\"&'<>\\`/"][:85], dtype=np.uint8
)
_POWERS = 85 ** np.arange(4, -1, -1, dtype=np.int64)
Kind = Literal["u1", "u2", "i2", "u4", "i4", "f4", "f8"]


class Packer:
    """Collects arrays and gives each a number, to be written into the document in its place."""

    def __init__(self) -> None:
        self._arrays: list[NDArray[Any]] = []
        self._words: dict[str, int] = {}

    def array(self, values: NDArray[Any], kind: Kind) -> int:
        """Add an array, converted to `kind`, and return its number."""
        self._arrays.append(np.ascontiguousarray(values, dtype=f"<{kind}"))
        return len(self._arrays) - 1

    def floats(self, values: NDArray[Any]) -> int:
        """Add numbers without loss: as float32 where that holds them exactly, else as float64."""
        exact = np.asarray(values, dtype=np.float64)
        with np.errstate(over="ignore"):
            short = exact.astype(np.float32)
        same = (short.astype(np.float64) == exact) | np.isnan(exact)
        return self.array(exact, "f4" if same.all() else "f8")

    def strings(self, values: Sequence[str]) -> int:
        """Add strings, each ended by a NUL, which is replaced where it is part of one."""
        joined = "\0".join(values)
        if joined.count("\0") != max(len(values) - 1, 0):
            joined = "\0".join(value.replace("\0", "\N{REPLACEMENT CHARACTER}") for value in values)
        return self.array(np.frombuffer(joined.encode("utf-8", "replace"), dtype=np.uint8), "u1")

    def word(self, text: str) -> int:
        """Add a string to the document's ``words``, unless it is among them, and return its place."""
        return self._words.setdefault(text, len(self._words))

    def finish(self, document: Mapping[str, Any]) -> str:
        """Compress the document and the arrays, and write them as text."""
        if self._words:
            document = {**document, "words": self.strings(list(self._words))}
        head = {"arrays": [(array.dtype.str[1:], array.size) for array in self._arrays], **document}
        text = json.dumps(head, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode()
        parts = [np.uint32(len(text)).astype("<u4").tobytes(), text, _padding(4 + len(text))]
        for array in self._arrays:
            parts += [_by_byte(array), _padding(array.nbytes)]
        return to_base85(gzip.compress(b"".join(parts), _LEVEL, mtime=0))


def unpack(block: str) -> tuple[dict[str, Any], list[NDArray[Any]]]:
    """Read a block back: the document and its arrays. The page does the same in the browser."""
    data = gzip.decompress(from_base85(block))
    length = int(np.frombuffer(data, dtype="<u4", count=1)[0])
    document = json.loads(data[4 : 4 + length])
    place = 4 + length + len(_padding(4 + length))
    arrays = []
    for kind, size in document.pop("arrays"):
        width = np.dtype(kind).itemsize
        planes = np.frombuffer(data, dtype=np.uint8, count=size * width, offset=place).reshape(
            width, size
        )
        arrays.append(np.ascontiguousarray(planes.T).view(f"<{kind}").ravel())
        place += arrays[-1].nbytes + len(_padding(arrays[-1].nbytes))
    return document, arrays


def to_base85(data: bytes) -> str:
    """Write bytes as text: their number, a comma, and five characters for every four bytes."""
    words = np.frombuffer(data + _padding(len(data), 4), dtype=">u4").astype(np.int64)
    digits = words[:, None] // _POWERS % 85
    return f"{len(data)},{_ALPHABET[digits].tobytes().decode('ascii')}"


def from_base85(text: str) -> bytes:
    """Read back what `to_base85` wrote."""
    length, _, characters = text.partition(",")
    values = np.zeros(128, dtype=np.int64)
    values[_ALPHABET] = np.arange(85)
    digits = values[np.frombuffer(characters.encode("ascii"), dtype=np.uint8)].reshape(-1, 5)
    return (digits @ _POWERS).astype(">u4").tobytes()[: int(length)]


def _by_byte(array: NDArray[Any]) -> bytes:
    return array.view(np.uint8).reshape(-1, array.itemsize).T.tobytes()


def _padding(length: int, to: int = 8) -> bytes:
    return b"\0" * (-length % to)
