"""Processes started here: they import nothing of the current folder or the script of the user."""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

__all__ = ["safe_path", "unaware_children"]

# The path is one for all threads that start trials: two that change it at once would not restore it.
_PATHS = threading.RLock()


@contextmanager
def safe_path() -> Iterator[None]:
    """Let processes that are started here import nothing from the folder one happens to be in."""
    with _PATHS:
        stated, path = os.environ.get("PYTHONSAFEPATH"), sys.path
        os.environ["PYTHONSAFEPATH"] = "1"
        sys.path = [entry for entry in path if entry]
        try:
            yield
        finally:
            sys.path = path
            del os.environ["PYTHONSAFEPATH"]
            if stated is not None:
                os.environ["PYTHONSAFEPATH"] = stated


@contextmanager
def unaware_children() -> Iterator[None]:
    """Keep multiprocessing from running the user's script once more in every child."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        with safe_path():
            yield
    finally:
        sys.modules["__main__"] = main
