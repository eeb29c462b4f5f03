"""Two trees of the same rows, side by side."""

from typing import TYPE_CHECKING

import numpy as np

from embkit import Clustering, Context, DataError, Floats
from embkit.text import plural
from embkit_plugins.algorithms.trees.comparing import entanglement, untangled
from embkit_plugins.algorithms.trees.nodes import layout
from embkit_plugins.drawing.palette import INK, NOTE, label_colors
from embkit_plugins.drawing.sheet import Look, Sheet, Width, styled
from embkit_plugins.drawing.subject import headline, height_label, tree_of
from embkit_plugins.drawing.text import printable
from embkit_plugins.scoring.other_trees import other_tree

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Tanglegram"]

_WIDTH, _LEAST, _MOST = 9.2, 4.0, 9.0
_LINE = 0.02  # inches of height a row
_TREE = 0.36  # share of the width of each tree


class Tanglegram:
    """The tree beside another run's, with a line from each row in the one to it in the other.

    Lines have the colour of the row's cluster in this run: bands that stay together
    are groups that both trees have. The branches of the second tree are turned so
    that its rows come in the order of the first as far as the tree allows; the
    caption has the entanglement that is left, 0 for equal orders and 1 for opposite
    ones. Cost: O(n log n).

    Parameters
    ----------
    other : str
        The folder of the other run, of the same rows.
    title : str
        In place of the title made of the data; the line of settings under it goes too.
    width : float, optional
        Of the picture in inches.

    Raises
    ------
    DataError
        If the other run has no tree, or not of these rows.
    """

    def __init__(self, *, other: str, title: str = "", width: Width | None = None) -> None:
        self.other = other
        self.title = title
        self.width = width

    def draw(self, clustering: Clustering, context: Context) -> "Figure":
        """Draw both trees."""
        del context
        first = tree_of(clustering, "tanglegram")
        if len(first) < 2:
            raise DataError("visualizer tanglegram: there are 2 rows", "their trees are equal", "")
        second = untangled(other_tree(self.other, clustering.dataset), _places(first))
        with styled():
            return _figure(clustering, first, second, Look(self.title, self.width))


def _places(tree: Floats) -> Floats:
    places = np.empty(len(tree) + 1)
    places[layout(tree).order] = np.arange(len(tree) + 1)
    return places


def _figure(clustering: Clustering, first: Floats, second: Floats, look: Look) -> "Figure":
    n_samples = len(clustering.labels)
    height = min(_MOST, max(_LEAST, _LINE * n_samples))
    sheet = Sheet(
        _WIDTH,
        height + 0.5,
        f"{printable(clustering.dataset.name)}: two trees of {plural(n_samples, 'row')}",
        headline(clustering),
        "Left this run's tree, right the other's; colours are this run's clusters. "
        f"Entanglement {entanglement(first, second):.2f}: 0 where the rows come in one order, 1 in "
        "opposite ones.",
        look,
    )
    tree, between = _TREE * sheet.width, (1 - 2 * _TREE) * sheet.width
    left = sheet.axes(0, 0.5, tree, height)
    middle = sheet.axes(tree, 0.5, between, height)
    right = sheet.axes(tree + between, 0.5, tree, height)
    _draw_tree(left, first, height_label(clustering))
    _draw_tree(right, second, "height of the other tree")
    left.invert_xaxis()
    _draw_lines(middle, _places(first), _places(second), clustering)
    return sheet.figure


def _draw_tree(axes: "Axes", tree: Floats, label: str) -> None:
    from matplotlib.collections import LineCollection

    n_samples = len(tree) + 1
    across = np.concatenate([np.zeros(n_samples), tree[:, 2]])
    up = np.concatenate([_places(tree), np.zeros(len(tree))])
    paths = []
    for number, (one, two) in enumerate(tree[:, :2].astype(np.int64)):
        height = tree[number, 2]
        paths.append(
            [(across[one], up[one]), (height, up[one]), (height, up[two]), (across[two], up[two])]
        )
        up[n_samples + number] = (up[one] + up[two]) / 2
    width = float(np.clip(100 / n_samples, 0.15, 0.6))
    axes.add_collection(LineCollection(paths, colors=INK, linewidths=width, gid="tree"))
    axes.set(
        xlim=(0, max(float(tree[:, 2].max()) * 1.02, 1e-12)), ylim=(n_samples - 0.5, -0.5), yticks=[]
    )
    axes.locator_params(axis="x", nbins=4)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(label, color=NOTE)


def _draw_lines(axes: "Axes", here: Floats, there: Floats, clustering: Clustering) -> None:
    from matplotlib.collections import LineCollection

    paths = np.stack(
        [np.column_stack([np.zeros_like(here), here]), np.column_stack([np.ones_like(there), there])],
        axis=1,
    )
    width = float(np.clip(200 / len(here), 0.3, 1.2))
    axes.add_collection(
        LineCollection(list(paths), colors=label_colors(clustering.labels), linewidths=width, gid="rows")
    )
    axes.set(xlim=(0, 1), ylim=(len(here) - 0.5, -0.5))
    axes.set_axis_off()
