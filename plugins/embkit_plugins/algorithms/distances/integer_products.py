"""Products of 8-bit integers by numkong, where the processor has instructions for them.

The only module that knows numkong. NumPy has no such product.
"""

import time
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["LARGEST_WIDTH", "IntegerProducts", "has_integer_products"]

LARGEST_WIDTH = 16_384  # columns up to which a squared distance of codes fits 31 bits
# numkong's names of the instruction sets that sum products of 8-bit integers: VNNI, AMX, and
# their like on ARM. On any other processor float32 is faster.
_FAST = ("icelake", "alder", "sierra", "sapphireamx", "graniteamx", "neonsdot", "svesdot")
# Comparing integers takes longer than comparing floats: at 0.5 of the time for the products, as
# with AVX-512 VNNI, neighbours were found no sooner.
_WORTH = 0.3
_TRIED = (512, 384)  # rows and columns
_TRIES = 3


@cache
def has_integer_products() -> bool:
    """Whether numkong is installed and far faster than products of float32 here, as measured once."""
    try:
        from numkong import get_capabilities
    except ImportError:
        return False
    present = get_capabilities()
    return any(present.get(name, False) for name in _FAST) and _share_of_floats() <= _WORTH


def _share_of_floats() -> float:
    """The time of a product of integers as a share of that of a product of float32, on one thread."""
    from threadpoolctl import threadpool_limits

    rows = np.ones(_TRIED, dtype=np.float32)
    codes = rows.astype(np.int8)
    products, buffer = IntegerProducts(codes, len(codes)), np.empty(len(codes) ** 2, dtype=np.int32)
    with threadpool_limits(1, user_api="blas"):
        return _least_time(lambda: products.of(codes, 0, buffer)) / _least_time(lambda: rows @ rows.T)


def _least_time(call: Callable[[], Any]) -> float:
    taken = []
    for _ in range(_TRIES):
        started = time.perf_counter()
        call()
        taken.append(time.perf_counter() - started)
    return min(taken)


class IntegerProducts:
    """Exact products of tiles of one matrix of int8 with one another.

    Parameters
    ----------
    codes : ndarray of int8, shape (n_samples, n_features)
        C-contiguous, of 1 to `LARGEST_WIDTH` columns.
    tile : int
        How many rows a tile has; the last one may have fewer.

    Attributes
    ----------
    tile : int
        How many rows a tile has.
    tiles : list of slice
        The rows of each tile.
    """

    def __init__(self, codes: NDArray[np.int8], tile: int) -> None:
        from numkong import dots_pack

        self.tile = tile
        self.tiles = [slice(at, min(at + tile, len(codes))) for at in range(0, len(codes), tile)]
        self._packed = [dots_pack(codes[rows], "int8") for rows in self.tiles]

    def of(self, codes: NDArray[np.int8], tile: int, buffer: NDArray[np.int32]) -> NDArray[np.int32]:
        """Products of some rows with those of a tile, written into the start of `buffer`.

        Threads may call it at once, each with a buffer of its own.
        """
        from numkong import dots_packed, from_dlpack

        rows = self.tiles[tile]
        shape = len(codes), rows.stop - rows.start
        products = buffer[: shape[0] * shape[1]].reshape(shape)
        dots_packed(codes, self._packed[tile], out=from_dlpack(products))
        return products
