"""Which clusters of one cut are parts of which cluster of a higher cut, from the tree alone.

Cost: O(n log n), no distances.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit import IntArray
from embkit_plugins.algorithms.trees.cuts import merges_below
from embkit_plugins.algorithms.trees.nodes import layout

__all__ = ["MergeStructure", "merge_structure"]


@dataclass(frozen=True, eq=False)
class MergeStructure:
    """The merges between two cuts, as slices of one order of the rows.

    Parameters
    ----------
    order : ndarray of int64, shape (n_samples,)
        Merged rows first, by merge, in it by part, in it ascending; then the untouched.
    part_bounds : ndarray of int64, shape (n_parts + 1,)
        Part p is ``order[part_bounds[p]:part_bounds[p + 1]]``.
    merge_bounds : ndarray of int64, shape (n_merges + 1,)
        Merge m has parts ``merge_bounds[m]`` to ``merge_bounds[m + 1]``, largest first.
    part_clusters, merge_clusters : ndarray of int64
        Their numbers at the lower and at the higher cut.
    joined_at : ndarray of float64, shape (n_parts,)
        The height at which each part was first merged.
    heights : tuple of ndarray of float64, one a merge
        The heights of its merges, ascending; one fewer than it has parts.
    """

    order: IntArray
    part_bounds: IntArray
    merge_bounds: IntArray
    part_clusters: IntArray
    merge_clusters: IntArray
    joined_at: NDArray[np.float64]
    heights: tuple[NDArray[np.float64], ...]

    @property
    def n_rows(self) -> int:
        """Number of merged rows, the first of `order`."""
        return int(self.part_bounds[-1])

    @property
    def merge_of_part(self) -> IntArray:
        """The merge of each part, shape (n_parts,)."""
        return np.repeat(np.arange(len(self.merge_clusters)), np.diff(self.merge_bounds))

    @property
    def row_bounds(self) -> IntArray:
        """Merge m is ``order[row_bounds[m]:row_bounds[m + 1]]``."""
        return self.part_bounds[self.merge_bounds]


def merge_structure(
    linkage: NDArray[np.float64], lower: NDArray[Any], higher: NDArray[Any], start: float, stop: float
) -> MergeStructure:
    """Find the merges between two cuts.

    Parameters
    ----------
    linkage : ndarray of shape (n_samples - 1, 4)
        scipy's tree, heights ascending.
    lower, higher : ndarray of int, shape (n_samples,)
        Labels of the cuts, numbered from the largest down.
    start, stop : float
        Their thresholds; the merges at heights in [start, stop) are between them.
    """
    parent = np.empty(int(lower.max()) + 1, dtype=np.int64)
    parent[lower] = higher
    n_parts_of = np.bincount(parent)
    merged = n_parts_of > 1
    parts = np.flatnonzero(merged[parent])
    parts = parts[np.argsort(parent[parts], kind="stable")]
    merges = np.flatnonzero(merged)
    sizes = np.bincount(lower)[parts]
    joined_at, heights = _heights(linkage, lower, higher, start, stop)
    return MergeStructure(
        order=np.lexsort((lower, higher, ~merged[higher])).astype(np.int64),
        part_bounds=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        merge_bounds=np.concatenate([[0], np.cumsum(n_parts_of[merges])]).astype(np.int64),
        part_clusters=parts,
        merge_clusters=merges,
        joined_at=joined_at[parts],
        heights=tuple(np.split(heights, np.cumsum(n_parts_of[merges] - 1)[:-1])),
    )


def _heights(
    linkage: NDArray[np.float64], lower: NDArray[Any], higher: NDArray[Any], start: float, stop: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the height at which each lower cluster was merged, and all heights by higher cluster."""
    n_samples = len(lower)
    first, last = merges_below(linkage, start), merges_below(linkage, stop)
    band = linkage[first:last]
    places = layout(linkage)
    leaves = places.order[places.starts]  # one under each node
    joined_at = np.full(int(lower.max()) + 1, np.inf)
    for children in band[:, :2].T.astype(np.int64):
        whole = children < n_samples + first  # made below the lower cut, so one of its clusters
        joined_at[lower[leaves[children[whole]]]] = band[whole, 2]
    owner = higher[leaves[n_samples + first : n_samples + last]]
    return joined_at, band[np.argsort(owner, kind="stable"), 2]
