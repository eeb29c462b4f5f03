"""Stacked panels: the clusterings that each threshold gives, over one axis of distance."""

from typing import TYPE_CHECKING, Annotated, Any, get_args

import numpy as np
from annotated_types import Ge
from numpy.typing import NDArray

from embkit import Clustering, Context, Floats, ParameterError
from embkit.text import plural
from embkit_plugins.algorithms.distances.pairs import Metric
from embkit_plugins.algorithms.trees.curve import CurvePoints
from embkit_plugins.artifacts.threshold_curve import curve_of
from embkit_plugins.drawing.palette import INK, NOTE, cluster_colors
from embkit_plugins.drawing.sheet import SIZE, Look, Sheet, Width, styled
from embkit_plugins.drawing.subject import headline, height_label, tree_of
from embkit_plugins.drawing.text import printable, width_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["ThresholdCurve"]

_WIDTH = 8.6
_LEAD = 0.75
_PANEL = 1.35
_BETWEEN = 0.18
_PLATEAU = "#d8ecf8"
_PAIRS = "#a6a6a6"
_NARROW = 0.004
"""Plateaus narrower than this share of the axis are not drawn."""


class ThresholdCurve:
    """Clusters, largest cluster, single rows and mean silhouette against the threshold.

    All are read from one tree. Blue bands are plateaus, ranges of thresholds that
    give the same clusters. The grey band is where the middle half of random pairs
    of rows lie: a threshold within it joins rows that are no more alike than any
    two, however small the number is. Cost: one distance from each of at most 5000
    rows to every row, and nothing where validator ``thresholds`` has been run
    (with `to` the curve has one more threshold, and is another one).

    Parameters
    ----------
    to : float, optional
        A second threshold to mark beside the clusterer's.
    title : str
        In place of the title made of the data; the line of settings under it goes too.
    width : float, optional
        Of the picture in inches.

    Raises
    ------
    ParameterError
        If the clusterer made no tree, or one with inversions (centroid, median).
    """

    def __init__(
        self,
        *,
        to: Annotated[float, Ge(0)] | None = None,
        title: str = "",
        width: Width | None = None,
    ) -> None:
        self.to = to
        self.title = title
        self.width = width

    def draw(self, clustering: Clustering, context: Context) -> "Figure":
        """Draw the curves of the tree that a clustering was cut from."""
        tree = tree_of(clustering, "threshold-curve")
        metric: Any = clustering.metric
        if metric not in get_args(Metric):
            raise ParameterError(
                f"visualizer threshold-curve: distances by {metric!r} are not known",
                f"known are {', '.join(get_args(Metric))}",
                "cluster with one of them",
            )
        marks = {"threshold": clustering.threshold, "to": self.to}
        lines = {name: height for name, height in marks.items() if height is not None}
        curve = curve_of(tree, metric, context, marks=list(lines.values()))
        with styled():
            return _figure(clustering, curve, lines, Look(self.title, self.width))


def _figure(clustering: Clustering, curve: CurvePoints, lines: dict[str, float], look: Look) -> "Figure":
    n_samples = clustering.dataset.n_samples
    panels: list[tuple[str, NDArray[Any], str]] = [
        ("clusters", curve.n_clusters, "{:,.0f}"),
        ("largest cluster\n(share of rows)", curve.largest / n_samples, "{:.1%}"),
        ("single rows", curve.singletons, "{:,.0f}"),
        ("mean silhouette", curve.silhouette, "{:.2f}"),
    ]
    height = len(panels) * (_PANEL + _BETWEEN) + 0.7
    sheet = Sheet(
        _WIDTH,
        height,
        f"{printable(clustering.dataset.name)}: what each threshold gives",
        headline(clustering),
        _caption(clustering, curve),
        look,
    )
    shown = np.append(curve.thresholds, list(curve.random_pairs.values()))
    span = (float(shown.min()), float(shown.max()))
    per_inch = (span[1] - span[0] or 1.0) / (sheet.width - _LEAD)
    drawn: list[Axes] = []
    for place, (name, values, form) in enumerate(panels):
        bottom = 0.45 + (len(panels) - 1 - place) * (_PANEL + _BETWEEN)
        axes = sheet.axes(_LEAD, bottom, sheet.width - _LEAD, _PANEL)
        _draw_bands(axes, curve, span)
        _draw_curve(axes, curve.thresholds, values, form, lines)
        axes.set(xlim=(span[0] - 0.1 * per_inch, span[1] + 0.35 * per_inch), ylabel=name)
        axes.tick_params(labelbottom=place == len(panels) - 1)
        drawn.append(axes)
    drawn[0].set_yscale("log")
    drawn[0].yaxis.set_major_formatter(_thousands)
    drawn[2].yaxis.set_major_formatter(_thousands)
    drawn[1].yaxis.set_major_formatter(_percent)
    drawn[-1].set_xlabel(f"threshold, {height_label(clustering)}")
    _name_lines(drawn[0], curve, lines, per_inch)
    _name_plateaus(drawn[0], curve, span, per_inch)
    return sheet.figure


