"""The order of the rows in which every cluster is one range."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Leaves", "are_nodes", "flat_order", "leaves_of"]


@dataclass(frozen=True, eq=False)
class Leaves:
    """The leaves of a tree from one end to the other, and where its merges join them.

    Parameters
    ----------
    order : ndarray of int64, shape (n_samples,)
        The row at each place; every node of the tree is a range of places.
    boundaries : ndarray of int64, shape (n_samples - 1,)
        Merge i joins the ranges that end and begin at ``boundaries[i]``. Each
        place but the first occurs once, so that this is the whole tree.
    starts, ends : ndarray of int64, shape (n_samples - 1,)
        Merge i holds the places from ``starts[i]`` up to ``ends[i]``.
    """

    order: NDArray[np.int64]
    boundaries: NDArray[np.int64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]


def leaves_of(linkage: NDArray[np.float64]) -> Leaves:
    """Lay the leaves of a whole tree in a line, the larger child of each merge first.

    Children of one size are in the order of the linkage. Cost: O(n).
    """
    n_samples = len(linkage) + 1
    sizes = [1] * n_samples + linkage[:, 3].astype(np.int64).tolist()
    children = linkage[:, :2].astype(np.int64).tolist()
    starts = [0] * (2 * n_samples - 1)
    boundaries = [0] * (n_samples - 1)
    for merge in range(n_samples - 2, -1, -1):
        first, second = children[merge]
        if sizes[second] > sizes[first]:
            first, second = second, first
        start = starts[n_samples + merge]
        starts[first] = start
        starts[second] = boundaries[merge] = start + sizes[first]
    order = np.empty(n_samples, dtype=np.int64)
    order[starts[:n_samples]] = np.arange(n_samples)
    of_merges = np.array(starts[n_samples:], dtype=np.int64)
    return Leaves(
        order,
        np.array(boundaries, dtype=np.int64),
        of_merges,
        of_merges + linkage[:, 3].astype(np.int64),
    )


def flat_order(labels: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
    """Rows by cluster and then by number, noise last."""
    last = int(labels.max(initial=-1)) + 1
    return np.argsort(np.where(labels < 0, last, labels), kind="stable").astype(np.int64)


def are_nodes(leaves: Leaves, labels: NDArray[np.integer[Any]]) -> bool:
    """Whether every cluster is a node of the tree: all rows below one merge, and no others."""
    ordered = labels[leaves.order]
    changes = np.flatnonzero(np.diff(ordered)) + 1
    starts, ends = np.r_[0, changes], np.r_[changes, len(ordered)]
    clustered = ordered[starts] >= 0
    if len(np.unique(ordered[starts][clustered])) < clustered.sum():
        return False  # in several pieces
    rank = np.empty(len(ordered) + 1, dtype=np.int64)
    rank[leaves.boundaries] = np.arange(len(leaves.boundaries))
    rank[[0, -1]] = len(ordered)
    pieces = zip(starts[clustered].tolist(), ends[clustered].tolist(), strict=True)
    return all(
        end - start == 1 or rank[start + 1 : end].max() < min(rank[start], rank[end])
        for start, end in pieces
    )
