from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.cluster.hierarchy import linkage

from embkit.data.dataset import Dataset
from embkit.data.names import Name, Names
from embkit.data.results import Clustering
from embkit.errors import DataError, ParameterError
from embkit_plugins.drawing.palette import cluster_colors
from embkit_plugins.visualizers.dendrogram import Dendrogram
from fixture_types import CheckLayout, Cut, FindArtist, Words
from narrowing import present

HOSTILE = [
    "$\\foo$",
    "日本語のテキスト",
    "😀🦆",
    "a\x00b\x1b[0m\n\ttab",
    "\u202eright to left",
    "{x} %s \\",
    "é" * 5000,
]


def draw(clustering: Clustering, **parameters: Any) -> Any:
    return Dendrogram(**parameters).draw(clustering, None)  # type: ignore[arg-type]


def test_leaves_are_the_clusters_and_only_merges_above_the_cut_are_drawn(
    spread: Dataset, cut: Cut, words: Words, artist: FindArtist
) -> None:
    clustering = cut(spread, threshold=0.9)
    figure = draw(clustering)
    axes = figure.axes[0]
    k = clustering.n_clusters
    bars = artist(figure, "branches").get_segments()
    assert len(bars) == 3 * (k - 1)
    assert min(height for bar in bars for _, height in bar) == 0.9
    assert axes.get_ylim()[0] < 0.9 < axes.get_ylim()[1]
    assert axes.get_ylabel() == "cosine distance (0 to 2)"
    leaves = artist(figure, "leaves")
    assert len(leaves.get_offsets()) == k
    assert np.allclose(leaves.get_facecolors()[:, :3], cluster_colors(k))
    said = words(figure)
    assert f"spread: how {k} clusters merge" in said
    assert {str(cluster) for cluster in range(k)} <= set(said)
    assert sum(f"({clustering.sizes[0]})" in text for text in said) >= 1
    assert any("sentence number" in text for text in said)
    assert f"threshold 0.9\n{k} clusters" in said


@pytest.mark.parametrize("orientation", ["top", "right"])
@pytest.mark.parametrize("n_clusters", [2, 3, 5, 8, 14, 40, 60, 90])
def test_labels_are_whole_and_apart(
    spread: Dataset, cut: Cut, check_layout: CheckLayout, orientation: str, n_clusters: int
) -> None:
    texts = [f"{'a rather long sentence ' * (row % 4)}number {row}" for row in range(120)]
    data = Dataset(spread.vectors, texts=texts, name="spread")
    clustering = cut(data, n_clusters=n_clusters)
    figure = draw(clustering, orientation=orientation, max_leaves=70)
    check_layout(figure)


def test_heights_grow_to_the_right_on_request(
    spread: Dataset, cut: Cut, artist: FindArtist, check_layout: CheckLayout
) -> None:
    clustering = cut(spread, threshold=0.9)
    up, right = draw(clustering), draw(clustering, orientation="right", to=1.2)
    assert right.axes[0].get_xlabel() == "cosine distance (0 to 2)"
    flipped = [bar[:, ::-1] for bar in artist(up, "branches").get_segments()]
    assert np.allclose(artist(right, "branches").get_segments(), flipped)
    check_layout(right)


def test_the_smallest_clusters_are_folded_not_lost(
    spread: Dataset, cut: Cut, words: Words, artist: FindArtist, check_layout: CheckLayout
) -> None:
    clustering = cut(spread, threshold=0.6)
    k = clustering.n_clusters
    figure = draw(clustering, max_leaves=12)
    hidden = int(clustering.sizes[12:].sum())
    said = words(figure)
    assert f"+ {k - 12} clusters ({hidden})" in said
    assert f"spread: how the 12 largest of {k} clusters merge" in said
    assert len(artist(figure, "leaves").get_offsets()) == 12
    assert len(artist(figure, "folded").get_offsets()) > 0
    check_layout(figure)


def test_a_second_line_says_how_many_clusters_are_left(
    spread: Dataset, cut: Cut, words: Words, check_layout: CheckLayout
) -> None:
    clustering = cut(spread, threshold=0.9)
    left = cut(spread, threshold=1.2).n_clusters
    figure = draw(clustering, to=1.2)
    assert f"to 1.2\n{left} clusters" in words(figure)
    for close in (0.9001, 0.95):
        check_layout(draw(clustering, to=close))
        check_layout(draw(clustering, to=close, orientation="right"))
    assert draw(clustering, to=0.3).axes[0].get_ylim()[0] < 0.3


def test_a_cut_by_number_is_drawn_between_the_merges_on_both_sides(
    spread: Dataset, cut: Cut, words: Words, artist: FindArtist
) -> None:
    clustering = cut(spread, n_clusters=7)
    heights = np.sort(present(clustering.linkage)[:, 2])
    figure = draw(clustering)
    assert "cut\n7 clusters" in words(figure)
    base = min(height for bar in artist(figure, "branches").get_segments() for _, height in bar)
    assert heights[-7] < base < heights[-6]


