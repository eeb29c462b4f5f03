"""Evidence about merged clusters: typical rows, closest pairs, valleys between them.

Everything reads one order of the rows in which parts and merges are slices.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit_plugins.algorithms.distances.pairs import Metric, Pairs
from embkit_plugins.algorithms.ledger.structure import MergeStructure
from embkit_plugins.algorithms.silhouettes.nested import slice_sums
from embkit_plugins.algorithms.valleys.splits import split_support

__all__ = ["ClosestPair", "closest_pairs", "typical_rows", "valleys_between"]

_BLOCK_VALUES = 1 << 22
_TIE = 1e-5  # share of the best value within which the lowest row is taken


@dataclass(frozen=True)
class ClosestPair:
    """Two rows and the distance between them."""

    first: int
    second: int
    distance: float


def closest_pairs(pairs: Pairs, structure: MergeStructure) -> list[ClosestPair]:
    """Find for each merge the two nearest rows of different parts, exactly.

    Every such pair has one row outside the largest part, so the cost is one
    distance from each of those rows to the rest of its merge, in blocks.

    Parameters
    ----------
    pairs : Pairs
        Distances in the order of the structure.
    structure : MergeStructure
        The merges.
    """
    found = []
    part_begins = np.repeat(structure.part_bounds[:-1], np.diff(structure.part_bounds))
    for begin, end, parts in zip(
        structure.row_bounds[:-1], structure.row_bounds[1:], structure.merge_bounds[:-1], strict=True
    ):
        beyond_largest = structure.part_bounds[parts + 1]
        best = (np.inf, 0, 0)
        step = max(1, _BLOCK_VALUES // int(end - begin))
        for top in range(int(beyond_largest), int(end), step):
            rows = slice(top, min(top + step, int(end)))
            distances = pairs.block(rows, slice(int(begin), rows.stop))
            # A row is compared with the parts before its own: each pair is seen once.
            before = part_begins[rows, None] - begin > np.arange(distances.shape[1])
            distances = np.where(before, distances, np.inf)
            row, column = divmod(int(distances.argmin()), distances.shape[1])
            best = min(best, (float(distances[row, column]), int(begin) + column, top + row))
        found.append(ClosestPair(int(structure.order[best[1]]), int(structure.order[best[2]]), best[0]))
    return found


def typical_rows(pairs: Pairs, structure: MergeStructure, metric: Metric) -> NDArray[np.int64]:
    """Find the most central row of each part; ties go to the lowest row.

    Under cosine the row of highest mean cosine to its part, which is the exact
    medoid, and under correlation likewise; under euclidean, hamming and manhattan the
    row nearest to the mean; for precomputed distances the exact medoid. Cost: O(n d), and
    the sum of squared part sizes for precomputed distances.
    """
    if not len(structure.part_clusters):
        return np.empty(0, dtype=np.int64)
    bounds, n_rows = structure.part_bounds, structure.n_rows
    sizes = np.diff(bounds)
    if metric == "precomputed":
        away = [
            pairs.block(slice(begin, end), slice(begin, end)).sum(axis=1)
            for begin, end in pairwise(bounds)
        ]
        distance = np.concatenate(away)
    else:
        rows = pairs.rows[:n_rows]
        means = slice_sums(rows, bounds[:-1]) / sizes[:, None].astype(rows.dtype)
        part = np.repeat(np.arange(len(sizes)), sizes)
        distance = np.empty(n_rows)
        step = max(1, _BLOCK_VALUES // rows.shape[1])
        for begin in range(0, n_rows, step):
            block = slice(begin, begin + step)
            distance[block] = _distances_to(means[part[block]], rows[block], metric)
    lowest = np.repeat(np.minimum.reduceat(distance, bounds[:-1]), sizes)
    highest = np.repeat(np.maximum.reduceat(distance, bounds[:-1]), sizes)
    central = np.flatnonzero(distance <= lowest + _TIE * np.maximum(highest, _TIE))
    return structure.order[central[np.searchsorted(central, bounds[:-1])]]


def _distances_to(means: NDArray[Any], rows: NDArray[Any], metric: Metric) -> NDArray[Any]:
    if metric in ("cosine", "correlation"):
        return np.asarray(1.0 - np.einsum("ij,ij->i", means, rows))
    return np.asarray(((rows - means) ** 2).sum(axis=1))


def valleys_between(pairs: Pairs, structure: MergeStructure, metric: Metric) -> list[float | None]:
    """Give for each merge the p-value of no valley between its two largest parts.

    None where a part is too small for that, and for precomputed distances, where
    there are no points. Cost: O(n d) over the merges of two parts of ten rows or more.
    """
    if metric == "precomputed":
        return [None] * len(structure.merge_clusters)
    rng = np.random.default_rng(0)  # deals rows to folds; any seed will do
    found = []
    for first in structure.merge_bounds[:-1]:
        one, other = (
            np.arange(structure.part_bounds[part], structure.part_bounds[part + 1])
            for part in (first, first + 1)
        )
        found.append(split_support(pairs.rows, one, other, rng)[0])
    return found
