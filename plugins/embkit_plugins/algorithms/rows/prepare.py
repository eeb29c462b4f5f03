"""Directions and repeats: what several artifacts must know of the rows first."""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from embkit import DataError, Dataset, FloatArray, Floats, IntArray

__all__ = [
    "column_means",
    "first_equal",
    "nearly_parallel",
    "require_directions",
    "row_blocks",
    "row_deviations",
    "row_squares",
    "rows_of_metric",
    "sampled_rows",
    "unit_rows",
    "with_lengths",
]

_TINY = tuple(float(np.finfo(dtype).tiny) for dtype in (np.float32, np.float64))
_PARALLEL = 0.01  # mean cosine distance to one another below which rows are nearly parallel
_BLOCK_BYTES = 1 << 21  # a few such temporaries fit the cache of a core
_EINSUM_WIDTH = 8192  # wider rows it sums in pieces that depend on their place in the block


def sampled_rows(n_samples: int, most: int, rng: np.random.Generator) -> IntArray:
    """All rows, or `most` of them drawn at random where there are more; ascending.

    Nothing is drawn from `rng` where all rows are taken.
    """
    if n_samples <= most:
        return np.arange(n_samples)
    return np.sort(rng.choice(n_samples, most, replace=False))


def row_blocks(vectors: NDArray[Any], block_bytes: int = _BLOCK_BYTES) -> list[slice]:
    """Slices of rows that take about `block_bytes` bytes each in float64.

    Parameters
    ----------
    vectors : ndarray of shape (n_samples, n_features)
        What will be cut.
    block_bytes : int
        Aim for this many bytes; at least one row is taken.

    Returns
    -------
    list of slice
        Consecutive, covering all rows.
    """
    step = max(1, block_bytes // (8 * max(1, vectors.shape[1])))
    return [slice(start, min(start + step, len(vectors))) for start in range(0, len(vectors), step)]


def column_means(vectors: NDArray[Any]) -> Floats:
    """The mean of each column in float64, by blocks."""
    total = np.zeros(vectors.shape[1])
    for rows in row_blocks(vectors):
        total += vectors[rows].sum(axis=0, dtype=np.float64)
    return total / len(vectors)


def row_squares(block: NDArray[Any]) -> NDArray[Any]:
    """The sum of squares of each row, to the bit the same whatever rows are with it."""
    if block.shape[1] > _EINSUM_WIDTH:
        return np.asarray(np.square(block).sum(axis=1))
    return np.asarray(np.einsum("ij,ij->i", block, block))


def unit_rows(dataset: Dataset, dtype: DTypeLike | None = None) -> FloatArray:
    """The rows of a dataset scaled to length 1.

    Parameters
    ----------
    dataset : Dataset
        With vectors of float32 or float64.
    dtype : dtype, optional
        Of the result, float32 or float64; if omitted that of the vectors, but
        float64 where the rows are nearly parallel, so that the digits in which
        they differ are kept.

    Returns
    -------
    ndarray of shape (n_samples, n_features)
        Lengths are taken in float64, without overflow. Rows that are equal stay
        equal. Cost: one pass, and one matrix of memory.

    Raises
    ------
    DataError
        If a row has no direction, being zero or too small for its dtype.
    """
    if dtype is not None:
        return _unit_rows(dataset, dtype)[0]
    units, mean = _unit_rows(dataset, dataset.vectors.dtype)
    if units.itemsize < 8 and 1 - mean @ mean < _PARALLEL:
        return _unit_rows(dataset, np.float64)[0]
    return units


def nearly_parallel(units: FloatArray) -> bool:
    """Whether unit rows point in nearly one direction: the mean distance of pairs is below 0.01."""
    mean = units.mean(axis=0, dtype=np.float64)
    return bool(1 - mean @ mean < _PARALLEL)


def _unit_rows(dataset: Dataset, dtype: DTypeLike) -> tuple[FloatArray, NDArray[np.float64]]:
    """The unit rows in a dtype, and their mean."""
    vectors = dataset.vectors
    units = np.empty(vectors.shape, dtype=dtype)
    total = np.zeros(vectors.shape[1])
    smallest = float(np.finfo(vectors.dtype).tiny)
    zero: list[int] = []
    for rows in row_blocks(vectors):
        block, _, lengths = with_lengths(vectors[rows])
        short = np.flatnonzero(lengths < smallest)
        zero += (rows.start + short).tolist()
        if not zero:
            block /= lengths[:, None]
            units[rows] = block
            total += block.sum(axis=0)
    if zero:
        raise _zero_rows(dataset, zero)
    return units, total / len(vectors)


def with_lengths(vectors: FloatArray) -> tuple[Floats, Floats | None, Floats]:
    """Rows in float64, divided by scales where squares could overflow; the scales, and their lengths."""
    block: Floats = vectors.astype(np.float64)
    scales = None
    if vectors.dtype.itemsize > 4:  # squares of float32 values cannot overflow a float64
        scales = np.abs(block).max(axis=1)
        scales[scales < np.finfo(vectors.dtype).tiny] = 1
        block /= scales[:, None]
    return block, scales, np.sqrt(row_squares(block))


def require_directions(dataset: Dataset) -> None:
    """Refuse rows that `unit_rows` would refuse; cost one pass by blocks, and no copy.

    Raises
    ------
    DataError
        If a row has no direction, being zero or too small for its dtype.
    """
    zero: list[int] = []
    for rows in row_blocks(dataset.vectors):
        block = dataset.vectors[rows]
        largest = np.maximum(block.max(axis=1), -block.min(axis=1)).astype(np.float64)
        # Below this a length may be too short for float32 though no value is zero.
        for row in np.flatnonzero(largest < _TINY[block.dtype.itemsize > 4]):
            length = float(np.linalg.norm(block[row].astype(np.float64)))
            if length < _TINY[block.dtype.itemsize > 4]:
                zero.append(rows.start + int(row))
    if zero:
        raise _zero_rows(dataset, zero)


def row_deviations(dataset: Dataset) -> Dataset:
    """Each row less its own mean: correlation distance is the cosine distance of these.

    Parameters
    ----------
    dataset : Dataset
        With vectors of float32 or float64.

    Returns
    -------
    Dataset
        Vectors of the same dtype, taken in float64. Cost: one pass, and one matrix
        of memory.

    Raises
    ------
    DataError
        If all values of a row are equal.
    """
    deviations = np.empty(dataset.vectors.shape, dtype=dataset.vectors.dtype)
    constant: list[int] = []
    for rows in row_blocks(dataset.vectors):
        block = dataset.vectors[rows].astype(np.float64)
        constant += (rows.start + np.flatnonzero(block.max(axis=1) == block.min(axis=1))).tolist()
        deviations[rows] = block - block.mean(axis=1, keepdims=True)
    if constant:
        raise DataError(
            f"{dataset.name}: all values are equal in {_shown_rows(dataset, constant)}",
            "correlation distance is of how values vary within a row, and these do not",
            "leave them out, or use another metric",
        )
    return Dataset(deviations, name=dataset.name, rows=dataset.source_rows)


def rows_of_metric(dataset: Dataset, metric: str, dtype: DTypeLike | None = None) -> FloatArray:
    """The rows whose euclidean distances rank as those of a metric do, where there are such rows.

    Parameters
    ----------
    dataset : Dataset
        With vectors of float32 or float64.
    metric : str
        Under cosine the rows of length 1, under correlation those of `row_deviations`; under all
        others the rows as they are.
    dtype : dtype, optional
        Of rows of length 1, see `unit_rows`.

    Raises
    ------
    DataError
        If a row is zero under cosine, or constant under correlation.
    """
    if metric == "correlation":
        return unit_rows(row_deviations(dataset), dtype)
    return unit_rows(dataset, dtype) if metric == "cosine" else dataset.vectors


def _shown_rows(dataset: Dataset, rows: list[int]) -> str:
    shown = ", ".join(str(dataset.source_rows[row]) for row in rows[:5])
    more = f" and {len(rows) - 5} more" if len(rows) > 5 else ""
    return f"row{'s' if len(rows) > 1 else ''} {shown}{more}"


def _zero_rows(dataset: Dataset, rows: list[int]) -> DataError:
    return DataError(
        f"{dataset.name}: zero vector in {_shown_rows(dataset, rows)}",
        "cosine distance needs a direction, and these rows have none",
        "leave them out with --zero-vectors drop, or use another metric",
    )


def first_equal(vectors: NDArray[Any]) -> IntArray:
    """For each row the lowest row that is equal to it, bit for bit but for the sign of zero.

    Parameters
    ----------
    vectors : ndarray of shape (n_samples, n_features)
        float32 or float64.

    Returns
    -------
    ndarray of int64, shape (n_samples,)
        The row itself where none before it is equal.

    Notes
    -----
    Rows are compared by 64-bit sums of their bits with random odd weights
    (multilinear hashing, Carter and Wegman 1979), and those whose sums agree
    value by value. Cost: O(n d), and two passes at most.
    """
    bits = np.dtype(np.uint32 if vectors.dtype.itemsize == 4 else np.uint64)
    weights = np.random.default_rng(0).integers(0, 2**63, vectors.shape[1], dtype=np.uint64) * 2 + 1
    digests = np.empty(len(vectors), dtype=np.uint64)
    for rows in row_blocks(vectors):
        values = (vectors[rows] + 0).view(bits)  # + 0 makes -0.0 and 0.0 the same
        digests[rows] = values.astype(np.uint64, copy=False) @ weights
    first_rows, group = np.unique(digests, return_index=True, return_inverse=True)[1:]
    first = first_rows[group].astype(np.int64)
    repeats = np.flatnonzero(first != np.arange(len(first)))
    step = max(1, _BLOCK_BYTES // max(1, vectors[:1].nbytes))
    for start in range(0, len(repeats), step):
        rows_here = repeats[start : start + step]
        differ = (vectors[rows_here] != vectors[first[rows_here]]).any(axis=1)
        first[rows_here[differ]] = rows_here[differ]  # a collision; once in 2**64 pairs
    return first
