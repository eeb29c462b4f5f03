"""Consecutive parts of a matrix, which read no more than their own rows."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit.data.blocks import Blocks, FileRows, RowSource

__all__ = ["PartRows", "files_of", "parts_of"]


@dataclass(frozen=True, eq=False)
class PartRows:
    """Consecutive rows of a `RowSource`.

    Parameters
    ----------
    source : RowSource
        Where they are read.
    start, stop : int
        The rows.
    dtype : dtype
        Type that holds their values and those of the rows around them.
    """

    source: RowSource
    start: int
    stop: int
    dtype: np.dtype[Any]

    @property
    def shape(self) -> tuple[int, ...]:
        """Numbers of rows and of columns."""
        return (self.stop - self.start, *self.source.shape[1:])

    def read(self, start: int, stop: int) -> NDArray[Any]:
        """Consecutive rows."""
        return self.source.read(self.start + start, self.start + stop)

    def pick(self, rows: NDArray[np.int64]) -> NDArray[Any]:
        """Rows by their numbers, in the order given."""
        return self.source.pick(rows + self.start)


def parts_of(vectors: Any, n_rows: int) -> Iterator[Any]:
    """Consecutive parts of `n_rows` rows, the last one of what is left.

    Parameters
    ----------
    vectors : ndarray or Blocks, shape (n_samples, n_features)
        What is cut; nothing is read.
    n_rows : int
        Rows of a part.

    Yields
    ------
    ndarray or Blocks
        A view of an array; of `Blocks`, the same rows as `Blocks` of the files that hold them.
    """
    for start in range(0, len(vectors), n_rows):
        stop = min(start + n_rows, len(vectors))
        yield _part(vectors, start, stop) if isinstance(vectors, Blocks) else vectors[start:stop]


def _part(blocks: Blocks, start: int, stop: int) -> Blocks:
    if blocks.rows is not None:
        return Blocks(blocks.parts, blocks.rows[start:stop])
    found, begin = [], 0
    for source in blocks.parts:
        low, high = max(start - begin, 0), min(stop - begin, source.shape[0])
        if low < high:
            found.append(PartRows(source, low, high, blocks.kept))
        begin += source.shape[0]
    return Blocks(found)


def files_of(vectors: Any) -> tuple[FileRows, ...] | None:
    """What the rows are read from, by absolute paths; None if some lie elsewhere than in files."""
    if not isinstance(vectors, Blocks):
        return None
    files = tuple(
        replace(source, path=source.path.absolute())
        for source in vectors.parts
        if isinstance(source, FileRows)
    )
    return files if len(files) == len(vectors.parts) else None
