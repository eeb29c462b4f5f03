"""What makes an array a matrix of embeddings, and ids usable; asked before anything is read."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from embkit.errors import DataError

__all__ = ["check_matrix", "check_unique"]


def check_matrix(shape: tuple[int, ...], dtype: np.dtype[Any], name: str) -> None:
    """Refuse what is no matrix of embeddings, from its shape and dtype alone.

    Raises
    ------
    DataError
        If it is empty, not two-dimensional or not of real numbers.
    """
    extents = "x".join(str(extent) for extent in shape)
    if dtype.kind not in "fiub":
        raise DataError(
            f"{name}: the array holds {dtype}, not real numbers",
            "embeddings are rows of integers or floating-point numbers",
            "select or convert the numeric columns first",
        )
    if len(shape) == 1:
        raise DataError(
            f"{name}: the array has one dimension ({shape[0]} values)",
            "embkit needs a matrix, one embedding a row",
            "reshape it to (n_samples, n_features)",
        )
    if len(shape) != 2:
        raise DataError(
            f"{name}: the array has shape {extents}",
            "embkit needs a matrix, one embedding a row",
            "pool the token axis first, for instance with vectors.mean(axis=1)",
        )
    if 0 in shape:
        raise DataError(
            f"{name}: empty matrix of shape {extents}", "there is nothing to cluster", "check the source"
        )


def check_unique(ids: Sequence[str], name: str) -> None:
    """Refuse ids that stand for more than one row.

    Raises
    ------
    DataError
        With the first repeats and their rows.
    """
    if len(set(ids)) == len(ids):
        return
    first: dict[str, int] = {}
    repeats = []
    for row, value in enumerate(ids):
        if value in first:
            repeats.append(f"{value!r} in rows {first[value]} and {row}")
        first.setdefault(value, row)
    raise DataError(
        f"{name}: ids are not unique: {', '.join(repeats[:5])} ({len(repeats)} repeats in all)",
        "results are joined by id",
        "make the ids unique, or leave the column out to use row numbers",
    )
