"""Datasets that are square matrices: of distances, or of similarities, between the same rows.

A component asks for one with ``metric="precomputed"`` or scikit-learn's other names
for it. Rows of such a matrix are columns too: what leaves out the one leaves out
the other.
"""

import warnings
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit.data.configuration.request import Request
from embkit.data.dataset import Dataset
from embkit.errors import DataError, EmbkitWarning

__all__ = [
    "asks_for_distances",
    "asks_for_pairs",
    "check_distances",
    "finite_rows",
    "take_pairs",
    "warn_of_distances",
]

_OF_DISTANCES = ("metric", "dissimilarity")
_OF_PAIRS = (*_OF_DISTANCES, "affinity")
_TOLERANCE = 1e-6  # share of the largest distance by which a matrix may miss symmetry, or 0
_BLOCK_BYTES = 1 << 26


def asks_for_pairs(requests: Iterable[Request]) -> bool:
    """Whether a component takes the dataset as a square matrix, of whatever it is."""
    return any(_precomputed(request.params, _OF_PAIRS) for request in requests)


def asks_for_distances(requests: Iterable[Request]) -> bool:
    """Whether a component takes the dataset as a square matrix of distances."""
    return any(_precomputed(request.params, _OF_DISTANCES) for request in requests)


def _precomputed(params: Mapping[str, Any], names: Iterable[str]) -> bool:
    return any(params.get(name) == "precomputed" for name in names)


def take_pairs(dataset: Dataset, rows: NDArray[Any]) -> Dataset:
    """The rows of a square matrix and the same columns, in the order given."""
    return replace(dataset.take(rows), vectors=np.ascontiguousarray(dataset.vectors[np.ix_(rows, rows)]))


def finite_rows(matrix: NDArray[Any]) -> NDArray[np.int64]:
    """Rows of a square matrix that leave no value that is not finite, where others are left out.

    The row with most such values goes first, with its column, and so on.
    """
    wrong = ~np.isfinite(matrix)
    wrong |= wrong.T
    kept = np.ones(len(matrix), dtype=bool)
    counts = wrong.sum(axis=1)
    while counts.any():
        worst = int(counts.argmax())
        kept[worst] = False
        counts -= wrong[worst]
        counts[worst] = 0
        wrong[worst] = wrong[:, worst] = False
    return np.flatnonzero(kept)


def check_distances(dataset: Dataset) -> Dataset:
    """Refuse what cannot be a matrix of distances, and mend what rounding left.

    Parameters
    ----------
    dataset : Dataset
        Its vectors are the matrix: row i, column j is the distance between i and j.

    Returns
    -------
    Dataset
        The same one, or a copy in which distances that rounding put below 0, or
        off 0 on the diagonal, are 0.

    Raises
    ------
    DataError
        If the vectors are not square, or not symmetric, zero on the diagonal and
        non-negative to a millionth of the largest distance, with the place.
    """
    matrix, name = dataset.vectors, dataset.name
    if matrix.shape[0] != matrix.shape[1]:
        raise DataError(
            f"{name}: metric=precomputed needs a square matrix of distances, this one is "
            f"{matrix.shape[0]}x{matrix.shape[1]}",
            "row i, column j is the distance between i and j",
            "for embeddings use metric=cosine or metric=euclidean",
        )
    step = max(1, _BLOCK_BYTES // (matrix.itemsize * len(matrix)))
    blocks = [slice(start, start + step) for start in range(0, len(matrix), step)]
    allowed = _TOLERANCE * max(float(np.abs(matrix[rows]).max()) for rows in blocks)
    off = np.flatnonzero(~(np.abs(np.diagonal(matrix)) <= allowed))
    least = 0.0
    for rows in blocks:
        block = matrix[rows]
        least = min(least, float(block.min()))
        _refuse_where(name, block < -allowed, rows.start, "is negative", "distances are 0 or more")
        uneven = ~(np.abs(block - matrix[:, rows].T) <= allowed)
        why = "distances are symmetric"
        _refuse_where(name, uneven, rows.start, "differs from its mirror image", why)
    if len(off):
        raise _not_distances(name, int(off[0]), int(off[0]), "is not 0", "nothing is away from itself")
    if least == 0 and not np.diagonal(matrix).any():
        return dataset
    mended = np.maximum(matrix, 0)
    np.fill_diagonal(mended, 0)
    return replace(dataset, vectors=mended)


def warn_of_distances(dataset: Dataset) -> None:
    """Warn of embeddings that look like distances: square, zero on the diagonal, symmetric."""
    matrix = dataset.vectors
    if matrix.shape[0] != matrix.shape[1] or len(matrix) < 3 or np.diagonal(matrix).any():
        return
    if bool((matrix >= 0).all()) and np.allclose(matrix, matrix.T):
        warnings.warn(
            f"{dataset.name} looks like a square matrix of distances, and was taken as embeddings; "
            "for distances give metric=precomputed",
            EmbkitWarning,
            stacklevel=2,
        )


def _refuse_where(name: str, wrong: NDArray[np.bool_], start: int, what: str, why: str) -> None:
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        raise _not_distances(name, start + int(row), int(column), what, why)


def _not_distances(name: str, row: int, column: int, what: str, why: str) -> DataError:
    return DataError(
        f"{name}: row {row}, column {column} of the matrix of distances {what}",
        why,
        "if these are similarities, give 1 - similarity; if embeddings, use metric=cosine",
    )
