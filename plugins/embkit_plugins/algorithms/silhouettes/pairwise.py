"""Silhouettes from the distances of all pairs, a stripe of rows in each call."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from embkit import Blocks, Context, Floats, IntArray
from embkit_plugins.algorithms.rows.calls import Calls
from embkit_plugins.algorithms.rows.grouping import by_group
from embkit_plugins.algorithms.rows.prepare import first_equal
from embkit_plugins.algorithms.rows.threads import blas_threads
from embkit_plugins.algorithms.silhouettes.grouping import Grouping, membership, scores
from embkit_plugins.algorithms.silhouettes.prepared import ByScipy, Euclidean

__all__ = ["scores_by_pairs"]

_TILE = 1024
_BLOCK_VALUES = 4_000_000  # of total distances
_BLOCK_ROWS = 128  # fewer would starve the matrix products
_BLOCKS_SENT = 2  # that a worker does at once: it reads and converts all rows for each stripe
_NONE = np.empty(0, dtype=np.int64)

_Scores = tuple[Floats, IntArray]


def scores_by_pairs(
    vectors: NDArray[Any],
    groupings: Sequence[Grouping],
    metric: Euclidean | ByScipy,
    workers: Context | None,
) -> Iterator[tuple[IntArray, _Scores]]:
    """The scores of rows under each labeling; of several equal rows one is compared, and all count.

    Parameters
    ----------
    vectors : ndarray of shape (n_samples, n_features)
        Of any real dtype; `embkit.Blocks` for workers.
    groupings : sequence of Grouping
        The labelings.
    metric : Euclidean or ByScipy
        The distances.
    workers : Context, optional
        Makes the calls on its workers; else they are made in as many threads as BLAS has.

    Yields
    ------
    rows : ndarray of int64
        Each row once.
    scores : tuple
        See `embkit_plugins.algorithms.silhouettes.grouping.scores`.
    """
    from threadpoolctl import threadpool_limits

    if all(len(grouping.sizes) < 2 for grouping in groupings):
        return
    distinct, copy_of = _distinct(vectors)
    members = _members(groupings, copy_of, len(distinct))
    light = [replace(grouping, labels=_NONE, codes=_NONE) for grouping in groupings]
    threads = blas_threads()
    # Products on one thread, lest their last bits depend on how many there are.
    with threadpool_limits(1, user_api="blas"):
        view = metric.view(distinct)
        if workers is None:
            calls = Calls.here(view(distinct)[:], threads)
        else:
            calls = Calls.on_workers(workers, view(distinct), distinct, view)
        shared = [calls.share(array) for array in (members.data, members.indices, members.indptr)]
        block = max(_BLOCK_ROWS, min(_TILE, _BLOCK_VALUES // members.shape[1]))
        stripes = list(_stripes(copy_of, block * (_BLOCKS_SENT if calls.batched else 1)))
        units = (
            (stripe, copy_of[rows] - stripe.start, [grouping.codes[rows] for grouping in groupings])
            for stripe, rows in stripes
        )
        found = calls.map(partial(_scores_of_stripe, metric, light, block), units, *shared, together=1)
        for (_, rows), scored in zip(stripes, found, strict=True):
            yield rows, scored


def _distinct(vectors: Any) -> tuple[Any, IntArray]:
    """The distinct rows, in files if they lie there, and which of them each row is equal to."""
    if isinstance(vectors, Blocks):
        firsts, copy_of = np.unique(first_equal(cast("NDArray[Any]", vectors)), return_inverse=True)
        return vectors if len(firsts) == len(vectors) else vectors.select(firsts), copy_of
    floats = np.asarray(vectors, dtype=np.result_type(vectors, np.float32))
    firsts, copy_of = np.unique(first_equal(floats), return_inverse=True)
    return vectors if len(firsts) == len(vectors) else vectors[firsts], copy_of


def _members(groupings: Sequence[Grouping], copy_of: IntArray, n_distinct: int) -> Any:
    """The sparse matrix (distinct rows, all clusters): how many of its copies are in each."""
    from scipy.sparse import csr_array

    n_samples = len(copy_of)
    copies = csr_array((np.ones(n_samples), copy_of, np.arange(n_samples + 1)), (n_samples, n_distinct))
    return (membership(groupings, slice(0, n_samples)) @ copies).T.tocsr()


def _stripes(copy_of: IntArray, n_rows: int) -> Iterator[tuple[slice, IntArray]]:
    """Slices of distinct rows, each with all rows that are equal to one of them."""
    n_distinct = int(copy_of.max()) + 1
    by_first, bounds = by_group(copy_of, n_distinct)
    for start in range(0, n_distinct, n_rows):
        stripe = slice(start, min(start + n_rows, n_distinct))
        yield stripe, by_first[bounds[stripe.start] : bounds[stripe.stop]]


def _scores_of_stripe(
    metric: Euclidean | ByScipy,
    groupings: Sequence[Grouping],
    block_rows: int,
    points: Any,
    data: Floats,
    indices: NDArray[Any],
    indptr: NDArray[Any],
    unit: tuple[slice, IntArray, Sequence[IntArray]],
) -> _Scores:
    """The scores of all copies of some distinct rows, which are compared to all distinct rows."""
    from scipy.sparse import csr_array

    stripe, places, codes = unit
    n_clusters = sum(len(grouping.sizes) for grouping in groupings)
    members = csr_array((data, indices, indptr), shape=(len(points), n_clusters))
    starts = range(stripe.start, stripe.stop, block_rows)
    blocks = [slice(start, min(start + block_rows, stripe.stop)) for start in starts]
    distances = [metric.to(points[block]) for block in blocks]
    totals = [np.zeros((n_clusters, block.stop - block.start)) for block in blocks]
    for start in range(0, len(points), _TILE):
        tile = slice(start, min(start + _TILE, len(points)))
        others, inside = points[tile], members[tile].T
        for block, apart, total in zip(blocks, distances, totals, strict=True):
            np.add(total, inside @ apart(others, block.start - start), out=total)
    return _of_copies(np.concatenate(totals, axis=1).T, groupings, places, codes)


def _of_copies(
    totals: Floats, groupings: Sequence[Grouping], places: IntArray, codes: Sequence[IntArray]
) -> _Scores:
    """The scores of rows that have the totals at some places, a few at a time."""
    step = max(_BLOCK_ROWS, _BLOCK_VALUES // totals.shape[1])
    found = []
    for start in range(0, len(places), step):
        some = slice(start, start + step)
        found.append(scores(totals[places[some]], groupings, [each[some] for each in codes]))
    values, nearest = zip(*found, strict=True)
    return np.concatenate(values, axis=1), np.concatenate(nearest, axis=1)
