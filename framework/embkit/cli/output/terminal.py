"""Standard output and standard error: data on the one, messages and progress on the other."""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import IO, Any, TextIO, cast

from embkit.errors import ResourceError
from embkit.text import printable

__all__ = [
    "QUIET",
    "fail",
    "fail_document",
    "is_quiet",
    "say",
    "standard_streams",
    "stdout_for_data",
    "terminal_width",
    "write_document",
]


QUIET = "EMBKIT_QUIET"
"""The variable that silences all but results and errors; ``--quiet`` sets it."""


def is_quiet() -> bool:
    """Whether nothing but results and errors is to be shown."""
    return os.environ.get(QUIET, "") not in ("", "0")


def say(message: str) -> None:
    """A message for the user, on standard error; if that is closed or full, there is nobody to tell."""
    if not is_quiet():
        _write(message)


def fail(message: str) -> None:
    """An error in one line."""
    _write(f"error: {message}")


def _write(line: str) -> None:
    with suppress(OSError):
        sys.stderr.write(f"{printable(line)}\n")


def fail_document(code: int, what: str, why: str = "", fix: str = "") -> None:
    """An error as a JSON document, on standard output."""
    error = {"code": code, "what": what, "why": why, "fix": fix}
    with suppress(OSError):
        sys.stdout.write(json.dumps({"schema_version": 1, "error": error}, indent=1) + "\n")
        sys.stdout.flush()


def terminal_width() -> int:
    """Columns to fill: those of the terminal, between 80 and 140."""
    import shutil

    return min(140, max(80, shutil.get_terminal_size((100, 24)).columns))


def write_document(stream: IO[str], document: Mapping[str, Any]) -> None:
    """One JSON document, ``schema_version`` first, without NaN."""
    from embkit.files.writing import jsonable

    plain = jsonable({"schema_version": 1, **document})
    stream.write(json.dumps(plain, indent=1, allow_nan=False, ensure_ascii=True) + "\n")
    stream.flush()


@contextmanager
def stdout_for_data() -> Iterator[IO[str]]:
    """Keep standard output for the result: whatever libraries print goes to standard error.

    Works on file descriptors, so that native code is covered too. Yields the
    stream of the real standard output.
    """
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    stream = os.fdopen(os.dup(kept), "w", encoding="utf-8", errors="backslashreplace")
    try:
        yield cast("IO[str]", _Checked(stream))
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)
        with _told():
            stream.close()


@contextmanager
def standard_streams() -> Iterator[None]:
    """Make sure that standard output can be written, and say so where it cannot.

    A standard stream that is closed is opened on nothing, so that no file of ours
    gets its number; without standard output there is no point in starting.

    Raises
    ------
    ResourceError
        If standard output is closed, or full.
    """
    closed = [number for number in (0, 1, 2) if not _is_open(number)]
    for _ in closed:
        os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
    sys.stderr = sys.stderr or open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    if 1 in closed:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
        raise ResourceError("standard output is closed", "results are printed there", "redirect it")
    stream = sys.stdout
    sys.stdout = cast("TextIO", _Checked(stream))
    try:
        yield
        sys.stdout.flush()
    except ResourceError as error:
        if isinstance(error.__cause__, OSError) and error.what == _UNWRITABLE:
            _forget(stream)
        raise
    finally:
        sys.stdout = stream


_UNWRITABLE = "standard output cannot be written"


class _Checked:
    """A stream that says which it is when it cannot be written."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write text."""
        with _told():
            return self._stream.write(text)

    def flush(self) -> None:
        """Pass on what has been written."""
        with _told():
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:  # the reader has seen enough
        raise
    except OSError as error:
        raise ResourceError(
            _UNWRITABLE,
            error.strerror or str(error),
            "redirect it to where there is room; what was written to a folder is there",
        ) from error


def _forget(stream: IO[str]) -> None:
    """Lose what cannot be written, before Python tries once more at the end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    with suppress(OSError):
        stream.flush()


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True
