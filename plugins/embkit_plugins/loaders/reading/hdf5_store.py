"""HDF5 files as named arrays; what lies outside the file is never opened."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit import DataError, EmbkitError, MissingExtraError
from embkit.reading import Kind, kind_of
from embkit_plugins.loaders.reading.files import wrong_kind
from embkit_plugins.loaders.reading.members import Member

__all__ = ["Hdf5Store", "opened_hdf5"]


@contextmanager
def opened_hdf5(path: Path, loader: str) -> "Iterator[Hdf5Store]":
    """Give the arrays of an HDF5 file; what h5py raises becomes an error that names it.

    Raises
    ------
    DataError
        If it is damaged or of another kind.
    MissingExtraError
        If h5py is not installed.
    """
    try:
        import h5py
    except ImportError as error:
        raise MissingExtraError(f"loader {loader}", "h5py", "hdf5") from error
    if kind_of(path) != Kind.HDF5:
        raise wrong_kind(path, "an HDF5 file")
    try:
        with h5py.File(path, "r") as file:
            yield Hdf5Store(file, path)
    except EmbkitError:
        raise
    except (OSError, RuntimeError, ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"{path}: the HDF5 file is cut or damaged, or needs a filter that is not installed",
            str(error),
            "write or copy it again",
        ) from error


class Hdf5Store:
    """All arrays whose data lie in an open file.

    Parameters
    ----------
    file : h5py.File
        Open for reading.
    path : Path
        What to call it in messages.
    """

    def __init__(self, file: Any, path: Path) -> None:
        self._file = file
        self._path = path
        self.members: Mapping[str, Member] = _members(file)

    def array(self, name: str) -> NDArray[Any]:
        """Read an array of numbers."""
        values: NDArray[Any] = self._file[name][...]
        return values

    def column(self, name: str) -> list[Any]:
        """Read an array of one dimension as a list, texts decoded."""
        return _column(self._file[name])

    def attributes(self, name: str) -> Mapping[str, Any]:
        """The attributes of a group or array; empty where a link leads elsewhere."""
        import h5py

        item = self._file if not name else _inside(self._file, name)
        if not isinstance(item, h5py.Group | h5py.Dataset):
            return {}
        return {key: item.attrs[key] for key in item.attrs}

    def refuse_link(self, key: str) -> None:
        """Refuse a key that leads out of the file, without following it.

        Raises
        ------
        DataError
            If it does.
        """
        import h5py

        item = self._file
        for part in key.split("/"):
            if not isinstance(item, h5py.Group):
                return
            link = _link(item, part)
            if link is None:
                return
            if link.type != h5py.h5l.TYPE_HARD:
                target = item.id.links.get_val(part.encode())
                raise DataError(
                    f"{self._path}[{key}]: {part!r} is a link to {target!r}",
                    "links are not followed, they may lead to other files",
                    "name the array itself, or copy it into this file",
                )
            item = item[part]
        if isinstance(item, h5py.Dataset) and _is_elsewhere(item):
            raise DataError(
                f"{self._path}[{key}]: its data lie in other files",
                "only what is in the file itself is read",
                "copy the data into this file",
            )


def _link(group: Any, name: str) -> Any:
    """The link itself; item.get() and "in" would open its target."""
    encoded = name.encode()
    return group.id.links.get_info(encoded) if group.id.links.exists(encoded) else None


def _inside(file: Any, name: str) -> Any:
    """What is at a path that leads through no link, else None."""
    import h5py

    item = file
    for part in name.split("/"):
        link = _link(item, part) if isinstance(item, h5py.Group) else None
        if link is None or link.type != h5py.h5l.TYPE_HARD:
            return None
        item = item[part]
    return item


def _members(file: Any) -> dict[str, Member]:
    """All arrays whose data lie in the file; the visit follows no links."""
    import h5py

    members: dict[str, Member] = {}

    def visit(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset) and item.shape is not None and not _is_elsewhere(item):
            is_text = h5py.check_string_dtype(item.dtype) is not None
            members[name] = Member(item.shape, np.dtype(str) if is_text else item.dtype)

    file.visititems(visit)
    return members


def _is_elsewhere(item: Any) -> bool:
    return bool(item.is_virtual or item.external)


def _column(item: Any) -> list[Any]:
    import h5py

    is_text = h5py.check_string_dtype(item.dtype) is not None
    values = item.asstr(errors="replace")[...] if is_text else item[...]
    column: list[Any] = values.tolist()
    return column
