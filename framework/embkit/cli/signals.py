"""Signals to end: the first unwinds the program, and nothing disturbs it while it cleans up."""

import atexit
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from embkit.errors import ExitCode

__all__ = ["Endings"]

_PATIENCE = 1.0
_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")


class _Unwound(KeyboardInterrupt):
    """An interrupt that has been dealt with once it is caught.

    CPython remembers a plain KeyboardInterrupt that passes through ``exec`` of a string, as
    dataclasses do while they are imported, and dies of SIGINT at its end whatever caught it.
    """


class Endings:
    """Lets signals to end unwind the program, so that nothing is left half-written.

    Whoever ends processes often sends several signals at once: ``timeout`` one to the
    process and one to its group, a closing terminal one from the shell and one from the
    kernel. So a signal within a second of the one before is only noted. A later one is from
    somebody who is tired of waiting: it unwinds once more, and after the end it kills.
    """

    def __init__(self) -> None:
        self._received: list[int] = []
        self._last = -_PATIENCE
        self._over = False

    @property
    def came(self) -> bool:
        """Whether there has been a signal."""
        return bool(self._received)

    @property
    def code(self) -> ExitCode:
        """The exit code of a program that they end."""
        from_keyboard = all(number == signal.SIGINT for number in self._received)
        return ExitCode.SIGINT if from_keyboard else ExitCode.SIGTERM

    def watch(self) -> None:
        """Receive the signals from now on, but for those that are ignored, as under nohup."""
        for number in _numbers():
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._receive)
        # Python gives signals back to the system before it is quite at its end.
        atexit.unregister(_ignore)
        atexit.register(_ignore)

    def close(self) -> None:
        """Unwind no more: what has to be said is said, and the interpreter cleans up."""
        self._over = True

    @contextmanager
    def insisting(self) -> Iterator[None]:
        """Send a signal again that unwound no more than a callback.

        Python passes over what is raised in the callbacks of weak references, for instance,
        which are called wherever the program is.
        """
        before = sys.unraisablehook

        def hook(unraisable: Any) -> None:
            if not issubclass(unraisable.exc_type, _Unwound):
                before(unraisable)
                return
            self._last = -_PATIENCE
            again = threading.Timer(0.01, os.kill, [os.getpid(), self._received[-1]])
            again.daemon = True
            again.start()

        sys.unraisablehook = hook
        try:
            yield
        finally:
            sys.unraisablehook = before

    def _receive(self, number: int, _frame: FrameType | None) -> None:
        self._received.append(number)
        now = time.monotonic()
        if now - self._last < _PATIENCE:
            return
        self._last = now
        if not self._over:
            raise _Unwound
        if len(self._received) > 1:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)


def _numbers() -> list[signal.Signals]:
    return [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]


def _ignore() -> None:
    for number in _numbers():
        handler = signal.getsignal(number)
        if isinstance(getattr(handler, "__self__", None), Endings):
            signal.signal(number, signal.SIG_IGN)
