"""Clusterings over projections, a small panel each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from embkit import IntArray
from embkit.text import plural
from embkit_plugins.drawing.palette import INK, NOTE, cluster_colors, label_colors
from embkit_plugins.drawing.sheet import SIZE, Sheet
from embkit_plugins.drawing.text import fit, printable
from embkit_plugins.exporters.report.labels import lines_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["MOST_PANELS", "Panel", "draw_maps"]

MOST_PANELS = 24
_COLUMNS = 4
_SIDE = 2.1
_HEAD, _LINE = 0.55, 0.14
_GAP = 0.22
_NAMES, _INDENT = 4, 0.13


@dataclass(frozen=True, eq=False)
class Panel:
    """A labeling to draw.

    Parameters
    ----------
    words : sequence of str
        What is written above; each is cut at two lines.
    embedding : ndarray of shape (n_samples, 2)
        Where each row is.
    labels : ndarray of int64, shape (n_samples,)
        Aligned already with those that have the same colours.
    names : mapping of int to str
        What clusters are called, by label; the first few are written below.
    """

    words: Sequence[str]
    embedding: NDArray[Any]
    labels: IntArray
    names: Mapping[int, str] = field(default_factory=dict)


def draw_maps(title: str, subtitle: str, caption: str, panels: Sequence[Panel], seed: int) -> "Figure":
    """Draw a panel for each labeling.

    Parameters
    ----------
    title, subtitle, caption : str
        Above and below.
    panels : sequence of Panel
        At most `MOST_PANELS`.
    seed : int
        Of the order in which points are drawn.
    """
    columns = min(_COLUMNS, len(panels))
    lines = -(-len(panels) // columns)
    words = [_words(panel) for panel in panels]
    head = _HEAD + _LINE * (max(map(len, words)) - 3)
    foot = _LINE * max(min(_NAMES, len(panel.names)) for panel in panels)
    sheet = Sheet(
        max(columns, 2) * (_SIDE + _GAP) + 0.4,
        lines * (_SIDE + head + foot),
        title,
        subtitle,
        caption,
    )
    for place, panel in enumerate(panels):
        row, column = divmod(place, columns)
        bottom = (lines - 1 - row) * (_SIDE + head + foot) + foot
        axes = sheet.axes(column * (_SIDE + _GAP), bottom, _SIDE, _SIDE)
        _draw_panel(axes, panel.embedding, panel.labels, seed)
        axes.annotate(
            "\n".join(words[place]),
            (0, 1),
            (0, 3),
            xycoords="axes fraction",
            textcoords="offset points",
            va="bottom",
            linespacing=1.15,
        )
        _write_names(axes, panel)
    return sheet.figure


def _write_names(axes: "Axes", panel: Panel) -> None:
    """Write the names of the first clusters below a panel, each behind its colour."""
    colors = cluster_colors(int(panel.labels.max(initial=-1)) + 1)
    for line, (label, name) in enumerate(islice(panel.names.items(), _NAMES)):
        below = -72 * _LINE * line - 3
        for text, right, color in (
            ("\N{BLACK SQUARE}", 0.0, colors[label]),
            (fit(printable(name), _SIDE - _INDENT, SIZE), 72 * _INDENT, INK),
        ):
            axes.annotate(
                text,
                (0, 0),
                (right, below),
                xycoords="axes fraction",
                textcoords="offset points",
                va="top",
                color=color,
            )


def _words(panel: Panel) -> list[str]:
    broken = [line for text in panel.words for line in lines_of(text, _SIDE, SIZE)]
    return [*broken, _sizes(panel.labels)]


def _sizes(labels: IntArray) -> str:
    clusters = len(np.unique(labels[labels >= 0]))
    noise = float(np.mean(labels < 0))
    return plural(clusters, "cluster") + (f", {noise:.0%} noise" if noise else "")


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
