"""The state of the process that everybody shares, and that no component may change."""

import locale
import logging
import os
import random
import signal
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from embkit.resources import thread_pools

__all__ = ["OPEN_FIGURES", "GlobalState", "undisturbed"]

OPEN_FIGURES = "pyplot's open figures"
"""The name of the part that figures made with pyplot change."""

Part = tuple[Callable[[], Any], Callable[[Any], object]]


@dataclass(frozen=True)
class GlobalState:
    """A picture of the shared state: by part, what it was."""

    parts: Mapping[str, Any]

    @classmethod
    def now(cls) -> "GlobalState":
        """The state at this moment."""
        return cls({name: read() for name, (read, _) in _parts().items()})

    def changes(self) -> list[str]:
        """The names of what differs by now."""
        now = GlobalState.now()
        return [
            name for name, value in self.parts.items() if not _same(value, now.parts.get(name, value))
        ]

    def restore(self) -> None:
        """Put everything back."""
        known = _parts()
        for name in self.changes():
            known[name][1](self.parts[name])


@contextmanager
def undisturbed() -> Iterator[None]:
    """Whatever changes inside is put back, and warnings stay unseen."""
    before = GlobalState.now()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        before.restore()


def _same(one: Any, two: Any) -> bool:
    """Equality that knows arrays, also inside of tuples, lists and mappings."""
    try:
        return bool(one == two)
    except ValueError:  # arrays have no single truth
        pass
    if isinstance(one, Mapping) and isinstance(two, Mapping):
        return one.keys() == two.keys() and all(_same(one[key], two[key]) for key in one)
    if isinstance(one, tuple | list) and isinstance(two, tuple | list):
        return len(one) == len(two) and all(map(_same, one, two))
    return bool(np.array_equal(one, two))


def _parts() -> dict[str, Part]:
    """How each part is read and written; those of a library only where it is loaded."""
    parts: dict[str, Part] = {
        "numpy's global random generator": (np.random.get_state, np.random.set_state),
        "Python's global random generator": (random.getstate, random.setstate),
        "the warnings filters": (lambda: list(warnings.filters), _set_filters),
        "numpy's error handling": (np.geterr, lambda value: np.seterr(**value)),
        "numpy's print options": (np.get_printoptions, lambda value: np.set_printoptions(**value)),
        "the working folder": (os.getcwd, os.chdir),
        "the environment": (lambda: dict(os.environ), _set_environment),
        "the signal handlers": (_signal_handlers, _set_signal_handlers),
        "the recursion limit": (sys.getrecursionlimit, sys.setrecursionlimit),
        "the locale": (
            lambda: locale.setlocale(locale.LC_ALL),
            lambda value: locale.setlocale(locale.LC_ALL, value),
        ),
        "the root logger": (_root_logger, _set_root_logger),
        "thread limits": (_thread_limits, _set_thread_limits),
    }
    matplotlib = sys.modules.get("matplotlib")
    if matplotlib is not None and hasattr(matplotlib, "rcParams"):
        parts["matplotlib's rcParams"] = (
            lambda: _settings(matplotlib),
            partial(_set_settings, matplotlib),
        )
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None and hasattr(pyplot, "get_fignums"):
        parts[OPEN_FIGURES] = (pyplot.get_fignums, lambda _: pyplot.close("all"))
    numba = sys.modules.get("numba")
    if numba is not None and hasattr(numba, "get_num_threads"):
        parts["numba's threads"] = (numba.get_num_threads, numba.set_num_threads)
    return parts


def _settings(matplotlib: Any) -> dict[str, Any]:
    # By dict's own access: matplotlib's resolves the backend, which imports pyplot.
    return {key: dict.__getitem__(matplotlib.rcParams, key) for key in matplotlib.rcParams}


def _set_settings(matplotlib: Any, values: dict[str, Any]) -> None:
    now = _settings(matplotlib)
    matplotlib.rcParams.update(
        {key: value for key, value in values.items() if not _same(value, now[key])}
    )


def _set_filters(filters: list[Any]) -> None:
    warnings.filters[:] = filters  # type: ignore[index]
    warnings._filters_mutated()  # type: ignore[attr-defined]  # noqa: SLF001 - as catch_warnings does


def _set_environment(values: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(values)


def _signal_handlers() -> dict[signal.Signals, Any]:
    return {number: signal.getsignal(number) for number in signal.valid_signals() & set(signal.Signals)}


def _set_signal_handlers(handlers: dict[signal.Signals, Any]) -> None:
    for number, handler in handlers.items():
        if handler is not None and signal.getsignal(number) is not handler:
            signal.signal(number, handler)


def _root_logger() -> tuple[int, list[Any]]:
    return logging.root.level, list(logging.root.handlers)


def _set_root_logger(state: tuple[int, list[Any]]) -> None:
    logging.root.setLevel(state[0])
    logging.root.handlers[:] = state[1]


def _thread_limits() -> dict[str, int]:
    return {pool["filepath"]: pool["num_threads"] for pool in thread_pools().info()}


def _set_thread_limits(limits: dict[str, int]) -> None:
    for controller in thread_pools().lib_controllers:
        if controller.filepath in limits:
            controller.set_num_threads(limits[controller.filepath])
