"""Names of inner nodes, written where the tree leaves room for them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

import numpy as np

from embkit import Clustering, Context, Floats
from embkit_plugins.algorithms.trees.cuts import is_monotone
from embkit_plugins.artifacts.node_names import node_names_of
from embkit_plugins.drawing.palette import INK
from embkit_plugins.drawing.sheet import SIZE
from embkit_plugins.drawing.text import LINE, printable, width_of
from embkit_plugins.visualizers.dendrogram.frame import Frame
from embkit_plugins.visualizers.dendrogram.tree import Tree

__all__ = ["inner_names", "write_inner_names"]

_SIZE = SIZE - 1
_LINES = 3
_LINE = _SIZE * LINE / 72  # inches
_PAD = 0.03  # inches from text to branch


def inner_names(clustering: Clustering, tree: Tree, context: Context) -> dict[int, str]:
    """Name the merges that are drawn, those of most rows first; none where no word stands out.

    Parameters
    ----------
    clustering : Clustering
        With names, which say that names are wanted.
    tree : Tree
        What is drawn of the clustering's own tree.
    context : Context
        Bound to the clustering's dataset.
    """
    linkage = clustering.linkage
    named = clustering.names is not None and clustering.dataset.texts is not None
    if not named or linkage is None or not is_monotone(linkage):
        return {}
    found = node_names_of(clustering, context).by_node()
    rows = linkage[tree.merges, 3]
    titles = {}
    for merge in np.argsort(-rows, kind="stable").tolist():
        name = found.get(int(tree.merges[merge]))
        if name is not None and (name.terms or name.is_given):
            titles[merge] = printable(name.title)
    return titles


def write_inner_names(
    paper: Frame, tree: Tree, across: Floats, feet: Floats, names: Mapping[int, str], most: int
) -> None:
    """Write names below the bars of their merges, between the two legs, where they fit uncut.

    Nothing is drawn there: what is under a merge hangs from its legs. Limits of
    the axes have to be set.

    Parameters
    ----------
    paper : Frame
        The axes, and which way they are turned.
    tree : Tree
        What is drawn.
    across, feet : ndarray of float64
        Place of each node, and the height at which each leaf stands.
    names : mapping of int to str
        By merge, the most wanted first.
    most : int
        How many to write.
    """
    from matplotlib.patheffects import withStroke

    halo = [withStroke(linewidth=2, foreground="white")]
    for spot in islice(_spots(paper, tree, across, feet, names), most):
        # A text hangs from the bar: its end there is its top or, turned by 90 degrees, its right.
        across_from, up_from = ("center", "top") if paper.upright else ("right", "center")
        paper.axes.annotate(
            "\n".join(spot.lines),
            spot.at,
            (0, -72 * _PAD) if paper.upright else (-72 * _PAD, 0),
            textcoords="offset points",
            size=_SIZE,
            color=INK,
            style="italic",
            rotation=90 if spot.turned else 0,
            linespacing=LINE - 0.25,
            path_effects=halo,
            zorder=5,
            ha=across_from,
            va=up_from,
        )


@dataclass(frozen=True)
class _Spot:
    """A name that fits below its merge.

    Parameters
    ----------
    at : tuple of float
        The middle of the bar, as a point of the axes.
    lines : list of str
        What to write.
    turned : bool
        Whether it reads upward, as labels of upright leaves do.
    """

    at: tuple[float, float]
    lines: list[str]
    turned: bool


def _spots(
    paper: Frame, tree: Tree, across: Floats, feet: Floats, names: Mapping[int, str]
) -> Iterator[_Spot]:
    bottoms = np.append(feet, tree.heights)
    for merge, name in names.items():
        children = tree.children[merge]
        low, high = bottoms[children].max(), tree.heights[merge]
        corners = paper.oriented(across[children], np.array([low, high]))
        inches = paper.axes.transData.transform(corners) / paper.sheet.figure.dpi
        width, height = np.abs(inches[1] - inches[0]).tolist()
        beside, below = (width, height) if paper.upright else (height, width)
        beside, below = beside - 2 * _PAD, below - 2 * _PAD
        width, height = (beside, below) if paper.upright else (below, beside)
        level = _broken(name, width, min(_LINES, int(height / _LINE)))
        turned = [name] if paper.upright and beside >= _LINE and width_of(name, _SIZE) <= below else []
        if level or turned:
            middle = paper.oriented(across[children].mean(keepdims=True), np.array([high]))[0]
            yield _Spot((float(middle[0]), float(middle[1])), level or turned, turned=not level)


def _broken(text: str, width: float, most: int) -> list[str]:
    """Break a text into as few lines as needed; empty if it does not fit into `most` of `width`."""
    lines: list[str] = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width_of(longer, _SIZE) <= width:
            lines[-1] = longer
        elif width_of(word, _SIZE) <= width:
            lines.append(word)
        else:
            return []
    return lines if len(lines) <= most else []
