"""Cophenetic distances: the height at which two rows of a tree are first together."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit_plugins.algorithms.trees.nodes import layout

__all__ = ["cophenetic_distances"]


def cophenetic_distances(
    linkage: NDArray[np.float64], left: NDArray[Any], right: NDArray[Any]
) -> NDArray[np.float64]:
    """Heights of the lowest nodes over pairs of different rows.

    With the leaves in the tree's order, the lowest node over two of them is the
    latest of the merges between neighbours from the one to the other; the
    latest in a range is read from a table of ranges that are powers of two.

    Parameters
    ----------
    linkage : ndarray of shape (n_samples - 1, 4)
        A whole tree in scipy's format; inversions do no harm.
    left, right : ndarray of int, shape (n_pairs,)
        The rows.

    Returns
    -------
    ndarray of float64, shape (n_pairs,)
        Cost: O(n log n + n_pairs), where scipy's ``cophenet`` takes n^2.
    """
    n_samples = len(linkage) + 1
    places = layout(linkage)
    place_of = np.empty(n_samples, dtype=np.int64)
    place_of[places.order] = np.arange(n_samples)
    # Merge i joins the leaves on either side of the place where its second child starts.
    between = np.empty(n_samples - 1, dtype=np.int64)
    between[places.starts[linkage[:, 1].astype(np.int64)] - 1] = np.arange(n_samples - 1)
    ends = np.sort([place_of[left], place_of[right]], axis=0)
    return np.asarray(linkage[_latest(between, ends[0], ends[1]), 2])


def _latest(
    values: NDArray[np.int64], begin: NDArray[np.int64], end: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Find the maximum of ``values[begin:end]`` for many ranges, none of them empty."""
    level = np.frexp(end - begin)[1] - 1
    latest = np.empty(len(begin), dtype=np.int64)
    table = values
    for exponent in range(int(level.max(initial=0)) + 1):
        if exponent:
            half = 1 << (exponent - 1)
            table = np.maximum(table[:-half], table[half:])
        here = np.flatnonzero(level == exponent)
        last = end[here] - (1 << exponent)
        latest[here] = np.maximum(table[begin[here]], table[last])
    return latest
