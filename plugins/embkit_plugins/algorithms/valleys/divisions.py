"""Candidate divisions of a sample, found on one part of it and tested on another.

Everything that is chosen (the partition, the division of its cells in two, the
neighbouring cells across it, the windows) is chosen on the training points; the
held-out points are only counted, so that the search does not inflate the result
(Cox, 1975; for clusters, the cross-fitted tests of Chernozhukov et al., 2018,
are the pattern).
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from embkit import Floats
from embkit_plugins.algorithms.valleys.bends import Ways, slant
from embkit_plugins.algorithms.valleys.cells import Cells, nested_cells, squared_distances
from embkit_plugins.algorithms.valleys.valleys import Valleys, components, deepest_cut, find_valleys

__all__ = ["N_PAIRS", "Cut", "Evidence", "best_cut", "partition_sizes"]

N_PAIRS = 2
"""How many of the weakest valleys across a division are counted on held-out points."""
_SIZES = (2, 3, 4, 6, 8, 10, 12, 16, 20, 24, 32, 48)
_FEW_CELLS = 8  # fewer cells are long enough to bend, and their valleys have to be deeper
_FLAT, _FLAT_FEW = 0.8, 0.65
_MOST_BEND, _MOST_BEND_FEW = 1.4, 1.3
_APART = 1.8  # the strength from which a valley counts towards the number of clusters


@dataclass(frozen=True)
class Evidence:
    """Held-out counts in the windows of the weakest valleys, shape (N_PAIRS,) each.

    Parameters
    ----------
    deficit : ndarray of float64
        Points missing in the middle, against no valley.
    variance : ndarray of float64
        Its variance without a valley.
    seen : ndarray of float64
        Points in the middle.
    level : ndarray of float64
        Points that would be there if the middle were as dense as the weaker side.
    """

    deficit: Floats
    variance: Floats
    seen: Floats
    level: Floats


def partition_sizes(n_points: int) -> tuple[int, ...]:
    """Numbers of cells to try: 40 points a cell at least (15 where there are few), 48 cells at most."""
    most = max(n_points // 40, min(4, n_points // 15), 2)
    return tuple(size for size in _SIZES if size <= most)


@dataclass(frozen=True)
class Cut:
    """The valleys between the cells on two sides of a partition."""

    cells: Cells
    side: NDArray[np.bool_]
    valleys: Valleys
    weaker: NDArray[np.int64]
    strength: float
    share: float
    n_groups: int
    n_tried: int

    @property
    def n_cells(self) -> int:
        """Number of cells of the partition."""
        return len(self.cells.sizes)

    def held_out(self, points: Floats) -> Evidence:
        """Count other points in the windows of the weakest valleys."""
        profile = self.valleys.profile(squared_distances(points, self.cells.centres))
        return _evidence(self.valleys.count(profile), self.valleys, self.weaker)


def best_cut(
    points: Floats, reference: Floats, sizes: tuple[int, ...], rng: np.random.Generator
) -> Cut | None:
    """The strongest division over nested partitions of the training points.

    Parameters
    ----------
    points : ndarray of float64, shape (n_points, n_features)
        The training points.
    reference : ndarray of float64, shape (n_reference, n_features)
        A sample without clusters, see `find_valleys`.
    sizes : tuple of int
        Numbers of cells to try.
    rng : numpy Generator
        For the seeding of the cells.
    """
    finest = max(2 * max(sizes), min(12, len(points) // 8))
    fine, partitions = nested_cells(points, sizes, finest, rng)
    if len(fine.sizes) < 2:
        return None
    ways = Ways(fine.centres)
    cuts, n_groups = [], 1
    for cells in partitions:
        few = len(cells.sizes) < _FEW_CELLS
        distances, without = (squared_distances(each, cells.centres) for each in (points, reference))
        valleys = find_valleys(cells, distances, without, _FLAT_FEW if few else _FLAT)
        cut = _cut(cells, valleys, points, distances, ways)
        if cut is not None:
            cuts.append(cut)
            n_groups = max(n_groups, cut.n_groups)
    if not cuts:
        return None
    best = max(cuts, key=lambda cut: cut.strength)
    return replace(best, n_groups=max(n_groups, 2), n_tried=max(sizes))


def _cut(cells: Cells, valleys: Valleys, points: Floats, distances: Floats, ways: Ways) -> Cut | None:
    found = deepest_cut(len(cells.sizes), valleys)
    if found is None:
        return None
    side = found[1]
    across = np.flatnonzero(side[valleys.first] != side[valleys.second])
    weakest = valleys.take(across[np.argsort(valleys.z[across], kind="stable")][: N_PAIRS + 1])
    centres = cells.centres
    bends = [
        ways.bend(centres[one], centres[other])
        for one, other in zip(weakest.first, weakest.second, strict=True)
    ]
    if max(bends) > (_MOST_BEND_FEW if len(cells.sizes) < _FEW_CELLS else _MOST_BEND):
        return None
    straight = _along_the_curve(weakest, points, distances)
    kept = straight.take(np.argsort(straight.z, kind="stable")[:N_PAIRS])
    share = float(cells.sizes[side].sum() / cells.sizes.sum())
    groups = int(components(len(cells.sizes), valleys, _APART).max()) + 1
    weaker = _weaker_side(kept, kept.count(kept.profile(distances)))
    return Cut(cells, side, kept, weaker, float(kept.z[0]), min(share, 1 - share), groups, 0)


def _along_the_curve(valleys: Valleys, points: Floats, distances: Floats) -> Valleys:
    """Measure the side windows by the curve in them, and score the valleys again."""
    profile = valleys.profile(distances)
    flat = valleys.flat.copy()
    for side, window in enumerate((0, 2)):
        inside = profile.between(valleys.low[window], valleys.high[window])
        for pair, gap in enumerate(valleys.gap):
            here = inside & (profile.pair == pair)
            flat[side, pair] /= slant(points[profile.point[here]], profile.position[here] * gap / 2.0)
    measured = replace(valleys, flat=flat)
    counts = valleys.count(profile)
    weakening = _strength(measured, counts) - _strength(valleys, counts)
    return replace(measured, z=valleys.z + weakening)


def _strength(valleys: Valleys, counts: Floats) -> Floats:
    expected, variance = valleys.deficit(counts)
    return np.asarray((expected / np.sqrt(variance + 0.25)).min(axis=0))


def _weaker_side(valleys: Valleys, counts: Floats) -> NDArray[np.int64]:
    expected, variance = valleys.deficit(counts)
    return np.asarray((expected / np.sqrt(variance + 0.25)).argmin(axis=0))


def _evidence(counts: Floats, valleys: Valleys, weaker: NDArray[np.int64]) -> Evidence:
    expected, variance = valleys.deficit(counts)
    width = valleys.high - valleys.low
    pairs = np.arange(len(weaker))
    level = counts[2 * weaker, pairs] * width[1] / width[2 * weaker, pairs]
    # a division with a single valley across it: that valley stands for the second too
    filled = np.minimum(np.arange(N_PAIRS), len(weaker) - 1)
    values = (expected[weaker, pairs], variance[weaker, pairs], counts[1], level)
    return Evidence(*(value[filled] for value in values))
