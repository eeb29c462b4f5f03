"""The silhouette of every row, cluster by cluster: the knife plot."""

from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

import numpy as np
from annotated_types import Ge

from embkit import Clustering, Context, DataError, Floats, ParameterError
from embkit.text import plural
from embkit_plugins.algorithms.silhouettes.labelings import Metric
from embkit_plugins.artifacts.silhouettes import silhouettes_of
from embkit_plugins.drawing.palette import INK, NOTE, RULE, cluster_colors
from embkit_plugins.drawing.sheet import SIZE, Look, Sheet, Width, styled
from embkit_plugins.drawing.subject import headline, metric_label
from embkit_plugins.drawing.text import exemplars, fit, printable, width_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Silhouette"]

_WIDTH = 9.2
_LABELS, _LABEL_SHARE = 3.0, 0.36
_VALUES = 0.5
_LINE = 0.15
_SHARED = 2.0
_FOLDED = "#bdbdbd"
_POINTS = 800
"""Values drawn of a knife at most: more than there are pixels."""


class Silhouette:
    """The silhouette of every row, sorted within its cluster: the knife plot.

    Each cluster is a knife; the farther it reaches to the right, the better its
    rows are apart from the nearest other cluster, and what reaches left of 0 is
    nearer to another one. The dashed line is the mean over all scored rows.
    Noise is left out. Cost: that of validator ``silhouette``, and nothing where
    that has been run.

    Parameters
    ----------
    metric : str
        Distance between rows; "auto" takes the clusterer's own.
    max_clusters : int
        Knives at most; the smaller clusters are folded into "+ N clusters".
    title : str
        In place of the title made of the data; the line of settings under it goes too.
    width : float, optional
        Of the picture in inches.

    Raises
    ------
    DataError
        If there are fewer than two clusters, or every row is one of its own.
    ParameterError
        If the clusterer's metric is none that silhouettes are made of.
    """

    def __init__(
        self,
        *,
        metric: Literal["auto", Metric] = "auto",
        max_clusters: Annotated[int, Ge(1)] = 30,
        title: str = "",
        width: Width | None = None,
    ) -> None:
        self.metric = metric
        self.max_clusters = max_clusters
        self.title = title
        self.width = width

    def draw(self, clustering: Clustering, context: Context) -> "Figure":
        """Draw the knives of a clustering."""
        _check(clustering)
        metric: Any = clustering.metric if self.metric == "auto" else self.metric
        if metric not in get_args(Metric):
            raise ParameterError(
                f"visualizer silhouette: no silhouettes are made of {metric!r}",
                f"known are {', '.join(get_args(Metric))}",
                "name one of them, as in --viz silhouette:metric=cosine",
            )
        values = silhouettes_of(clustering, metric, context).values
        with styled():
            knives = min(self.max_clusters, clustering.n_clusters)
            return _figure(clustering, values, metric, knives, Look(self.title, self.width))


def _check(clustering: Clustering) -> None:
    if clustering.n_clusters < 2:
        raise DataError(
            f"visualizer silhouette: the clustering has {plural(clustering.n_clusters, 'cluster')}",
            "a silhouette compares a row's cluster with the nearest other one",
            "cluster finer, or leave this picture out",
        )
    if clustering.sizes.max() == 1:
        raise DataError(
            "visualizer silhouette: every row is a cluster of its own",
            "a silhouette needs a distance within clusters",
            "cluster coarser, or leave this picture out",
        )


