"""Progress of a study."""

import os
import sys
import time
from typing import TYPE_CHECKING

from embkit.cli.output.terminal import is_quiet
from embkit.text import format_seconds, printable, shorten

if TYPE_CHECKING:
    from collections.abc import Sequence

    from embkit.data.trial import Outcome, Trial

__all__ = ["TrialProgress"]

_EVERY = 60.0
_SHOWN = 3


class TrialProgress:
    """One line kept up to date on a terminal, a line a minute elsewhere."""

    def __init__(self) -> None:
        self._quiet = is_quiet()
        self._live = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self._started = self._said = time.monotonic()
        self._ended, self._patience = self._started, _EVERY
        self._finished = 0
        self._failed = 0

    def report(self, trial: "Trial", outcome: "Outcome", settled: int, total: int) -> None:
        """Count a finished trial; say how many are settled, the rate, and how long the rest takes."""
        self._finished += 1
        self._failed += outcome.status.value != "done"
        now = time.monotonic()
        self._ended, self._patience = now, _EVERY
        last = settled == total
        if self._quiet or not (self._live or last or now - self._said >= _EVERY):
            return
        self._said = now
        rate = self._finished / max(now - self._started, 1e-9)
        left = "" if last else f", {format_seconds((total - settled) / rate)} left"
        failed = f", {self._failed} not done" if self._failed else ""
        counts = f"{settled}/{total} trials{failed}, {rate:.2g}/s{left}"
        self._write(counts if last else f"{counts}: {trial.label}", stays=last)

    def waiting(self, running: "Sequence[Trial]") -> None:
        """Say which trials run where none has ended for a minute, for two, for four, and so on."""
        silent = time.monotonic() - self._ended
        if self._quiet or not running or silent < self._patience:
            return
        self._patience *= 2
        names = "; ".join(shorten(trial.label, 80) for trial in running[:_SHOWN])
        more = f" and {len(running) - _SHOWN} more" if len(running) > _SHOWN else ""
        self._write(
            f"no trial has ended for {format_seconds(silent)}; running: {names}{more}; "
            "--timeout SECONDS ends those that take longer",
            stays=True,
        )

    def _write(self, line: str, *, stays: bool) -> None:
        line = printable(line)
        if self._live and not stays:
            line = shorten(line, os.get_terminal_size(sys.stderr.fileno()).columns - 1)
        clear = "\r\x1b[2K" if self._live else ""
        sys.stderr.write(f"{clear}{line}" if self._live and not stays else f"{clear}{line}\n")
        sys.stderr.flush()