def test_rows_as_leaves(spread: Dataset, cut: Cut, words: Words, artist: FindArtist) -> None:
    clustering = cut(spread.take(np.arange(8)), threshold=0.9)
    figure = draw(clustering, leaves="samples")
    assert len(artist(figure, "branches").get_segments()) == 3 * 7
    said = words(figure)
    assert {text.replace("\n", " ") for text in said} >= {f"sentence number {row}" for row in range(8)}
    assert "spread: how 8 rows merge" in said
    colors = artist(figure, "leaves").get_facecolors()[:, :3]
    assert np.allclose(colors, cluster_colors(clustering.n_clusters)[clustering.labels])
    assert figure.axes[0].get_ylim()[0] == 0


def test_many_rows_as_leaves_are_the_last_merges(
    spread: Dataset, cut: Cut, words: Words, artist: FindArtist, check_layout: CheckLayout
) -> None:
    figure = draw(cut(spread, threshold=1.2), leaves="samples", max_leaves=30)
    assert len(artist(figure, "leaves").get_offsets()) == 30
    assert "spread: the last 29 of 119 merges of rows" in words(figure)
    check_layout(figure)


def test_truncation_as_in_scipy(spread: Dataset, cut: Cut, words: Words) -> None:
    clustering = cut(spread, threshold=0.6)
    k = clustering.n_clusters
    said = words(draw(clustering, truncate_mode="lastp", p=5))
    assert f"spread: the last 4 of {k - 1} merges of clusters" in said
    counts = [text for text in said if " clusters (" in text]
    assert len(counts) == 5 or any("(" in text for text in said)
    assert f"spread: the last 1 of {k - 1} merges of clusters" in words(
        draw(clustering, truncate_mode="lastp", p=1)
    )
    levels = draw(clustering, truncate_mode="level", p=1, leaves="samples")
    assert len(words(levels)) > 0
    without = words(
        draw(clustering, truncate_mode="lastp", p=5, leaves="samples", show_leaf_counts=False)
    )
    assert not any(text.startswith("(") for text in without)


def test_leaves_are_named_by_names_or_texts_or_numbers(words: Words, cut: Cut) -> None:
    vectors = np.repeat(np.eye(3, dtype=np.float32), 4, axis=0) + np.linspace(0, 0.1, 12)[
        :, None
    ].astype(np.float32)
    texts = ["red apple"] * 4 + ["blue whale"] * 4 + ["green tea"] * 4
    clustering = cut(Dataset(vectors, texts=texts), n_clusters=3)

    def said(clustering: Clustering, **parameters: str) -> str:
        return " ".join(words(draw(clustering, max_node_names=0, **parameters))).replace("\n", " ")

    named = replace(
        clustering, names=Names((Name("fruit", ("fruit", "pome")), Name("Sea", ("whale",)), Name("")))
    )
    assert all(text in said(named) for text in ("fruit, pome", "Sea", "green tea"))
    assert not any(text in said(named) for text in ("red apple", "blue whale", "Sea, whale"))
    for by_text in (said(named, labels="texts"), said(clustering)):
        assert all(text in by_text for text in texts)
        assert "fruit" not in by_text
    bare = said(named, labels="none")
    assert not any(text in bare for text in ("apple", "fruit", "Sea"))


@pytest.mark.parametrize(
    ("metric", "linkage", "label"),
    [
        ("euclidean", "ward", "Ward height (euclidean)"),
        ("euclidean", "average", "euclidean distance"),
        ("cityblock", "complete", "manhattan distance"),
        ("euclidean", "centroid", "distance of centroids (euclidean)"),
        ("cosine", "single", "cosine distance (0 to 2)"),
    ],
)
def test_the_axis_says_what_a_height_is(
    spread: Dataset, cut: Cut, metric: str, linkage: str, label: str
) -> None:
    figure = draw(cut(spread, n_clusters=9, metric=metric, linkage=linkage))
    assert figure.axes[0].get_ylabel() == label


def test_opposite_vectors_merge_at_two_and_the_caption_says_that_this_is_right(
    cut: Cut, words: Words
) -> None:
    vectors = np.array([[1, 0], [1, 0.01], [-1, 0], [-1, 0.01]], dtype=np.float32)
    figure = draw(cut(Dataset(vectors), threshold=0.5))
    assert figure.axes[0].get_ylim()[1] > 1.99
    assert any("above 1 the angle is obtuse" in text.replace("\n", " ") for text in words(figure))