def _figure(clustering: Clustering, values: Floats, metric: str, knives: int, look: Look) -> "Figure":
    scored = clustering.labels >= 0
    mean = float(values[scored].mean())
    groups = [np.sort(values[clustering.labels == cluster])[::-1] for cluster in range(knives)]
    if knives < clustering.n_clusters:
        groups.append(np.sort(values[clustering.labels >= knives])[::-1])
    thickness = _thickness([len(group) for group in groups], knives)
    height = float(thickness.sum()) + 0.05 * len(groups)
    name = printable(clustering.dataset.name)
    sheet = Sheet(
        _WIDTH,
        height + 0.75,
        f"{name}: silhouettes, mean {round(mean, 3) + 0.0:.3f}",
        headline(clustering),
        _caption(clustering, values[scored], knives),
        look,
    )
    column = min(_LABELS, _LABEL_SHARE * sheet.width)
    axes = sheet.axes(column, 0.5, sheet.width - column - _VALUES, height)
    colors = [*cluster_colors(knives), _FOLDED]
    texts = exemplars(clustering, knives)
    tops = np.cumsum(thickness + 0.05) - thickness
    for place, (group, top, thick) in enumerate(zip(groups, tops, thickness, strict=True)):
        folded = place == knives
        _draw_knife(axes, group, float(top), float(thick), colors[place], f"knife-{place}")
        number, text = ("", f"+ {plural(clustering.n_clusters - knives, 'cluster')}")
        if not folded:
            number, text = str(place), texts[place]
        rows = f"({len(group):,})"
        text = fit(text, column - 0.5 - width_of(f" {rows}", SIZE), SIZE)
        _write_beside(axes, number, f"{text} {rows}", float(top + thick / 2), float(group.mean()))
    low = min(-0.05, float(values[scored].min()))
    axes.set(xlim=(low, min(1.0, float(values.max()) + 0.02)), ylim=(height, 0), yticks=[])
    axes.set_xlabel(f"silhouette (-1 to 1), {metric_label(metric)}")
    axes.axvline(0, color=INK, linewidth=0.6)
    axes.axvline(mean, color=INK, linewidth=0.9, linestyle=(0, (4, 3)), gid="mean")
    axes.annotate(
        f"mean {round(mean, 3) + 0.0:.3f}",
        (mean, 1),
        (0, 3),
        xycoords=("data", "axes fraction"),
        textcoords="offset points",
        ha="center",
        color=NOTE,
    )
    axes.spines["left"].set_visible(False)
    return sheet.figure


def _thickness(sizes: list[int], knives: int) -> Floats:
    """Inches for each knife: a line of text, and a share of more that grows with its rows."""
    share = np.array(sizes) / sum(sizes[:knives])
    return np.minimum(_LINE + _SHARED * share, _LINE + _SHARED)


def _draw_knife(axes: "Axes", group: Floats, top: float, thick: float, color: Any, gid: str) -> None:
    shown = group[np.linspace(0, len(group) - 1, min(len(group), _POINTS)).round().astype(int)]
    edges = top + thick * np.arange(len(shown) + 1) / len(shown)
    axes.fill_betweenx(
        edges, 0, np.append(shown, shown[-1]), step="post", color=color, linewidth=0, gid=gid, zorder=2
    )
    axes.axhline(top + thick + 0.025, color=RULE, linewidth=0.4, zorder=0)


def _write_beside(axes: "Axes", number: str, label: str, y: float, mean: float) -> None:
    where: dict[str, Any] = {
        "xycoords": ("axes fraction", "data"),
        "textcoords": "offset points",
        "va": "center",
        "annotation_clip": False,
    }
    axes.annotate(number, (0, y), (-6, 0), weight="bold", ha="right", **where)
    axes.annotate(label, (0, y), (-26, 0), ha="right", **where)
    axes.annotate(f"{round(mean, 2) + 0.0:.2f}", (1, y), (6, 0), color=NOTE, **where)


def _caption(clustering: Clustering, scored: Floats, knives: int) -> str:
    negative = float(np.mean(scored < 0))
    said = [f"{negative:.0%} of the rows are nearer to another cluster (below 0)."]
    if clustering.n_noise:
        share = len(scored) / len(clustering.labels)
        said.append(f"Noise is left out: {share:.0%} of the rows are scored.")
    singles = int(np.count_nonzero(clustering.sizes == 1))
    if singles:
        said.append(f"{plural(singles, 'cluster')} of a single row: those score 0.")
    if knives < clustering.n_clusters:
        said.append("Folded clusters are not drawn to scale.")
    said.append("At the right: each cluster's mean.")
    return " ".join(said)
