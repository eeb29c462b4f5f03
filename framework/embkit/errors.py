"""Every error a user can meet, and the exit code each one ends in.

The tree::

    EmbkitError
    ├── ParameterError     2  a name, parameter or configuration is wrong
    │   └── MissingExtraError   an optional dependency is not installed
    ├── DataError          3  the input cannot be used as it is
    ├── ResourceError      4  it would not fit, or did not
    ├── PluginError        5  a plugin is broken or broke
    └── LockedError        7  another process holds the folder

An error of this tree is shown as one line; anything else that reaches the
command line is a bug of embkit and ends in exit code 1.
"""

import errno
from collections.abc import Callable
from enum import IntEnum
from typing import Any

__all__ = [
    "DataError",
    "EmbkitError",
    "EmbkitWarning",
    "ExitCode",
    "LockedError",
    "MissingExtraError",
    "ParameterError",
    "PluginError",
    "ResourceError",
    "is_exhaustion",
]

_RUN_OUT = (errno.ENOMEM, errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.EAGAIN)


class ExitCode(IntEnum):
    """How a command ends; frozen, so that scripts can rely on it."""

    OK = 0
    INTERNAL = 1
    USAGE = 2
    DATA = 3
    RESOURCES = 4
    PLUGIN = 5
    TRIALS_FAILED = 6
    LOCKED = 7
    SIGINT = 130
    SIGTERM = 143


class EmbkitError(Exception):
    """Base of all errors meant for the user.

    Parameters
    ----------
    what : str
        What is wrong, naming the file, row, column or parameter.
    why : str
        The rule that was broken, or the cause.
    fix : str
        What to do about it.
    """

    exit_code: ExitCode = ExitCode.INTERNAL

    def __init__(self, what: str, why: str = "", fix: str = "") -> None:
        self.what, self.why, self.fix = what, why, fix
        super().__init__("; ".join(part for part in (what, why, fix) if part))

    def __reduce__(self) -> tuple[Any, ...]:
        # Errors travel from workers. Not by __init__, which may take other arguments than are kept.
        return _bare, (type(self), self.args), vars(self)

    def reword(self, change: Callable[[str], str]) -> None:
        """Put every part in other words; the error stays the same object, with its traceback."""
        self.what, self.why, self.fix = map(change, (self.what, self.why, self.fix))
        self.args = ("; ".join(part for part in (self.what, self.why, self.fix) if part),)


def _bare(kind: type[EmbkitError], args: tuple[Any, ...]) -> EmbkitError:
    return kind.__new__(kind, *args)


class ParameterError(EmbkitError, ValueError):
    """A component name, a parameter or a configuration is wrong."""

    exit_code = ExitCode.USAGE


class MissingExtraError(ParameterError):
    """An optional dependency is needed and not installed.

    Parameters
    ----------
    needed_by : str
        The component that needs it, such as ``loader parquet``.
    module : str
        The module that could not be imported.
    extra : str
        The extra of ``embkit-framework`` that brings it.
    """

    def __init__(self, needed_by: str, module: str, extra: str) -> None:
        super().__init__(
            f"{needed_by} needs {module}",
            "it is not installed",
            f"run: pip install 'embkit-framework[{extra}]'",
        )


class DataError(EmbkitError, ValueError):
    """The input cannot be read, or cannot be used as it is."""

    exit_code = ExitCode.DATA


class ResourceError(EmbkitError):
    """Memory, disk or time does not suffice."""

    exit_code = ExitCode.RESOURCES


class PluginError(EmbkitError):
    """A plugin is broken, or raised while it worked."""

    exit_code = ExitCode.PLUGIN


class LockedError(EmbkitError):
    """Another process works in the same folder."""

    exit_code = ExitCode.LOCKED


def is_exhaustion(error: BaseException) -> bool:
    """Whether an error says that memory, disk or open files ran out."""
    return isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno in _RUN_OUT)


class EmbkitWarning(UserWarning):
    """Something the user should know; it is kept in the run's record."""
