"""Replace or remove a file or a folder as a whole, or not at all.

At every moment there is either the old or the new at the path; a process that is
killed on the way leaves something that is known as its own and that the next one
removes (see `owners`).
"""

import ctypes
import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from embkit.errors import ResourceError
from embkit.files.owners import RETIRED, clear_leftovers, staging_name
from embkit.text import shorten

__all__ = [
    "discard",
    "disk_errors",
    "put_in_place",
    "replaced_file",
    "replaced_folder",
    "staging_folder",
    "temporary_folder",
]

_HERE = -100  # AT_FDCWD
_EXCHANGE = 2  # RENAME_EXCHANGE


@contextmanager
def disk_errors(folder: Path, fix: str = "choose another --out") -> Iterator[None]:
    """Turn what the system refuses into an error that names the folder."""
    try:
        yield
    except OSError as error:
        raise ResourceError(
            f"{shorten(str(folder), 300)} cannot be written", error.strerror or str(error), fix
        ) from error


@contextmanager
def staging_folder(place: Path) -> Iterator[Path]:
    """A new folder in `place` to fill; what is left of it at the end is removed."""
    clear_leftovers(place)
    staging = place / staging_name()
    try:
        staging.mkdir()
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder among the temporary files, for this user's eyes, that goes with the process."""
    place = Path(tempfile.gettempdir())
    clear_leftovers(place)
    folder = place / staging_name()
    try:
        folder.mkdir(mode=0o700)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def replaced_folder(folder: Path) -> Iterator[Path]:
    """A new folder to fill, which takes the place of `folder` when it is whole.

    On any failure it is removed, and what stood at `folder` is untouched.

    Raises
    ------
    ResourceError
        If the system refuses; what stood there is unchanged.
    """
    with disk_errors(folder), staging_folder(folder.parent) as staging:
        yield staging
        put_in_place(staging, folder)


@contextmanager
def replaced_file(path: Path) -> Iterator[Path]:
    """A path to write, which takes the place of `path` when the block ends well."""
    staged = path.with_name(staging_name())
    try:
        yield staged
        staged.replace(path)
    finally:
        staged.unlink(missing_ok=True)


def put_in_place(staging: Path, folder: Path) -> None:
    """Move a folder to where another one may be, which is then at `staging`, to be removed."""
    try:
        staging.rename(folder)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise
        if not _exchanged(staging, folder):
            _renamed_both(staging, folder)


def discard(folder: Path) -> None:
    """Remove a folder: it is gone at once, and whole; what cannot be removed stays."""
    doomed = folder.with_name(staging_name())
    try:
        folder.rename(doomed)
    except OSError:
        return
    shutil.rmtree(doomed, ignore_errors=True)


def _exchanged(first: Path, second: Path) -> bool:
    """Let two paths change places in one step; False where the system has no such call."""
    call = _renameat2()
    if call is None:
        return False
    if call(_HERE, os.fsencode(first), _HERE, os.fsencode(second), _EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP):  # a file system without it
        return False
    raise OSError(number, os.strerror(number), str(second))


@cache
def _renameat2() -> Any:
    """The C library's function for Linux's system call, None where there is none."""
    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if call is not None:
        call.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint]
    return call


def _renamed_both(staging: Path, folder: Path) -> None:
    """Replace in two steps; `clear_leftovers` undoes the first where the second did not come."""
    retired = folder.with_name(staging_name())
    (folder / RETIRED).write_text(folder.name, "utf-8", errors="surrogateescape")
    folder.rename(retired)
    try:
        staging.rename(folder)
    except BaseException:
        retired.rename(folder)
        (folder / RETIRED).unlink(missing_ok=True)
        raise
    shutil.rmtree(retired, ignore_errors=True)
