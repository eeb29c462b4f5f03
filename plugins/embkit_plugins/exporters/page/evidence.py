"""Central rows and closest pairs of every merge of a tree, which need the vectors."""

from collections.abc import Iterator
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit_plugins.exporters.page.leaves import Leaves, leaves_of
from embkit_plugins.exporters.page.partition import Part, chains, islands
from embkit_plugins.exporters.page.payload import ClosestPairs

__all__ = ["central_rows", "closest_pairs", "supported"]

_BLOCK = 1 << 22  # products held at a time, but for a merge that has more of its own
_TIE = 1e-6  # similarities closer than this are equal, and the lowest row is taken
_ROWS = 8_000_000  # of nodes that are looked at for a central one, all together
_PAIRS = 10_000_000  # of rows whose distance is looked at, all together

Floats = NDArray[np.floating[Any]]


def supported(metric: str) -> bool:
    """Whether central rows and closest pairs can be computed under a metric."""
    return metric in {"cosine", "euclidean"}


def central_rows(
    vectors: Floats, linkage: NDArray[np.float64], metric: str, *, budget: int = _ROWS
) -> NDArray[np.int64]:
    """Find the most central row of each merge.

    Under cosine the row of highest mean cosine to the others, which is the
    medoid; under euclidean the row nearest to the mean. Ties go to the lowest row.

    Parameters
    ----------
    vectors : ndarray of shape (n_samples, n_features)
        The rows that the tree was made from.
    linkage : ndarray of shape (n_samples - 1, 4)
        scipy's tree.
    metric : {"cosine", "euclidean"}
        What its heights measure.
    budget : int
        Rows looked at, those of all merges added up; the largest merges are left
        out where there are more.

    Returns
    -------
    ndarray of int64, shape (n_samples - 1,)
        A row for each merge, -1 for those left out. Cost: O(budget x n_features).
    """
    leaves = leaves_of(linkage)
    order, sizes = leaves.order, leaves.ends - leaves.starts
    ordered = _ordered(vectors, order, metric)
    squares = (ordered**2).sum(axis=1)
    found = np.full(len(linkage), -1, dtype=np.int64)
    pairs = sizes == 2  # both rows are as central, so that the first speaks
    found[pairs] = np.minimum(order[leaves.starts[pairs]], order[leaves.boundaries[pairs]])
    wanted = _affordable(sizes, budget) & ~pairs
    for part in chain(islands(leaves, wanted), chains(leaves, wanted, _BLOCK)):
        for merge, rows, products in _products_with_sums(part, ordered, leaves):
            closeness = _closeness(products, squares[rows], metric)
            best = closeness.max()
            tied = closeness >= best - _TIE * abs(best)
            found[merge] = order[rows][tied].min()
    return found


def closest_pairs(
    vectors: Floats, linkage: NDArray[np.float64], metric: str, *, budget: int = _PAIRS
) -> ClosestPairs:
    """Find the two nearest rows across each merge.

    The nearest rows of different parts of a larger group are the nearest of
    those across its merges, so that these serve any two thresholds.

    Parameters
    ----------
    vectors, linkage, metric
        As in `central_rows`.
    budget : int
        Distances computed, those of all merges added up; the merges of most
        pairs are left out where there are more.

    Returns
    -------
    ClosestPairs
        -1 and NaN for merges left out. Cost: O(budget x n_features).
    """
    leaves = leaves_of(linkage)
    order, starts, middles, ends = leaves.order, leaves.starts, leaves.boundaries, leaves.ends
    ordered = _ordered(vectors, order, metric)
    n_pairs = (middles - starts) * (ends - middles)
    first = np.full(len(linkage), -1, dtype=np.int64)
    second, distance = first.copy(), np.full(len(linkage), np.nan)
    single = n_pairs == 1
    first[single], second[single] = np.sort([order[starts[single]], order[middles[single]]], axis=0)
    similar = _similarity_of_each(ordered[starts[single]], ordered[middles[single]], metric)
    distance[single] = _distance(similar, metric)
    wanted = _affordable(n_pairs, budget) & ~single
    for part in chain(islands(leaves, wanted), chains(leaves, wanted, _BLOCK)):
        similar = _similarity(ordered[part.added], ordered[part.all], metric)
        for merge in part.merges:
            left, right = slice(starts[merge], middles[merge]), slice(middles[merge], ends[merge])
            within = similar[_from(right, part.added), _from(left, part.all)]
            a, b, similarity = _closest(within, order[right], order[left])
            first[merge], second[merge] = min(a, b), max(a, b)
            distance[merge] = _distance(np.asarray(similarity), metric)
    return ClosestPairs(first, second, distance)


