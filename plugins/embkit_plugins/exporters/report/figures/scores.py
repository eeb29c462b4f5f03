"""Scores of methods as points with intervals, one column an index; and mean ranks over datasets."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from embkit_plugins.drawing.palette import INK, NOTE, RULE, cluster_colors
from embkit_plugins.drawing.sheet import SIZE, Sheet
from embkit_plugins.drawing.text import printable, width_of, wrap
from embkit_plugins.exporters.report.datasets import LEAST_DATASETS, RankTest
from embkit_plugins.exporters.report.indices import Index, Standing
from embkit_plugins.exporters.report.labels import squeezed
from embkit_plugins.exporters.report.writing.markdown import NONE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_ranks", "draw_scores", "write_rows"]

_LINE = 0.19
_COLUMN = 1.45
_GAP = 0.3
_LONGEST = 3.6


def draw_scores(
    dataset: str, rankings: Sequence[tuple[Index, Sequence[Standing]]], names: Sequence[str]
) -> "Figure":
    """Draw every method's mean and 95 % interval by every index.

    Parameters
    ----------
    dataset : str
        Its label, for the title.
    rankings : sequence of (Index, sequence of Standing)
        A column each.
    names : sequence of str
        Methods in the order of the rows; the rest is left out.
    """
    room = _label_width(names)
    height = _LINE * len(names)
    sheet = Sheet(
        room + len(rankings) * (_COLUMN + _GAP) + 0.4,
        height + 0.75,
        f"{printable(dataset)}: scores",
        "Mean over seeds and 95 % interval; the best of each column is filled; cross: not ranked.",
        "Each index has its own scale and its own better side (arrow): columns are not to be added up.",
    )
    for column, (index, standings) in enumerate(rankings):
        left = room + column * (_COLUMN + _GAP)
        axes = sheet.axes(left, 0.35, _COLUMN, height)
        if column == 0:
            write_rows(axes, names, room)
        _draw_column(axes, index, {item.method.name: item for item in standings}, names)
    return sheet.figure


def _label_width(names: Sequence[str]) -> float:
    return min(_LONGEST, max(width_of(printable(name), SIZE) for name in names)) + 0.2


def write_rows(axes: "Axes", names: Sequence[str], room: float) -> None:
    """Write the name of each row to the left of an axes."""
    for row, name in enumerate(names):
        axes.annotate(
            squeezed(name, room - 0.2, SIZE),
            (0, row),
            (-8, 0),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            ha="right",
            va="center",
            annotation_clip=False,
        )


def _draw_column(
    axes: "Axes", index: Index, standings: dict[str, Standing], names: Sequence[str]
) -> None:
    color = cluster_colors(1)[0]
    across = axes.get_yaxis_transform()
    axes.hlines(range(len(names)), 0, 1, transform=across, color=RULE, linewidth=0.4, zorder=0)
    rows = [(row, standings[name]) for row, name in enumerate(names) if name in standings]
    bars = [
        (row, item.spread.low, item.spread.high)
        for row, item in rows
        if item.spread.low is not None and item.spread.high is not None
    ]
    if bars:
        axes.hlines(*zip(*bars, strict=True), color=color, linewidth=1.4)
    ranked = [(row, item) for row, item in rows if item.rank is not None]
    axes.scatter(
        [item.spread.mean for _, item in ranked],
        [row for row, _ in ranked],
        s=20,
        color=[color if item.rank == 1 else "white" for _, item in ranked],
        edgecolors=[color],
        zorder=3,
    )
    apart = [(row, item) for row, item in rows if item.rank is None]
    axes.scatter(
        [item.spread.mean for _, item in apart],
        [row for row, _ in apart],
        s=14,
        marker="x",
        color=NOTE,
        linewidths=0.8,
        zorder=3,
    )
    for row in set(range(len(names))) - {row for row, _ in rows}:
        axes.annotate(NONE, (0.5, row), xycoords=("axes fraction", "data"), color=NOTE, va="center")
    axes.set(ylim=(len(names) - 0.4, -0.6), yticks=[])
    axes.margins(x=0.12)
    axes.locator_params(axis="x", nbins=3)
    axes.spines["left"].set_visible(False)
    arrow = "→" if index.higher else "←"
    words = [*_two_lines(f"{index.title} {arrow}")]
    axes.annotate(
        "\n".join(words),
        (0, 1),
        (0, 6),
        xycoords="axes fraction",
        textcoords="offset points",
        va="bottom",
    )


def _two_lines(title: str) -> list[str]:
    return wrap(printable(title), _COLUMN + _GAP - 0.08, SIZE, 2)


def draw_ranks(tests: Sequence[RankTest]) -> "Figure":
    """Draw each method's mean rank over datasets; with half the critical difference, where known."""
    names = list(tests[0].mean_ranks)
    room = _label_width([name for test in tests for name in test.mean_ranks])
    wide, between = 3.6, 0.8
    heights = [_LINE * len(test.mean_ranks) for test in tests]
    sheet = Sheet(
        room + wide + 0.5,
        sum(heights) + between * len(tests),
        f"Mean ranks over {tests[0].datasets} datasets",
        "1 is best. "
        + (
            "Bars reach half of Nemenyi's critical difference to each side: "
            "methods whose bars do not overlap differ at the 5 % level."
            if tests[0].critical_difference is not None
            else f"Too few datasets to say whether methods differ: tests need {LEAST_DATASETS}."
        ),
    )
    for place, test in enumerate(tests):
        names = list(test.mean_ranks)
        bottom = sum(heights[place + 1 :]) + between * (len(tests) - 1 - place) + 0.3
        axes = sheet.axes(room, bottom, wide, heights[place])
        write_rows(axes, names, room)
        color = cluster_colors(1)[0]
        for row, rank in enumerate(test.mean_ranks.values()):
            if test.critical_difference is not None:
                reach = test.critical_difference / 2
                bar = [max(rank - reach, 1.0), min(rank + reach, float(len(names)))]
                axes.plot(bar, [row, row], color=color, linewidth=3, alpha=0.35)
            axes.scatter([rank], [row], s=20, color=[color], zorder=3)
        axes.set(ylim=(len(names) - 0.4, -0.6), yticks=[])
        axes.spines["left"].set_visible(False)
        axes.axvline(1, color=INK, linewidth=0.4)
        words = test.index.title
        words += "" if test.p_value is None else f": Friedman p = {test.p_value:.2g}"
        axes.annotate(
            "\n".join(wrap(printable(words), wide, SIZE, 2)),
            (0, 1),
            (0, 6),
            xycoords="axes fraction",
            textcoords="offset points",
            va="bottom",
        )
    return sheet.figure
