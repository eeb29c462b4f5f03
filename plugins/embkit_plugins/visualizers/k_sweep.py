"""The silhouette of k-means for each k, over what data without clusters would give."""

from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from annotated_types import Ge, Le
from numpy.typing import NDArray

from embkit import Context, Dataset, Floats
from embkit.text import plural
from embkit_plugins.algorithms.nulls.fitted import Null
from embkit_plugins.artifacts.k_sweep import DEFAULT_KS, DEFAULT_SAMPLES, SweepResult, sweep_of
from embkit_plugins.drawing.palette import INK, NOTE, cluster_colors
from embkit_plugins.drawing.sheet import SIZE, Look, Sheet, Width, styled
from embkit_plugins.drawing.subject import shape_of
from embkit_plugins.drawing.text import printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["KSweep"]

_WIDTH, _LEAD, _PANEL, _BETWEEN = 7.6, 0.75, 1.75, 0.3
_BAND = "#a6a6a6"


class KSweep:
    """Silhouette, its excess over the null, and gap for each k.

    The grey band is where the silhouettes of data of the same shape without
    clusters lie: a low silhouette far above the band says more than a high one
    inside it. Computed once a run with validator ``k-sweep``, if that has the
    same parameters; see there for what the numbers mean, and the cost.

    Parameters
    ----------
    n_clusters : tuple of int
        The k to try; those that leave fewer than two rows a cluster are left out.
    null : {"gaussian", "permuted", "uniform"}
        Normal with the data's spectrum, principal components shuffled, or a uniform box.
    n_null : int
        How many such data sets to draw.
    max_samples : int
        Rows to work on, drawn at random where there are more.
    random_state : int, optional
        Seed of the null draws and of k-means; the run's seed if omitted.
    title : str
        In place of the title made of the data; the line of settings under it goes too.
    width : float, optional
        Of the picture in inches.
    """

    def __init__(
        self,
        *,
        n_clusters: tuple[int, ...] = DEFAULT_KS,
        null: Null = "gaussian",
        n_null: Annotated[int, Ge(2), Le(1_000)] = 10,
        max_samples: Annotated[int, Ge(10)] = DEFAULT_SAMPLES,
        random_state: Annotated[int, Ge(0), Le(2**32 - 1)] | None = None,
        title: str = "",
        width: Width | None = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.null = null
        self.n_null = n_null
        self.max_samples = max_samples
        self.random_state = random_state
        self.title = title
        self.width = width

    def draw(self, dataset: Dataset, context: Context) -> "Figure":
        """Draw the sweep of the rows, and mark the k that stands out."""
        swept = sweep_of(
            context,
            n_clusters=self.n_clusters,
            null=self.null,
            n_null=self.n_null,
            max_samples=self.max_samples,
            random_state=self.random_state,
        )
        with styled():
            look = Look(self.title, self.width)
            return _figure(dataset, swept, look) if len(swept.k) else _nothing(dataset, look)


def _nothing(dataset: Dataset, look: Look) -> "Figure":
    """The figure for rows that no k divides: it states the reason."""
    reason = "There are too few different rows for any of the k to be tried."
    return Sheet(_WIDTH, _LEAD, *_headings(dataset), reason, look).figure


def _headings(dataset: Dataset) -> tuple[str, str]:
    return (
        f"{printable(dataset.name)}: k-means for each k, and without clusters",
        shape_of(dataset),
    )


def _figure(dataset: Dataset, swept: SweepResult, look: Look) -> "Figure":
    sheet = Sheet(
        _WIDTH,
        3 * (_PANEL + _BETWEEN) + 0.3,
        *_headings(dataset),
        _caption(dataset, swept),
        look,
    )
    names = ("silhouette", "excess over the band\n(standard deviations)", "gap")
    panels = [
        sheet.axes(_LEAD, 0.45 + (2 - place) * (_PANEL + _BETWEEN), sheet.width - _LEAD - 0.1, _PANEL)
        for place in range(3)
    ]
    low, middle, high = swept.band
    grey: dict[str, Any] = {"color": _BAND, "linewidth": 0}
    panels[0].fill_between(swept.k, low, high, alpha=0.45, gid="band", **grey)
    panels[0].plot(swept.k, middle, color=_BAND, linewidth=1.0)
    panels[1].axhline(0.0, color=_BAND, linewidth=1.0)
    panels[2].fill_between(
        swept.k, swept.gap - swept.gap_error, swept.gap + swept.gap_error, alpha=0.45, **grey
    )
    best = int(swept.excess.argmax())
    for axes, name, values in zip(
        panels, names, (swept.silhouette, swept.excess, swept.gap), strict=True
    ):
        _curve(axes, swept.k, values)
        axes.axvline(swept.k[best], color=INK, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
        axes.set_ylabel(name)
        axes.tick_params(labelbottom=axes is panels[-1])
        axes.margins(y=0.12)
    _name(panels[0], float(swept.k[best]), f"k = {swept.k[best]} stands out")
    panels[-1].set_xlabel("number of clusters k")
    return sheet.figure


def _curve(axes: "Axes", ks: NDArray[np.int64], values: Floats) -> None:
    color = cluster_colors(1)[0]
    axes.plot(ks, values, color=color, linewidth=1.3, marker="o", markersize=3, gid="curve")
    axes.set_xscale("log")
    axes.set_xticks(ks, [str(k) for k in ks])
    axes.set_xticks([], minor=True)


def _name(axes: "Axes", place: float, words: str) -> None:
    axes.annotate(
        words,
        (place, 1),
        (0, 3),
        xycoords=("data", "axes fraction"),
        textcoords="offset points",
        ha="center",
        size=SIZE,
        color=NOTE,
        annotation_clip=False,
    )


def _caption(dataset: Dataset, swept: SweepResult) -> str:
    words = (
        f"Grey: 5 to 95% of {plural(len(swept.null_silhouette), 'data set')} of the same shape without "
        "clusters, through the same search; about the gap, its standard error. Dashed: the k whose "
        "silhouette stands furthest above them."
    )
    if swept.n_samples < dataset.n_samples:
        words += f" On {plural(swept.n_samples, 'row')}, drawn at random."
    return words
