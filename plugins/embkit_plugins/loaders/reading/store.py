"""Named arrays in a file or folder, as h5py and zarr give them, unread until they are asked for."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from numpy.typing import NDArray

from embkit import DataError, Dataset
from embkit.reading import attach_columns, choose_roles
from embkit_plugins.loaders.reading.files import check_room
from embkit_plugins.loaders.reading.members import COLUMNS, Member, choose_matrix, unread_note

__all__ = ["TEXT_BYTES", "Store", "check_lengths", "plain_dataset"]

TEXT_BYTES = 64
"""What a text takes at least as an object of Python, with its place in a list."""


class Store(Protocol):
    """An open file or folder.

    ``members`` has every array by its path, such as ``obsm/X_pca``; those of
    text have the dtype ``str``.
    """

    members: Mapping[str, Member]

    def array(self, name: str) -> NDArray[Any]:
        """Read an array of numbers."""

    def column(self, name: str) -> list[Any]:
        """Read an array of one dimension as a list, texts decoded."""

    def attributes(self, name: str) -> Mapping[str, Any]:
        """The attributes of a group or array; of the whole for an empty name."""


def check_lengths(columns: Mapping[str, Member], n_rows: int, path: Path) -> None:
    """Refuse columns of another length before they are read: a file can claim any.

    Raises
    ------
    DataError
        If there is one.
    """
    for name, member in columns.items():
        if member.shape != (n_rows,):
            length = member.shape[0] if member.shape else 0
            raise DataError(
                f"{path}: {name} has {length} values, the matrix has {n_rows} rows",
                "every column must match the matrix row by row",
                "write one value for each row of the matrix",
            )


def plain_dataset(store: Store, asked: str | None, path: Path, loader: str) -> Dataset:
    """One matrix of a store, with the texts, labels and ids of its group.

    Raises
    ------
    DataError
        If there is no single matrix to take, or a column has another length.
    ParameterError
        If there is no such key.
    ResourceError
        If it would not fit in memory.
    """
    members = store.members
    key, notes = choose_matrix(members, asked, str(path), loader)
    n_rows = members[key].shape[0]
    check_room(str(path), members[key].n_bytes)
    group = key.rpartition("/")[0]
    columns = {name: f"{group}/{name}".strip("/") for names in COLUMNS.values() for name in names}
    present = {
        name: full for name, full in columns.items() if full in members and members[full].is_column
    }
    roles = choose_roles(present, {}, path.name, COLUMNS)
    check_lengths({name: members[present[name]] for name in roles.values()}, n_rows, path)
    values = {name: store.column(present[name]) for name in roles.values()}
    vectors = store.array(key)
    notes = notes or unread_note(members, {key, *(present[name] for name in roles.values())})
    return attach_columns(Dataset(vectors, name=path.name, notes=notes), values, roles, path.name)
