"""A map of many rows as an image: rows counted in cells, the most frequent cluster's colour in each."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embkit import Floats, IntArray
from embkit_plugins.drawing.palette import NOISE, cluster_colors

__all__ = ["CELLS_PER_INCH", "FEWEST_FULL", "Cells", "counted", "full_count", "shades", "strengths"]

CELLS_PER_INCH = 75
FEWEST_FULL = 4
_FAINTEST = 0.45
_FULL = 99.5
"""Percentile of the counts of occupied cells from which on a colour is at its full strength."""


@dataclass(frozen=True, eq=False)
class Cells:
    """Rows counted in the cells of a grid, from the lower left corner.

    Parameters
    ----------
    counts : ndarray of int64, shape (height, width)
        Rows in each cell.
    labels : ndarray of int64, shape (height, width)
        The cluster that most rows of a cell belong to, -1 for noise and where there are no rows.
        Of equally frequent ones the larger cluster, which has the lower number; noise is last.
    """

    counts: IntArray
    labels: IntArray


def counted(
    points: Floats, labels: IntArray, lower: Floats, upper: Floats, shape: tuple[int, int]
) -> Cells:
    """Count rows in the cells of a grid.

    Parameters
    ----------
    points : ndarray of shape (n_samples, 2)
        Within the bounds.
    labels : ndarray of int64, shape (n_samples,)
        Clusters, -1 for noise.
    lower, upper : ndarray of shape (2,)
        Bounds of the grid.
    shape : tuple of int
        Its height and width in cells.

    Returns
    -------
    Cells
        Cost: one sort of the rows.
    """
    height, width = shape
    places = ((points - lower) / (upper - lower) * (width, height)).astype(np.int64)
    column, row = np.clip(places, 0, (width - 1, height - 1)).T
    n_groups = int(labels.max(initial=-1)) + 2
    group = np.where(labels < 0, n_groups - 1, labels)
    keys, n_rows = np.unique((row * width + column) * n_groups + group, return_counts=True)
    cell, group = np.divmod(keys, n_groups)
    best_first = np.lexsort((group, -n_rows, cell))
    found, firsts = np.unique(cell[best_first], return_index=True)
    majority = group[best_first[firsts]]
    grid = np.full(height * width, -1, dtype=np.int64)
    grid[found] = np.where(majority == n_groups - 1, -1, majority)
    counts = np.bincount(cell, n_rows, height * width).astype(np.int64)
    return Cells(counts.reshape(shape), grid.reshape(shape))


def full_count(counts: IntArray) -> int:
    """The count from which on a cell is drawn at full strength; the few above it are no stronger."""
    occupied = counts[counts > 0]
    return max(FEWEST_FULL, int(np.percentile(occupied, _FULL)))


def strengths(counts: IntArray, full: int) -> Floats:
    """How strong cells are drawn, 0 to 1: 0 without rows, by the logarithm of their number with."""
    shares = np.log(np.clip(counts, 1, full)) / np.log(full)
    found: Floats = np.where(counts > 0, _FAINTEST + (1 - _FAINTEST) * shares, 0)
    return found


def shades(cells: Cells, full: int) -> NDArray[np.uint8]:
    """The cells as an RGBA image, shape (height, width, 4): hue by cluster, opacity by count."""
    noise = np.array(list(bytes.fromhex(NOISE[1:]))) / 255
    colors = np.vstack([noise, cluster_colors(int(cells.labels.max(initial=-1)) + 1)])
    image = np.dstack([colors[cells.labels + 1], strengths(cells.counts, full)])
    return np.rint(255 * image).astype(np.uint8)
