"""Make a loaded dataset fit for every component, or say why it cannot be.

Afterwards the vectors are C-contiguous, native float32 or float64 (integers too,
by their size), finite and read-only. All passes run block by block, so that a
memory-mapped file stays on disk where it needs no conversion, and `Blocks` in any case.
"""

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from embkit.data.blocks import HELD_BYTES, ArrayRows, Blocks
from embkit.data.dataset import Dataset
from embkit.data.intake.pairwise import finite_rows, take_pairs
from embkit.errors import DataError, EmbkitWarning
from embkit.text import plural

__all__ = ["Policy", "admit", "count_distinct", "sample_rows", "stays_in_files"]

_BLOCK_BYTES = 1 << 25
# Squares of larger values overflow, and with them every distance.
_LARGEST = {np.dtype(np.float32): 1e18, np.dtype(np.float64): 1e150}
_DUPLICATE_SHARE = 0.01
_EXACT_FLOAT32 = 1 << 24
_EXACT_FLOAT64 = 1 << 53
_Take = Callable[[Dataset, NDArray[Any]], Dataset]


@dataclass(frozen=True)
class Policy:
    """Policy for rows that cannot be used.

    Parameters
    ----------
    nonfinite : {"error", "drop"}
        Rows that hold NaN or infinity.
    zero_vectors : {"error", "drop"}
        Rows of zeros, which have no direction; ``error`` applies where a cosine
        is asked for.
    """

    nonfinite: Literal["error", "drop"] = "error"
    zero_vectors: Literal["error", "drop"] = "error"


def admit(dataset: Dataset, policy: Policy, *, pairs: bool = False) -> Dataset:
    """Convert, scan and, where the policy says so, drop rows.

    Parameters
    ----------
    dataset : Dataset
        As a loader returned it.
    policy : Policy
        What to do with unusable rows.
    pairs : bool
        Whether the vectors are a square matrix, whose columns are the rows again.

    Returns
    -------
    Dataset
        With the source row numbers of what is left, and what was dropped.

    Raises
    ------
    DataError
        If values are not finite (and not to be dropped) or too large, or no row is left.
    """
    _warn_of_rounding(dataset)
    vectors = _canonical(dataset.vectors)
    dataset = replace(dataset, vectors=vectors)
    pairs = pairs and dataset.n_samples == dataset.n_features
    unusable = _unusable_rows(dataset, policy)
    if pairs and "not finite" in unusable.values():
        kept = set(finite_rows(vectors).tolist())
        unusable = {row: "not finite" for row in range(dataset.n_samples) if row not in kept}
    if unusable:
        dataset = _without(dataset, unusable, take_pairs if pairs else Dataset.take)
    _check_magnitude(dataset)
    _warn_of_repeats(dataset)
    notes = [note for note in _constant_columns(dataset) if note not in dataset.notes]
    return replace(dataset, notes=(*dataset.notes, *notes)) if notes else dataset


