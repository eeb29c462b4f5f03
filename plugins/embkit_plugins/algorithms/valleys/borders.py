"""Borders between two parts of a sample, and a test for a fall of density there.

A straight line between two centres leaves a bent or branching continuum and
crosses empty space. Close to the border nothing is bent: there, the rows of both
sides nearest to a place on the border give a direction across it, and how many
held-out rows lie between the two sides is compared with how many lie at them. How
close is measured in rows, not in distance: 16 rows reach a small way along a curve
or a sheet, which is therefore nearly flat, and as far as the next group where the
data have many dimensions and nothing is near.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embkit import Floats, IntArray
from embkit_plugins.algorithms.valleys.cells import squared_distances

__all__ = ["BORDER_SCALES", "FLAT", "Bridges", "LocalEvidence", "border_evidence", "bridges"]

BORDER_SCALES = (16, 32)
"""Rows on either side of a place on the border that say which way is across."""
FLAT = 0.6
"""Density between the sides that counts as no valley; where three branches meet it rises by half."""
_WINDOW = 1 / 3
_REACH, _SLACK = (
    0.9,
    1.1,
)  # near a way: as near to it as nine in ten of its rows
_SCALE_NEIGHBOUR = 5
_TOUCHING, _LONGER = 1.0, 1.5
_PRIOR = 10.0  # reference rows, spread evenly, that stand for what is known beforehand


@dataclass(frozen=True)
class Bridges:
    """Pairs of rows, one of each side, that are nearest to each other.

    Parameters
    ----------
    first, second : ndarray of int64, shape (n_bridges,)
        Rows of the one side and of the other.
    """

    first: IntArray
    second: IntArray


@dataclass(frozen=True)
class LocalEvidence:
    """Held-out counts near the border, against either side.

    Parameters
    ----------
    deficit : ndarray of float64, shape (n_scales, 2)
        Rows missing between the sides, against a density of `FLAT`; the sparser side first.
    variance : ndarray of float64, shape (n_scales, 2)
        Its variance without a valley. A row that is counted at several places
        counts as one observation.
    """

    deficit: Floats
    variance: Floats


def bridges(side: NDArray[np.bool_], distances: Floats) -> Bridges:
    """Find the places where the two sides of a division come nearest to each other.

    Parameters
    ----------
    side : ndarray of bool, shape (n_points,)
        The side of each point; both sides have points.
    distances : ndarray of float64, shape (n_points, n_points)
        Squared distances.

    Returns
    -------
    Bridges
        Mutual nearest neighbours across. Where some of them are no longer than
        the distance of the fifth neighbour, the sides touch there, and only those
        are kept; otherwise those up to 1.5 times the shortest one, in that unit. The
        empty space between the ends of a horseshoe is thus no border.
    """
    one, other = np.flatnonzero(side), np.flatnonzero(~side)
    across = distances[np.ix_(one, other)]
    nearest = across.argmin(axis=1)
    mutual = np.flatnonzero(across.argmin(axis=0)[nearest] == np.arange(len(one)))
    first, second = one[mutual], other[nearest[mutual]]
    rank = min(_SCALE_NEIGHBOUR, len(side) - 1)
    scale = [np.partition(distances[rows], rank, axis=1)[:, rank] for rows in (first, second)]
    with np.errstate(divide="ignore", invalid="ignore"):
        length = np.sqrt(across[mutual, nearest[mutual]] / np.sqrt(scale[0] * scale[1]))
    length = np.where(np.isfinite(length), length, np.inf)
    length[across[mutual, nearest[mutual]] == 0] = 0.0
    kept = length <= max(_TOUCHING, _LONGER * float(length.min()))
    return Bridges(first[kept].astype(np.int64), second[kept].astype(np.int64))


@dataclass(frozen=True)
class _Sample:
    """Rows with the cell of each, and their value where the division is by one value."""

    points: Floats
    cells: IntArray
    value: Floats | None


@dataclass(frozen=True)
class _Ways:
    """Short ways across the border, in windows from -1 at the one side to +1 at the other.

    With values (the distance from the mean), the position is that of the value, and the
    distance from the way that of the directions from the mean.
    """

    centre: Floats
    axis: Floats
    half: Floats
    by_value: bool

    def place(self, sample: _Sample, rows: IntArray) -> tuple[Floats, Floats]:
        """Position of rows along each way and distance from it, (n_rows, n_ways) each."""
        points = sample.points[rows]
        if sample.value is not None:
            off = squared_distances(_unit(points), _unit(self.centre))
            return (sample.value[rows, None] - self.axis[:, 0]) / self.half, np.sqrt(off)
        along = points @ self.axis.T - (self.centre * self.axis).sum(axis=1)
        off = np.maximum(squared_distances(points, self.centre) - along**2, 0.0)
        return along / self.half, np.sqrt(off)

    def off(self, points: Floats) -> Floats:
        """Distance of points from the way of each, (n_ways, n_rows, n_features) -> (n_ways, n_rows)."""
        if self.by_value:
            return np.asarray(np.linalg.norm(_unit(points) - _unit(self.centre)[:, None], axis=-1))
        away = points - self.centre[:, None]
        along = np.einsum("wrf,wf->wr", away, self.axis)
        return np.asarray(np.sqrt(np.maximum((away * away).sum(axis=-1) - along**2, 0.0)))


def border_evidence(
    train: tuple[Floats, IntArray, Floats | None],
    held: tuple[Floats, IntArray, Floats | None],
    reference: tuple[Floats, IntArray],
    found: Bridges,
) -> LocalEvidence:
    """Count held-out rows across the border, close to its bridges.

    Parameters
    ----------
    train, held : tuple
        Points, the cell of each in the divided partition, and the value of each where the
        division is by one value. The bridges, directions and windows come
        from `train`; `held` is counted.
    reference : tuple
        Points of a sample without clusters, possibly none, and their cells. Where
        these are thinned between the same two cells, the valley has to
        be deeper than that.
    found : Bridges
        Rows of `train`.

    Returns
    -------
    LocalEvidence
        For each of `BORDER_SCALES`.
    """
    samples = [_Sample(*train), _Sample(*held), _Sample(*reference, None)]
    own, other = samples[0].cells[found.first], samples[0].cells[found.second]
    middle = (samples[0].points[found.first] + samples[0].points[found.second]) / 2.0
    distances = squared_distances(middle, samples[0].points)
    scales = [_at_scale(samples, (own, other), middle, distances, n_rows) for n_rows in BORDER_SCALES]
    return LocalEvidence(*(np.stack(each) for each in zip(*scales, strict=True)))


def _at_scale(
    samples: list[_Sample],
    cells: tuple[IntArray, IntArray],
    middle: Floats,
    distances: Floats,
    n_rows: int,
) -> tuple[Floats, Floats]:
    train, held, reference = samples
    missing = np.zeros((2, len(held.points)))
    noise = np.zeros((2, len(held.points)))
    n_cells = int(max(cells[0].max(), cells[1].max())) + 1
    places = cells[0] * n_cells + cells[1]
    for place in np.unique(places):
        here = np.flatnonzero(places == place)
        pair = int(place) // n_cells, int(place) % n_cells
        ways, reach = _ways(train, pair, middle[here], distances[here], n_rows)
        counted = [_windows(sample, pair, ways, reach) for sample in (train, held, reference)]
        (_, seen), (rows, inside), (_, thinned) = counted
        order = [2, 1, 0] if seen[0].sum() > seen[2].sum() else [0, 1, 2]
        inside, thin = inside[order], thinned[order].sum(axis=1)
        for side in (0, 1):
            likely = thin[1] + np.sqrt(thin[1]) + _PRIOR
            relative = FLAT * min(1.0, likely / (thin[2 * side] + _PRIOR))
            share = relative / (1.0 + relative)
            total = inside[1] + inside[2 * side]
            missing[side, rows] += share * total - inside[1]
            noise[side, rows] += total * np.sqrt(share * (1.0 - share))
    return missing.sum(axis=1), (noise**2).sum(axis=1)


def _ways(
    train: _Sample, pair: tuple[int, int], middle: Floats, distances: Floats, n_rows: int
) -> tuple[_Ways, Floats]:
    near = []
    for cell in pair:
        members = np.flatnonzero(train.cells == cell)
        size = min(n_rows, len(members))
        order = np.argpartition(distances[:, members], size - 1, axis=1)[:, :size]
        near.append(members[np.sort(order, axis=1)])
    means = [train.points[rows].mean(axis=1) for rows in near]
    if train.value is None:
        centre, axis = (means[0] + means[1]) / 2.0, means[1] - means[0]
        length = np.linalg.norm(axis, axis=1)
        axis = axis / np.maximum(length, np.finfo(float).tiny)[:, None]
    else:
        values = [train.value[rows].mean(axis=1) for rows in near]
        centre, length = middle, values[1] - values[0]
        axis = ((values[0] + values[1]) / 2.0)[:, None]
    half = np.where(length == 0.0, np.finfo(float).tiny, length / 2.0)
    ways = _Ways(centre, axis, half, train.value is not None)
    off = [np.quantile(ways.off(train.points[rows]), _REACH, axis=1) for rows in near]
    return ways, _SLACK * np.maximum(*off)


def _windows(
    sample: _Sample, pair: tuple[int, int], ways: _Ways, reach: Floats
) -> tuple[IntArray, NDArray[np.bool_]]:
    """Rows of both cells, and whether each is in the left, middle and right window of its way."""
    rows = np.flatnonzero((sample.cells == pair[0]) | (sample.cells == pair[1]))
    if not len(rows):
        return rows, np.zeros((3, 0), dtype=bool)
    position, off = ways.place(sample, rows)
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.where(off <= reach, off / reach, np.inf)
    relative[np.abs(position) >= 1.0 + _WINDOW] = np.inf
    relative[np.isnan(relative)] = 0.0
    way = relative.argmin(axis=1)
    each = np.arange(len(rows))
    near, position = np.isfinite(relative[each, way]), position[each, way]
    return rows, np.stack(
        [near & (position >= mark - _WINDOW) & (position < mark + _WINDOW) for mark in (-1.0, 0.0, 1.0)]
    )


def _unit(points: Floats) -> Floats:
    length = np.linalg.norm(points, axis=-1, keepdims=True)
    return np.asarray(points / np.maximum(length, np.finfo(float).tiny))
