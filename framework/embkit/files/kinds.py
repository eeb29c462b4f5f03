"""What a file is, by its first bytes and whatever its name."""

import codecs
from enum import StrEnum
from pathlib import Path

__all__ = ["Kind", "kind_of"]


class Kind(StrEnum):
    """Kinds of files that people bring, in words that complete "it is ..."."""

    NPY = "a NumPy array (.npy)"
    ZIP = "a zip archive (.npz, .xlsx and others)"
    PARQUET = "a Parquet file"
    HDF5 = "an HDF5 file"
    ARROW = "an Arrow IPC or Feather file"
    PICKLE = "a Python pickle"
    GZIP = "compressed with gzip"
    ZSTD = "compressed with zstd"
    BZIP2 = "compressed with bzip2"
    XZ = "compressed with xz"
    GIT_LFS = "a Git LFS pointer, not the data"
    HTML = "an HTML page"
    UTF16 = "text in UTF-16"
    JSON_LINES = "JSON text"
    TEXT = "plain text"


_MAGIC = (
    (b"\x93NUMPY", Kind.NPY),
    (b"PK\x03\x04", Kind.ZIP),
    (b"PK\x05\x06", Kind.ZIP),
    (b"PAR1", Kind.PARQUET),
    (b"\x89HDF\r\n\x1a\n", Kind.HDF5),
    (b"ARROW1", Kind.ARROW),
    (b"\x1f\x8b", Kind.GZIP),
    (b"\x28\xb5\x2f\xfd", Kind.ZSTD),
    (b"BZh", Kind.BZIP2),
    (b"\xfd7zXZ\x00", Kind.XZ),
    (b"version https://git-lfs", Kind.GIT_LFS),
    (b"\xff\xfe", Kind.UTF16),
    (b"\xfe\xff", Kind.UTF16),
    *((bytes((0x80, protocol)), Kind.PICKLE) for protocol in range(2, 6)),
)
_SAMPLE_BYTES = 512


def kind_of(path: Path) -> Kind | None:
    """Tell what a file is from its first 512 bytes.

    Parameters
    ----------
    path : Path
        A regular file.

    Returns
    -------
    Kind or None
        A string such as ``a Parquet file``; None where the bytes say nothing.
    """
    with path.open("rb") as stream:
        start = stream.read(_SAMPLE_BYTES)
    for magic, kind in _MAGIC:
        if start.startswith(magic):
            return kind
    return _kind_of_text(start)


def _kind_of_text(start: bytes) -> Kind | None:
    try:
        text = codecs.getincrementaldecoder("utf-8-sig")().decode(start).lstrip()
    except UnicodeDecodeError:
        return None
    if not text or any(char < " " and char not in "\t\r\n\f" for char in text):
        return None
    if text.startswith("{"):
        return Kind.JSON_LINES
    if text[:20].lower().startswith(("<!doctype html", "<html")):
        return Kind.HTML
    return Kind.TEXT
