"""Sources of several files: a folder, a pattern, or a list, in an order that is stated."""

import glob
import os
import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

from embkit.errors import DataError
from embkit.files.sources import check_source
from embkit.text import plural, shorten

__all__ = [
    "SourceFiles",
    "as_sources",
    "files_of",
    "folder_files",
    "is_folder",
    "is_pattern",
    "natural_key",
]

_MAGIC = re.compile(r"[*?\[]")
_RESULTS = {"run": {"run.json", "run.log"}, "study": {"study.json", "trials.json"}}
_NUMBER = re.compile(r"(\d+)")
_SHOWN = 3


@dataclass(frozen=True)
class SourceFiles:
    """The files of a source.

    Parameters
    ----------
    files : tuple of Path
        In the order in which they are read.
    name : str
        What to call the dataset; empty for a single file, which has its own name.
    unread : tuple of str
        Names of files beside them in a folder.
    """

    files: tuple[Path, ...]
    name: str = ""
    unread: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """Which files were read in which order, where there are several."""
        names = [file.name for file in self.files]
        shown = names if len(names) <= _SHOWN + 1 else [*names[:_SHOWN], "...", names[-1]]
        if len(names) == 1:
            return (f"the file {names[0]}",) if self.name else ()
        return (f"{plural(len(names), 'file')}, in this order: {', '.join(shown)}",)


def as_sources(source: str | Sequence[str] | None) -> tuple[str, ...]:
    """The sources that a configuration states."""
    if source is None:
        return ()
    return (source,) if isinstance(source, str) else tuple(source)


def is_folder(source: str | Path) -> bool:
    """Whether a source is a folder; what cannot be the name of anything is none."""
    try:
        return Path(source).expanduser().is_dir()
    except (OSError, RuntimeError, ValueError):  # too long, a user that is unknown, a null byte
        return False


def is_pattern(source: str) -> bool:
    """Whether a source is a pattern and not the name of something that is there."""
    return bool(_MAGIC.search(source)) and not os.path.lexists(os.path.expanduser(source))  # noqa: PTH111


def files_of(
    source: str | Sequence[str], suffixes: Sequence[str] = (), *, folders: bool = False
) -> SourceFiles:
    """Find the files of a source.

    Parameters
    ----------
    source : str or sequence of str
        A file, a folder, a pattern such as ``parts/*.parquet``, or several of them.
    suffixes : sequence of str
        Endings of the files of a folder that are meant; if none has one of them, all are.
    folders : bool
        Whether a folder is itself what is read.

    Returns
    -------
    SourceFiles
        The files of a folder or pattern in natural order (``part-2`` before
        ``part-10``), those of a list as they are given.

    Raises
    ------
    DataError
        If one cannot be read, or nothing is there.
    """
    given = as_sources(source)
    files: list[Path] = []
    unread: list[str] = []
    for item in given:
        if is_pattern(item):
            files += _matching(item)
        elif is_folder(item) and not folders:
            found = folder_files(Path(item).expanduser())
            fitting = [file for file in found if file.name.lower().endswith(tuple(suffixes))]
            files += fitting or found
            unread += [file.name for file in found if file not in set(fitting or found)]
        else:
            whole = folders and is_folder(item)
            files.append(Path(item).expanduser() if whole else check_source(item))
    if len(files) == 1 and not unread:
        return SourceFiles((files[0],))
    first = Path(given[0]).name or str(given[0])
    more = f" and {len(given) - 1} more" if len(given) > 1 else ""
    return SourceFiles(tuple(files), shorten(f"{first}{more}", 80), tuple(unread))


def folder_files(folder: Path) -> list[Path]:
    """The files of a folder in natural order, without those that begin with a dot or underscore.

    Raises
    ------
    DataError
        If there are none, one may not be read, or they are those of a run or study.
    """
    try:
        entries = sorted(folder.iterdir(), key=natural_key)
    except OSError as error:
        raise DataError(
            f"{folder}: the folder cannot be read", error.strerror or "", "check its permissions"
        ) from error
    _refuse_results(folder, {entry.name for entry in entries})
    files = [entry for entry in entries if entry.is_file() and not entry.name.startswith((".", "_"))]
    if not files:
        below = [entry.name for entry in entries if entry.is_dir()]
        raise DataError(
            f"{folder}: it is a folder without files",
            f"it holds the folders {', '.join(below[:5])}" if below else "it is empty",
            f"give a pattern, such as '{folder}/**/*.parquet'" if below else "check the path",
        )
    return [check_source(file) for file in files]


def _refuse_results(folder: Path, names: AbstractSet[str]) -> None:
    """Refuse what embkit wrote: its only matrix may be a tree, which would be taken for vectors."""
    for kind, files in _RESULTS.items():
        if files <= names:
            raise DataError(
                f"{folder} is the folder of a {kind}, not of vectors",
                "what it holds are results",
                f"give its source, or open it with embkit.open_{kind}({str(folder)!r})",
            )


def _matching(pattern: str) -> list[Path]:
    found = glob.glob(os.path.expanduser(pattern), recursive=True)  # noqa: PTH111, PTH207 - ** and ~
    files = sorted((Path(path) for path in found if os.path.isfile(path)), key=natural_key)  # noqa: PTH113
    if not files:
        raise DataError(
            f"{pattern}: no file is called like that", "it is a pattern of names", "check the path"
        )
    return [check_source(file) for file in files]


def natural_key(path: str | Path) -> list[tuple[int, str]]:
    """A key by which ``part-2`` comes before ``part-10``."""
    parts = _NUMBER.split(str(path))
    return [(int(part) if part.isdecimal() else -1, part) for part in parts]
