"""Clusterings of the same rows one below the other, and where the rows go between them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePath
from typing import TYPE_CHECKING, Annotated

import numpy as np
from annotated_types import Ge, Le

from embkit import Clustering, Context, DataError, Floats, IntArray, canonical_labels
from embkit.reading import read_labels
from embkit.text import plural
from embkit_plugins.algorithms.trees.cuts import cut_at, cut_into
from embkit_plugins.algorithms.trees.nodes import layout
from embkit_plugins.drawing.palette import INK, NOTE, label_colors
from embkit_plugins.drawing.sheet import SIZE, Look, Sheet, Width, styled
from embkit_plugins.drawing.subject import headline, tree_of
from embkit_plugins.drawing.text import fit, printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Clustree"]

_WIDTH, _LABELS, _LEVEL = 9.2, 1.6, 0.95  # inches: page, words at the left, height of a level
_RADIUS = 0.32  # inches, of the largest circle
_LEAST, _NUMBERED = 0.02, 0.09  # inches, of the smallest circle and of one with a number in it
_LUMINANCE = np.array([0.299, 0.587, 0.114])
_LEVELS, _FINEST = 6, 30  # cuts where none are asked for


class Clustree:
    """Several clusterings of the rows, coarsest first, with lines where the rows go between them.

    Clusters that hold over many thresholds, numbers or seeds are columns of circles with one
    dark line; where lines cross or come from several circles, the clusters are not stable
    (Zappia and Oshlack, "Clustering trees", GigaScience 7, 2018). By default the run's tree
    is cut into several numbers of clusters. Cost: O(n) for each clustering.

    Parameters
    ----------
    thresholds : tuple of float
        Distances at which the run's tree is cut.
    n_clusters : tuple of int
        Numbers of clusters that the run's tree is cut into.
    runs : tuple of str
        Folders of other runs of the same rows, for instance with another n_clusters or seed;
        they stand with this run's own clusters, or below the cuts of its tree.
    max_clusters : int
        Circles of a clustering at most, those of most rows.
    min_share : float
        Lines of a smaller share of the rows of the cluster that they lead to are left out.
    title : str
        In place of the title made of the data; the line of settings under it goes too.
    width : float, optional
        Of the picture in inches.

    Raises
    ------
    ParameterError
        If the run has no tree and no `runs` are given, or its tree has inversions and
        thresholds are.
    DataError
        If another run's labels cannot be read or are not of these rows.
    """

    def __init__(
        self,
        *,
        thresholds: tuple[Annotated[float, Ge(0)], ...] = (),
        n_clusters: tuple[Annotated[int, Ge(1)], ...] = (),
        runs: tuple[str, ...] = (),
        max_clusters: Annotated[int, Ge(1)] = 40,
        min_share: Annotated[float, Ge(0), Le(1)] = 0.1,
        title: str = "",
        width: Width | None = None,
    ) -> None:
        self.thresholds = thresholds
        self.n_clusters = n_clusters
        self.runs = runs
        self.max_clusters = max_clusters
        self.min_share = min_share
        self.title = title
        self.width = width

    def draw(self, clustering: Clustering, context: Context) -> "Figure":
        """Draw the clusterings of a run's tree, and of other runs."""
        del context
        levels = [*self._of_tree(clustering), *self._of_runs(clustering)]
        levels.sort(key=lambda level: level.n_clusters)
        order = np.argsort(clustering.labels, kind="stable")
        if clustering.linkage is not None and len(clustering.linkage) + 1 == len(order):
            order = layout(clustering.linkage).order
        places = np.empty(len(order))
        places[order] = np.arange(len(order))
        drawn = _placed(levels, places, self.max_clusters)
        with styled():
            return _figure(clustering, drawn, self.min_share, Look(self.title, self.width))

    def _of_tree(self, clustering: Clustering) -> list["_Level"]:
        if self.runs and not self.thresholds and not self.n_clusters:
            return [_Level("this run", clustering.labels)]
        tree, n_samples = tree_of(clustering, "clustree"), len(clustering.labels)
        numbers: Sequence[int] = self.n_clusters
        if not self.thresholds and not numbers:
            most = min(n_samples, _FINEST, max(12, 2 * clustering.n_clusters))
            numbers = np.unique(np.geomspace(2, most, _LEVELS).round().astype(int)).tolist()
        wrong = [number for number in numbers if number > n_samples]
        if wrong:
            raise DataError(
                f"visualizer clustree: n_clusters={wrong[0]} of {n_samples} rows",
                "there cannot be more clusters than rows",
                f"give at most {n_samples}",
            )
        cuts = [_Level(f"tree below {height:.4g}", cut_at(tree, height)) for height in self.thresholds]
        return [*cuts, *(_Level("tree", cut_into(tree, number)) for number in numbers)]

    def _of_runs(self, clustering: Clustering) -> list["_Level"]:
        dataset = clustering.dataset
        return [
            _Level(
                PurePath(run).name,
                canonical_labels(read_labels(run).of(dataset), dataset.n_samples, run),
            )
            for run in self.runs
        ]


