"""Make a loaded dataset fit for every component, or say why it cannot be.

Afterwards the vectors are C-contiguous, native float32 or float64 (integers too,
by their size), finite and read-only. All passes run block by block, so that a
memory-mapped file stays on disk where it needs no conversion, and `Blocks` in any case.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from embkit.data.blocks import HELD_BYTES, ArrayRows, Blocks
from embkit.data.dataset import Dataset
from embkit.data.intake.pairwise import finite_rows, take_pairs
from embkit.data.intake.scanning import Progress, Scan, count_distinct, scan, vector_blocks
from embkit.errors import DataError, EmbkitWarning
from embkit.text import plural

__all__ = ["Policy", "admit", "distinct_rows", "sample_rows", "stays_in_files"]

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


def _unheard(done: float, note: str) -> None:
    """Say nothing of the progress."""


def admit(
    dataset: Dataset, policy: Policy, *, pairs: bool = False, progress: Progress = _unheard
) -> Dataset:
    """Convert, scan and, where the policy says so, drop rows.

    Parameters
    ----------
    dataset : Dataset
        As a loader returned it.
    policy : Policy
        What to do with unusable rows.
    pairs : bool
        Whether the vectors are a square matrix, whose columns are the rows again.
    progress : callable
        Told which share of the rows was looked at.

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
    dataset = replace(dataset, vectors=_canonical(dataset.vectors))
    pairs = pairs and dataset.n_samples == dataset.n_features
    found = _scanned(dataset, progress)
    unusable = _unusable_rows(dataset, found, policy)
    if pairs and "not finite" in unusable.values():
        kept = set(finite_rows(dataset.vectors).tolist())
        unusable = {row: "not finite" for row in range(dataset.n_samples) if row not in kept}
    if unusable:
        dataset = _without(dataset, unusable, take_pairs if pairs else Dataset.take)
        found = _scanned(dataset, progress)
    _check_magnitude(dataset, found)
    _warn_of_repeats(dataset, found)
    note = _constant_columns(dataset, found)
    return (
        replace(dataset, notes=(*dataset.notes, note)) if note not in ("", *dataset.notes) else dataset
    )


def _scanned(dataset: Dataset, progress: Progress) -> Scan:
    return scan(dataset.vectors, _LARGEST[dataset.vectors.dtype], progress)


def _canonical(vectors: Any) -> Any:
    if isinstance(vectors, Blocks):
        return vectors if _is_large(vectors, vectors.dtype) else vectors.array()
    target = np.dtype(np.float64 if _needs_float64(vectors) else np.float32)
    if vectors.dtype == target and vectors.flags.c_contiguous and vectors.flags.aligned:
        return vectors
    if isinstance(vectors, np.memmap) and vectors.dtype.kind == "f" and _is_large(vectors, target):
        return Blocks([ArrayRows(vectors)])
    converted = np.empty(vectors.shape, dtype=target)
    for start, block in vector_blocks(vectors):
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
        not _fits_float32(block)
        for _, block in vector_blocks(vectors)
        if _largest(block) > _EXACT_FLOAT32
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
    if any(_largest(block) > _EXACT_FLOAT64 for _, block in vector_blocks(dataset.vectors)):
        message = f"{dataset.name}: integers beyond 2**53 were rounded to float64"
        warnings.warn(message, EmbkitWarning, stacklevel=2)


def _unusable_rows(dataset: Dataset, found: Scan, policy: Policy) -> dict[int, str]:
    nonfinite = found.nonfinite.tolist()
    if nonfinite and policy.nonfinite == "error":
        raise _nonfinite_error(dataset, nonfinite)
    zero = found.zero.tolist() if policy.zero_vectors == "drop" else []
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


def _check_magnitude(dataset: Dataset, found: Scan) -> None:
    if found.beyond is not None:
        row, column, value = found.beyond
        dtype = dataset.vectors.dtype
        raise DataError(
            f"{dataset.name}: value {value:.3g} in row {row}, column {column}",
            f"squares of values above {_LARGEST[dtype]:.0e} overflow {dtype}",
            "divide the matrix by a constant first",
        )


def distinct_rows(dataset: Dataset) -> int:
    """How many rows of a dataset that is not yet admitted differ; cost: one pass."""
    return count_distinct(_canonical(dataset.vectors))


def _warn_of_repeats(dataset: Dataset, found: Scan) -> None:
    repeats = dataset.n_samples - found.n_distinct
    if repeats > _DUPLICATE_SHARE * dataset.n_samples:
        share = 100 * repeats / dataset.n_samples
        verb = "repeats" if repeats == 1 else "repeat"
        message = f"{dataset.name}: {plural(repeats, 'row')} ({share:.1f}%) {verb} another row exactly"
        warnings.warn(message, EmbkitWarning, stacklevel=3)


def _constant_columns(dataset: Dataset, found: Scan) -> str:
    """A note where columns are constant; some models have a few dead dimensions, so no warning."""
    if not found.n_constant:
        return ""
    verb = "is" if found.n_constant == 1 else "are"
    return f"{found.n_constant} of {plural(dataset.n_features, 'column')} {verb} constant"


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
