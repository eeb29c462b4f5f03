"""Helpers shared by the file loaders: the source's path, wrong kinds of file, memory."""

import math
from array import array
from pathlib import Path
from typing import Any

import numpy as np

from embkit import HELD_BYTES, DataError, ParameterError, ResourceError, available_memory
from embkit.reading import check_source, kind_of, remedy_of
from embkit.text import format_bytes

__all__ = ["Room", "check_room", "folder_of", "is_large", "path_of", "wrong_kind"]

_STEP = 1 << 26


def path_of(source: str | None, loader: str) -> Path:
    """Return the checked path of a loader's source.

    Raises
    ------
    ParameterError
        If there is no source.
    DataError
        If it is not a readable file.
    """
    if source is None:
        raise ParameterError(f"loader {loader} needs a source", "it reads a file", "give its path")
    return check_source(source)


def folder_of(source: str | None, loader: str) -> Path:
    """Return the path of a loader's source that is a folder.

    Raises
    ------
    ParameterError
        If there is no source.
    DataError
        If it is not a folder.
    """
    if source is None:
        raise ParameterError(f"loader {loader} needs a source", "it reads a folder", "give its path")
    path = Path(source).expanduser()
    if not path.is_dir():
        raise wrong_kind(check_source(path), "a folder")
    return path


def is_large(shape: tuple[int, ...], dtype: np.dtype[Any]) -> bool:
    """Whether a matrix of floats should rather stay in its file."""
    return dtype.kind == "f" and math.prod(shape) * max(4, dtype.itemsize) > HELD_BYTES


def wrong_kind(path: Path, expected: str) -> DataError:
    """Return the error for a file that is not what its name or --loader says."""
    if path.stat().st_size == 0:
        return DataError(f"{path}: the file is empty", "there is nothing to read", "check the source")
    kind = kind_of(path)
    if kind is None:
        return DataError(
            f"{path}: it is not {expected}", "its first bytes are unknown", "check the source"
        )
    return DataError(f"{path}: it is not {expected}", f"it is {kind}", remedy_of(kind))


def check_room(name: str, n_bytes: int) -> None:
    """Refuse to read what would not fit in memory, before anything is allocated.

    Raises
    ------
    ResourceError
        If `n_bytes` exceed the available memory.
    """
    room = available_memory()
    if n_bytes > room:
        raise ResourceError(
            f"{name}: reading it takes {format_bytes(n_bytes)}",
            f"{format_bytes(room)} of memory are available",
            "save the matrix as .npy, which is mapped and not read",
        )


class Room:
    """Watches that what is read piece by piece stays within the memory there is.

    Parameters
    ----------
    name : str
        What to call the file in messages.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._checked = 0

    def take(self, values: "array[float]") -> None:
        """Look again after each 64 MiB; what is held is copied once when it is whole.

        Raises
        ------
        ResourceError
            If a copy of the values would not fit in memory.
        """
        size = len(values) * values.itemsize
        if size - self._checked >= _STEP:
            self._checked = size
            check_room(self._name, size)
