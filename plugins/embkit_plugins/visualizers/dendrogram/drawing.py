"""Drawing a laid-out tree: branches, leaves, what is folded, and lines across."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from embkit import Floats
from embkit_plugins.drawing.palette import INK, NOISE, NOTE, RULE, cluster_colors
from embkit_plugins.drawing.sheet import SIZE
from embkit_plugins.visualizers.dendrogram.frame import (
    Frame,
    LeafLabel,
    Orientation,
    Words,
    frame,
    write_labels,
)
from embkit_plugins.visualizers.dendrogram.inner import write_inner_names
from embkit_plugins.visualizers.dendrogram.layout import LeafLayout
from embkit_plugins.visualizers.dendrogram.tree import MIXED, Tree

if TYPE_CHECKING:
    from matplotlib.figure import Figure


__all__ = ["Mark", "draw_tree"]

_FOLDED = "#8f8f8f"
_TAIL = 0.25
"""How far noise above the last merge is followed, as a share of the heights of merges."""


@dataclass(frozen=True)
class Mark:
    """A line across the tree at a height, and how many clusters there are."""

    height: float
    name: str
    clusters: str


def draw_tree(
    tree: Tree,
    layout: LeafLayout,
    labels: Sequence[LeafLabel],
    extra: Sequence[LeafLabel],
    base: float | None,
    marks: Sequence[Mark],
    words: Words,
    orientation: Orientation,
    inner: Mapping[int, str],
    most_inner: int,
) -> "Figure":
    """Draw a tree with its leaves at the bottom, or at the left.

    Parameters
    ----------
    tree, layout : Tree, LeafLayout
        What is drawn, and where.
    labels : sequence of LeafLabel
        One a leaf, by leaf number.
    extra : sequence of LeafLabel
        What is folded, written after the last leaf.
    base : float or None
        The height at which leaves stand; None for where each is complete.
    marks : sequence of Mark
        Lines across the tree, two at most.
    words : Words
        Title, subtitle, caption and the name of the axis.
    orientation : {"top", "right"}
        Where the root is.
    inner : mapping of int to str
        Names of merges, the most wanted first.
    most_inner : int
        How many of them to write where there is room.

    Returns
    -------
    matplotlib.figure.Figure
        Collections have the gids ``branches``, ``leaves`` and ``folded``.
    """
    paper = frame([*labels, *extra], words, orientation, marked=bool(marks))
    feet = tree.tops if base is None else np.full(tree.n_leaves, base)
    low, high = _limits(tree, feet, marks)
    places = np.append(layout.across[: tree.n_leaves], tree.n_leaves + 0.4 + np.arange(len(extra)))
    if base is None:
        _draw_guides(paper, places[: tree.n_leaves], feet, low)
    _draw_branches(paper, tree, layout.across, feet)
    _draw_folded(paper, tree, layout.across)
    _draw_leaves(paper, tree, places, np.append(feet, np.full(len(extra), feet.min())))
    write_labels(paper, [*labels, *extra], places)
    _draw_marks(paper, marks, (high - low) / paper.reach)
    _set_axes(paper, (-0.7, float(places.max()) + 0.7), (low, high), words.axis)
    write_inner_names(paper, tree, layout.across, feet, inner, most_inner)
    return paper.sheet.figure


def _limits(tree: Tree, feet: Floats, marks: Sequence[Mark]) -> tuple[float, float]:
    """Lowest and greatest height to show."""
    lines = [mark.height for mark in marks]
    low = float(min(feet.min(), tree.heights.min(), *lines))
    root = float(tree.heights.max())
    noise = tree.folded.clusters == 0
    tail = np.minimum(tree.folded.heights[noise], root + _TAIL * (root - low))
    high = float(np.concatenate([[root], lines, tail, tree.folded.heights[~noise]]).max())
    room = max(0.03 * (high - low), 1e-4 * abs(high)) or 0.5
    return (low if low == 0 else low - room), high + room


def _draw_branches(paper: Frame, tree: Tree, across: Floats, feet: Floats) -> None:
    """Each merge is a bar and two legs; a leg has the colour of the cluster below it."""
    from matplotlib.collections import LineCollection

    bottoms, colors = np.append(feet, tree.heights), _node_colors(tree)
    tops = np.repeat(tree.heights[:, None], 2, axis=1)
    child = tree.children
    bars = paper.oriented(across[child], tops)
    legs = paper.oriented(
        np.repeat(across[child][:, :, None], 2, axis=2), np.stack([bottoms[child], tops], axis=2)
    )
    stem = _stem(tree, across[-1], bottoms[-1])
    lines = [*legs[:, 0], *legs[:, 1], *bars, *(paper.oriented(*end) for end in stem)]
    shades = [colors[child[:, 0]], colors[child[:, 1]], colors[tree.n_leaves :], _grays(INK, len(stem))]
    width = float(np.clip(9 / np.sqrt(tree.n_leaves), 0.35, 1.3))
    branches = LineCollection(
        lines, colors=np.concatenate(shades), linewidths=width, capstyle="projecting", gid="branches"
    )
    paper.axes.add_collection(branches, autolim=False)


def _stem(tree: Tree, across: float, root: float) -> list[tuple[Floats, Floats]]:
    """The branch above the last merge, as far as something folded joins it."""
    above = tree.folded.heights[tree.folded.nodes == 2 * tree.n_leaves - 2]
    return [(np.full(2, across), np.array([root, above.max()]))] if len(above) else []


def _draw_guides(paper: Frame, places: Floats, feet: Floats, low: float) -> None:
    """Faint lines from the labels to leaves that stand higher."""
    draw = paper.axes.vlines if paper.upright else paper.axes.hlines
    draw(places, low, feet, colors=RULE, linewidths=0.7, linestyles=(0, (1, 2)), zorder=0)


def _draw_folded(paper: Frame, tree: Tree, across: Floats) -> None:
    folded = tree.folded
    if len(folded.nodes):
        spots = paper.oriented(across[folded.nodes], folded.heights)
        colors = [_FOLDED if clusters else NOISE for clusters in folded.clusters]
        sizes = np.clip(3 * np.sqrt(folded.rows), 4, 40)
        paper.axes.scatter(
            spots[:, 0], spots[:, 1], s=sizes, c=colors, linewidths=0, alpha=0.8, zorder=3, gid="folded"
        )


def _draw_leaves(paper: Frame, tree: Tree, places: Floats, feet: Floats) -> None:
    """A disc a leaf, larger for more rows; a ring for what is folded."""
    if not paper.size:
        return
    m = tree.n_leaves
    across, up = paper.oriented(places, feet).T
    sizes = np.maximum(5, np.clip(1500 / m, 4, 36) * np.sqrt(tree.rows / tree.rows.max()))
    disc: dict[str, Any] = {"c": _node_colors(tree)[:m], "s": sizes, "linewidths": 0, "gid": "leaves"}
    ring: dict[str, Any] = {"facecolors": "white", "edgecolors": _FOLDED, "s": 14, "linewidths": 0.8}
    paper.axes.scatter(across[:m], up[:m], clip_on=False, zorder=4, **disc)
    paper.axes.scatter(across[m:], up[m:], clip_on=False, zorder=4, **ring)


def _node_colors(tree: Tree) -> Floats:
    """Each node's cluster's colour, grey for noise, ink where it holds several; shape (2 m - 1, 3)."""
    clusters = cluster_colors(int(tree.labels.max(initial=-1)) + 1)
    return np.vstack([_grays(INK, 1), _grays(NOISE, 1), clusters])[tree.labels - MIXED]


def _grays(name: str, number: int) -> Floats:
    return np.full((number, 3), int(name[1:3], 16) / 255)


def _draw_marks(paper: Frame, marks: Sequence[Mark], per_inch: float) -> None:
    """Lines across the tree, named at their end; names of close ones are set apart."""
    heights = [mark.height for mark in marks]
    needed = (0.4 if paper.upright else 1.6) * per_inch
    for mark in marks:
        close = len(marks) > 1 and max(heights) - min(heights) < needed
        lower = mark.height == min(heights)
        words: dict[str, Any] = {
            "color": NOTE,
            "size": SIZE - 0.5,
            "textcoords": "offset points",
            "annotation_clip": False,
        }
        line: dict[str, Any] = {"color": NOTE, "linewidth": 0.8, "linestyle": (0, (4, 3)), "zorder": 1}
        if paper.upright:
            paper.axes.axhline(mark.height, **line)
            words |= {"xy": (1, mark.height), "xycoords": ("axes fraction", "data"), "xytext": (4, 0)}
            words["va"] = ("top" if lower else "bottom") if close else "center"
        else:
            paper.axes.axvline(mark.height, **line)
            words |= {"xy": (mark.height, 1), "xycoords": ("data", "axes fraction"), "xytext": (0, 4)}
            words |= {"ha": ("right" if lower else "left") if close else "center", "va": "bottom"}
        between = "\n" if paper.upright else ": "
        paper.axes.annotate(f"{mark.name}{between}{mark.clusters}", **words)


def _set_axes(
    paper: Frame, across: tuple[float, float], heights: tuple[float, float], name: str
) -> None:
    axes = paper.axes
    if paper.upright:
        axes.set(xlim=across, ylim=heights, ylabel=name, xticks=[])
    else:
        axes.set(xlim=heights, ylim=across[::-1], xlabel=name, yticks=[])
    axes.ticklabel_format(axis="y" if paper.upright else "x", style="plain", useOffset=False)
    axes.spines["bottom" if paper.upright else "left"].set_visible(False)
