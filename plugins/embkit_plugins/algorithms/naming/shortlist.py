"""The terms worth a closer look for each group, found from the smallest groups upwards."""

import numpy as np

from embkit_plugins.algorithms.naming.evidence import Evidence
from embkit_plugins.algorithms.naming.types import IntArray

__all__ = ["depths", "shortlist"]

N_KEPT = 32  # terms that a group hands to its parent


def depths(parents: IntArray) -> IntArray:
    """Count the ancestors of each group; parents may come in any order."""
    depth = (parents >= 0).astype(np.int64)
    above = parents
    while (above >= 0).any():  # twice as far up each time
        depth = depth + np.where(above >= 0, depth[above], 0)
        above = np.where(above >= 0, above[above], -1)
    return depth


def shortlist(evidence: Evidence, parents: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Return pairs of a group and a term that is frequent in it, with the count.

    Every term that two rows of a group share is met in the smallest group that
    holds two neighbouring rows with it; from there the best 32 terms of each
    group are handed to its parent. Cost O(n_pairs log n_rows + n_groups).
    """
    depth = depths(parents)
    groups, terms = _meetings(evidence, depth)
    kept: list[tuple[IntArray, IntArray, IntArray]] = []
    handed = (np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))
    by_depth = np.argsort(-depth[groups], kind="stable")
    groups, terms = groups[by_depth], terms[by_depth]
    bounds = np.searchsorted(-depth[groups], -np.arange(depth.max(initial=0) + 1), side="right")
    begin = 0
    for level in range(int(depth.max(initial=0)), -1, -1):
        own = slice(begin, bounds[level])
        begin = bounds[level]
        pairs = _distinct(
            np.concatenate([groups[own], handed[0]]), np.concatenate([terms[own], handed[1]])
        )
        best = _best(evidence, *pairs)
        kept.append(best)
        up = parents[best[0]]
        handed = (up[up >= 0], best[1][up >= 0])
    joined = [np.concatenate(column) for column in zip(*kept, strict=True)]
    order = np.lexsort((joined[1], joined[0]))
    return joined[0][order], joined[1][order], joined[2][order]


def _distinct(groups: IntArray, terms: IntArray) -> tuple[IntArray, IntArray]:
    width = int(terms.max(initial=0)) + 1
    keys = np.unique(groups * width + terms)
    return keys // width, keys % width


def _best(evidence: Evidence, groups: IntArray, terms: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Keep the terms of each group that cover much of it and little else."""
    counts = evidence.counts(groups, terms)
    inside, outside = _rates(evidence, groups, terms, counts)
    lift = np.log(np.maximum(inside / outside, 1.0))
    scores = np.round(inside * np.sqrt(lift), 9)
    several = (counts >= 2) & (lift > 0)
    order = np.lexsort((terms, -scores, groups))
    order = order[several[order]]
    first = np.searchsorted(groups[order], groups[order])
    order = order[np.arange(len(order)) - first < N_KEPT]
    return groups[order], terms[order], counts[order]


def _rates(
    evidence: Evidence, groups: IntArray, terms: IntArray, counts: IntArray
) -> tuple[np.ndarray, np.ndarray]:
    n, frequencies = evidence.n_rows, evidence.totals(terms)
    sizes = evidence.sizes[groups]
    return counts / np.maximum(sizes, 1), (frequencies - counts + 1) / (n - sizes + 1)


def _meetings(evidence: Evidence, depth: IntArray) -> tuple[IntArray, IntArray]:
    """Find the smallest group around each two neighbouring rows with a common term."""
    n = max(evidence.n_rows, 1)
    term, place = evidence.keys // n, evidence.keys % n
    same = term[1:] == term[:-1]
    left, right, term = place[:-1][same], place[1:][same], term[1:][same]
    gaps = _innermost(evidence, depth)
    coded = np.where(gaps >= 0, (depth[gaps] + 1) * len(depth) + gaps, -1) if len(depth) else gaps
    found = _range_minimum(coded, left, right)
    inside = found >= 0
    return (found[inside] % max(len(depth), 1)), term[inside]


def _innermost(evidence: Evidence, depth: IntArray) -> IntArray:
    """Return for each two neighbouring places the innermost group that holds both, or -1."""
    owner = np.full(max(evidence.n_rows - 1, 0), -1)
    stack: list[int] = []
    begins, ends = evidence.starts.tolist(), (evidence.stops - 1).tolist()
    place = 0

    def paint(end: int, place: int) -> int:
        if stack and end > place:
            owner[place:end] = stack[-1]
        return max(place, end)

    for group in np.lexsort((depth, -evidence.stops, evidence.starts)).tolist():
        while stack and ends[stack[-1]] <= begins[group]:
            place = paint(ends[stack[-1]], place)
            stack.pop()
        place = paint(begins[group], place)
        stack.append(group)
    while stack:
        place = paint(ends[stack[-1]], place)
        stack.pop()
    return owner


def _range_minimum(values: IntArray, left: IntArray, right: IntArray) -> IntArray:
    """Return the smallest of ``values[left:right]`` for each pair; cost O(n log n)."""
    found = np.full(len(left), -1)
    length = right - left
    level, width = values, 1
    while width <= length.max(initial=0):
        now = np.flatnonzero((length >= width) & (length < 2 * width))
        found[now] = np.minimum(level[left[now]], level[right[now] - width])
        level = np.minimum(level[:-width], level[width:]) if len(level) > width else level
        width *= 2
    return found
