"""Silhouettes of chosen rows at many cuts of one tree, from one pass over the finest.

Cuts of one tree are nested: a cluster of a coarser cut is a union of clusters
of a finer one, so that the total distance from a row to it is a sum of totals.
With the rows in an order in which every cluster of every cut is a slice, going
from one cut to the next is a sum over slices.

Cost: one distance from each scored row to each other row (under cosine to each
sum of a finest cluster only), then (rows scored) x (clusters) for each cut.
Accuracy: under cosine that of the vectors' dtype, about 1e-6 in float32.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit import Dataset
from embkit_plugins.algorithms.distances.pairs import Metric, Pairs, pairs_of

__all__ = ["nested_order", "nested_silhouettes", "pairs_in_order", "slice_sums"]

_BLOCK_VALUES = 1 << 20  # what the caches of a core hold: cuts pass over a block many times
_BY_SUMS = ("cosine", "correlation")
_ROUNDING = 8  # machine epsilons: a mean cosine distance below that is zero


def nested_order(cuts: Sequence[NDArray[Any]]) -> NDArray[np.int64]:
    """Order the rows so that every cluster of every cut is a slice.

    Parameters
    ----------
    cuts : sequence of ndarray of int, shape (n_samples,)
        Labels of nested cuts, finest first.

    Returns
    -------
    ndarray of int64, shape (n_samples,)
        By cluster of the coarsest cut, within it by that of the next, and so on.
    """
    return np.lexsort(tuple(cuts)).astype(np.int64)


def pairs_in_order(dataset: Dataset, metric: Metric, rows: NDArray[Any]) -> Pairs:
    """Prepare the distances between the given rows, which may repeat, in the order given."""
    if metric == "precomputed":
        matrix = dataset.vectors[np.ix_(rows, rows)]
        return Pairs(matrix, lambda left, right: matrix[left, right].copy())
    chosen = Dataset(dataset.vectors[rows], name=dataset.name, rows=dataset.source_rows[rows])
    return pairs_of(chosen, metric)


def nested_silhouettes(
    pairs: Pairs,
    cuts: Sequence[NDArray[Any]],
    *,
    metric: Metric,
    members: slice,
    scored: slice,
    places: NDArray[Any],
) -> NDArray[np.float64]:
    """Silhouettes of some rows at every cut.

    Parameters
    ----------
    pairs : Pairs
        Holds the members, every cluster of every cut a slice of them, and the scored rows.
    cuts : sequence of ndarray of int, shape (n_members,)
        Labels of the members at nested cuts, finest first.
    metric : {"cosine", "correlation", "euclidean", "hamming", "manhattan", "precomputed"}
        What `pairs` measures.
    members, scored : slice
        Where in `pairs` they are.
    places : ndarray of int, shape (n_scored,)
        Which member each scored row is.

    Returns
    -------
    ndarray of float64, shape (n_cuts, n_scored)
        -1 to 1; 0 for a row alone in its cluster, NaN at cuts with a single cluster.
    """
    groups = [np.cumsum(np.diff(labels, prepend=labels[0]) != 0) for labels in cuts]
    starts = [np.flatnonzero(np.diff(labels, prepend=labels[0] - 1)) for labels in cuts]
    sizes = [
        np.diff(start, append=len(places_of)) for start, places_of in zip(starts, cuts, strict=True)
    ]
    sums = slice_sums(pairs.rows[members], starts[0]) if metric in _BY_SUMS else None
    height = len(starts[0]) if sums is not None else members.stop - members.start
    step = max(64, _BLOCK_VALUES // height)
    scores = np.empty((len(cuts), len(places)))
    for begin in range(0, len(places), step):
        own = places[begin : begin + step]
        rows = slice(scored.start + begin, scored.start + begin + len(own))
        if sums is not None:
            totals = sizes[0][:, None].astype(sums.dtype) - sums @ pairs.rows[rows].T
            totals[totals < _ROUNDING * np.finfo(sums.dtype).eps * sizes[0][:, None]] = 0
        else:
            totals = slice_sums(pairs.block(members, rows), starts[0])
        finer = starts[0]
        for cut, (group, start, size) in enumerate(zip(groups, starts, sizes, strict=True)):
            if len(start) < len(finer):
                totals = slice_sums(totals, np.searchsorted(finer, start))
            finer = start
            scores[cut, begin : begin + len(own)] = _scores(totals, size, group[own])
    return scores


def slice_sums(values: NDArray[Any], starts: NDArray[Any]) -> NDArray[Any]:
    """Add up slices of rows, as ``np.add.reduceat(values, starts, axis=0)`` does, several times faster.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_columns)
        float32 or float64.
    starts : ndarray of int, shape (n_slices,)
        Where each slice begins, ascending from 0; the last one ends with the rows.

    Returns
    -------
    ndarray of shape (n_slices, n_columns)
        Of the same dtype.
    """
    from scipy.sparse import csr_array

    n_rows = len(values)
    ends = np.append(starts, n_rows)
    ones = np.ones(n_rows, dtype=values.dtype)
    return np.asarray(csr_array((ones, np.arange(n_rows), ends), shape=(len(starts), n_rows)) @ values)


def _scores(totals: NDArray[Any], sizes: NDArray[Any], own: NDArray[Any]) -> NDArray[Any]:
    """Silhouettes from the total distances (cluster, row) and each row's own cluster."""
    columns = np.arange(len(own))
    if len(sizes) == 1:
        return np.full(len(own), np.nan)
    own_sizes = sizes[own]
    within = totals[own, columns] / np.maximum(own_sizes - 1, 1)
    means = totals / sizes[:, None].astype(totals.dtype)
    means[own, columns] = np.inf
    between = means.min(axis=0)
    larger = np.maximum(within, between)
    scores = np.divide(
        between - within, larger, out=np.zeros(len(own)), where=(own_sizes > 1) & (larger > 0)
    )
    return np.asarray(scores)
