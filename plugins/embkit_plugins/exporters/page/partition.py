"""The merges of a tree in parts, each of which takes one product of matrices.

A merge often adds a row or two to a large cluster: a product of its own for each
would read that cluster every time. As the larger child comes first, the nodes that
begin at one place are a chain, each the node before it with some rows added at its
end.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embkit_plugins.exporters.page.leaves import Leaves

__all__ = ["Part", "chains", "islands"]

_ISLAND = 128  # rows of a node that is looked at as a whole
_LONGEST = 64  # merges of a chain that are looked at together


@dataclass(frozen=True)
class Part:
    """Some merges, and the places in the order of the leaves that they are about.

    Parameters
    ----------
    merges : list of int
        The merges; of a chain from the lowest to the highest.
    added : slice
        Places of the smaller children of all of them.
    all : slice
        Places of both children of all of them; that of an island is `added` too.
    """

    merges: list[int]
    added: slice
    all: slice


def islands(leaves: Leaves, wanted: NDArray[np.bool_]) -> Iterator[Part]:
    """The wanted merges of at most 128 rows, by the largest such node that they are in."""
    small = np.flatnonzero(leaves.ends - leaves.starts <= _ISLAND)
    if not len(small):
        return
    small = small[np.lexsort((-leaves.ends[small], leaves.starts[small]))]
    starts, ends = leaves.starts[small], leaves.ends[small]
    tops = np.flatnonzero(np.r_[True, starts[1:] >= np.maximum.accumulate(ends)[:-1]])
    for top, next_top in zip(tops, np.r_[tops[1:], len(small)], strict=True):
        inside = small[top:next_top]
        merges = inside[wanted[inside]].tolist()
        if merges:
            whole = slice(int(starts[top]), int(ends[top]))
            yield Part(merges, whole, whole)


def chains(leaves: Leaves, wanted: NDArray[np.bool_], block: int) -> Iterator[Part]:
    """The other wanted merges along their chains, at most `block` products or one merge at a time."""
    large = np.flatnonzero(wanted & (leaves.ends - leaves.starts > _ISLAND))
    large = large[np.lexsort((leaves.ends[large], leaves.starts[large]))]
    places = zip(
        large.tolist(),
        leaves.starts[large].tolist(),
        leaves.boundaries[large].tolist(),
        leaves.ends[large].tolist(),
        strict=True,
    )
    merges: list[int] = []
    start = first = stop = 0
    for merge, begin, middle, end in places:
        full = (
            len(merges) == _LONGEST
            or (end - first) * (end - begin) > block
            or end - first > middle - begin
        )
        if merges and (begin != start or full):
            yield Part(merges, slice(first, stop), slice(start, stop))
            merges = []
        if not merges:
            start, first = begin, middle
        merges.append(merge)
        stop = end
    if merges:
        yield Part(merges, slice(first, stop), slice(start, stop))