@dataclass(frozen=True, eq=False)
class _Level:
    """A clustering to draw."""

    name: str
    labels: IntArray

    @property
    def n_clusters(self) -> int:
        return int(self.labels.max(initial=-1)) + 1


@dataclass(frozen=True, eq=False)
class _Drawn:
    """A clustering with its circles: noise is the last, where there is any.

    Parameters
    ----------
    level : _Level
        The clustering.
    node_of : ndarray of int64, shape (n_samples,)
        The circle of each row; -1 in clusters that are not drawn.
    sizes : ndarray of int64, shape (n_nodes,)
        Rows of each.
    across : ndarray of float64, shape (n_nodes,)
        Where it stands, 0 to 1.
    """

    level: _Level
    node_of: IntArray
    sizes: IntArray
    across: Floats

    @property
    def n_folded(self) -> int:
        """How many clusters have no circle."""
        with_noise = bool((self.level.labels < 0).any())
        return self.level.n_clusters - (len(self.sizes) - with_noise)

    def is_noise(self, node: int) -> bool:
        return bool((self.level.labels[self.node_of == node][0]) < 0)


def _placed(levels: list[_Level], places: Floats, most: int) -> list[_Drawn]:
    """Order each clustering's circles by those of the one above, and by the tree."""
    drawn: list[_Drawn] = []
    above = np.zeros(len(places))
    for level in levels:
        shown = min(level.n_clusters, most)
        node_of = np.where(level.labels >= shown, -1, level.labels)
        noise = level.labels < 0
        if noise.any():
            node_of = np.where(noise, shown, node_of)
        rows = np.flatnonzero(node_of >= 0)
        sizes = np.bincount(node_of[rows])
        means = [np.bincount(node_of[rows], weights=each[rows]) / sizes for each in (places, above)]
        order = np.lexsort((means[0], means[1].round(9)))
        across = np.empty(len(sizes))
        across[order] = (np.arange(len(sizes)) + 0.5) / len(sizes)
        drawn.append(_Drawn(level, node_of, sizes, across))
        above = np.where(node_of >= 0, across[node_of], above)
    return drawn


def _links(upper: _Drawn, lower: _Drawn, min_share: float) -> list[tuple[int, int, int, float]]:
    """Circles that share rows, how many, and which share of the lower one's these are."""
    both = (upper.node_of >= 0) & (lower.node_of >= 0)
    pairs, counts = np.unique(
        np.stack([upper.node_of[both], lower.node_of[both]]), axis=1, return_counts=True
    )
    shares = counts / lower.sizes[pairs[1]]
    kept = np.flatnonzero(shares >= min_share)
    return list(
        zip(
            pairs[0][kept].tolist(),
            pairs[1][kept].tolist(),
            counts[kept].tolist(),
            shares[kept].tolist(),
            strict=True,
        )
    )