def _products_with_sums(
    part: Part, ordered: Floats, leaves: Leaves
) -> Iterator[tuple[int, slice, Floats]]:
    """For each merge of a part its rows, and their products with the sum of them."""
    starts, ends = leaves.starts, leaves.ends
    if part.added == part.all:  # an island
        products = ordered[part.all] @ ordered[part.all].T
        for merge in part.merges:
            rows = slice(starts[merge], ends[merge])
            within = _from(rows, part.all)
            yield merge, rows, products[within, within].sum(axis=1)
        return
    start, stops = part.all.start, ends[part.merges]
    sums = ordered[start : stops[0]].sum(axis=0, dtype=np.float64)[None]
    if len(stops) > 1:
        more = np.add.reduceat(
            ordered[stops[0] : stops[-1]], stops[:-1] - stops[0], axis=0, dtype=np.float64
        )
        sums = np.cumsum(np.concatenate([sums, more]), axis=0)
    products = ordered[start : stops[-1]] @ sums.T.astype(ordered.dtype)
    for column, (merge, stop) in enumerate(zip(part.merges, stops.tolist(), strict=True)):
        yield merge, slice(start, stop), products[: stop - start, column]


def _closeness(products: Floats, squares: Floats, metric: str) -> Floats:
    """How central rows are: the sum of their cosines, or minus the squared distance to the mean."""
    if metric == "cosine":
        return products
    to_mean = products / len(products)
    return np.asarray(2 * to_mean - squares - to_mean.mean())


def _closest(
    similar: Floats, rows: NDArray[np.int64], columns: NDArray[np.int64]
) -> tuple[int, int, float]:
    """The most similar pair of two groups; of equal ones the one of the lowest rows."""
    best = float(similar.max())
    places = np.flatnonzero(similar >= best - _TIE * max(abs(best), 1.0))
    of_rows, of_columns = np.divmod(places, similar.shape[1])
    if len(places) == 1:
        return int(rows[of_rows[0]]), int(columns[of_columns[0]]), best
    pairs = np.stack([rows[of_rows], columns[of_columns]])
    lowest = int(np.lexsort((pairs.max(axis=0), pairs.min(axis=0)))[0])
    return int(pairs[0, lowest]), int(pairs[1, lowest]), best


def _from(rows: slice, whole: slice) -> slice:
    return slice(rows.start - whole.start, rows.stop - whole.start)


def _distance(similarity: Floats, metric: str) -> Floats:
    if metric == "cosine":
        return np.asarray(np.maximum(1.0 - similarity, 0.0))
    return np.asarray(np.sqrt(np.maximum(-similarity, 0.0)))


def _similarity_of_each(left: Floats, right: Floats, metric: str) -> Floats:
    if metric == "cosine":
        return np.asarray((left * right).sum(axis=1))
    return np.asarray(-((left - right) ** 2).sum(axis=1))


def _similarity(left: Floats, right: Floats, metric: str) -> Floats:
    products = left @ right.T
    if metric == "cosine":
        return products
    squares = (left**2).sum(axis=1)[:, None] + (right**2).sum(axis=1)[None, :]
    return np.asarray(2 * products - squares)


def _ordered(vectors: Floats, order: NDArray[np.int64], metric: str) -> Floats:
    if metric != "cosine":
        rows = np.asarray(vectors, dtype=np.float64)[order]
        return np.asarray(rows - rows.mean(axis=0))
    ordered = vectors[order]
    lengths = np.sqrt(np.einsum("ij,ij->i", ordered, ordered, dtype=np.float64))
    scale = (1 / np.where(lengths > 0, lengths, 1.0)).astype(ordered.dtype)
    return np.asarray(ordered * scale[:, None], dtype=np.float32)


def _affordable(costs: NDArray[np.int64], budget: int) -> NDArray[np.bool_]:
    """The cheapest of some costs that together are within a budget."""
    order = np.argsort(costs, kind="stable")
    affordable = np.zeros(len(costs), dtype=bool)
    affordable[order[np.cumsum(costs[order]) <= budget]] = True
    return affordable
