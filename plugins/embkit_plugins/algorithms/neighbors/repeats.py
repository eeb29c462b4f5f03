"""Extend the neighbours of distinct rows to all rows, equal rows included."""

import numpy as np
from numpy.typing import NDArray

from embkit import IntArray
from embkit_plugins.algorithms.distances.row_tree import columns_of_others
from embkit_plugins.algorithms.rows.grouping import runs

__all__ = ["with_repeats"]


def with_repeats(
    near: IntArray, squares: NDArray[np.float64], group: IntArray, n_neighbors: int
) -> tuple[IntArray, NDArray[np.float64]]:
    """Nearest other rows of every row, from those of one row of each group of equal rows.

    Parameters
    ----------
    near : ndarray of int64, shape (n_groups, n_near)
        For each group the nearest other groups, ties by lowest first row;
        `n_neighbors` of them, or all where there are fewer.
    squares : ndarray of float64, shape (n_groups, n_near)
        Squared distances.
    group : ndarray of int64, shape (n_samples,)
        The group of each row; groups are numbered by first row.
    n_neighbors : int
        How many rows to give for each row, less than n_samples.

    Returns
    -------
    indices : ndarray of int64, shape (n_samples, n_neighbors)
        In order of distance, ties by lowest row.
    squares : ndarray of float64, shape (n_samples, n_neighbors)

    Notes
    -----
    Of a group only the first `n_neighbors` + 1 rows can matter. Cost: that many
    times `near` at worst, where groups are large.
    """
    by_group = np.argsort(group, kind="stable")
    sizes = np.bincount(group)
    starts = np.cumsum(sizes) - sizes
    # Each group's own rows stand first, at distance 0, the row itself among them.
    groups = np.column_stack([np.arange(len(near)), near])
    distances = np.column_stack([np.zeros(len(near)), squares])
    repeats = np.minimum(sizes, n_neighbors + 1)[groups].ravel()
    members = by_group[runs(starts[groups].ravel(), repeats)]
    values = np.repeat(distances.ravel(), repeats)
    owner = np.repeat(np.repeat(np.arange(len(near)), groups.shape[1]), repeats)
    order = np.lexsort((members, values, owner))
    kept = order[np.searchsorted(owner, np.arange(len(near)))[:, None] + np.arange(n_neighbors + 1)]
    found, found_squares = members[kept][group], values[kept][group]
    others = columns_of_others(found, np.arange(len(group)), n_neighbors)
    return (
        np.take_along_axis(found, others, axis=1),
        np.take_along_axis(found_squares, others, axis=1),
    )