def _blocks(vectors: NDArray[Any]) -> Iterator[tuple[int, NDArray[Any]]]:
    step = max(1, _BLOCK_BYTES // max(1, vectors[:1].nbytes))
    for start in range(0, len(vectors), step):
        yield start, vectors[start : start + step]


def _canonical(vectors: Any) -> Any:
    if isinstance(vectors, Blocks):
        return vectors if _is_large(vectors, vectors.dtype) else vectors.array()
    target = np.dtype(np.float64 if _needs_float64(vectors) else np.float32)
    if vectors.dtype == target and vectors.flags.c_contiguous and vectors.flags.aligned:
        return vectors
    if isinstance(vectors, np.memmap) and vectors.dtype.kind == "f" and _is_large(vectors, target):
        return Blocks([ArrayRows(vectors)])
    converted = np.empty(vectors.shape, dtype=target)
    for start, block in _blocks(vectors):
        converted[start : start + len(block)] = block
    return converted


def stays_in_files(vectors: Any, n_samples: int) -> bool:
    """Whether `admit` would leave that many of these rows where they are."""
    if not isinstance(vectors, Blocks | np.memmap) or vectors.dtype.kind != "f":
        return False
    size: int = n_samples * vectors.shape[1] * max(4, vectors.dtype.itemsize)
    plain = vectors.dtype.itemsize >= 4 and not isinstance(vectors, Blocks)
    return size > HELD_BYTES and not plain


def _is_large(vectors: Any, target: np.dtype[Any]) -> bool:
    return int(len(vectors) * vectors.shape[1] * target.itemsize) > HELD_BYTES


def _needs_float64(vectors: NDArray[Any]) -> bool:
    """Whether float32 would change values, beyond the rounding of a longer float to float64."""
    if vectors.dtype.kind == "f":
        return vectors.dtype.itemsize >= 8
    if vectors.dtype.itemsize <= 2:
        return False
    # Most integers are small, and small ones are exact; only large ones are looked at one by one.
    return any(
        not _fits_float32(block) for _, block in _blocks(vectors) if _largest(block) > _EXACT_FLOAT32
    )


def _largest(block: NDArray[Any]) -> int:
    return max(abs(int(block.max())), abs(int(block.min())))


def _fits_float32(block: NDArray[Any]) -> bool:
    # float64 holds every integer of 53 bits; of longer ones it keeps more than float32 in any case.
    return bool((block.astype(np.float32).astype(np.float64) == block.astype(np.float64)).all()) and (
        _largest(block) <= _EXACT_FLOAT64
    )


def _warn_of_rounding(dataset: Dataset) -> None:
    """Say where integers are too long for float64 too."""
    if dataset.vectors.dtype.kind not in "iu" or dataset.vectors.dtype.itemsize < 8:
        return
    if any(_largest(block) > _EXACT_FLOAT64 for _, block in _blocks(dataset.vectors)):
        message = f"{dataset.name}: integers beyond 2**53 were rounded to float64"
        warnings.warn(message, EmbkitWarning, stacklevel=2)


def _unusable_rows(dataset: Dataset, policy: Policy) -> dict[int, str]:
    nonfinite: list[int] = []
    zero: list[int] = []
    for start, block in _blocks(dataset.vectors):
        # A sum is not finite where a value is not; it overflows only for values refused below.
        suspects = np.flatnonzero(~np.isfinite(block.sum(axis=1, dtype=np.float64)))
        nonfinite += [start + int(row) for row in suspects if not np.isfinite(block[row]).all()]
        if policy.zero_vectors == "drop":
            zero += (start + np.flatnonzero(~block.any(axis=1))).tolist()
    if nonfinite and policy.nonfinite == "error":
        raise _nonfinite_error(dataset, nonfinite)
    return dict.fromkeys(zero, "zero vector") | dict.fromkeys(nonfinite, "not finite")


def _nonfinite_error(dataset: Dataset, rows: list[int]) -> DataError:
    columns = [int(np.argmin(np.isfinite(dataset.vectors[row]))) for row in rows[:5]]
    places = "; ".join(f"row {row}, column {column}" for row, column in zip(rows, columns, strict=False))
    return DataError(
        f"{dataset.name}: NaN or infinite values in {len(rows)} of {dataset.n_samples} rows ({places})",
        "distances to such a row are undefined",
        "repair them, or leave the rows out with --nonfinite drop",
    )


def _without(dataset: Dataset, unusable: dict[int, str], take: _Take) -> Dataset:
    kept = np.setdiff1d(np.arange(dataset.n_samples), np.fromiter(unusable, dtype=np.int64))
    if not len(kept):
        raise DataError(
            f"{dataset.name}: no row is left", "every row was dropped as unusable", "check the source"
        )
    reasons = {int(dataset.source_rows[row]): reason for row, reason in sorted(unusable.items())}
    summary = ", ".join(
        f"{list(reasons.values()).count(reason)} {reason}" for reason in sorted(set(reasons.values()))
    )
    note = f"dropped {len(unusable)} of {dataset.n_samples} rows ({summary})"
    ids = {int(dataset.source_rows[row]): dataset.row_id(row) for row in unusable}
    return replace(
        take(dataset, kept),
        dropped={**dataset.dropped, **reasons},
        dropped_ids={**dataset.dropped_ids, **ids},
        notes=(*dataset.notes, note),
    )


def _check_magnitude(dataset: Dataset) -> None:
    limit = _LARGEST[dataset.vectors.dtype]
    for start, block in _blocks(dataset.vectors):
        largest = max(float(block.max()), -float(block.min()))
        if largest > limit:
            row, column = np.unravel_index(int(np.abs(block).argmax()), block.shape)
            raise DataError(
                f"{dataset.name}: value {largest:.3g} in row {start + int(row)}, column {int(column)}",
                f"squares of values above {limit:.0e} overflow {dataset.vectors.dtype}",
                "divide the matrix by a constant first",
            )


def count_distinct(dataset: Dataset) -> int:
    """How many rows differ from one another, by 64-bit digests; cost: one pass."""
    return len(np.unique(_row_digests(_canonical(dataset.vectors))))


def _warn_of_repeats(dataset: Dataset) -> None:
    repeats = dataset.n_samples - count_distinct(dataset)
    if repeats > _DUPLICATE_SHARE * dataset.n_samples:
        share = 100 * repeats / dataset.n_samples
        message = f"{dataset.name}: {repeats} rows ({share:.1f} %) repeat another row exactly"
        warnings.warn(message, EmbkitWarning, stacklevel=2)


def _constant_columns(dataset: Dataset) -> tuple[str, ...]:
    """A note where columns are constant; some models have a few dead dimensions, so no warning."""
    constant = np.ones(dataset.n_features, dtype=bool)
    for _, block in _blocks(dataset.vectors):
        constant &= (block == dataset.vectors[0]).all(axis=0)
    if dataset.n_samples == 1 or not constant.any():
        return ()
    verb = "is" if constant.sum() == 1 else "are"
    return (f"{int(constant.sum())} of {plural(dataset.n_features, 'column')} {verb} constant",)


def _row_digests(vectors: NDArray[Any]) -> NDArray[np.uint64]:
    """A 64-bit digest a row: equal rows have equal ones, others hardly ever.

    A weighted sum of the rows' bits with random odd weights modulo 2**64
    (multilinear hashing); the order of summation does not matter.
    """
    bits = np.dtype(np.uint32 if vectors.dtype.itemsize == 4 else np.uint64)
    weights = np.random.default_rng(0).integers(0, 2**63, vectors.shape[1], dtype=np.uint64) * 2 + 1
    digests = np.empty(len(vectors), dtype=np.uint64)
    for start, block in _blocks(vectors):
        values = np.ascontiguousarray(block + 0).view(bits)  # + 0 makes -0.0 and 0.0 the same
        digests[start : start + len(block)] = np.einsum("ij,j->i", values.astype(np.uint64), weights)
    return digests


def sample_rows(dataset: Dataset, size: int, seed: int, *, pairs: bool = False) -> Dataset:
    """A random sample of rows without replacement, in their order.

    Parameters
    ----------
    dataset : Dataset
        What to sample from.
    size : int
        How many rows; the dataset itself is returned where it has no more.
    seed : int
        Seed of the draw.
    pairs : bool
        Whether the vectors are a square matrix, whose columns are the rows again.
    """
    if size >= dataset.n_samples:
        return dataset
    rows = np.sort(np.random.default_rng(seed).choice(dataset.n_samples, size, replace=False))
    note = f"a random sample of {size} of {dataset.n_samples} rows"
    square = pairs and dataset.n_samples == dataset.n_features
    taken = take_pairs(dataset, rows) if square else dataset.take(rows)
    return replace(taken, notes=(*dataset.notes, note))
