"""A map of the rows: points in the colours of their clusters, numbers on it, names beside it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from embkit import Clustering, Floats, IntArray
from embkit.text import plural
from embkit_plugins.drawing.palette import INK, NOISE, NOTE, VIVID, cluster_colors, label_colors
from embkit_plugins.drawing.sheet import SIZE, Look, Sheet
from embkit_plugins.drawing.subject import headline
from embkit_plugins.drawing.text import exemplars, fit, width_of
from embkit_plugins.visualizers.scatter.cells import (
    CELLS_PER_INCH,
    FEWEST_FULL,
    counted,
    full_count,
    shades,
    strengths,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["MapWords", "draw_map"]

_WIDTH = 6.4
_HEIGHTS = (4.6, 6.8)
_LEGEND, _LEGEND_GAPS = 3.1, 0.4
_LINE = 0.205
_MANY = 20_000
"""Points beyond which they are stored as pixels in vector formats."""
AGGREGATED = 50_000
"""Rows beyond which they are counted in cells instead of drawn as points."""
_TRIED = 400
_NEAR = 0.35
"""Radius in inches within which a number looks for company of its own cluster."""


@dataclass(frozen=True)
class MapWords:
    """The words around a map; axes without names have no ticks either.

    Parameters
    ----------
    title, caption : str
        Above and below.
    axes : tuple of two str, optional
        Names of the axes.
    subtitle : str
        Under the title; the clustering in one line if empty.
    group, ungrouped : str
        What the legend calls a colour, and rows that have none.
    """

    title: str
    caption: str
    axes: tuple[str, str] | None = None
    subtitle: str = ""
    group: str = "cluster"
    ungrouped: str = "noise"


def draw_map(
    clustering: Clustering,
    embedding: NDArray[Any],
    words: MapWords,
    seed: int,
    look: Look = Look(),  # noqa: B008 - frozen
) -> "Figure":
    """Draw rows as points in the plane, the largest clusters on top of the others.

    More than `AGGREGATED` rows are counted in cells of 1/75 inch, each in the colour of
    its most frequent cluster, the stronger the more rows are in it; the picture then takes no
    longer and no more room for more rows.

    Parameters
    ----------
    clustering : Clustering
        Labels give the colours; the largest 20 clusters are numbered and named.
    embedding : ndarray of shape (n_samples, 2)
        Where each row is.
    words : MapWords
        Title, caption, names of the axes.
    seed : int
        Of the order in which points are drawn, so that no cluster hides another.
    look : Look
        Title and width that the user wants.

    Returns
    -------
    matplotlib.figure.Figure
        Collections have the gids ``noise``, ``others`` and ``clusters``; the image of cells
        has ``cells``.
    """
    points = embedding[:, :2].astype(np.float64)
    spread = np.maximum(np.ptp(points, axis=0), 1e-12)
    lead = 0.55 if words.axes else 0.0
    aggregated = len(points) > AGGREGATED
    named = _legend(clustering, words)
    lines = named + _scale(FEWEST_FULL) if aggregated else named
    widths = _legend_widths(lines, min(_LEGEND, 0.4 * (look.width or np.inf)))
    legend = sum(widths) + _LEGEND_GAPS
    beside = lead + 0.2 + legend + 0.4
    across = _WIDTH if look.width is None else look.width - beside
    height = float(np.clip(across * spread[1] / spread[0], *np.multiply(_HEIGHTS, across / _WIDTH)))
    height = max(height, 0.1 + _LINE * len(lines))
    subtitle = words.subtitle or headline(clustering)
    caption = _of_cells(len(points), words) + words.caption if aggregated else words.caption
    sheet = Sheet(across + beside, height + lead, words.title, subtitle, caption, look)
    axes = sheet.axes(lead, lead, across, height)
    per_inch = 1.06 * float(max(spread / (across, height)))
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    axes.set_xlim(*(middle[0] + per_inch * across / 2 * np.array([-1, 1])))
    axes.set_ylim(*(middle[1] + per_inch * height / 2 * np.array([-1, 1])))
    if aggregated:
        full = _draw_cells(axes, clustering.labels, points, (across, height))
        lines = named + _scale(full)
    else:
        _draw_points(axes, clustering.labels, points, seed)
    _write_numbers(axes, clustering, points, per_inch)
    if words.axes:
        axes.set(xlabel=words.axes[0], ylabel=words.axes[1])
    else:
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set_visible(False)
    _write_legend(sheet.axes(sheet.width - legend, lead, legend, height), lines, widths, height)
    return sheet.figure


def _draw_points(axes: "Axes", labels: IntArray, points: Floats, seed: int) -> None:
    n = len(points)
    mixed = np.random.default_rng(seed).permutation(n)
    style: dict[str, Any] = {
        "s": float(np.clip(24_000 / n, 1.2, 30)),
        "alpha": float(np.clip(2.2 - 0.35 * np.log10(n), 0.5, 0.9)),
        "linewidths": 0,
        "rasterized": n > _MANY,
    }
    colors = label_colors(labels)
    groups = {
        "noise": labels < 0,
        "others": labels >= VIVID,
        "clusters": (labels >= 0) & (labels < VIVID),
    }
    for layer, (gid, group) in enumerate(groups.items(), start=1):
        rows = mixed[group[mixed]]
        if len(rows):
            axes.scatter(
                points[rows, 0], points[rows, 1], c=colors[rows], gid=gid, zorder=layer, **style
            )


def _draw_cells(axes: "Axes", labels: IntArray, points: Floats, inches: tuple[float, float]) -> int:
    """Draw the rows as an image of cells and return the count that has the full strength."""
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    width, height = (max(1, round(CELLS_PER_INCH * length)) for length in inches)
    lower, upper = np.array([left, low]), np.array([right, high])
    cells = counted(points, labels, lower, upper, (height, width))
    full = full_count(cells.counts)
    axes.imshow(
        shades(cells, full),
        extent=(left, right, low, high),
        origin="lower",
        aspect="auto",
        interpolation="none",
        gid="cells",
        zorder=1,
    )
    return full


def _write_numbers(axes: "Axes", clustering: Clustering, points: Floats, per_inch: float) -> None:
    """Write each large cluster's number on a point of its own where it is dense, clear of the others."""
    from matplotlib.patheffects import withStroke

    taken: list[tuple[Floats, Floats]] = []
    for cluster in range(min(VIVID, clustering.n_clusters)):
        members = points[clustering.labels == cluster]
        candidates = _crowded_first(members, _NEAR * per_inch)
        box = per_inch * np.array([width_of(str(cluster), SIZE + 1, "bold") + 0.03, 0.15])
        spot = next((spot for spot in candidates if _is_free(spot, box, taken)), candidates[0])
        taken.append((spot, box))
        axes.text(
            spot[0],
            spot[1],
            str(cluster),
            size=SIZE + 1,
            weight="bold",
            ha="center",
            va="center",
            zorder=5,
            path_effects=[withStroke(linewidth=2.5, foreground="white")],
        )


