"""How far a run is: on a terminal, or in a notebook."""

import os
import sys
import time
from contextlib import suppress
from importlib import import_module
from typing import Any

from embkit.runs.records.recorder import Observer, Unobserved
from embkit.text import format_seconds, plural, printable

__all__ = ["NotebookProgress", "Pace", "TerminalProgress", "progress_here"]

_EVERY = 0.2  # seconds between two updates of a notebook
_TOO_SOON = 5.0  # seconds of work from which the rest of it can be estimated
_TOO_LITTLE = 0.05  # likewise, the share of it


class Pace:
    """How long a step will take yet, by how long it took to get where it is.

    A step may consist of parts, each reported from 0 to 1: the clock starts anew when
    the share goes back. It starts with the first report too: what was done before may have
    been done by a run that was interrupted.
    """

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._first = 0.0
        self._last: float | None = None

    def left(self, done: float) -> str:
        """Words for the time left, to end a line with; empty where it is too soon to say."""
        now = time.monotonic()
        if self._last is None or done < self._last:
            self._started, self._first = now, done
        self._last = done
        taken, share = now - self._started, done - self._first
        if taken < _TOO_SOON or share < _TOO_LITTLE or done >= 1:
            return ""
        # "Up to": an iteration may converge before its last.
        return f", up to {format_seconds(round(taken * (1 - done) / share))} left"


class TerminalProgress:
    """Shows each step on a terminal; silent where standard error is none."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self._step = ""
        self._pace = Pace()

    def started(self, step: str) -> None:
        """Show the step that begins."""
        self._step = step
        self._pace = Pace()
        self._show(f"{step} ...")

    def progressed(self, done: float, note: str) -> None:
        """Show the share of the work that is done, and how long the rest may take."""
        self._show(f"{self._step} {done:4.0%} {note}{self._pace.left(done)}")

    def finished(self, step: str, seconds: float) -> None:
        """Leave a line with the time it took."""
        self._show(f"{step} {format_seconds(seconds)}", end="\n")

    def _show(self, text: str, end: str = "") -> None:
        if self._live:
            with suppress(OSError):
                sys.stderr.write(f"\r\x1b[2K{printable(text)}{end}")
                sys.stderr.flush()


class NotebookProgress:
    """Keeps one line of a notebook up to date: the step, its share done, and the time so far."""

    def __init__(self) -> None:
        shell: Any = import_module("IPython.display")
        self._handle = shell.display(_line("starting ..."), raw=True, display_id=True)
        self._started = self._shown = time.monotonic()
        self._step = ""
        self._pace = Pace()
        self._n_steps = 0

    def started(self, step: str) -> None:
        """Show the step that begins."""
        self._step = step
        self._pace = Pace()
        self._show(f"{step} ...", at_once=False)

    def progressed(self, done: float, note: str) -> None:
        """Show the share of the work that is done, and how long the rest may take."""
        self._show(f"{self._step} {done:4.0%} {note}{self._pace.left(done)}", at_once=False)

    def finished(self, step: str, seconds: float) -> None:  # noqa: ARG002
        """Show the time so far."""
        self._n_steps += 1
        so_far = format_seconds(time.monotonic() - self._started)
        self._show(f"{plural(self._n_steps, 'step')} in {so_far}, the last: {step}", at_once=True)

    def _show(self, text: str, *, at_once: bool) -> None:
        now = time.monotonic()
        if at_once or now - self._shown >= _EVERY:
            self._shown = now
            self._handle.update(_line(text), raw=True)


def _line(text: str) -> dict[str, str]:
    return {"text/plain": printable(text)}


def progress_here(wanted: bool | None) -> Observer:
    """Who shows the progress of a run that is called from Python.

    Parameters
    ----------
    wanted : bool or None
        True shows it in a notebook or on a terminal, False nowhere, None in a
        notebook or an interactive session.
    """
    if wanted is False:
        return Unobserved()
    if _in_notebook():
        return NotebookProgress()
    interactive = hasattr(sys, "ps1") or ("IPython" in sys.modules and _shell() is not None)
    return TerminalProgress() if wanted or interactive else Unobserved()


def _shell() -> Any:
    """The IPython shell that runs this, None if there is none."""
    ipython = sys.modules.get("IPython")
    return None if ipython is None else ipython.get_ipython()


def _in_notebook() -> bool:
    """Whether a Jupyter kernel runs this, and not IPython in a terminal."""
    return type(_shell()).__name__ == "ZMQInteractiveShell"
