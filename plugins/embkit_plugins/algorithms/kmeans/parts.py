"""Rows in parts and blocks."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from embkit import Context

__all__ = ["BLOCK_ROWS", "FOLD", "Parts", "blocks_of"]

# Fixed: sums are taken a block at a time, those of a fold of blocks first, and must not depend on
# memory, threads, workers or files.
BLOCK_ROWS = 4096
FOLD = 4


@dataclass(frozen=True, eq=False)
class Parts:
    """Consecutive parts of the rows, and what calls functions with them.

    Parameters
    ----------
    vectors : sequence
        The parts, to be handed to `map` alone or within a tuple.
    n_rows : int
        Rows of each but the last one; whole folds of blocks.
    threads : int
        Of one call.
    map : callable
        As `embkit.Context.map`.
    """

    vectors: Sequence[Any]
    n_rows: int
    threads: int
    map: Callable[..., Iterable[Any]]

    @classmethod
    def whole(cls, vectors: NDArray[Any], threads: int = 1) -> "Parts":
        """All rows as one part, in this process."""
        return cls((vectors,), len(vectors), threads, map)

    @classmethod
    def of(cls, vectors: NDArray[Any], context: Context) -> "Parts":
        """Parts of a fold for each thread of a call, wherever the context makes its calls."""
        threads = 1 if context.distributed else context.threads
        n_rows = threads * FOLD * BLOCK_ROWS
        return cls(context.scatter(vectors, n_rows), n_rows, threads, context.map)


def blocks_of(n_samples: int) -> Iterator[slice]:
    """Consecutive slices of `BLOCK_ROWS` rows that cover all."""
    for start in range(0, n_samples, BLOCK_ROWS):
        yield slice(start, min(start + BLOCK_ROWS, n_samples))
