"""Nested k-means partitions of a sample, from two cells to many, in a few GEMMs each.

The finest partition is seeded by greedy k-means++ (Arthur and Vassilvitskii,
2007); every coarser one starts from Ward merges of the centres of the one
before (Ward, 1963) and is settled by Lloyd iterations. That costs one seeding
for all partitions and avoids most poor local optima of a fresh start.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from embkit import Floats

__all__ = ["Cells", "nested_cells", "rounding", "squared_distances"]


@dataclass(frozen=True)
class Cells:
    """A partition into nearest-centre cells.

    Parameters
    ----------
    centres : ndarray of float64, shape (n_cells, n_features)
        The cell means.
    sizes : ndarray of float64, shape (n_cells,)
        Number of points in each cell, at least 1.
    """

    centres: Floats
    sizes: Floats


def squared_distances(points: Floats, centres: Floats) -> Floats:
    """Squared euclidean distances, shape (n_points, n_centres); 0 where rounding hides them.

    Between equal rows the product leaves a few units of the last place, other ones
    on other processors.
    """
    return _squared_distances(points, centres, *(_squares(each) for each in (points, centres)))


def _squares(points: Floats) -> Floats:
    return np.asarray(np.einsum("ij,ij->i", points, points))


def _squared_distances(points: Floats, centres: Floats, of_points: Floats, of_centres: Floats) -> Floats:
    distances = points @ (-2.0 * centres.T)
    distances += of_points[:, None]
    distances += of_centres
    share = rounding(points.shape[1])
    largest = of_points.max(initial=0.0) + of_centres.max(initial=0.0)
    near = np.flatnonzero(distances < share * largest)
    rows, columns = np.divmod(near, len(centres))
    hidden = distances[rows, columns] < share * (of_points[rows] + of_centres[columns])
    distances[rows[hidden], columns[hidden]] = 0.0
    return distances


def rounding(n_features: int) -> float:
    """How far a squared distance may be off, as a share of the two squared lengths."""
    return float((n_features + 4) * np.finfo(np.float64).eps)


def nested_cells(
    points: Floats, counts: Iterable[int], finest: int, rng: np.random.Generator
) -> tuple[Cells, list[Cells]]:
    """Partition `points` into `finest` cells, then into each of the smaller `counts`.

    Parameters
    ----------
    points : ndarray of float64, shape (n_points, n_features)
        The sample.
    counts : iterable of int
        Numbers of cells, each at most `finest`.
    finest : int
        Number of cells of the first partition.
    rng : numpy Generator
        For the seeding.

    Returns
    -------
    tuple of Cells and list of Cells
        The finest partition, and those asked for from many cells to few. Empty
        cells are left out.

    Notes
    -----
    Cost: O(n_points x finest x n_features) a Lloyd iteration, ten at most each.
    """
    fine = current = _lloyd(points, _seed(points, finest, rng))
    coarser = []
    for count in sorted(counts, reverse=True):
        current = _lloyd(points, _merge(current, count))
        coarser.append(current)
    return fine, coarser


def _seed(points: Floats, count: int, rng: np.random.Generator, trials: int = 3) -> Floats:
    squares = _squares(points)
    chosen = [int(rng.integers(len(points)))]
    nearest = squared_distances(points[chosen], points)[0]
    while len(chosen) < count and nearest.any():
        weights = np.cumsum(nearest)
        rows = np.searchsorted(weights, rng.random(trials) * weights[-1]).clip(max=len(points) - 1)
        away = _squared_distances(points[rows], points, squares[rows], squares)
        candidates = np.minimum(nearest, away)
        best = int(candidates.sum(axis=1).argmin())
        chosen.append(int(rows[best]))
        nearest = candidates[best]
    return points[chosen]


def _lloyd(points: Floats, centres: Floats, iterations: int = 10) -> Cells:
    labels = np.full(len(points), -1, dtype=np.int16)
    sizes = np.zeros(len(centres))
    for _ in range(iterations):
        closest = (0.5 * (centres * centres).sum(axis=1) - points @ centres.T).argmin(axis=1)
        new = closest.astype(np.int16)  # which NumPy sorts by radix, in half the time
        if np.array_equal(new, labels):
            break
        labels = new
        every = np.bincount(labels, minlength=len(centres))
        sizes = every[every > 0].astype(np.float64)
        starts = (np.cumsum(every) - every)[every > 0]
        sums = np.add.reduceat(points[np.argsort(labels, kind="stable")], starts, axis=0)
        centres = sums / sizes[:, None]
        if len(sizes) < len(every):
            labels = np.full(len(points), -1, dtype=np.int16)
    return Cells(centres, sizes)


def _merge(cells: Cells, count: int) -> Floats:
    """Merge centres by Ward's criterion until `count` are left."""
    centres, sizes = cells.centres.copy(), cells.sizes.copy()
    cost = squared_distances(centres, centres) * (sizes[:, None] * sizes / (sizes[:, None] + sizes))
    np.fill_diagonal(cost, np.inf)
    alive = np.ones(len(centres), dtype=bool)
    for _ in range(len(centres) - count):
        keep, gone = divmod(int(cost.argmin()), len(centres))
        total = sizes[keep] + sizes[gone]
        centres[keep] = (sizes[keep] * centres[keep] + sizes[gone] * centres[gone]) / total
        sizes[keep] = total
        alive[gone] = False
        cost[gone] = cost[:, gone] = np.inf
        away = ((centres - centres[keep]) ** 2).sum(axis=1) * sizes * total / (sizes + total)
        away[~alive] = np.inf
        away[keep] = np.inf
        cost[keep] = cost[:, keep] = away
    return centres[alive]
