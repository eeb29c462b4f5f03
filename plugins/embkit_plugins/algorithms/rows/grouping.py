"""Rows in order of the groups that they are in."""

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit import IntArray

__all__ = ["by_group", "rows_of_groups", "runs"]


def by_group(groups: NDArray[np.signedinteger[Any]], n_groups: int) -> tuple[IntArray, IntArray]:
    """Sort rows by group, and say where each group begins.

    Parameters
    ----------
    groups : ndarray of int32 or int64, shape (n_rows,)
        The group of each row, below `n_groups`; negative for a row of none.
    n_groups : int
        How many groups there are; some may be empty.

    Returns
    -------
    order : ndarray of int64, shape (n_rows,)
        Those of no group, then each group's; ascending within a group.
    bounds : ndarray of int64, shape (n_groups + 1,)
        Group i is ``order[bounds[i] : bounds[i + 1]]``.
    """
    order = np.argsort(groups, kind="stable")
    wanted = np.arange(n_groups + 1, dtype=groups.dtype)
    return order, np.searchsorted(groups, wanted, sorter=order).astype(np.int64)


def rows_of_groups(groups: IntArray, n_groups: int) -> list[IntArray]:
    """The rows of each group, ascending; see `by_group`."""
    order, bounds = by_group(groups, n_groups)
    return [order[start:stop] for start, stop in pairwise(bounds.tolist())]


def runs(starts: IntArray, sizes: IntArray) -> IntArray:
    """Consecutive numbers from each start on, as many as each size says, one run after the other.

    Parameters
    ----------
    starts, sizes : ndarray of int64, shape (n_runs,)
        Sizes are 0 or more.

    Returns
    -------
    ndarray of int64, shape (sizes.sum(),)
    """
    return np.asarray(np.repeat(starts - np.cumsum(sizes) + sizes, sizes) + np.arange(sizes.sum()))
