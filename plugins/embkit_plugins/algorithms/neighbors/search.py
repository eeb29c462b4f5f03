"""The best candidates of every row by pairs of tiles, in threads.

Each pair serves the rows of both its tiles. What they offer is judged by what each row kept
before a portion of pairs, and so does not depend on how many threads there are.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import combinations, product
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from embkit import Artifact, IntArray
from embkit_plugins.algorithms.neighbors.keys import Keys, bits_of, merge, no_candidates

__all__ = ["Keeper", "Offer", "Tiles", "Worst", "begun", "nearest_by_tiles", "part_of", "schedule"]

_TOGETHER = 4  # tiles in a block: candidates are merged once for each pair of blocks

Worst = Callable[[int], NDArray[np.uint32]]


class Offer(NamedTuple):
    """What a tile may take, by its rows, which count from the first of the tile."""

    tile: int
    rows: IntArray
    keys: Keys


class Keeper(Protocol):
    """What keeps a part of a search, as `embkit.Context` does."""

    def unfinished_part(self) -> Artifact | None:
        """What was kept before an interruption, if anything."""
        ...

    def keep_part(self, make: Callable[[], Artifact]) -> None:
        """Keep a part, where it is worth it."""
        ...


class Tiles(Protocol):
    """Rows in tiles, and how near those of two tiles are to one another."""

    @property
    def kind(self) -> str:
        """How keys are made: those of another kind mean something else."""
        ...

    @property
    def tiles(self) -> Sequence[slice]:
        """The rows of each tile, less than 2**16 of them."""
        ...

    def offers(self, pairs: Sequence[tuple[int, int]], worst: Worst) -> list[Offer]:
        """What pairs of tiles offer each other, or a tile itself; threads call it at once.

        ``worst(tile)`` are the bits of the squares that the rows of a tile would give up.
        """
        ...


def nearest_by_tiles(
    source: Tiles,
    n_candidates: int,
    threads: int,
    progress: Callable[[float], Any],
    keeper: Keeper | None = None,
) -> Keys:
    """The least keys of every row, sorted, shape (n_samples, n_candidates).

    Parameters
    ----------
    source : Tiles
        The rows.
    n_candidates : int
        How many to keep, less than there are rows.
    threads : int
        How many pairs of tiles to look at at once; BLAS has one thread for each.
    progress : callable
        Told the share of the work that is done.
    keeper : Keeper, optional
        Keeps what is done, for a search that is interrupted to go on from.
    """
    from threadpoolctl import threadpool_limits

    tiles = source.tiles
    portions = list(schedule(len(tiles)))
    n_done, best = begun(keeper, source.kind, (tiles[-1].stop, n_candidates))
    offers = partial(source.offers, worst=lambda tile: bits_of(best[tiles[tile], -1]))
    done = sum(map(len, portions[:n_done]))
    total = len(tiles) * (len(tiles) + 1) // 2
    progress(done / total)
    with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(threads) as pool:
        for number, pairs in enumerate(portions[n_done:], n_done + 1):
            by_tile: dict[int, list[Offer]] = {}
            for offered in pool.map(offers, [pairs[number::threads] for number in range(threads)]):
                for offer in offered:
                    by_tile.setdefault(offer.tile, []).append(offer)
            list(pool.map(_take, [best[tiles[tile]] for tile in by_tile], by_tile.values()))
            done += len(pairs)
            progress(done / total)
            if keeper:
                keeper.keep_part(partial(part_of, best, source.kind, number))
    return best


def part_of(best: Keys, kind: str, n_portions: int) -> Artifact:
    """What a search keeps: what is known after some portions of pairs."""
    return Artifact({"keys": best}, {"kind": kind, "portions": n_portions})


def begun(keeper: Keeper | None, kind: str, shape: tuple[int, int]) -> tuple[int, Keys]:
    """How many portions a search that was interrupted has done, and what it knows since."""
    part = keeper.unfinished_part() if keeper else None
    if part is None or part.facts["kind"] != kind or part["keys"].shape != shape:
        return 0, no_candidates(*shape)
    return part.facts["portions"], part["keys"].copy()


def _take(best: Keys, offers: Sequence[Offer]) -> None:
    """Let the rows of a tile keep the least of what they have and what is on offer, in place."""
    rows = np.concatenate([offer.rows for offer in offers])
    if len(rows):
        by_row = np.argsort(rows.astype(np.uint16), kind="stable")  # sorted by radix
        merge(best, rows[by_row], np.concatenate([offer.keys for offer in offers])[by_row])


def schedule(n_tiles: int) -> Iterator[list[tuple[int, int]]]:
    """All pairs of tiles, in portions: those of near tiles first and few at once.

    Little is on offer for rows that have good candidates already.
    """
    blocks = [range(at, min(at + _TOGETHER, n_tiles)) for at in range(0, n_tiles, _TOGETHER)]
    for block in blocks:
        for apart in range(len(block)):
            yield [(tile, tile + apart) for tile in block if tile + apart in block]
    for block, other in combinations(blocks, 2):
        yield list(product(block, other))