def _figure(clustering: Clustering, drawn: list[_Drawn], min_share: float, look: Look) -> "Figure":
    height = _LEVEL * len(drawn)
    folded = sum(each.n_folded for each in drawn)
    caption = (
        "A circle is a cluster, its area its rows, its colour the cluster of this run that most of them "
        "are in. A line leads to where rows are in the clustering below, the darker the larger their "
        "share of it."
    )
    caption += f" Lines of less than {min_share:.0%} are left out." if min_share else ""
    caption += f" Not drawn: {plural(folded, 'small cluster')}." if folded else ""
    sheet = Sheet(
        _WIDTH,
        height,
        f"{printable(clustering.dataset.name)}: {plural(len(drawn), 'clustering')} of "
        f"{plural(len(clustering.labels), 'row')}",
        headline(clustering),
        caption,
        look,
    )
    room = sheet.width - _LABELS
    axes = sheet.axes(_LABELS, 0, room, height)
    axes.set(xlim=(0, room), ylim=(height, 0))
    axes.set_axis_off()
    _draw_links(axes, drawn, min_share, room)
    _draw_circles(axes, clustering, drawn, room)
    for number, each in enumerate(drawn):
        words = plural(each.level.n_clusters, "cluster")
        text = f"{words}\n{fit(printable(each.level.name), _LABELS - 0.1, SIZE)}"
        axes.text(-_LABELS, (number + 0.5) * _LEVEL, text, va="center", color=NOTE)
    return sheet.figure


def _draw_links(axes: "Axes", drawn: list[_Drawn], min_share: float, room: float) -> None:
    from matplotlib.collections import LineCollection
    from matplotlib.colors import to_rgb

    paths, colors, widths = [], [], []
    total = len(drawn[0].level.labels)
    for number, (upper, lower) in enumerate(pairwise(drawn)):
        for one, two, count, share in _links(upper, lower, min_share):
            ends = [(upper.across[one] * room, number + 0.5), (lower.across[two] * room, number + 1.5)]
            paths.append([(across, level * _LEVEL) for across, level in ends])
            colors.append((*to_rgb(INK), 0.1 + 0.7 * share))
            widths.append(0.5 + 5 * float(np.sqrt(count / total)))
    axes.add_collection(LineCollection(paths, colors=colors, linewidths=widths, zorder=1, gid="links"))


def _draw_circles(axes: "Axes", clustering: Clustering, drawn: list[_Drawn], room: float) -> None:
    largest = max(int(each.sizes.max()) for each in drawn)
    # Neighbours of one clustering must not touch.
    fitting = [0.47 * room / len(each.sizes) / np.sqrt(each.sizes.max() / largest) for each in drawn]
    scale = min(_RADIUS, *fitting)
    for number, each in enumerate(drawn):
        radii = np.maximum(scale * np.sqrt(each.sizes / largest), _LEAST)
        colors = [_color(clustering, each, node) for node in range(len(radii))]
        up = (number + 0.5) * _LEVEL
        axes.scatter(
            each.across * room,
            np.full(len(radii), up),
            s=(144 * radii) ** 2,
            c=colors,
            edgecolors="white",
            linewidths=0.5,
            zorder=2,
            gid=f"level {number}",
            clip_on=False,
        )
        for node in np.flatnonzero(radii >= _NUMBERED).tolist():
            if not each.is_noise(node):
                ink = "white" if colors[node] @ _LUMINANCE < 0.5 else INK
                axes.text(each.across[node] * room, up, str(node), color=ink, ha="center", va="center")


def _color(clustering: Clustering, drawn: _Drawn, node: int) -> Floats:
    """That of the run's cluster that most rows of a circle are in; grey for noise."""
    if drawn.is_noise(node):
        return label_colors(np.array([-1])).ravel()
    labels, counts = np.unique(clustering.labels[drawn.node_of == node], return_counts=True)
    return label_colors(labels[[counts.argmax()]]).ravel()
