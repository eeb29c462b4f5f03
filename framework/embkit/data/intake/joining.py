"""Datasets put one after the other."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from embkit.data.blocks import HELD_BYTES, ArrayRows, Blocks, RowSource, row_sources, stacked
from embkit.data.dataset import Dataset
from embkit.errors import DataError

__all__ = ["joined_datasets"]

_MANY = HELD_BYTES // 4  # values


def joined_datasets(
    parts: Sequence[Dataset],
    name: str,
    notes: tuple[str, ...] = (),
    room: Callable[[int], None] = lambda _: None,
) -> Dataset:
    """The rows of several datasets as one, in their order.

    Parameters
    ----------
    parts : sequence of Dataset
        At least one.
    name : str
        Of the whole.
    notes : tuple of str
        What to say of the whole, before the notes of the parts.
    room : callable
        Called with the bytes that the matrix takes, before it is made.

    Returns
    -------
    Dataset
        Vectors of many rows that lie in files stay there. Columns that some parts
        lack are empty for their rows. Ids are given only
        if every part has them.

    Raises
    ------
    DataError
        If the vectors are of different lengths, or ids repeat.
    """
    first = parts[0]
    for part in parts:
        if part.n_features != first.n_features:
            raise DataError(
                f"{name}: {part.name} has {part.n_features} columns, {first.name} {first.n_features}",
                "all rows of a dataset have as many",
                "leave the file out, or embed all rows with the same model",
            )
    n_rows = sum(part.n_samples for part in parts)
    sources = _sources(parts) if n_rows * first.n_features > _MANY else []
    if sources:
        vectors = stacked(sources)
    else:
        dtype = np.result_type(*(part.vectors.dtype for part in parts))
        room(n_rows * first.n_features * dtype.itemsize)
        vectors = np.empty((n_rows, first.n_features), dtype=dtype)
        start = 0
        for part in parts:
            vectors[start : start + part.n_samples] = part.vectors
            start += part.n_samples
    ids_known = all(part.ids is not None for part in parts)
    metadata = dict.fromkeys(column for part in parts for column in part.metadata)
    # Row numbers of the whole source, in which each part has those it left out as well.
    offsets = np.cumsum([0, *(part.n_samples + len(part.dropped) for part in parts)]).tolist()
    shifted = list(zip(parts, offsets, strict=False))
    return Dataset(
        vectors,
        ids=[value for part in parts for value in part.ids or ()] if ids_known else None,
        texts=_column([part.texts for part in parts], parts),
        reference=_column([part.reference for part in parts], parts),
        metadata={
            column: [
                value for part in parts for value in part.metadata.get(column, (None,) * part.n_samples)
            ]
            for column in metadata
        },
        name=name,
        rows=np.concatenate([part.source_rows + offset for part, offset in shifted])
        if any(part.dropped for part in parts)
        else None,
        dropped={row + offset: why for part, offset in shifted for row, why in part.dropped.items()},
        dropped_ids={
            row + offset: one for part, offset in shifted for row, one in part.dropped_ids.items()
        },
        notes=(*notes, *dict.fromkeys(note for part in parts for note in part.notes)),
    )


def _sources(parts: Sequence[Dataset]) -> list[RowSource]:
    """What to read the rows of all parts from, if some of them lie in files and all are floats."""
    found = [row_sources(part.vectors) for part in parts]
    held: list[Any] = [part.vectors for part, sources in zip(parts, found, strict=True) if not sources]
    if len(held) == len(parts) or any(
        isinstance(vectors, Blocks) or vectors.dtype.kind != "f" for vectors in held
    ):
        return []
    return [
        source
        for part, sources in zip(parts, found, strict=True)
        for source in sources or (ArrayRows(part.vectors),)
    ]


def _column(values: Sequence[Sequence[str] | None], parts: Sequence[Dataset]) -> list[Any] | None:
    if all(column is None for column in values):
        return None
    filled = (
        ("",) * part.n_samples if column is None else column
        for column, part in zip(values, parts, strict=True)
    )
    return [value for column in filled for value in column]
