"""The contract of visualizers."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from embkit.data.names import Name, Names
from embkit.data.results import Clustering
from embkit.errors import EmbkitError
from embkit.plugin.calls import as_figures
from embkit.plugin.steps import Step
from embkit.testing.checks import checks
from embkit.testing.contracts.common import COMMON, traces
from embkit.testing.contracts.rows import ROWS, sound_or_refused
from embkit.testing.examples import AWKWARD_TEXTS, blobs, clustering_of, many_groups
from embkit.testing.failures import NotApplicable, require
from embkit.testing.state import OPEN_FIGURES
from embkit.testing.subject import Subject

__all__ = ["CHECKS", "call"]

SMALLEST_TYPE = 4.5  # points
LARGEST_SIDE = 60.0  # inches
OVERLAP = 0.3  # of the smaller text
ROUNDING = 2.0  # pixels


def call(subject: Subject, step: Step, given: Any, seed: int) -> dict[str, Any]:
    """Draw the example clustering or dataset, or another."""
    drawn = subject.input(given)
    context = subject.context(subject.dataset(drawn), seed)
    return as_figures(step, step.instance.draw(drawn, context))


def without_pyplot(subject: Subject) -> None:
    """No figure is left open in pyplot, and no window is shown."""
    require(
        OPEN_FIGURES not in traces(subject).changed,
        "made its figure with pyplot, where it stays open; use matplotlib.figure.Figure",
    )


def one_cluster(subject: Subject) -> None:
    """One cluster is drawn legibly, or refused."""
    clustering = _clustering(subject)
    one = replace(clustering, labels=np.zeros(clustering.dataset.n_samples, dtype=np.int64))
    _legible(subject, one)


def many_clusters(subject: Subject) -> None:
    """200 clusters are drawn legibly."""
    _clustering(subject)
    _legible(subject, clustering_of(many_groups(200)))


def all_noise(subject: Subject) -> None:
    """A clustering of noise alone is drawn, or refused."""
    clustering = _clustering(subject)
    noise = np.full(clustering.dataset.n_samples, -1, dtype=np.int64)
    sound_or_refused(subject, replace(clustering, labels=noise, probabilities=None))


def vectors_alone(subject: Subject) -> None:
    """A clustering without texts, labels and tree is drawn, or refused."""
    clustering = clustering_of(blobs())
    bare = replace(clustering.dataset, ids=None, texts=None, reference=None)
    sound_or_refused(
        subject, Clustering(bare, clustering.labels, {}) if subject.takes_clustering else bare
    )


def awkward_texts(subject: Subject) -> None:
    """Texts with mathematics, markup, line breaks and no end are drawn as they are."""
    clustering = clustering_of(blobs())
    texts = [AWKWARD_TEXTS[row % len(AWKWARD_TEXTS)] for row in range(clustering.dataset.n_samples)]
    dataset = replace(clustering.dataset, texts=texts, name="a$b_1$ <i>")
    sound_or_refused(
        subject, replace(clustering, dataset=dataset) if subject.takes_clustering else dataset
    )


def awkward_names(subject: Subject) -> None:
    """Clusters and nodes with names that are long, empty, or look like markup are drawn legibly."""
    clustering = _clustering(subject)
    titles = [AWKWARD_TEXTS[-1 - label % len(AWKWARD_TEXTS)] for label in range(clustering.n_clusters)]
    names = Names(tuple(Name(title, (title, "another")) for title in titles))
    _legible(subject, replace(clustering, names=names))


def _clustering(subject: Subject) -> Clustering:
    if not subject.takes_clustering:
        raise NotApplicable("it draws a dataset")
    return clustering_of(blobs())


def _legible(subject: Subject, clustering: Clustering) -> None:
    try:
        figures = subject.call(clustering)
    except EmbkitError as error:
        raise NotApplicable(f"refused: {error}") from error
    for name, figure in figures.items():
        _require_legible(figure, f"figure {name!r}" if name else "the figure")


def _require_legible(figure: Any, label: str) -> None:
    width, height = figure.get_size_inches()
    require(max(width, height) <= LARGEST_SIDE, f"{label} is {width:.0f} x {height:.0f} inches")
    texts = [(text, box) for text, box in _texts(figure) if box.width > 0 and box.height > 0]
    for text, box in texts:
        size = text.get_fontsize()
        require(size >= SMALLEST_TYPE, f"{label}: {_quoted(text)} is {size:.1f} points high")
        inside = (
            box.x0 >= -ROUNDING
            and box.y0 >= -ROUNDING
            and box.x1 <= figure.bbox.width + ROUNDING
            and box.y1 <= figure.bbox.height + ROUNDING
        )
        require(inside, f"{label}: {_quoted(text)} is cut off at the edge")
    for position, (text, box) in enumerate(texts):
        for other, place in texts[position + 1 :]:
            require(
                _shared(box, place) <= OVERLAP * min(box.width * box.height, place.width * place.height),
                f"{label}: {_quoted(text)} and {_quoted(other)} overlap",
            )


def _texts(figure: Any) -> Iterator[tuple[Any, Any]]:
    """Every text that is seen, with its place in pixels."""
    figure.draw_without_rendering()
    unseen = {id(label) for part in figure.axes for label in _unseen_labels(part)}
    for text in figure.findobj(lambda artist: hasattr(artist, "get_text")):
        if text.get_visible() and id(text) not in unseen and text.get_text().strip():
            yield text, text.get_window_extent()


def _unseen_labels(axes: Any) -> Iterator[Any]:
    """Labels of ticks outside the limits, and of axes that are switched off; matplotlib keeps them."""
    for axis in (axes.xaxis, axes.yaxis):
        shown = axes.get_visible() and axes.axison and axis.get_visible()
        low, high = sorted(axis.get_view_interval())
        for minor in (False, True):
            ticks = axis.get_minor_ticks() if minor else axis.get_major_ticks()
            for tick in ticks:
                inside = low <= tick.get_loc() <= high
                yield from () if shown and inside else (tick.label1, tick.label2)


def _shared(one: Any, two: Any) -> float:
    width = min(one.x1, two.x1) - max(one.x0, two.x0)
    height = min(one.y1, two.y1) - max(one.y0, two.y0)
    return float(max(0.0, width) * max(0.0, height))


def _quoted(text: Any) -> str:
    return repr(text.get_text()[:30])


CHECKS = (
    COMMON
    + ROWS
    + checks(
        without_pyplot,
        one_cluster,
        many_clusters,
        all_noise,
        vectors_alone,
        awkward_texts,
        awkward_names,
    )
)
"""Checks that every visualizer must pass, in this order."""
