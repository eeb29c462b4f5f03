"""Central rows and closest pairs of every merge of a tree, which need the vectors."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit_plugins.exporters.page.leaves import leaves_of
from embkit_plugins.exporters.page.payload import ClosestPairs

__all__ = ["central_rows", "closest_pairs", "supported"]

_BLOCK = 1 << 22  # distances held at a time
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
    found = np.full(len(linkage), -1, dtype=np.int64)
    pairs = sizes == 2  # both rows are as central, so that the first speaks
    found[pairs] = np.minimum(order[leaves.starts[pairs]], order[leaves.boundaries[pairs]])
    for merge in np.flatnonzero(_affordable(sizes, budget) & ~pairs):
        rows = slice(leaves.starts[merge], leaves.ends[merge])
        members = ordered[rows]
        if metric == "cosine":
            closeness = members @ members.sum(axis=0)
        else:
            closeness = -((members - members.mean(axis=0)) ** 2).sum(axis=1)
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
    for merge in np.flatnonzero(_affordable(n_pairs, budget) & ~single):
        left, right = slice(starts[merge], middles[merge]), slice(middles[merge], ends[merge])
        a, b, similarity = _closest(ordered[left], ordered[right], order[left], order[right], metric)
        first[merge], second[merge] = min(a, b), max(a, b)
        distance[merge] = _distance(np.asarray(similarity), metric)
    return ClosestPairs(first, second, distance)


def _closest(
    left: Floats, right: Floats, left_rows: NDArray[Any], right_rows: NDArray[Any], metric: str
) -> tuple[int, int, float]:
    """The most similar pair of two groups: similarity is the cosine, or minus the squared distance."""
    step = max(1, _BLOCK // len(right))
    best = (-np.inf, 0, 0)
    for top in range(0, len(left), step):
        similar = _similarity(left[top : top + step], right, metric)
        value = float(similar.max())
        if value < best[0] - _TIE:
            continue
        places = np.flatnonzero(similar >= value - _TIE * max(abs(value), 1.0))
        rows, columns = np.divmod(places, len(right))
        pairs = np.stack([left_rows[top + rows], right_rows[columns]])
        tied = len(places) > 1
        lowest = int(np.lexsort((pairs.max(axis=0), pairs.min(axis=0)))[0]) if tied else 0
        candidate = (value, int(pairs[0, lowest]), int(pairs[1, lowest]))
        if value > best[0] + _TIE or sorted(candidate[1:]) < sorted(best[1:]):
            best = candidate
    return best[1], best[2], best[0]


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
    ordered = vectors[order]
    if metric != "cosine":
        return np.asarray(ordered, dtype=np.float64)
    lengths = np.linalg.norm(ordered.astype(np.float64), axis=1, keepdims=True)
    return np.asarray(ordered / np.where(lengths > 0, lengths, 1.0), dtype=np.float32)


def _affordable(costs: NDArray[np.int64], budget: int) -> NDArray[np.bool_]:
    """The cheapest of some costs that together are within a budget."""
    order = np.argsort(costs, kind="stable")
    affordable = np.zeros(len(costs), dtype=bool)
    affordable[order[np.cumsum(costs[order]) <= budget]] = True
    return affordable
