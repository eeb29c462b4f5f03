"""Dynamic tree cut: branches of a tree that are clusters by their own shape, not by one height.

The hybrid variant of Langfelder, Zhang and Horvath, "Defining clusters from a
hierarchical cluster tree: the Dynamic Tree Cut package for R", Bioinformatics 24
(2008), 719-720, without its second stage, which deals the other rows to the
clusters: here they are noise. The constants are those of that package.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import sqrt

import numpy as np

from embkit import Dataset, Floats, IntArray
from embkit_plugins.algorithms.distances.pairs import Metric
from embkit_plugins.algorithms.silhouettes.nested import pairs_in_order
from embkit_plugins.algorithms.trees.nodes import layout

__all__ = ["DynamicCut", "dynamic_cut", "scatter_of"]

_CORE_SCATTER = (0.64, 0.73, 0.82, 0.91, 0.95)
"""Largest scatter of a core, by `deep_split`, as a share of the range of heights."""
_REFERENCE = 0.05  # quantile of the heights where that range begins
_HIGHEST = 0.99  # share of it up to which there are branches


@dataclass(frozen=True, eq=False)
class DynamicCut:
    """The clusters of a dynamic cut.

    Parameters
    ----------
    labels : ndarray of int64, shape (n_samples,)
        A branch of each row; -1 outside all of them.
    height : float
        Up to where branches are followed.
    """

    labels: IntArray
    height: float


@dataclass
class _Branch:
    """What grows together: rows, or, where it is composite, branches that stay apart.

    Parameters
    ----------
    rows : list of int
        In the order in which they joined; not kept of a composite branch.
    size : int
        Number of rows.
    composite : bool
        Whether it holds branches that may be clusters.
    node : int
        Its uppermost node so far.
    attached : float, optional
        The height at which it met another that it stays apart from.
    """

    rows: list[int]
    size: int
    composite: bool
    node: int
    attached: float | None = None


@dataclass(frozen=True)
class _Limits:
    min_cluster_size: int
    height: float
    scatter: float
    gap: float


@dataclass
class _Growth:
    """Branches while the tree is climbed.

    Parameters
    ----------
    limits : _Limits
        What makes a branch a cluster.
    scatter : callable
        The mean distance of some rows to one another.
    """

    limits: _Limits
    scatter: Callable[[IntArray], float]
    branches: list[_Branch] = field(default_factory=list)

    def core_scatter(self, branch: _Branch) -> float:
        """The scatter of the rows that joined first: half the least size, and a root of the rest."""
        base = self.limits.min_cluster_size / 2 + 1
        size = branch.size
        core = int(base + sqrt(size - base)) if base < size else size
        return self.scatter(np.array(branch.rows[:core]))

    def fails(self, branch: _Branch, height: float) -> bool:
        """Whether a branch is not a cluster where it meets another: too small, wide, or close to it."""
        if branch.composite:
            return False
        if branch.size < self.limits.min_cluster_size or height < self.limits.height:
            return True
        scatter = self.core_scatter(branch)
        return scatter > self.limits.scatter or height - scatter < self.limits.gap

    def is_cluster(self, branch: _Branch, top: float) -> bool:
        """Whether a branch is a cluster in the end."""
        attached = top if branch.attached is None else branch.attached
        if branch.composite or branch.size < self.limits.min_cluster_size:
            return False
        scatter = self.core_scatter(branch)
        return scatter < self.limits.scatter and attached - scatter > self.limits.gap

    def started(self, rows: list[int], node: int) -> _Branch:
        """A branch of two rows."""
        branch = _Branch(rows, 2, composite=False, node=node)
        self.branches.append(branch)
        return branch

    def met(self, pair: tuple[_Branch, _Branch], height: float, node: int) -> _Branch:
        """What becomes of two branches that meet: one takes the other in, or both stay apart."""
        small, large = sorted(pair, key=lambda branch: branch.size)
        if not self.fails(small, height) and self.fails(large, height):
            small, large = large, small
        elif not self.fails(small, height):
            return self._composite(small, large, height)
        large.size += small.size
        self.branches = [branch for branch in self.branches if branch is not small]
        if not large.composite:
            large.rows += small.rows
            large.node = node
        return large

    def _composite(self, small: _Branch, large: _Branch, height: float) -> _Branch:
        if small.composite and not large.composite:
            small, large = large, small
        if large.composite:
            small.attached = height
            large.size += small.size
            return large
        small.attached = large.attached = height
        both = _Branch([], small.size + large.size, composite=True, node=-1)
        self.branches.append(both)
        return both


def dynamic_cut(
    linkage: Floats,
    scatter: Callable[[IntArray], float],
    *,
    min_cluster_size: int = 20,
    deep_split: int = 1,
) -> DynamicCut:
    """Cut each branch of a tree where it stops being a cluster of its own.

    A branch is a cluster if it has `min_cluster_size` rows, the core of it, the rows
    that joined first, is close together, and the gap from there to the height at
    which it meets another is wide.

    Parameters
    ----------
    linkage : ndarray of shape (n_samples - 1, 4)
        A whole tree in scipy's format, without inversions.
    scatter : callable
        Gives the mean distance of some rows to one another, in the unit of the heights.
    min_cluster_size : int
        Fewest rows of a cluster, at least 2.
    deep_split : int
        0 to 4: more splits branches into more and smaller clusters.

    Returns
    -------
    DynamicCut
        Cost: O(n log n), and at each merge of two large branches the scatter of their
        cores, of some min_cluster_size / 2 + sqrt(n) rows.
    """
    n_samples = len(linkage) + 1
    labels = np.full(n_samples, -1, dtype=np.int64)
    if not len(linkage):
        return DynamicCut(labels, 0.0)
    heights = linkage[:, 2]
    lowest = float(heights[max(1, round(len(heights) * _REFERENCE)) - 1])
    top = _HIGHEST * (float(heights[-1]) - lowest) + lowest
    share = _CORE_SCATTER[deep_split]
    wide = top - lowest
    limits = _Limits(min_cluster_size, lowest, lowest + share * wide, 0.75 * (1 - share) * wide)
    growth = _climbed(linkage, top, _Growth(limits, scatter))
    places = layout(linkage)
    clusters = [branch for branch in growth.branches if growth.is_cluster(branch, top)]
    for label, branch in enumerate(clusters):
        labels[places.members(branch.node)] = label
    return DynamicCut(labels, top)


def scatter_of(dataset: Dataset, metric: Metric) -> Callable[[IntArray], float]:
    """What gives the mean distance of some rows of a dataset to one another."""

    def scatter(rows: IntArray) -> float:
        everything = slice(0, len(rows))
        block = pairs_in_order(dataset, metric, rows).block(everything, everything)
        return float(block.sum(dtype=np.float64)) / (len(rows) * (len(rows) - 1))

    return scatter


def _climbed(linkage: Floats, top: float, growth: _Growth) -> _Growth:
    n_samples = len(linkage) + 1
    branch_of: dict[int, _Branch] = {}
    below = int(np.searchsorted(linkage[:, 2], top, side="right"))
    for step, (one, two) in enumerate(linkage[:below, :2].astype(np.int64).tolist()):
        node = n_samples + step
        grown = [branch_of.pop(child) for child in (one, two) if child >= n_samples]
        alone = [child for child in (one, two) if child < n_samples]
        if not grown:
            branch_of[node] = growth.started(alone, node)
        elif len(grown) == 2:
            branch_of[node] = growth.met((grown[0], grown[1]), float(linkage[step, 2]), node)
        else:
            branch = branch_of[node] = grown[0]
            branch.size += 1
            if not branch.composite:
                branch.rows += alone
                branch.node = node
    return growth
