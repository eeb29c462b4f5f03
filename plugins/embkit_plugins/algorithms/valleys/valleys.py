"""Density valleys between neighbouring cells, each described by three windows on one axis.

Two cells are neighbours when no third centre lies in the ball whose diameter
joins their centres (Gabriel and Sokal, 1969). The points of both cells are
projected on the line between the centres, where -1 is the one centre and +1
the other. A unimodal density cannot be lower in a middle window than in the
windows on both sides; how far the count in the middle stays below what the
weaker side allows is a binomial test (Hartigan, 1987, calls the deficit the
excess of mass on the sides).
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from embkit import Floats, IntArray
from embkit_plugins.algorithms.rows.grouping import by_group, runs
from embkit_plugins.algorithms.valleys.cells import Cells, rounding, squared_distances

__all__ = ["Profile", "Valleys", "components", "deepest_cut", "find_valleys", "neighbouring_cells"]


@dataclass(frozen=True)
class Profile:
    """The points of both cells of each pair, projected on the line between their centres.

    Parameters
    ----------
    pair, point : ndarray of int64, shape (n_projected,)
        Which pair, in ascending order, and which point.
    position : ndarray of float64, shape (n_projected,)
        Where on the line: -1 is the first centre and +1 the second.
    """

    pair: IntArray
    point: IntArray
    position: Floats

    def between(self, low: Floats, high: Floats) -> NDArray[np.bool_]:
        """Whether each is at or above the lower bound of its pair and below the upper one."""
        return (self.position >= low[self.pair]) & (self.position < high[self.pair])


@dataclass(frozen=True)
class Valleys:
    """Pairs of neighbouring cells and the windows on the axis of each.

    Parameters
    ----------
    first, second : ndarray of int64, shape (n_pairs,)
        The two cells of each pair.
    gap : ndarray of float64, shape (n_pairs,)
        Distance between the two centres.
    low, high : ndarray of float64, shape (3, n_pairs)
        Bounds of the left, middle and right window.
    flat : ndarray of float64, shape (2, n_pairs)
        Density of the middle relative to the left and to the right window
        that still counts as no valley.
    z : ndarray of float64, shape (n_pairs,)
        The deficit of the middle against the weaker side, in standard
        deviations; minus infinity where a side is missing.
    """

    first: IntArray
    second: IntArray
    gap: Floats
    low: Floats
    high: Floats
    flat: Floats
    z: Floats

    def take(self, pairs: NDArray[np.int64]) -> "Valleys":
        """The valleys of some of the pairs."""
        return Valleys(
            self.first[pairs],
            self.second[pairs],
            self.gap[pairs],
            self.low[:, pairs],
            self.high[:, pairs],
            self.flat[:, pairs],
            self.z[pairs],
        )

    def profile(self, distances: Floats) -> Profile:
        """Project the points of each pair of cells.

        `distances` are squared distances of the points to all centres.
        """
        n_cells = distances.shape[1]
        points, bounds = by_group(distances.argmin(axis=1), n_cells)
        sizes = np.diff(bounds)
        # the cells of all pairs one after the other, each as a run of points
        cells = np.stack([self.first, self.second], axis=1).ravel()
        length = sizes[cells]
        point = points[runs(bounds[cells], length)]
        pair = np.repeat(np.arange(len(cells)) // 2, length)
        first, second = (
            np.take(distances, point * n_cells + cells[pair]) for cells in (self.first, self.second)
        )
        return Profile(pair, point, (first - second) / (self.gap**2)[pair])

    def count(self, profile: Profile) -> Floats:
        """Number of points in the left, middle and right window, shape (3, n_pairs)."""
        inside = (profile.between(*window) for window in zip(self.low, self.high, strict=True))
        n_pairs = len(self.first)
        counts = [np.bincount(profile.pair[each], minlength=n_pairs) for each in inside]
        return np.stack(counts).astype(np.float64)

    def allowance(self) -> Floats:
        """Share of the middle in the points of middle and side without a valley, shape (2, n_pairs)."""
        width = self.high - self.low
        middle = self.flat * width[1]
        return np.asarray(middle / (middle + width[::2]))

    def deficit(self, counts: Floats) -> tuple[Floats, Floats]:
        """Expected minus seen count of the middle and its variance against each side, (2, n_pairs)."""
        share = self.allowance()
        total = counts[1] + counts[::2]
        return total * share - counts[1], total * share * (1.0 - share)


def neighbouring_cells(centres: Floats) -> tuple[IntArray, IntArray, Floats]:
    """Gabriel neighbours: both cells of each pair and the distance between their centres.

    A third centre on the ball, up to rounding, is in it.
    """
    distances = squared_distances(centres, centres)
    first, second = np.triu_indices(len(centres), 1)
    lengths = (centres * centres).sum(axis=1)
    excess = distances[first] + distances[second] - distances[first, second][:, None]
    excess -= 2.0 * rounding(centres.shape[1]) * (lengths + (lengths[first] + lengths[second])[:, None])
    rows = np.arange(len(first))
    excess[rows, first] = excess[rows, second] = np.inf
    kept = (excess.min(axis=1, initial=np.inf) > 0) & (distances[first, second] > 0)
    first, second = first[kept], second[kept]
    return first.astype(np.int64), second.astype(np.int64), np.sqrt(distances[first, second])


def find_valleys(cells: Cells, distances: Floats, reference: Floats | None, flat: float) -> Valleys:
    """Place the windows of every pair of neighbouring cells and score each valley.

    Parameters
    ----------
    cells : Cells
        The partition of a sample.
    distances : ndarray of float64, shape (n_points, n_cells)
        Squared distances of the sample's points to the centres. A point draws its own
        centre nearer: its distance to that one is taken to the mean of the other points
        of the cell.
    reference : ndarray of float64, shape (n_reference, n_cells), optional
        Those of a sample without clusters, cut by the same cells: where a pair of
        cells is narrow in the middle, the reference has fewer points there
        too, and the valley has to be deeper than that.
    flat : float
        Relative density of the middle that counts as no valley.

    Notes
    -----
    Cost: O(n_points x n_cells).
    """
    own, each = distances.argmin(axis=1), np.arange(len(distances))
    others = np.maximum(cells.sizes[own] - 1.0, 1.0)
    distances = distances.copy()
    distances[each, own] *= (cells.sizes[own] / others) ** 2
    first, second, gap = neighbouring_cells(cells.centres)
    empty = np.zeros((3, len(first)))
    pairs = Valleys(first, second, gap, empty, empty, np.full((2, len(first)), flat), empty[0])
    profile = pairs.profile(distances)
    low, high, sound = _windows(profile, len(first))
    placed = replace(pairs, low=low, high=high)
    if reference is not None:
        thinned = placed.count(placed.profile(reference))
        placed = replace(placed, flat=flat * _relative_density(thinned, high - low))
    expected, variance = placed.deficit(placed.count(profile))
    z = np.where(sound, (expected / np.sqrt(variance + 0.25)).min(axis=0), -np.inf)
    return replace(placed, z=z)


def _relative_density(counts: Floats, width: Floats) -> Floats:
    """Density of the middle relative to each side, at most 1, shape (2, n_pairs).

    Ten points spread evenly over middle and side stand for what is known
    beforehand, so that empty windows say 1.
    """
    prior = 10.0 / (width[1] + width[::2])
    relative = (counts[1] / width[1] + prior) / (counts[::2] / width[::2] + prior)
    return np.asarray(np.minimum(relative, 1.0))


def _windows(profile: Profile, n_pairs: int) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Bounds of the three windows, shape (3, n_pairs) each, and whether both sides have points.

    The middle is centred between the means of the two sides, nearer to the
    denser one; all windows are a third as wide as the way to it on either side.
    """
    left, left_spread = _moments(profile, profile.position < 0, n_pairs)
    right, right_spread = _moments(profile, profile.position >= 0, n_pairs)
    sound = (left < -0.05) & (right > 0.05)
    left, right = np.where(sound, left, -1.0), np.where(sound, right, 1.0)
    lean = ((left_spread + 1e-9) / (left_spread + right_spread + 2e-9)).clip(0.15, 0.85)
    middle = left + (right - left) * lean
    inward, outward = (middle - left) / 3.0, (right - middle) / 3.0
    low = np.stack([left - inward, middle - inward, right - outward])
    high = np.stack([left + inward, middle + outward, right + outward])
    return low, high, sound


