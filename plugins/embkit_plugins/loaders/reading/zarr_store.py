"""Zarr folders as named arrays; codecs that unpickle are refused before anything is decoded."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit import DataError, EmbkitError, MissingExtraError
from embkit.text import shorten
from embkit_plugins.loaders.reading.members import Member

__all__ = ["ZarrStore", "is_zarr", "opened_zarr"]

_METADATA = ("zarr.json", ".zarray", ".zgroup", ".zmetadata")
_LARGEST_METADATA = 1 << 26


def is_zarr(path: Path) -> bool:
    """Whether a folder is a zarr array or group."""
    return any((path / name).is_file() for name in _METADATA)


@contextmanager
def opened_zarr(path: Path, loader: str) -> "Iterator[ZarrStore]":
    """Give the arrays of a zarr folder; what zarr raises becomes an error that names it.

    Raises
    ------
    DataError
        If it is damaged, is not a zarr folder, or holds pickles.
    MissingExtraError
        If zarr is not installed.
    """
    if not is_zarr(path):
        raise DataError(
            f"{path}: it is not a zarr folder",
            f"it holds none of {', '.join(_METADATA[:3])}",
            "give the folder that zarr wrote",
        )
    _refuse_pickles(path)
    try:
        import zarr
    except ImportError as error:
        raise MissingExtraError(f"loader {loader}", "zarr", "zarr") from error
    try:
        yield ZarrStore(zarr.open(str(path), mode="r"))
    except (EmbkitError, MemoryError):
        raise
    except Exception as error:
        raise DataError(
            f"{path}: the zarr folder is damaged, or needs a codec that is not installed",
            shorten(str(error), 200) or type(error).__name__,
            "write or copy it again",
        ) from error


class ZarrStore:
    """All arrays of an open zarr group, or the one array that was opened, under the name ``array``.

    Parameters
    ----------
    root : zarr.Group or zarr.Array
        Open for reading.
    """

    def __init__(self, root: Any) -> None:
        self._root = root
        self._arrays: dict[str, Any] = {}
        if hasattr(root, "shape"):
            self._arrays["array"] = root
        else:
            self._visit(root, "")
        self.members: Mapping[str, Member] = {name: _member(item) for name, item in self._arrays.items()}

    def _visit(self, group: Any, prefix: str) -> None:
        for name, item in sorted(group.members(), key=itemgetter(0)):
            if hasattr(item, "shape"):
                self._arrays[f"{prefix}{name}"] = item
            else:
                self._visit(item, f"{prefix}{name}/")

    def array(self, name: str) -> NDArray[Any]:
        """Read an array of numbers."""
        return np.asarray(self._arrays[name][...])

    def column(self, name: str) -> list[Any]:
        """Read an array of one dimension as a list."""
        values: list[Any] = np.asarray(self._arrays[name][...]).tolist()
        return [
            value.decode("utf-8", "replace") if isinstance(value, bytes) else value for value in values
        ]

    def attributes(self, name: str) -> Mapping[str, Any]:
        """The attributes of a group or array."""
        if name and (hasattr(self._root, "shape") or name not in self._root):
            return {}
        return dict((self._root[name] if name else self._root).attrs)


def _member(item: Any) -> Member:
    dtype = np.dtype(item.dtype)
    return Member(tuple(item.shape), np.dtype(str) if dtype.kind in "OT" else dtype)


def _refuse_pickles(path: Path) -> None:
    """Look at all metadata: numcodecs has a codec that unpickles, which runs any code."""
    for file in sorted(path.rglob("*")):
        if file.name not in _METADATA:
            continue
        try:
            if file.stat().st_size > _LARGEST_METADATA:
                raise ValueError("it is too large")
            document = json.loads(file.read_bytes())
        except (OSError, ValueError, RecursionError) as error:
            raise DataError(
                f"{path}: {file.relative_to(path)} cannot be read",
                shorten(str(error), 200),
                "write it again",
            ) from error
        if _names_pickle(document):
            raise DataError(
                f"{path}: {file.relative_to(path)} names a codec that unpickles; refused",
                "unpickling can run any code",
                "write strings as zarr's own strings, and arrays without object_codec=Pickle()",
            )


def _names_pickle(document: Any) -> bool:
    waiting = [document]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            stated = (item.get("id"), item.get("name"))
            if any(isinstance(name, str) and name.lower().endswith("pickle") for name in stated):
                return True
            waiting += item.values()
        elif isinstance(item, list):
            waiting += item
    return False
