"""Clusterings of one dataset over one projection, a small panel each, in matching colours."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from embkit.data import IntArray
from embkit_plugins.drawing.palette import NOTE, label_colors
from embkit_plugins.drawing.sheet import SIZE, Sheet
from embkit_plugins.drawing.text import count
from embkit_plugins.reporters._labels import lines_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["MOST_PANELS", "draw_maps"]

MOST_PANELS = 24
_COLUMNS = 4
_SIDE = 2.1
_HEAD = 0.55
_GAP = 0.22


def draw_maps(
    title: str,
    caption: str,
    embedding: NDArray[Any],
    panels: Sequence[tuple[str, IntArray]],
    seed: int,
) -> "Figure":
    """Draw a panel for each labeling.

    Parameters
    ----------
    title, caption : str
        Above and below.
    embedding : ndarray of shape (n_samples, 2)
        Where each row is.
    panels : sequence of (str, ndarray of int64)
        Name and labels of each, aligned already; at most `MOST_PANELS`.
    seed : int
        Of the order in which points are drawn.
    """
    columns = min(_COLUMNS, len(panels))
    lines = -(-len(panels) // columns)
    sheet = Sheet(
        max(columns, 2) * (_SIDE + _GAP) + 0.4,
        lines * (_SIDE + _HEAD),
        title,
        "The same points in every panel. Clusters that share most rows have one colour; noise is grey.",
        caption,
    )
    for place, (name, labels) in enumerate(panels):
        row, column = divmod(place, columns)
        bottom = (lines - 1 - row) * (_SIDE + _HEAD)
        axes = sheet.axes(column * (_SIDE + _GAP), bottom, _SIDE, _SIDE)
        _draw_panel(axes, embedding, labels, seed)
        words = [*lines_of(name, _SIDE, SIZE), _sizes(labels)]
        axes.annotate(
            "\n".join(words),
            (0, 1),
            (0, 3),
            xycoords="axes fraction",
            textcoords="offset points",
            va="bottom",
            linespacing=1.15,
        )
    return sheet.figure


def _sizes(labels: IntArray) -> str:
    clusters = len(np.unique(labels[labels >= 0]))
    noise = float(np.mean(labels < 0))
    return count(clusters, "cluster") + (f", {noise:.0%} noise" if noise else "")


def _draw_panel(axes: "Axes", embedding: NDArray[Any], labels: IntArray, seed: int) -> None:
    mixed = np.random.default_rng(seed).permutation(len(labels))
    mixed = mixed[np.argsort(labels[mixed] >= 0, kind="stable")]  # noise below
    axes.scatter(
        embedding[mixed, 0],
        embedding[mixed, 1],
        c=label_colors(labels)[mixed],
        s=float(np.clip(6000 / len(labels), 0.4, 8)),
        linewidths=0,
        rasterized=True,
    )
    axes.set(xticks=[], yticks=[])
    axes.set_aspect("equal", adjustable="datalim")
    axes.spines[:].set_visible(True)
    axes.spines[:].set_color(NOTE)
    axes.spines[:].set_linewidth(0.3)