def _moments(profile: Profile, chosen: NDArray[np.bool_], n_pairs: int) -> tuple[Floats, Floats]:
    """Mean and standard deviation of the chosen positions of each pair."""
    pair, position = profile.pair[chosen], profile.position[chosen]
    size, total, squares = (
        np.bincount(pair, weights, minlength=n_pairs) for weights in (None, position, position**2)
    )
    size = np.maximum(size, 1)
    mean = total / size
    return mean, np.sqrt(np.maximum(squares / size - mean * mean, 0.0))


def components(n_cells: int, valleys: Valleys, least: float) -> IntArray:
    """Label the groups of cells that no chain of valleys shallower than `least` leaves, (n_cells,)."""
    groups = np.arange(n_cells)
    for pair in np.flatnonzero(valleys.z < least):
        one, other = groups[valleys.first[pair]], groups[valleys.second[pair]]
        groups[groups == other] = one
    return np.unique(groups, return_inverse=True)[1].astype(np.int64)


def deepest_cut(n_cells: int, valleys: Valleys) -> tuple[float, NDArray[np.bool_]] | None:
    """The division in two whose weakest valley is the strongest, and that strength.

    Merging across the shallowest valleys first, what is left before the last
    merge is that division, as in a maximum spanning tree.
    """
    groups = np.arange(n_cells)
    left = n_cells
    for pair in np.argsort(valleys.z, kind="stable"):
        one, other = groups[valleys.first[pair]], groups[valleys.second[pair]]
        if one == other:
            continue
        if left == 2:
            strength = float(valleys.z[pair])
            return (strength, groups == one) if np.isfinite(strength) else None
        groups[groups == other] = one
        left -= 1
    return None
