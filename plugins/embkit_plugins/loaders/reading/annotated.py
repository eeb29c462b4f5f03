"""AnnData's layout of named arrays: representations in obsm, X, and the columns of obs.

Source: the on-disk format of AnnData, versions 0.7 to 0.12; the same in HDF5 and zarr.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from embkit import DataError, Dataset, ParameterError, check_matrix
from embkit.reading import attach_columns, choose_roles
from embkit.text import shorten, suggestion
from embkit_plugins.loaders.reading.files import check_room
from embkit_plugins.loaders.reading.members import Member
from embkit_plugins.loaders.reading.sparse import check_dense_room, dense_matrix
from embkit_plugins.loaders.reading.store import TEXT_BYTES, Store, check_lengths

__all__ = ["annotated_dataset", "is_annotated"]

_COLUMNS = {
    "text": ("text", "texts", "document", "content"),
    "label": ("label", "labels", "cell_type", "celltype", "reference"),
}
# Places on a map, or in a tissue: two or three columns, not an embedding to cluster.
_MAP = re.compile(r"(X_)?(umap|tsne|draw_graph\w*|phate|mde|pca2)|spatial\w*", re.IGNORECASE)
_SHOWN = 8
_REDUCE = (
    "reduce it where it was made, for instance with scanpy.pp.pca, which writes obsm/X_pca, or "
    "with sklearn.decomposition.TruncatedSVD"
)


@dataclass(frozen=True)
class _Column:
    """A column of obs: one array, categories with codes, or values with a mask of what is missing."""

    values: str
    categories: str | None = None
    mask: str | None = None


def is_annotated(store: Store) -> bool:
    """Whether the arrays are laid out as AnnData."""
    if store.attributes("").get("encoding-type") == "anndata":
        return True
    tops = {name.partition("/")[0] for name in store.members}
    return {"obs", "obsm"} <= tops


def annotated_dataset(store: Store, asked: str | None, path: Path, loader: str) -> Dataset:
    """The observations: a representation of obsm before X, with the index and columns of obs.

    Parameters
    ----------
    store : Store
        The open file or folder.
    asked : str, optional
        ``obsm/NAME``, ``layers/NAME``, ``X``, or the name alone.
    path : Path
        What to call it in messages.
    loader : str
        What to call the loader in remedies.

    Raises
    ------
    DataError
        If it is unclear which representation is meant, or it is damaged.
    ParameterError
        If there is no such key.
    ResourceError
        If it would not fit in memory.
    """
    key, notes = _key(store, asked, path, loader)
    vectors, more = _matrix(store, key, path)
    dataset = Dataset(vectors, name=path.name, notes=(*notes, *more))
    index, columns = _columns(store)
    names = {**({} if index is None else {index: _Column(f"obs/{index}")}), **columns}
    for column in names.values():
        parts = [column.values, *([column.mask] if column.mask else [])]
        check_lengths({part: store.members[part] for part in parts}, dataset.n_samples, path)
    check_room(str(path), TEXT_BYTES * len(names) * dataset.n_samples + _categories_size(store, names))
    values = {name: _values(store, column, path) for name, column in names.items()}
    roles = choose_roles(columns, {}, str(path), _COLUMNS)
    categorical = [name for name, column in columns.items() if column.categories is not None]
    if "label" not in roles and len(categorical) == 1:
        roles["label"] = categorical[0]
    if "label" in roles:
        dataset = _noted(dataset, f"the reference labels are obs/{shorten(roles['label'], 60)}")
    if index is not None and len(set(values[index])) == len(values[index]):
        roles["id"] = index
    elif index is not None:
        dataset = _noted(dataset, f"obs/{shorten(index, 60)} repeats, so it cannot be the id")
    return attach_columns(dataset, values, roles, path.name)


def _noted(dataset: Dataset, note: str) -> Dataset:
    from dataclasses import replace

    return replace(dataset, notes=(*dataset.notes, note))


def _key(store: Store, asked: str | None, path: Path, loader: str) -> tuple[str, tuple[str, ...]]:
    """The matrix to take, and what was decided."""
    known = _matrices(store)
    if asked is not None:
        found = next((key for key in (asked, f"obsm/{asked}", f"layers/{asked}") if key in known), None)
        if found is None:
            names = [key.rpartition("/")[2] for key in known]
            raise ParameterError(f"{path}: there is no array {asked!r}", "", suggestion(asked, names))
        return found, ()
    spaces = [key for key in known if key.startswith("obsm/") and not _is_map(key, known[key])]
    if len(spaces) > 1:
        listed = ", ".join(f"{key} ({known[key]})" for key in spaces[:_SHOWN])
        raise DataError(
            f"{path}: it holds several representations: {listed}",
            "which one is to be clustered is unclear",
            f"name it: --loader {loader}:key={spaces[0]}",
        )
    if not spaces and "X" not in known:
        raise DataError(
            f"{path}: AnnData without a representation",
            f"it holds {', '.join(list(known)[:_SHOWN]) or 'no matrix'}",
            "store the embeddings in obsm, or as X",
        )
    key = spaces[0] if spaces else "X"
    others = [name for name in known if name != key]
    unread = f"; not read: {', '.join(others[:_SHOWN])}" if others else ""
    return key, (f"the matrix is {key}{unread}",)


def _is_map(key: str, member: Member) -> bool:
    return member.shape[1] <= 3 and bool(_MAP.fullmatch(key.removeprefix("obsm/")))


def _matrices(store: Store) -> dict[str, Member]:
    """The matrices with a row for each observation, dense and sparse."""
    found = {
        name: member
        for name, member in store.members.items()
        if (name == "X" or name.startswith(("obsm/", "layers/")))
        and name.count("/") < 2
        and member.is_matrix
    }
    for name, member in store.members.items():
        group = name.removesuffix("/indptr")
        is_place = group == "X" or (group.count("/") == 1 and group.startswith(("obsm/", "layers/")))
        if group != name and is_place and f"{group}/data" in store.members and len(member.shape) == 1:
            shape = _sparse_shape(store, group)
            if shape is not None:
                found[group] = Member(shape, store.members[f"{group}/data"].dtype)
    return found


def _sparse_shape(store: Store, group: str) -> tuple[int, int] | None:
    stated = store.attributes(group).get("shape", store.attributes(group).get("h5sparse_shape"))
    try:
        rows, columns = (int(extent) for extent in stated)
    except (TypeError, ValueError):
        return None
    return (rows, columns) if rows > 0 and columns > 0 else None


def _matrix(store: Store, key: str, path: Path) -> tuple[NDArray[Any], tuple[str, ...]]:
    members, name = store.members, f"{path}[{key}]"
    if key in members:
        check_matrix(members[key].shape, members[key].dtype, name)
        check_room(str(path), members[key].n_bytes)
        return store.array(key), ()
    parts = {part: f"{key}/{part}" for part in ("data", "indices", "indptr")}
    shape = _sparse_shape(store, key)
    if shape is None or not set(parts.values()) <= set(members):
        raise DataError(f"{name}: the sparse matrix is not whole", "", "write it again")
    check_dense_room(shape, members[parts["data"]].dtype.itemsize, name, _REDUCE)
    check_room(str(path), sum(members[part].n_bytes for part in parts.values()))
    stated = store.attributes(key)
    layout = str(stated.get("encoding-type", stated.get("h5sparse_format", "csr"))).removesuffix(
        "_matrix"
    )
    arrays = {part: store.array(full) for part, full in parts.items()}
    vectors, note = dense_matrix(layout, arrays, shape, name)
    return vectors, (note,)


def _columns(store: Store) -> tuple[str | None, dict[str, _Column]]:
    """The column of obs that is its index, and the others by name."""
    members = store.members
    stated = store.attributes("obs").get("_index")
    known = [str(stated)] if isinstance(stated, str) else []
    index = next((name for name in (*known, "_index", "index") if f"obs/{name}" in members), None)
    names = dict.fromkeys(name.split("/")[1] for name in members if name.startswith("obs/"))
    columns = {}
    for name in names:
        column = _column(members, name)
        if name not in (index, "__categories") and column is not None:
            columns[name] = column
    return index, columns


def _column(members: Mapping[str, Member], name: str) -> _Column | None:
    whole = f"obs/{name}"
    if whole in members:
        legacy = f"obs/__categories/{name}"
        column = _Column(whole, legacy if legacy in members else None)
        return column if members[whole].is_column else None
    if {f"{whole}/codes", f"{whole}/categories"} <= set(members):
        return _Column(f"{whole}/codes", f"{whole}/categories")
    if {f"{whole}/values", f"{whole}/mask"} <= set(members):
        return _Column(f"{whole}/values", mask=f"{whole}/mask")
    return None


def _categories_size(store: Store, columns: Mapping[str, _Column]) -> int:
    lists = [column.categories for column in columns.values() if column.categories is not None]
    return sum(TEXT_BYTES * store.members[name].shape[0] for name in lists if store.members[name].shape)


def _values(store: Store, column: _Column, path: Path) -> list[Any]:
    values = store.column(column.values)
    if column.mask is not None:
        missing = store.column(column.mask)
        return [None if absent else value for value, absent in zip(values, missing, strict=True)]
    if column.categories is None:
        return values
    categories = store.column(column.categories)
    if any(type(code) is not int or code >= len(categories) for code in values):
        raise DataError(
            f"{path}: {column.values} has codes without a category",
            "the file is damaged",
            "write it again",
        )
    return [categories[code] if code >= 0 else None for code in values]
