"""What is said of a cut beside its labels."""

import numpy as np
from numpy.typing import NDArray

from embkit import IntArray
from embkit.text import plural
from embkit_plugins.algorithms.trees.cuts import inversions, ties_at

__all__ = ["note_on_sizes", "notes_on_inversions", "notes_on_number", "notes_on_threshold"]


def notes_on_threshold(tree: NDArray[np.float64], threshold: float) -> tuple[str, ...]:
    """How far the nearest merge is from a threshold."""
    ties = ties_at(tree, threshold)
    if ties.at:
        merges = "1 merge lies" if ties.at == 1 else f"{ties.at} merges lie"
        return (
            f"{merges} at the threshold {threshold:.10g} itself, up to rounding; a tie does not merge",
        )
    if np.isfinite(ties.gap):
        return (f"the merge nearest to the threshold {threshold:.10g} is {ties.gap:.3g} away from it",)
    return ()


def notes_on_inversions(tree: NDArray[np.float64]) -> tuple[str, ...]:
    """How many merges are lower than those they contain, if any."""
    count = inversions(tree)
    if not count:
        return ()
    merges = "1 merge is" if count == 1 else f"{count} merges are"
    return (f"{merges} lower than one inside it (an inversion): no height cuts this tree into clusters",)


def notes_on_number(tree: NDArray[np.float64], n_clusters: int) -> tuple[str, ...]:
    """At which thresholds there are so many clusters."""
    heights = tree[:, 2]
    last = len(heights) - n_clusters
    low = heights[last] if last >= 0 else 0.0
    if n_clusters == 1 or not len(heights):
        return ()
    high = heights[last + 1]
    if high - low <= 1e-6 * heights.max():
        return (
            f"{n_clusters} clusters exist only by the order of merges that tie at height {high:.6g}",
        )
    return (f"{n_clusters} clusters stand at thresholds from {low:.4g} to {high:.4g}",)


def note_on_sizes(labels: IntArray) -> str:
    """How many clusters there are, and how large they are."""
    if not len(labels) or labels.max() < 0:
        return "no clusters"
    sizes = np.bincount(labels[labels >= 0])
    if len(sizes) == 1:
        return f"1 cluster, of {plural(int(sizes[0]), 'row')}"
    alone = int(np.count_nonzero(sizes == 1)) or "none"
    return f"{len(sizes):,} clusters, {alone} of them a single row, the largest of {sizes.max()}"
