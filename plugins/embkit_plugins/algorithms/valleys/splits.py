"""Test for a held-out valley between the two sides of a merge."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit import Clustering, Floats
from embkit_plugins.algorithms.rows.prepare import unit_rows
from embkit_plugins.algorithms.trees.nodes import layout
from embkit_plugins.algorithms.valleys.cells import Cells, squared_distances
from embkit_plugins.algorithms.valleys.valleys import Valleys, find_valleys

__all__ = ["Support", "split_support", "split_supports"]

_LEAST_ROWS = 10
_FOLDS = 5
_FLAT = 0.8


@dataclass(frozen=True)
class Support:
    """A merge of a tree and how well its sides are apart.

    Parameters
    ----------
    height : float
        Of the merge.
    joins : bool
        Whether it is above the cut, so that it would join clusters.
    sizes, examples : tuple of int
        Number of rows on either side, and the row nearest to each side's mean.
    p_value : float or None
        Of no valley between the sides; None where a side is too small.
    valley_density : float or None
        Density where the sides meet, relative to the sparser side.
    """

    height: float
    joins: bool
    sizes: tuple[int, int]
    examples: tuple[int, int]
    p_value: float | None
    valley_density: float | None


def split_supports(clustering: Clustering, n_splits: int, seed: int) -> list[Support]:
    """Judge the merges on both sides of the cut, highest first; empty where there is no whole tree.

    Parameters
    ----------
    clustering : Clustering
        With the tree that it was cut from.
    n_splits : int
        How many merges above the cut, the lowest ones, and how many below, the highest.
    seed : int
        For the folds.
    """
    linkage, n_samples = clustering.linkage, len(clustering.labels)
    if linkage is None or len(linkage) != n_samples - 1 or not n_splits:
        return []
    cosine = clustering.metric == "cosine"
    vectors = unit_rows(clustering.dataset) if cosine else clustering.dataset.vectors
    tree = layout(linkage)
    first_above = n_samples - clustering.n_clusters - clustering.n_noise
    above = range(max(first_above, 0), min(first_above + n_splits, len(linkage)))
    below = range(max(first_above - n_splits, 0), max(first_above, 0))
    rng = np.random.default_rng(seed)
    supports = []
    for merge in sorted({*above, *below}, reverse=True):
        sides = [tree.members(int(node)) for node in linkage[merge, :2]]
        p_value, density = split_support(vectors, sides[0], sides[1], rng)
        supports.append(
            Support(
                float(linkage[merge, 2]),
                merge >= first_above,
                (len(sides[0]), len(sides[1])),
                (_typical(clustering, sides[0]), _typical(clustering, sides[1])),
                p_value,
                density,
            )
        )
    return supports


def split_support(
    vectors: NDArray[Any], left: NDArray[np.int64], right: NDArray[np.int64], rng: np.random.Generator
) -> tuple[float | None, float | None]:
    """p-value of no valley between two groups of rows, and the density left in the valley.

    Windows are placed by the labels of four fifths of the rows on the line
    between the two means, and the other fifth is counted there without its
    labels; five times.
    """
    if min(len(left), len(right)) < _LEAST_ROWS:
        return None, None
    points = np.concatenate([vectors[left], vectors[right]]).astype(np.float64)
    points -= points.mean(axis=0)
    is_right = np.arange(len(points)) >= len(left)
    fold = np.empty(len(points), dtype=np.int64)
    for side in (~is_right, is_right):
        fold[side] = rng.permutation(int(side.sum())) % _FOLDS
    deficit = variance = np.zeros(2)
    seen, level = 0.0, np.zeros(2)
    for held in range(_FOLDS):
        counts, valleys = _counted(points, is_right, fold == held)
        if valleys is None:
            return 1.0, None
        expected, spread = valleys.deficit(counts)
        width = (valleys.high - valleys.low)[:, 0]
        deficit, variance = deficit + expected[:, 0], variance + spread[:, 0]
        seen += float(counts[1, 0])
        level = level + counts[::2, 0] * width[1] / width[::2]
    z = deficit / np.sqrt(variance + 0.25)
    weaker = int(z.argmin())
    density = seen / float(level[weaker]) if level[weaker] > 0 else None
    return 0.5 * math.erfc(float(z[weaker]) / math.sqrt(2.0)), density


def _counted(
    points: Floats, is_right: NDArray[np.bool_], held: NDArray[np.bool_]
) -> tuple[Floats, Valleys | None]:
    groups = (points[~held & ~is_right], points[~held & is_right])
    cells = Cells(
        np.stack([group.mean(axis=0) for group in groups]),
        np.array([float(len(group)) for group in groups]),
    )
    train = points[~held]
    valleys = find_valleys(cells, squared_distances(train, cells.centres), None, _FLAT)
    if not len(valleys.z) or not np.isfinite(valleys.z[0]):
        return np.zeros((3, 1)), None
    return valleys.count(valleys.profile(squared_distances(points[held], cells.centres))), valleys


def _typical(clustering: Clustering, rows: NDArray[np.int64]) -> int:
    members = clustering.dataset.vectors[rows].astype(np.float64)
    return int(rows[((members - members.mean(axis=0)) ** 2).sum(axis=1).argmin()])
