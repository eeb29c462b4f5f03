"""Quality beside time and memory, with the methods that none other beats in both."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from embkit_plugins.drawing.palette import NOTE, cluster_colors
from embkit_plugins.drawing.sheet import SIZE, Sheet
from embkit_plugins.drawing.text import printable
from embkit_plugins.exporters.report.indices import Index, Standing
from embkit_plugins.exporters.report.labels import squeezed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_cost", "front"]

_PANEL = 3.0
_LEGEND = 3.4
_LINE = 0.19
_BESIDE = ((3, 3), (3, -9), (-3, 3), (-3, -9))  # in turn, so that those of near points are apart


def front(points: Sequence[tuple[float, float]], *, higher: bool) -> list[int]:
    """Positions of the (cost, quality) pairs that no other beats in both (Pareto), cheapest first."""
    sign = -1 if higher else 1
    best, found = float("inf"), []
    for place in sorted(range(len(points)), key=lambda item: (points[item][0], sign * points[item][1])):
        if sign * points[place][1] < best:
            best = sign * points[place][1]
            found.append(place)
    return found


def draw_cost(dataset: str, index: Index, standings: Sequence[Standing]) -> "Figure":
    """Draw one index over seconds and over memory, a numbered point a method.

    Parameters
    ----------
    dataset : str
        Its label, for the title.
    index : Index
        What is on the upright axis.
    standings : sequence of Standing
        Methods in the order of their numbers.
    """
    height = max(2.8, _LINE * len(standings))
    sheet = Sheet(
        2 * (_PANEL + 0.75) + _LEGEND + 0.5,
        height + 0.5,
        f"{printable(dataset)}: {printable(index.title)} beside cost",
        "Methods on the line are beaten by no other in both; they are in bold.",
        "Time: the clusterer with the distances and trees it needs, whichever trial made them; "
        "the longest over the seeds. Memory: largest resident size of a trial's process; the trial "
        "that made what the others share has that in it.",
    )
    kept: set[int] = set()
    for place, (title, scale) in enumerate((("seconds of the clusterer", 1.0), ("memory in MB", 1e-6))):
        costs = [item.method.memory if place else item.method.seconds for item in standings]
        points = [
            (number, _rounded(cost * scale), item.spread.mean)
            for number, (cost, item) in enumerate(zip(costs, standings, strict=True), 1)
            if cost is not None
        ]
        axes = sheet.axes(0.6 + place * (_PANEL + 0.75), 0.45, _PANEL, height)
        kept |= _draw_panel(axes, points, higher=index.higher)
        axes.set_xlabel(title)
        arrow = "↑" if index.higher else "↓"
        axes.set_ylabel(printable(f"{index.title} {arrow}"))
    _write_legend(sheet.axes(sheet.width - _LEGEND, 0.45, _LEGEND, height), standings, kept, height)
    return sheet.figure


def _rounded(cost: float) -> float:
    """To two digits: what differs by less differs by chance, and lies on one spot."""
    return float(f"{cost:.2g}")


def _draw_panel(axes: "Axes", points: Sequence[tuple[int, float, float]], *, higher: bool) -> set[int]:
    """Draw numbered points and their front; return the numbers on it."""
    from matplotlib.ticker import LogLocator, NullLocator, StrMethodFormatter

    color = cluster_colors(1)[0]
    kept = front([(cost, quality) for _, cost, quality in points], higher=higher)
    axes.plot(
        [points[place][1] for place in kept],
        [points[place][2] for place in kept],
        color=color,
        alpha=0.5,
        drawstyle="steps-post",
    )
    for place, (number, cost, quality) in enumerate(points):
        bold = place in kept
        beside = _BESIDE[place % len(_BESIDE)]
        axes.scatter([cost], [quality], s=14, color=[color if bold else NOTE], linewidths=0, zorder=3)
        axes.annotate(
            str(number),
            (cost, quality),
            beside,
            textcoords="offset points",
            ha="left" if beside[0] > 0 else "right",
            weight="bold" if bold else "normal",
            size=SIZE - 0.5,
        )
    costs = [cost for _, cost, _ in points]
    if costs and max(costs) > 10 * min(costs) > 0:
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    else:
        axes.locator_params(axis="x", nbins=5)
    axes.locator_params(axis="y", nbins=5)
    axes.margins(0.1)
    return {points[place][0] for place in kept}


def _write_legend(axes: "Axes", standings: Sequence[Standing], kept: set[int], height: float) -> None:
    axes.set(xlim=(0, _LEGEND), ylim=(height, 0))
    axes.set_axis_off()
    for number, item in enumerate(standings, 1):
        weight = "bold" if number in kept else "normal"
        y = (number - 0.5) * _LINE
        axes.text(0.2, y, str(number), ha="right", va="center", weight=weight)
        axes.text(
            0.28,
            y,
            squeezed(item.method.name, (_LEGEND - 0.28) / 1.12, SIZE),
            va="center",
            weight=weight,
        )
