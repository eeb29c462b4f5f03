"""Whether a source can be read at all: asked once, before any loader opens it."""

import difflib
import os
import re
import stat
from pathlib import Path

from embkit.errors import DataError

__all__ = ["check_source"]


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
        URL, ``-``, or may not be read.
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
        raise DataError(f"source {given!r} cannot be opened", reason, "check the path") from error
    if stat.S_ISDIR(mode):
        raise _folder(path)
    if not stat.S_ISREG(mode):
        raise DataError(
            f"{path}: it is a pipe, socket or device",
            "a source is read in more than one pass",
            "write it to a file and give its path",
        )
    if not os.access(path, os.R_OK):
        raise DataError(f"{path}: permission denied", "you may not read it", f"try: chmod u+r '{path}'")
    return path


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
