"""Bars of the sizes of the clusters."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from annotated_types import Ge

from embkit import Clustering, Context, DataError, IntArray
from embkit.text import plural
from embkit_plugins.drawing.palette import NOISE, NOTE, RULE, cluster_colors
from embkit_plugins.drawing.sheet import SIZE, Look, Sheet, Width, styled
from embkit_plugins.drawing.subject import headline
from embkit_plugins.drawing.text import exemplars, fit, printable, width_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Sizes"]

_WIDTH = 9.2
_LABELS, _LABEL_SHARE = 2.9, 0.36
_RANKS, _WITHOUT_RANKS = 2.3, 7.0
_LINE = 0.22
_STRIP = 0.65
_FOLDED = "#9a9a9a"
_HEAVY = 50
"""Ratio of the longest to the median bar from which the axis is logarithmic."""


class Sizes:
    """The clusters, largest first, each with a typical text and its share of the rows.

    The strip at the top is all rows: the clusters in their colours, the smaller
    ones together, and noise. Where clusters are folded, a second panel shows the
    size of every cluster by its rank.

    Parameters
    ----------
    max_clusters : int
        Bars at most; the smaller clusters are folded into "+ N clusters".
    title : str
        In place of the title made of the data; the line of settings under it goes too.
    width : float, optional
        Of the picture in inches.

    Raises
    ------
    DataError
        If every row is noise.
    """

    def __init__(
        self,
        *,
        max_clusters: Annotated[int, Ge(1)] = 20,
        title: str = "",
        width: Width | None = None,
    ) -> None:
        self.max_clusters = max_clusters
        self.title = title
        self.width = width

    def draw(self, clustering: Clustering, context: Context) -> "Figure":
        """Draw the sizes of a clustering."""
        del context
        if not clustering.n_clusters:
            raise DataError(
                "visualizer sizes: every row is noise",
                "there are no clusters to draw",
                "cluster coarser, or leave this picture out",
            )
        with styled():
            shown = min(self.max_clusters, clustering.n_clusters)
            return _figure(clustering, shown, Look(self.title, self.width))


def _figure(clustering: Clustering, shown: int, look: Look) -> "Figure":
    sizes, total = clustering.sizes, len(clustering.labels)
    height = max(1.2, _LINE * shown)
    largest = int(sizes[0])
    ranked = shown < clustering.n_clusters and (look.width or _WIDTH) > _WITHOUT_RANKS
    title = f"{printable(clustering.dataset.name)}: {plural(clustering.n_clusters, 'cluster')}, "
    sheet = Sheet(
        _WIDTH,
        height + _STRIP + 0.5,
        f"{title}the largest of {plural(largest, 'row')} ({largest / total:.1%})",
        headline(clustering),
        _caption(sizes, ranked=ranked),
        look,
    )
    _draw_strip(sheet.axes(0, height + 0.9, sheet.width, 0.2), clustering, shown)
    ranks = _RANKS + 0.7 if ranked else 0.0
    column = min(_LABELS, _LABEL_SHARE * sheet.width)
    axes = sheet.axes(column, 0.5, sheet.width - column - ranks, height)
    _draw_bars(axes, sizes[:shown], total)
    _write_labels(axes, exemplars(clustering, shown), column)
    if ranked:
        _draw_ranks(sheet.axes(sheet.width - _RANKS, 0.5, _RANKS, height), sizes)
    return sheet.figure


def _draw_strip(axes: "Axes", clustering: Clustering, shown: int) -> None:
    """All rows as one bar: the shown clusters, the others together, noise."""
    sizes, total = clustering.sizes, len(clustering.labels)
    largest, others = int(sizes[:shown].sum()), int(sizes[shown:].sum())
    pieces = np.array([*sizes[:shown], others, clustering.n_noise])
    starts = np.cumsum(pieces) - pieces
    colors = [*cluster_colors(shown), _FOLDED, NOISE]
    axes.barh([0] * len(pieces), pieces, left=starts, height=1, color=colors, gid="strip")
    axes.set(xlim=(0, total), ylim=(-0.5, 0.5))
    axes.set_axis_off()
    folded = clustering.n_clusters - shown
    parts = [(plural(shown, "largest cluster") if folded else plural(shown, "cluster"), largest)]
    parts += [(f"+ {plural(folded, 'cluster')}", others)] if folded else []
    parts += [("noise", clustering.n_noise)] if clustering.n_noise else []
    words = " \N{MIDDLE DOT} ".join(f"{name}: {rows:,} ({rows / total:.1%})" for name, rows in parts)
    axes.annotate(words, (0, 0), (0, -5), va="top", xycoords="axes fraction", textcoords="offset points")


def _draw_bars(axes: "Axes", sizes: IntArray, total: int) -> None:
    places = np.arange(len(sizes))
    heavy = sizes[0] > _HEAVY * float(np.median(sizes))
    axes.barh(places, sizes, height=0.72, color=cluster_colors(len(sizes)), gid="bars")
    for place, size in enumerate(sizes.tolist()):
        words = f"{size:,}  {size / total:.1%}"
        axes.annotate(words, (size, place), (4, 0), textcoords="offset points", va="center", color=NOTE)
    if heavy:
        _make_logarithmic(axes, "x")
        axes.set_xlim(0.7, 0.7 * (sizes[0] / 0.7) ** 1.35)
    else:
        axes.set_xlim(0, sizes[0] * 1.35)
        axes.xaxis.set_major_formatter(_thousands)
    axes.set_xlabel("rows (logarithmic)" if heavy else "rows")
    axes.set(ylim=(len(sizes) - 0.4, -0.6), yticks=[])
    axes.spines["left"].set_visible(False)


def _write_labels(axes: "Axes", texts: list[str], room: float) -> None:
    column = width_of(str(len(texts) - 1), SIZE, "bold")
    where: dict[str, Any] = {
        "xycoords": ("axes fraction", "data"),
        "textcoords": "offset points",
        "va": "center",
        "ha": "right",
        "annotation_clip": False,
    }
    for cluster, text in enumerate(texts):
        axes.annotate(str(cluster), (0, cluster), (-6, 0), weight="bold", **where)
        label = fit(text, room - column - 0.25, SIZE)
        axes.annotate(label, (0, cluster), (-12 - 72 * column, 0), **where)


def _draw_ranks(axes: "Axes", sizes: IntArray) -> None:
    """The size of every cluster by its rank, both on logarithmic axes."""
    ranks = np.arange(1, len(sizes) + 1)
    axes.plot(ranks, sizes, color=RULE, linewidth=1, zorder=1)
    axes.scatter(ranks, sizes, s=9, c=cluster_colors(len(sizes)), linewidths=0, zorder=2, gid="ranks")
    _make_logarithmic(axes, "x")
    _make_logarithmic(axes, "y")
    axes.set(xlabel="rank of the cluster", ylabel="rows")


def _make_logarithmic(axes: "Axes", name: Literal["x", "y"]) -> None:
    """Scale an axis of counts, with plain numbers at 1, 2, 5, 10 and so on."""
    from matplotlib.ticker import LogLocator, NullLocator

    (axes.set_xscale if name == "x" else axes.set_yscale)("log")
    axis = axes.xaxis if name == "x" else axes.yaxis
    axis.set_major_locator(LogLocator(subs=(1.0,) if name == "x" else (1.0, 2.0, 5.0)))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(_thousands)


def _thousands(value: float, place: float) -> str:
    del place
    return f"{value:,.0f}" if value >= 1 or value == 0 else ""


def _caption(sizes: IntArray, *, ranked: bool) -> str:
    half = int(np.searchsorted(np.cumsum(sizes), sizes.sum() / 2)) + 1
    said = (
        f"Half of the clustered rows are in the {plural(half, 'largest cluster')}; "
        f"the median cluster has {plural(int(np.median(sizes)), 'row')}; "
        f"{plural(int(np.count_nonzero(sizes == 1)), 'cluster')} of a single row."
    )
    return f"{said} Right: every cluster by rank." if ranked else said
