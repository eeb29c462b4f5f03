"""The order of a tree's leaves in which neighbours are as near as the tree allows.

Bar-Joseph, Gifford and Jaakkola, "Fast optimal leaf ordering for hierarchical
clustering", Bioinformatics 17 (2001), S22-S29. scipy's ``optimal_leaf_ordering``
finds the length of the best order, and returns another one of many trees (its
issue 11227).
"""

import numpy as np

from embkit import Floats, IntArray, ParameterError
from embkit_plugins.algorithms.trees.nodes import TreeLayout, layout

__all__ = ["MOST_ORDERED", "check_size", "optimally_ordered"]

MOST_ORDERED = 3000
"""Rows at most: the time grows with the cube of their number."""

_Side = tuple[slice, slice]
"""The places of the first and the second child of a node."""


def check_size(n_samples: int) -> None:
    """Refuse more rows than can be ordered in a minute.

    Raises
    ------
    ParameterError
        If there are more than `MOST_ORDERED`.
    """
    if n_samples > MOST_ORDERED:
        raise ParameterError(
            f"clusterer agglomerative: optimal_ordering for {n_samples:,} rows",
            f"its time grows with their cube, and it is for at most {MOST_ORDERED:,}",
            "leave it out, or take fewer with --sample",
        )


def optimally_ordered(linkage: Floats, distances: Floats) -> Floats:
    """The same tree with the children of each merge so turned that neighbouring leaves are near.

    The sum of the distances between neighbouring leaves is the least there is.

    Parameters
    ----------
    linkage : ndarray of shape (n_samples - 1, 4)
        A whole tree in scipy's format.
    distances : ndarray of shape (n_samples, n_samples)
        Between the rows.

    Returns
    -------
    ndarray of float64, shape (n_samples - 1, 4)
        The same merges at the same heights; of orders that tie, one. Cost: O(n^3) additions at
        worst, and two matrices of n x n.

    Notes
    -----
    The least length of an order of the leaves under a node, with given leaves at its ends,
    is the least over the leaves at which its children meet. Going up the tree this is a
    product of matrices with sums for products and minima for sums.
    """
    if len(linkage) < 2:
        return linkage
    n_samples = len(linkage) + 1
    places = layout(linkage)
    near = np.asarray(distances, dtype=np.float64)[np.ix_(places.order, places.order)]
    best = np.zeros_like(near)
    children = linkage[:, :2].astype(np.int64)
    sides = [_sides(places, children, node) for node in range(2 * n_samples - 1)]
    for left, right in children.tolist():
        through = _ends(best, near, sides[left], _slice(places, right))
        found = _ends(best, through.T, sides[right], None).T
        best[_slice(places, left), _slice(places, right)] = found
        best[_slice(places, right), _slice(places, left)] = found.T
    return _turned(linkage, best, near, sides)


def _slice(places: TreeLayout, node: int) -> slice:
    return slice(int(places.starts[node]), int(places.starts[node] + places.sizes[node]))


def _sides(places: TreeLayout, children: IntArray, node: int) -> _Side:
    """Of a leaf, which is at both ends of itself, its own place twice."""
    n_samples = len(places.order)
    if node < n_samples:
        return _slice(places, node), _slice(places, node)
    left, right = children[node - n_samples]
    return _slice(places, int(left)), _slice(places, int(right))


def _ends(best: Floats, reach: Floats, sides: _Side, beyond: slice | None) -> Floats:
    """The least length from each leaf at one end of a node, through the node, to what lies beyond.

    `reach` has a line for each place of all, or of the node where nothing is `beyond` it.
    """
    first, second = sides
    if first == second:
        return reach[first, beyond] if beyond is not None else reach
    start = 0 if beyond is not None else first.start
    within = [slice(side.start - start, side.stop - start) for side in sides]
    columns = slice(None) if beyond is None else beyond
    return np.vstack(
        [
            _least_sums(best[first, second], reach[within[1], columns]),
            _least_sums(best[second, first], reach[within[0], columns]),
        ]
    )


def _least_sums(left: Floats, right: Floats) -> Floats:
    """Least ``left[i, j] + right[j, k]`` over j, by loops over the shortest side."""
    rows, inner, columns = *left.shape, right.shape[1]
    found = np.full((rows, columns), np.inf)
    if inner <= min(rows, columns):
        for j in range(inner):
            np.minimum(found, left[:, j, None] + right[j], out=found)
    elif rows <= columns:
        for i in range(rows):
            found[i] = (left[i, :, None] + right).min(axis=0)
    else:
        for k in range(columns):
            found[:, k] = (left + right[:, k]).min(axis=1)
    return found


def _turned(linkage: Floats, best: Floats, near: Floats, sides: list[_Side]) -> Floats:
    """The tree by the best order: from the ends of the root down to those of its parts."""
    n_samples = len(best)
    children = linkage[:, :2].astype(np.int64).tolist()
    turned = linkage.copy()
    root = 2 * n_samples - 2
    first, second = sides[root]
    end, other = np.unravel_index(best[first, second].argmin(), best[first, second].shape)
    waiting = [(root, first.start + int(end), second.start + int(other))]
    while waiting:
        node, begin, finish = waiting.pop()
        if node < n_samples:
            continue
        left, right = children[node - n_samples]
        if not sides[node][0].start <= begin < sides[node][0].stop:
            turned[node - n_samples, :2] = left, right = right, left
        inner, outer = _far_side(sides[left], begin), _far_side(sides[right], finish)
        lengths = best[begin, inner][:, None] + near[inner, outer] + best[outer, finish]
        meets = np.unravel_index(lengths.argmin(), lengths.shape)
        waiting.append((left, begin, inner.start + int(meets[0])))
        waiting.append((right, outer.start + int(meets[1]), finish))
    return turned


def _far_side(sides: _Side, place: int) -> slice:
    """The child of a node that does not hold a place; of a leaf itself."""
    return sides[1] if sides[0].start <= place < sides[0].stop else sides[0]