def _draw_bands(axes: "Axes", curve: CurvePoints, span: tuple[float, float]) -> None:
    if curve.random_pairs:
        pairs = curve.random_pairs
        band: dict[str, Any] = {"color": _PAIRS, "alpha": 0.35, "linewidth": 0, "zorder": 0.7}
        axes.axvspan(pairs[0.25], pairs[0.75], gid="random pairs", **band)
        line: dict[str, Any] = {"color": _PAIRS, "linewidth": 0.9, "zorder": 0.8}
        axes.axvline(pairs[0.5], gid="median pair", **line)
        axes.axvline(pairs[0.05], linestyle=(0, (1, 2)), **line)
    for plateau in curve.plateaus:
        if plateau.high - plateau.low > _NARROW * (span[1] - span[0]):
            face: dict[str, Any] = {"facecolor": _PLATEAU, "edgecolor": "white", "zorder": 0.5}
            axes.axvspan(plateau.low, plateau.high, linewidth=1.5, gid="plateau", **face)


def _draw_curve(
    axes: "Axes", thresholds: Floats, values: NDArray[Any], form: str, lines: dict[str, float]
) -> None:
    color = cluster_colors(1)[0]
    axes.plot(thresholds, values, color=color, linewidth=1.3, marker="o", markersize=1.8, gid="curve")
    for height in lines.values():
        left = len(lines) > 1 and height == min(lines.values())
        axes.axvline(height, color=INK, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
        value = float(values[np.searchsorted(thresholds, height)])
        if np.isfinite(value):
            axes.plot([height], [value], marker="o", markersize=4, color=INK, zorder=4)
            axes.annotate(
                form.format(value),
                (height, value),
                (-5 if left else 5, 4),
                textcoords="offset points",
                ha="right" if left else "left",
                weight="bold",
                zorder=5,
            )


def _name_lines(axes: "Axes", curve: CurvePoints, lines: dict[str, float], per_inch: float) -> None:
    """Name the thresholds above the uppermost panel, the lower one to the left where they are close."""
    low = min(lines.values(), default=0.0)
    close = len(lines) > 1 and max(lines.values()) - low < 1.2 * per_inch
    for name, height in lines.items():
        aligned = ("right" if height == low else "left") if close else "center"
        axes.annotate(
            f"{name} {height:.4g}",
            (height, 1),
            (0, 16),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            ha=aligned,
            weight="bold",
        )
    if curve.random_pairs:
        axes.annotate(
            "random pairs",
            (curve.random_pairs[0.5], 1),  # the curve has come down before
            (3, -3),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            va="top",
            color=NOTE,
            size=SIZE - 0.5,
        )


def _name_plateaus(axes: "Axes", curve: CurvePoints, span: tuple[float, float], per_inch: float) -> None:
    """Write above each plateau how many clusters it stands for, where there is room."""
    taken: list[tuple[float, float]] = []
    for plateau in curve.plateaus:
        words = f"{plateau.n_clusters:,}"
        half = per_inch * (width_of(words, SIZE - 0.5) / 2 + 0.03)
        left, right = plateau.middle - half, plateau.middle + half
        narrow = plateau.high - plateau.low <= _NARROW * (span[1] - span[0])
        if narrow or any(left < end and start < right for start, end in taken):
            continue
        taken.append((left, right))
        axes.annotate(
            words,
            (plateau.middle, 1),
            (0, 3),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            ha="center",
            color="#2f7fb5",
            size=SIZE - 0.5,
        )


def _caption(clustering: Clustering, curve: CurvePoints) -> str:
    said = ["Blue: plateaus, thresholds that give the same clusters; above them, how many."]
    if curve.random_pairs:
        pairs = curve.random_pairs
        said.append(
            f"Grey: the middle half of random pairs, median {pairs[0.5]:.3g}; "
            f"5% of them are nearer than {pairs[0.05]:.3g} (dotted)."
        )
    if clustering.parameters.get("linkage") == "ward":
        said.append("Ward heights grow with the size of clusters; distances of pairs do not.")
    if curve.n_scored < clustering.dataset.n_samples:
        said.append(f"Silhouettes over a sample of {plural(curve.n_scored, 'row')}.")
    return " ".join(said)


def _thousands(value: float, place: float) -> str:
    del place
    return f"{value:,.0f}"


def _percent(value: float, place: float) -> str:
    del place
    return f"{value:.0%}"
