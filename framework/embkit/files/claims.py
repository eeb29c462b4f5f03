"""Take a folder's name before the work starts, so that no two runs write to the same place.

A new folder is claimed by moving a folder there that says whose it is; an existing
one, which stays as it is until the new results are whole, is locked. Both end with
the process, however that ends.
"""

import errno
import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from embkit.errors import LockedError
from embkit.files.folders import discard, staging_folder
from embkit.files.owners import Owner, in_words, introduction

__all__ = ["claimed", "first_claimed"]

_CLAIM = ".embkit-claim.json"
_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
_TAKEN = (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR)


@contextmanager
def claimed(folder: Path, check: Callable[[Path], None]) -> Iterator[Path]:
    """Hold `folder` against other processes while the block runs.

    Parameters
    ----------
    folder : Path
        Its parent exists. If it is new or empty it is made, and removed at the end
        unless results have taken its place.
    check : callable
        Receives the folder if something is there that is not a claim, and raises if
        that is not to be replaced.

    Raises
    ------
    LockedError
        If another process holds it.
    """
    _clear_claims(folder.parent)
    while True:
        with _placed(folder) as placed:
            if placed:
                yield folder
                return
        if not _is_claim(folder):
            check(folder)
        with _locked(folder) as locked:
            if locked is None:  # what stood there went in between
                continue
            if not locked:
                raise LockedError(
                    f"{folder} is in use by {in_words(_read(folder))}",
                    "one process writes a run's folder",
                    "wait for it, or choose another --out",
                )
            if not _is_claim(folder):
                check(folder)  # again: it may have come since
                yield folder
                return
            discard(folder)


@contextmanager
def first_claimed(folders: Iterable[Path]) -> Iterator[Path]:
    """Hold the first of the folders that is not there yet; all are in one place."""
    for folder in folders:
        _clear_claims(folder.parent)
        with _placed(folder) as placed:
            if placed:
                yield folder
                return


@contextmanager
def _placed(folder: Path) -> Iterator[bool]:
    """A locked claim moved to where nothing, or an empty folder, is; whether that went well."""
    with staging_folder(folder.parent) as staging:
        claim = os.open(staging, _FOLDER)
        try:
            _lock(claim)  # before it can be seen to be one
            (staging / _CLAIM).write_text(json.dumps({"owner": str(Owner.me()), **introduction()}))
            yield _moved(staging, folder)
        finally:
            if _is_at(folder, claim):
                discard(folder)
            os.close(claim)


def _moved(staging: Path, folder: Path) -> bool:
    try:
        staging.rename(folder)
    except OSError as error:
        if error.errno not in _TAKEN:
            raise
        return False
    return True


@contextmanager
def _locked(folder: Path) -> Iterator[bool | None]:
    """Lock what is at a path: whether nobody else holds it, None if something else is there by now."""
    try:
        found = os.open(folder, _FOLDER)
    except FileNotFoundError:
        yield None
        return
    try:
        free = _lock_if_free(found, folder)
        yield free if _is_at(folder, found) else None
    finally:
        os.close(found)


def _lock_if_free(found: int, folder: Path) -> bool:
    lock = _lock(found)
    if lock is False or not _is_claim(folder):
        return lock is not False
    try:
        owner = Owner.parse(_read(folder)["owner"])
    except (KeyError, ValueError, TypeError, AttributeError):
        return bool(lock)
    # A lock that can be had speaks of the processes of this host only.
    return owner.host == Owner.me().host if lock else owner.is_gone


def _clear_claims(place: Path) -> None:
    """Remove the claims in a place whose processes have ended."""
    with suppress(OSError):
        for entry in place.iterdir():
            if not entry.is_symlink() and _is_claim(entry):
                with _locked(entry) as locked:
                    if locked and _is_claim(entry):  # still, and not a run that has replaced it
                        discard(entry)


def _lock(descriptor: int) -> bool | None:
    """Whether an open folder could be locked; None where the file system has no locks for folders."""
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


def _is_at(folder: Path, descriptor: int) -> bool:
    """Whether that path still leads to that open folder."""
    try:
        return os.path.samestat(folder.lstat(), os.fstat(descriptor))
    except OSError:
        return False


def _is_claim(folder: Path) -> bool:
    """Whether a folder holds nothing but the note of who will write it."""
    try:
        return (folder / _CLAIM).exists() and len(list(folder.iterdir())) == 1
    except OSError:
        return False


def _read(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads((folder / _CLAIM).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
