"""Loader hdf5: one matrix of an HDF5 file, and the columns beside it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit import DataError, Dataset, EmbkitError, MissingExtraError
from embkit.reading import Kind, attach_columns, choose_roles, kind_of, reading
from embkit_plugins.loaders.reading.files import check_room, path_of, wrong_kind
from embkit_plugins.loaders.reading.members import COLUMNS, Member, choose_matrix

__all__ = ["Hdf5"]


class Hdf5:
    """One matrix of an HDF5 file, with the ``texts``, ``labels`` and ``ids`` of its group.

    Parameters
    ----------
    key : str, optional
        Path of the array that holds the embeddings, such as ``model/embeddings``;
        needed where the file has several matrices and not exactly one of them is
        called embeddings, X, vectors or train.

    Notes
    -----
    Needs h5py, which the extra ``hdf5`` brings. What lies outside the file
    (external links, external storage, virtual datasets) is never opened.
    """

    def __init__(self, *, key: str | None = None) -> None:
        self.key = key

    def load(self, source: str | None) -> Dataset:
        """Read the matrix and the columns of an HDF5 file.

        Parameters
        ----------
        source : str
            Path of the file.

        Returns
        -------
        Dataset
            Vectors of shape (n_samples, n_features) in the file's own dtype.

        Raises
        ------
        DataError
            If the file is damaged, or has no single matrix to take.
        MissingExtraError
            If h5py is not installed.
        ParameterError
            If there is no such key.
        ResourceError
            If the matrix would not fit in memory.
        """
        path = path_of(source, "hdf5")
        asked = None if self.key is None else self.key.strip("/")
        with reading(path), _opened(path) as file:
            if asked is not None:
                _refuse_link(file, asked, path)
            members = _members(file)
            key, notes = choose_matrix(members, asked, str(path), "hdf5")
            n_rows = members[key].shape[0]
            check_room(str(path), file[key].size * members[key].dtype.itemsize)
            group = key.rpartition("/")[0]
            columns = {
                name: f"{group}/{name}".strip("/") for names in COLUMNS.values() for name in names
            }
            present = {
                name: full
                for name, full in columns.items()
                if full in members and members[full].is_column
            }
            roles = choose_roles(present, {}, path.name, COLUMNS)
            _check_lengths({name: members[present[name]] for name in roles.values()}, n_rows, path)
            values = {name: _column(file[present[name]]) for name in roles.values()}
            vectors: NDArray[Any] = file[key][...]
        return attach_columns(Dataset(vectors, name=path.name, notes=notes), values, roles, path.name)


def _check_lengths(columns: dict[str, Member], n_rows: int, path: Path) -> None:
    """Refuse columns of another length before they are read: a file can claim any."""
    for name, member in columns.items():
        if member.shape[0] != n_rows:
            raise DataError(
                f"{path}: {name} has {member.shape[0]} values, the matrix has {n_rows} rows",
                "every column must match the matrix row by row",
                "write one value for each row of the matrix",
            )


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    try:
        import h5py
    except ImportError as error:
        raise MissingExtraError("loader hdf5", "h5py", "hdf5") from error
    if kind_of(path) != Kind.HDF5:
        raise wrong_kind(path, "an HDF5 file")
    try:
        with h5py.File(path, "r") as file:
            yield file
    except EmbkitError:
        raise
    except (OSError, RuntimeError, ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"{path}: the HDF5 file is cut or damaged, or needs a filter that is not installed",
            str(error),
            "write or copy it again",
        ) from error


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


def _refuse_link(file: Any, key: str, path: Path) -> None:
    """Refuse a key that leads out of the file, without following it."""
    import h5py

    item = file
    for part in key.split("/"):
        # The low-level calls look at the link itself; item.get() and "in" would open its target.
        name = part.encode()
        if not isinstance(item, h5py.Group) or not item.id.links.exists(name):
            return
        if item.id.links.get_info(name).type != h5py.h5l.TYPE_HARD:
            raise DataError(
                f"{path}[{key}]: {part!r} is a link to {item.id.links.get_val(name)!r}",
                "links are not followed, they may lead to other files",
                "name the array itself, or copy it into this file",
            )
        item = item[part]
    if isinstance(item, h5py.Dataset) and _is_elsewhere(item):
        raise DataError(
            f"{path}[{key}]: its data lie in other files",
            "only what is in the file itself is read",
            "copy the data into this file",
        )


def _column(item: Any) -> list[Any]:
    import h5py

    is_text = h5py.check_string_dtype(item.dtype) is not None
    values = item.asstr(errors="replace")[...] if is_text else item[...]
    column: list[Any] = values.tolist()
    return column
