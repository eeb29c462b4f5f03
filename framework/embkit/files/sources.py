"""Check that a file can be read at all, before anything opens it."""

import difflib
import os
import re
import stat
from pathlib import Path

from embkit.errors import DataError
from embkit.text import format_bytes, shorten

__all__ = ["check_source", "read_text"]

_SYNTHETIC = ("/proc/", "/sys/")
_LARGEST_DOCUMENT = 1 << 26


def check_source(source: str | os.PathLike[str]) -> Path:
    """Return the path of a source that is a readable regular file.

    Parameters
    ----------
    source : str or path-like
        As the user gave it; ``~`` is expanded.

    Raises
    ------
    DataError
        If it is missing (naming what is near), a folder, a pipe or device, a
        file that the kernel makes up as it is read, a URL, ``-``, or may not be
        read.
    """
    given = os.fspath(source)
    if given == "-":
        raise DataError(
            "source '-': standard input is not read",
            "a source is read in more than one pass",
            "write it to a file and give its path",
        )
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", given):
        raise DataError(
            f"{given}: it is a URL", "only local files are read", "download it and give its path"
        )
    try:
        path = Path(given).expanduser()
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        raise _missing(Path(given).expanduser()) from None
    except (OSError, RuntimeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise DataError(
            f"source {shorten(repr(given), 200)} cannot be opened", reason, "check the path"
        ) from error
    if stat.S_ISDIR(mode):
        raise _folder(path)
    if not stat.S_ISREG(mode):
        raise DataError(
            f"{path}: it is a pipe, socket or device",
            "a source is read in more than one pass",
            "write it to a file and give its path",
        )
    if os.path.realpath(path).startswith(_SYNTHETIC):
        raise DataError(
            f"{path}: the kernel makes it up while it is read",
            "it may have no end, or wait for ever",
            "copy what you need of it to a file",
        )
    if not os.access(path, os.R_OK):
        raise DataError(f"{path}: permission denied", "you may not read it", f"try: chmod u+r '{path}'")
    return path


def read_text(source: str | os.PathLike[str], largest: int = _LARGEST_DOCUMENT) -> str:
    """Return the text of a file that is read as a whole: a configuration, a study, a record.

    Parameters
    ----------
    source : str or path-like
        What `check_source` takes.
    largest : int
        Bytes beyond which it is refused.

    Raises
    ------
    DataError
        If it is not a regular file, too large, or not valid UTF-8.
    """
    path = check_source(source)
    try:
        with path.open("rb") as stream:
            data = stream.read(largest + 1)
    except OSError as error:
        raise DataError(f"{path} cannot be read", error.strerror or "", "check the path") from error
    if len(data) > largest:
        raise DataError(
            f"{path}: it has more than {format_bytes(largest)}",
            "a configuration is never that large",
            "check the path",
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path}: byte {error.start} (0x{data[error.start]:02x}) is not valid utf-8",
            "the text is in another encoding, or the file is not text",
            "convert it: iconv -f LATIN1 -t UTF-8",
        ) from None


def _missing(path: Path) -> DataError:
    if path.is_symlink():
        return DataError(
            f"{path}: a link to {path.readlink()}", "which does not exist", "repair the link"
        )
    absent = path
    while not absent.parent.exists():
        absent = absent.parent
    if absent.parent.is_dir():
        kind = "file" if absent == path else "folder"
        what = f"{path}: there is no {kind} {absent.name!r} in {absent.parent.absolute()}"
    else:
        what = f"{path}: {absent.parent} is a file, not a folder"
    close = difflib.get_close_matches(absent.name, _names(absent.parent), n=1, cutoff=0.6)
    fix = f"did you mean {str(absent.parent / close[0])!r}?" if close else "check the path"
    return DataError(what, "", fix)


def _folder(path: Path) -> DataError:
    files = sorted(name for name in _names(path) if (path / name).is_file() and not name.startswith("."))
    inside = f"it holds {', '.join(files[:5])}{' and others' if len(files) > 5 else ''}"
    return DataError(
        f"{path}: it is a folder", inside if files else "it holds no files", "give one file"
    )


def _names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208 - names are compared, paths are not needed
    except OSError:
        return []
