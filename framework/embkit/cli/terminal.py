"""Standard output and standard error: data on the one, messages and progress on the other."""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any

from embkit.text import format_seconds, printable

__all__ = ["Progress", "fail", "say", "stdout_for_data", "terminal_width", "write_document"]


def say(message: str) -> None:
    """A message for the user, on standard error."""
    sys.stderr.write(f"{printable(message)}\n")


def fail(message: str) -> None:
    """An error in one line."""
    say(f"error: {message}")


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
    try:
        with os.fdopen(os.dup(kept), "w", encoding="utf-8", errors="backslashreplace") as stream:
            yield stream
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)


class Progress:
    """Shows each step on a terminal; silent where standard error is none."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self._step = ""

    def started(self, step: str) -> None:
        """Show the step that begins."""
        self._step = step
        self._show(f"{step} ...")

    def progressed(self, done: float, note: str) -> None:
        """Show the share of the work that is done."""
        self._show(f"{self._step} {done:4.0%} {note}")

    def finished(self, step: str, seconds: float) -> None:
        """Leave a line with the time it took."""
        self._show(f"{step} {format_seconds(seconds)}", end="\n")

    def _show(self, text: str, end: str = "") -> None:
        if self._live:
            sys.stderr.write(f"\r\x1b[2K{printable(text)}{end}")
            sys.stderr.flush()
