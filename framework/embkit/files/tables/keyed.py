"""Mappings of words to vectors, distinguished from mappings of names to columns."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit.errors import DataError
from embkit.text import plural

__all__ = ["KeyedVectors", "keyed_vectors"]

# What the names of dimensions begin with, before a number from 0 or 1 on.
_DIMENSIONS = frozenset(
    {
        "", "c", "col", "column", "component", "d", "dim", "dimension", "e", "emb", "embedding", "f",
        "feat", "feature", "pc", "pca", "svd", "tsne", "umap", "v", "var", "vec", "vector", "x",
    }
)  # fmt: skip
_AXES = frozenset("xyz")
_COUNTED = frozenset(("id", "ids", "label", "labels"))
_UNIT_TOLERANCE = 1e-2  # of vectors of length 1 that were rounded to float16 or to a few digits


@dataclass(frozen=True)
class KeyedVectors:
    """Vectors and the key of each."""

    keys: tuple[str | int, ...]
    vectors: NDArray[Any]


def keyed_vectors(source: Mapping[Any, Any]) -> KeyedVectors | None:
    """The rows of a mapping of words, or other keys, to vectors; None of a mapping of columns.

    Both are names with sequences of numbers of one length. They are columns if the names are those
    of dimensions, such as ``x`` and ``y`` or ``dim_0`` and ``dim_1``, or one is called ``id`` or
    ``label`` and holds whole numbers. They are rows if there are at least as many as each has
    numbers, or if the numbers are what models return: float32 or float16, or of length 1.

    Raises
    ------
    DataError
        If neither is so.
    """
    keys = tuple(source)
    vectors = _matrix(source.values()) if all(isinstance(key, str | int) for key in keys) else None
    if vectors is None or _are_dimensions(keys) or _has_counted(keys, vectors):
        return None
    n_keys, length = vectors.shape
    if n_keys < length and not _are_of_a_model(vectors):
        each = plural(length, "number")
        raise DataError(
            f"the source maps {plural(n_keys, 'name')} to {each} each",
            "it is unclear whether these are the vectors of rows or the columns of a table",
            "of rows: numpy.stack(list(source.values())) with ids=list(source);"
            " of columns: numpy.column_stack(list(source.values()))",
        )
    return KeyedVectors(keys, vectors)


def _matrix(values: Any) -> NDArray[Any] | None:
    """The values as a matrix, None unless all are sequences of numbers of one length."""
    rows: list[NDArray[Any]] = []
    for value in values:
        if isinstance(value, str | bytes | Mapping) or not hasattr(value, "__len__"):
            return None
        try:
            row = np.asarray(value)
        except ValueError:  # of rows of several lengths
            return None
        if row.ndim != 1 or row.dtype.kind not in "iuf" or (rows and len(row) != len(rows[0])):
            return None
        rows.append(row)
    return np.stack(rows) if rows and len(rows[0]) > 1 else None


def _are_dimensions(keys: Sequence[str | int]) -> bool:
    names = [str(key).strip().lower() for key in keys]
    if set(names) <= _AXES:
        return True
    parts = [re.fullmatch(r"([^0-9]*)([0-9]+)", name) for name in names]
    found = [part for part in parts if part is not None]
    if len(found) < len(names):
        return False
    beginnings = {part[1].rstrip("_-. ") for part in found}
    first = int(found[0][2])
    in_order = [int(part[2]) for part in found] == list(range(first, first + len(found)))
    return in_order and first <= 1 and len(beginnings) == 1 and beginnings <= _DIMENSIONS


def _has_counted(keys: Sequence[str | int], vectors: NDArray[Any]) -> bool:
    rows = [row for row, key in enumerate(keys) if str(key).strip().lower() in _COUNTED]
    return any(np.array_equal(vectors[row], np.floor(vectors[row])) for row in rows)


def _are_of_a_model(vectors: NDArray[Any]) -> bool:
    if vectors.dtype in (np.float16, np.float32):
        return True
    return bool(np.allclose(np.linalg.norm(vectors.astype(float), axis=1), 1, atol=_UNIT_TOLERANCE))