def _crowded_first(members: Floats, radius: float) -> Floats:
    """Some of the members, those with the most others within `radius` first."""
    some = members[:: len(members) // _TRIED + 1]
    near = ((some[:, None] - some[None]) ** 2).sum(axis=2) < radius**2
    return some[np.argsort(-near.sum(axis=1), kind="stable")]


def _is_free(spot: Floats, box: Floats, taken: list[tuple[Floats, Floats]]) -> bool:
    return all((np.abs(spot - other) > (box + room) / 2).any() for other, room in taken)


@dataclass(frozen=True)
class _Line:
    """A line of the legend; a number for the clusters that have one on the map."""

    number: str
    text: str
    rows: str
    color: Any


def _legend(clustering: Clustering, words: MapWords) -> list[_Line]:
    """The numbered clusters with sizes, and typical texts where rows have any; then what is left."""
    numbered = min(VIVID, clustering.n_clusters)
    colors, sizes = cluster_colors(numbered), clustering.sizes
    data = clustering.dataset
    says = data.texts is not None or data.ids is not None
    texts = exemplars(clustering, numbered) if says else [""] * numbered
    lines = [
        _Line(str(cluster), texts[cluster], f"{sizes[cluster]:,}", colors[cluster])
        for cluster in range(numbered)
    ]
    if clustering.n_clusters > numbered:
        rest = plural(clustering.n_clusters - numbered, f"smaller {words.group}")
        pale = cluster_colors(VIVID + 1)[VIVID]
        lines.append(_Line("", f"+ {rest}, pale", f"{sizes[numbered:].sum():,}", pale))
    if clustering.n_noise:
        lines.append(_Line("", words.ungrouped, f"{clustering.n_noise:,}", NOISE))
    return lines


def _scale(full: int) -> list[_Line]:
    """A gap, and how strong the colour of a cell with one row is, with some, and with the most."""
    counts = np.array([1, round(full**0.5), full])
    colors = [(INK, float(opacity)) for opacity in strengths(counts, full)]
    words = ("rows in a cell", "", "or more")
    scale = [
        _Line("", word, f"{count:,}", color)
        for word, count, color in zip(words, counts, colors, strict=True)
    ]
    return [_Line("", "", "", "none"), *scale]


def _legend_widths(lines: list[_Line], most: float) -> tuple[float, float, float]:
    """Room for numbers, texts and rows in inches, texts being cut where they are long."""
    numbers = max((width_of(line.number, SIZE, "bold") for line in lines), default=0.0)
    rows = max((width_of(line.rows, SIZE) for line in lines), default=0.0)
    texts = max((width_of(line.text, SIZE) for line in lines), default=0.0)
    return numbers, max(min(texts, most - _LEGEND_GAPS - numbers - rows), 0.0), rows


def _write_legend(
    axes: "Axes", lines: list[_Line], widths: tuple[float, float, float], height: float
) -> None:
    numbers, texts, rows = widths
    right = numbers + texts + rows + _LEGEND_GAPS
    axes.set(xlim=(0, right), ylim=(height, 0))
    axes.set_axis_off()
    heights = [0.1 + place * _LINE for place in range(len(lines))]
    axes.scatter([0.07] * len(lines), heights, s=26, color=[line.color for line in lines], linewidths=0)
    for y, line in zip(heights, lines, strict=True):
        left = 0.2 + numbers
        axes.text(left, y, line.number, size=SIZE, weight="bold", ha="right", va="center", color=INK)
        axes.text(left + 0.08, y, fit(line.text, texts, SIZE), size=SIZE, va="center")
        axes.text(right, y, line.rows, size=SIZE, ha="right", va="center", color=NOTE)


def _of_cells(n_rows: int, words: MapWords) -> str:
    return (
        f"{n_rows:,} rows, counted in cells of 1/{CELLS_PER_INCH} inch: each has the colour of its most "
        f"frequent {words.group}, the stronger the more rows. "
    )