@pytest.mark.parametrize("name", ["hdbscan", "dbscan"])
def test_clusters_with_noise_stand_where_they_are_complete(
    name: str, words: Words, artist: FindArtist, check_layout: CheckLayout
) -> None:
    rng = np.random.default_rng(0)
    rows = np.concatenate(
        [rng.normal(at, 0.1, (30, 2)) for at in (0, 3, 9)] + [rng.uniform(-9, 18, (12, 2))]
    )
    tree = linkage(rows, "single")
    labels = np.repeat([0, 1, 2, -1], [30, 30, 30, 12])
    parameters = {"min_samples": 5, "metric": "euclidean"}
    clustering = Clustering(Dataset(rows, name="noisy"), labels, parameters, tree, clusterer=name)
    figure = draw(clustering)
    said = words(figure)
    assert "(12)" in said
    assert "noise" in said
    assert "noisy: how 3 clusters merge" in said
    assert figure.axes[0].get_ylabel() == "mutual reachability, euclidean distance"
    feet = artist(figure, "leaves").get_offsets()[:, 1]
    assert len(set(feet.tolist())) == 3
    check_layout(figure)


def test_clusters_that_are_no_subtrees_fall_back_to_rows(
    spread: Dataset, cut: Cut, words: Words
) -> None:
    honest = cut(spread, threshold=0.9)
    made_up = Clustering(spread, np.arange(120) % 5, honest.parameters, honest.linkage)
    assert "spread: the last 39 of 119 merges of rows" in words(draw(made_up))
    with pytest.raises(ParameterError, match=r"leaves=clusters is not possible.*use leaves=samples"):
        draw(made_up, leaves="clusters")


def test_one_cluster_falls_back_to_rows(spread: Dataset, cut: Cut, words: Words) -> None:
    assert "spread: the last 39 of 119 merges of rows" in words(draw(cut(spread, threshold=2.0)))


def test_a_single_row_is_refused(spread: Dataset) -> None:
    one = Clustering(spread.take(np.arange(1)), np.zeros(1, dtype=int), linkage=np.empty((0, 4)))
    with pytest.raises(DataError, match="single row"):
        draw(one)


def test_two_rows_and_equal_rows(cut: Cut, check_layout: CheckLayout) -> None:
    two = Dataset(np.array([[1.0, 0.0], [0.0, 1.0]]))
    check_layout(draw(cut(two, n_clusters=2)))
    check_layout(draw(cut(two, n_clusters=1)))
    same = Dataset(np.ones((6, 3)))
    check_layout(draw(cut(same, n_clusters=3, metric="euclidean")))
    check_layout(draw(cut(same, n_clusters=1, metric="euclidean")))


def test_whatever_the_texts_hold(cut: Cut, tmp_path: Any, check_layout: CheckLayout) -> None:
    vectors = np.random.default_rng(0).normal(size=(7, 4))
    data = Dataset(vectors, texts=HOSTILE, name="$\\frac name$ 日本")
    for parameters in ({}, {"leaves": "samples"}, {"orientation": "right"}):
        figure = draw(cut(data, n_clusters=7), **parameters)
        figure.savefig(tmp_path / "figure.png", dpi=50)
        check_layout(figure)


def test_a_chain_of_thirty_thousand_merges(words: Words, artist: FindArtist) -> None:
    n = 30_000
    chain = np.zeros((n - 1, 4))
    chain[:, 0] = np.append(0, np.arange(n, 2 * n - 2))
    chain[:, 1] = np.arange(1, n)
    chain[:, 2] = np.linspace(0, 1, n - 1)
    chain[:, 3] = np.arange(2, n + 1)
    labels = np.append(np.zeros(n - 3, dtype=int), [1, 2, 3])
    data = Dataset(np.random.default_rng(0).normal(size=(n, 2)), name="chain")
    parameters = {"metric": "euclidean", "linkage": "single"}
    clustering = Clustering(data, labels, parameters, chain, clusterer="agglomerative")
    assert "chain: how 4 clusters merge" in words(draw(clustering))
    whole = draw(clustering, leaves="samples", max_leaves=n)
    assert len(artist(whole, "branches").get_segments()) == 3 * (n - 1)


def test_a_thousand_leaves_are_thin_lines_on_a_wide_page(artist: FindArtist) -> None:
    rng = np.random.default_rng(0)
    tree = linkage(rng.normal(size=(1714, 2)), "complete")
    clustering = Clustering(Dataset(rng.normal(size=(1714, 2))), np.arange(1714), {}, tree)
    figure = draw(clustering, max_leaves=1714)
    assert figure.get_size_inches()[0] > 20
    assert artist(figure, "branches").get_linewidths()[0] < 0.4
    assert artist(figure, "leaves") is None
    tall = draw(clustering, max_leaves=1714, orientation="right")
    assert tall.get_size_inches()[1] > 20
