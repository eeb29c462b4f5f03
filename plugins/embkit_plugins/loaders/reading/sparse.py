"""Sparse matrices, as dense ones where those fit in memory."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit import DataError, ResourceError, available_memory
from embkit.text import format_bytes, shorten

__all__ = ["check_dense_room", "dense_matrix"]

_LAYOUTS = {
    "csr": ("data", "indices", "indptr"),
    "csc": ("data", "indices", "indptr"),
    "coo": ("data", "row", "col"),
}


def check_dense_room(shape: tuple[int, int], itemsize: int, name: str, remedy: str) -> None:
    """Refuse a matrix that would not fit in memory as a dense one.

    Raises
    ------
    ResourceError
        With the reducer that helps.
    """
    size, room = shape[0] * shape[1] * itemsize, available_memory()
    if size > room:
        raise ResourceError(
            f"{name}: a sparse matrix of {shape[0]:,} x {shape[1]:,}, which takes {format_bytes(size)}"
            " as a dense one",
            f"{format_bytes(room)} of memory are available, and embeddings are dense",
            remedy,
        )


def dense_matrix(
    layout: str, parts: Mapping[str, NDArray[Any]], shape: tuple[int, int], name: str
) -> tuple[NDArray[Any], str]:
    """A sparse matrix as a dense one, and a note that says so.

    Parameters
    ----------
    layout : {"csr", "csc", "coo"}
        How scipy calls it.
    parts : mapping of str to ndarray
        ``data`` with ``indices`` and ``indptr``, or with ``row`` and ``col``.
    shape : (int, int)
        Of the matrix; `check_dense_room` has been asked.
    name : str
        What to call it in messages.

    Raises
    ------
    DataError
        If the parts do not belong together.
    """
    from scipy import sparse

    if layout not in _LAYOUTS or not set(_LAYOUTS[layout]) <= set(parts):
        raise DataError(
            f"{name}: a sparse matrix in the layout {shorten(layout, 20)!r}",
            f"only {', '.join(_LAYOUTS)} are read",
            "convert it with .tocsr()",
        )
    data, first, second = (np.asarray(parts[part]) for part in _LAYOUTS[layout])
    try:
        if data.dtype.kind not in "fiub" or {first.dtype.kind, second.dtype.kind} - set("iu"):
            raise ValueError("its values are not numbers, or its indices not integers")
        if layout == "coo":
            matrix = sparse.coo_array((data, (first, second)), shape=shape)
        else:
            make = sparse.csr_array if layout == "csr" else sparse.csc_array
            matrix = make((data, first, second), shape=shape)
            matrix.check_format(full_check=True)  # an index beyond the shape would be written there
    except (ValueError, TypeError, IndexError, OverflowError) as error:
        raise DataError(
            f"{name}: the sparse matrix is damaged", shorten(str(error), 200), "write it again"
        ) from error
    share = matrix.nnz / max(1, shape[0] * shape[1])
    dense: NDArray[Any] = matrix.toarray()
    return dense, f"a sparse matrix, of which {share:.1%} is not zero; read as a dense one"
