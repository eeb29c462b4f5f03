"""Names of merges: which are written, and that they stand where nothing is drawn."""

from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Annotation

from embkit import Clustering, Dataset, Name, Names
from embkit_plugins.artifacts.node_names import node_names_of
from embkit_plugins.visualizers.dendrogram import Dendrogram
from embkit_plugins.visualizers.dendrogram.frame import Orientation
from fixture_types import CheckLayout, Cut, FindArtist, MakeContext, Words
from narrowing import present

SUBJECTS = ("oak", "elm", "iron", "zinc", "violin", "flute", "salmon", "trout")


@pytest.fixture
def subjects(cut: Cut) -> Clustering:
    """Eight subjects, two by two under a common word, cut in eight clusters with names."""
    rng = np.random.default_rng(2)
    subject = np.repeat(np.arange(8), 15)
    vectors = 6.0 * np.eye(4, 12)[subject // 2] + 3.0 * np.eye(8, 12, 4)[subject]
    vectors += rng.normal(scale=0.15, size=vectors.shape)
    common = ("tree", "metal", "instrument", "river fish")
    texts = [f"{common[which // 2]}: {SUBJECTS[which]}. x{row}" for row, which in enumerate(subject)]
    clustering = cut(Dataset(vectors.astype(np.float32), texts=texts), n_clusters=8, linkage="average")
    titles = [SUBJECTS[subject[np.argmax(clustering.labels == label)]] for label in range(8)]
    return replace(clustering, names=Names(tuple(Name(title, (title,)) for title in titles)))


def in_italics(figure: Figure) -> list[Any]:
    found: list[Any] = figure.findobj(Annotation)
    return [text for text in found if text.get_style() == "italic"]


@pytest.mark.parametrize("orientation", ["top", "right"])
def test_merges_are_named_between_their_legs(
    subjects: Clustering,
    make_context: MakeContext,
    check_layout: CheckLayout,
    artist: FindArtist,
    orientation: Orientation,
) -> None:
    figure = Dendrogram(orientation=orientation).draw(subjects, make_context(subjects.dataset))
    check_layout(figure)
    written = in_italics(figure)
    assert {"tree", "metal", "instrument"} <= {text.get_text() for text in written}
    assert any(text.get_text().split() == ["river", "fish"] for text in written)
    lines = artist(figure, "branches").get_segments()
    to_pixels = figure.axes[0].transData.transform
    for text in written:
        assert text.get_fontsize() >= 7
        box = text.get_window_extent()
        for line in lines:
            first, last = to_pixels(line)
            x, y = np.linspace(first, last, 200).T
            inside = (x > box.x0 + 1) & (x < box.x1 - 1) & (y > box.y0 + 1) & (y < box.y1 - 1)
            assert not inside.any(), text.get_text()


def test_a_name_is_written_at_its_merge(subjects: Clustering, make_context: MakeContext) -> None:
    context = make_context(subjects.dataset)
    found = node_names_of(subjects, context)
    known = set(zip(found.names.titles, found.heights.tolist(), strict=True))
    written = in_italics(Dendrogram().draw(subjects, context))
    assert {(text.get_text().replace("\n", " "), text.xy[1]) for text in written} <= known


@pytest.mark.parametrize("most", [0, 1, 2])
def test_no_more_are_written_than_asked_for(
    subjects: Clustering, make_context: MakeContext, words: Words, most: int
) -> None:
    figure = Dendrogram(max_node_names=most).draw(subjects, make_context(subjects.dataset))
    assert len(in_italics(figure)) == most
    said = " ".join(words(figure)).replace("\n", " ")
    assert ("In italics: what the rows under a merge are about" in said) == bool(most)


def test_nothing_is_computed_where_nothing_is_to_be_named(
    subjects: Clustering, make_context: MakeContext
) -> None:
    context = make_context(subjects.dataset)
    inverted = present(subjects.linkage).copy()
    inverted[[-2, -1], 2] = inverted[[-1, -2], 2]
    for clustering, most in (
        (subjects, 0),
        (replace(subjects, names=None), 20),
        (replace(subjects, dataset=replace(subjects.dataset, texts=None)), 20),
        (replace(subjects, linkage=inverted), 20),
    ):
        assert not in_italics(Dendrogram(max_node_names=most).draw(clustering, context))
    assert not context.shared.uses


@pytest.mark.parametrize("n_rows", [30, 600])
@pytest.mark.parametrize("orientation", ["top", "right"])
@pytest.mark.parametrize("leaves", ["clusters", "samples"])
def test_many_or_few_leaves_stay_legible(
    make_context: MakeContext,
    check_layout: CheckLayout,
    cut: Cut,
    n_rows: int,
    orientation: Orientation,
    leaves: Literal["clusters", "samples"],
) -> None:
    rng = np.random.default_rng(4)
    vocabulary = ["$a_1$", "ölbaum", "日本語", "w" * 60, "oak", "elm", "ash", "supercalifragilistic"]
    texts = [", ".join(rng.choice(vocabulary, size=3)) for _ in range(n_rows)]
    dataset = Dataset(rng.normal(size=(n_rows, 3)).astype(np.float32), texts=texts)
    clustering = cut(dataset, n_clusters=n_rows // 5)
    names = Names(tuple(Name(f"cluster {label}") for label in range(clustering.n_clusters)))
    figure = Dendrogram(orientation=orientation, leaves=leaves, max_leaves=60).draw(
        replace(clustering, names=names), make_context(dataset)
    )
    check_layout(figure)
