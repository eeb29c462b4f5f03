from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from matplotlib.text import Text
from sklearn.decomposition import PCA as Reference

import embkit
from embkit.data.dataset import Dataset
from embkit.data.results import Artifact, Clustering
from embkit.errors import DataError, ParameterError
from embkit_plugins.algorithms.rows.prepare import unit_rows
from embkit_plugins.drawing.palette import cluster_colors
from embkit_plugins.drawing.sheet import styled
from embkit_plugins.visualizers.scatter import PCA, TSNE, UMAP
from embkit_plugins.visualizers.scatter.drawing import MapWords, draw_map
from fixture_types import CheckLayout, FindArtist, MakeContext, Words


class Stub:
    """A context that makes every projection of random points, and remembers what was asked."""

    seed = 11
    threads = 1

    def __init__(self) -> None:
        self.asked: dict[str, Any] = {}
        self.n_samples = 90

    def artifact(self, name: str, **params: Any) -> Artifact:
        self.asked = {"name": name, **params}
        points = np.random.default_rng(0).normal(size=(self.n_samples, 2)).astype(np.float32)
        facts = {"perplexity": 29.6667, "n_neighbors": 15, "variance": [0.5, 0.25]}
        return Artifact({"embedding": points}, facts)

    def progress(self, done: float, note: str = "") -> None:
        pass


@pytest.fixture
def three(blobs: Dataset) -> Clustering:
    labels = np.repeat([0, 1, 2], [40, 30, 20])
    return Clustering(blobs, labels, {"metric": "cosine"}, clusterer="agglomerative")


def test_parameters_reach_the_projection(three: Clustering) -> None:
    stub: Any = Stub()
    TSNE(perplexity=12.0).draw(three, stub)
    assert stub.asked == {
        "name": "projection", "method": "tsne", "perplexity": 12.0,
        "metric": "cosine", "neighbors": "exact", "recall": 0.95, "random_state": 0,
    }  # fmt: skip
    UMAP(
        n_neighbors=9, min_dist=0.3, metric="euclidean", neighbors="leaves", recall=0.9, random_state=5
    ).draw(three, stub)
    assert stub.asked == {
        "name": "projection", "method": "umap", "n_neighbors": 9, "min_dist": 0.3,
        "metric": "euclidean", "neighbors": "leaves", "recall": 0.9, "random_state": 5,
    }  # fmt: skip
    PCA().draw(three, stub)
    assert stub.asked == {"name": "projection", "method": "pca", "n_components": 2, "metric": "cosine"}


@pytest.mark.parametrize(
    ("taken", "asked"), [("cosine", "cosine"), ("l2", "euclidean"), ("manhattan", "euclidean")]
)
def test_auto_takes_the_clusterers_metric_where_it_can(
    three: Clustering, taken: str, asked: str
) -> None:
    stub: Any = Stub()
    clustering = Clustering(three.dataset, three.labels, {"metric": taken})
    for visualizer in (TSNE(), UMAP(), PCA()):
        visualizer.draw(clustering, stub)
        assert stub.asked["metric"] == asked


@pytest.mark.parametrize("visualizer", [TSNE(), UMAP(), PCA()])
def test_a_matrix_of_distances_has_no_map(three: Clustering, visualizer: Any) -> None:
    clustering = Clustering(three.dataset, three.labels, {"metric": "precomputed"})
    with pytest.raises(DataError, match="matrix of distances; a map needs the rows' vectors"):
        visualizer.draw(clustering, Stub())


@pytest.mark.parametrize(
    ("visualizer", "said"),
    [
        (TSNE(), ["t-SNE, perplexity 29.7, cosine distance, seed 0", "distances between islands"]),
        (UMAP(), ["UMAP, 15 neighbours, min_dist 0.1, cosine distance, seed 0", "mean little"]),
        (PCA(), ["hold 75.0% of it", "what overlaps here need not be near"]),
    ],
)
def test_the_caption_is_honest(
    three: Clustering, words: Words, check_layout: CheckLayout, visualizer: Any, said: list[str]
) -> None:
    figure = visualizer.draw(three, Stub())
    whole = " ".join(words(figure)).replace("\n", " ")
    assert all(part in whole for part in said)
    check_layout(figure)


def test_real_projections(
    three: Clustering, make_context: MakeContext, artist: FindArtist, words: Words
) -> None:
    context = make_context(three.dataset, seed=3)
    for visualizer in (PCA(), UMAP(n_neighbors=10)):
        figure = visualizer.draw(three, context)
        assert len(artist(figure, "clusters").get_offsets()) == 90
    axes = PCA().draw(three, context).axes[0]
    shares = [
        float(label.split("(")[1].split("%")[0]) for label in (axes.get_xlabel(), axes.get_ylabel())
    ]
    expected = Reference(2).fit(unit_rows(three.dataset)).explained_variance_ratio_
    assert shares == pytest.approx(100 * expected, abs=0.051)


def test_one_dimension_has_a_map(make_context: MakeContext) -> None:
    data = Dataset(np.linspace(0, 1, 20, dtype=np.float32)[:, None])
    clustering = Clustering(data, np.repeat([0, 1], 10), {"metric": "euclidean"})
    figure = PCA().draw(clustering, make_context(data))
    assert figure.axes[0].get_ylabel() == "component 2 (0.0% of the variance)"


def _map(labels: list[int] | np.ndarray, **columns: Any) -> tuple[Clustering, Any]:
    n = len(labels)
    points = np.random.default_rng(0).normal(size=(n, 2))
    clustering = Clustering(Dataset(np.ones((n, 3)), **columns), np.asarray(labels))
    with styled():
        return clustering, draw_map(clustering, points, MapWords("title", "caption"), 0)


def test_the_legend_names_clusters_only_where_rows_have_names(words: Words) -> None:
    labels = [0] * 5 + [1] * 3
    _, bare = _map(labels)
    _, named = _map(labels, texts=[f"text {row}" for row in range(8)])
    assert sum(word.startswith("text ") for word in words(named)) == 2
    assert not any(word.startswith("row ") for word in words(bare))
    assert {"5", "3"} <= set(words(bare))
    assert bare.get_size_inches()[0] < named.get_size_inches()[0]


def test_points_have_their_clusters_colours(artist: FindArtist) -> None:
    labels = np.array([0] * 5 + [1] * 3 + [-1] * 2)
    _, figure = _map(labels)
    points = np.random.default_rng(0).normal(size=(10, 2))
    drawn = artist(figure, "clusters")
    for spot, color in zip(drawn.get_offsets(), drawn.get_facecolors(), strict=True):
        row = int(np.abs(points - spot).sum(axis=1).argmin())
        assert np.allclose(color[:3], cluster_colors(2)[labels[row]])
    noise = artist(figure, "noise")
    assert len(noise.get_offsets()) == 2
    assert noise.get_zorder() < drawn.get_zorder()
    assert artist(figure, "others") is None


@pytest.mark.parametrize("n_clusters", [1, 2, 20, 21, 400])
def test_the_largest_clusters_are_numbered_and_named(
    n_clusters: int, artist: FindArtist, words: Words, check_layout: CheckLayout
) -> None:
    labels = np.sort(np.concatenate([np.arange(n_clusters), np.arange(0, n_clusters, 2)]) % n_clusters)
    labels = np.unique(labels, return_inverse=True)[1]
    texts = [f"a text about the thing {row}" for row in range(len(labels))]
    _, figure = _map(labels, texts=texts)
    said = words(figure)
    named = min(n_clusters, 20)
    assert all(said.count(str(cluster)) >= 2 for cluster in range(3, named))
    assert sum(text.startswith("a text about") for text in said) == named
    assert (f"+ {n_clusters - 20} smaller clusters, pale" in said) == (n_clusters > 21)
    assert (artist(figure, "others") is not None) == (n_clusters > 20)
    if n_clusters < 30:
        check_layout(figure)


def test_noise_is_said_and_all_noise_is_drawn(words: Words, artist: FindArtist) -> None:
    _, figure = _map([-1] * 12)
    assert "noise" in words(figure)
    assert len(artist(figure, "noise").get_offsets()) == 12
    assert artist(figure, "clusters") is None


def test_many_points_are_small_and_stored_as_pixels(artist: FindArtist) -> None:
    _, few = _map([0] * 100)
    _, many = _map([0] * 20_001)
    assert artist(few, "clusters").get_sizes()[0] > artist(many, "clusters").get_sizes()[0]
    assert artist(few, "clusters").get_alpha() > artist(many, "clusters").get_alpha()
    assert not artist(few, "clusters").get_rasterized()
    assert artist(many, "clusters").get_rasterized()


def test_one_scale_on_both_axes_and_every_point_in_view() -> None:
    _, figure = _map([0] * 50)
    axes = figure.axes[0]
    box = axes.get_window_extent()
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    assert (right - left) / box.width == pytest.approx((high - low) / box.height)
    points = np.random.default_rng(0).normal(size=(50, 2))
    assert ((points > (left, low)) & (points < (right, high))).all()


def test_points_on_one_spot_are_drawn() -> None:
    clustering = Clustering(Dataset(np.ones((4, 2))), np.zeros(4, dtype=int))
    with styled():
        draw_map(clustering, np.zeros((4, 2)), MapWords("title", "caption"), 0).draw_without_rendering()


def test_memory_is_that_of_the_projection() -> None:
    assert TSNE().memory(1000, 10, 10**9).peak > UMAP().memory(1000, 10, 10**9).peak > 0
    assert PCA().memory(1000, 10, 10**9).peak > 0


@pytest.mark.parametrize("visualizer", [TSNE, UMAP, PCA])
def test_reference_labels_as_colours(three: Clustering, visualizer: Any) -> None:
    stub: Any = Stub()
    labels = ["b"] * 10 + [""] * 5 + ["<a> $x$"] * 75
    known = replace(three, dataset=replace(three.dataset, reference=labels))
    figure = visualizer(color="reference").draw(known, stub)
    assert stub.asked["metric"] == "cosine"
    said = [text.get_text() for text in figure.findobj(Text)]
    assert "90 rows × 8 · 2 reference labels, 5 rows without" in said  # noqa: RUF001
    assert said.count("<a> $x$") == said.count("b") == 1
    assert said.index("<a> $x$") < said.index("b") < said.index("no reference label")
    points = {item.get_gid(): item for item in figure.axes[0].collections}
    assert len(points["noise"].get_offsets()) == 5
    found = points["clusters"].get_facecolors()[:, :3]
    expected = cluster_colors(2)
    counts = [int(np.isclose(found, color).all(axis=1).sum()) for color in expected]
    assert counts == [75, 10]


@pytest.mark.parametrize("labels", [None, [""] * 90])
def test_without_reference_labels_that_is_said_before_anything_is_computed(
    three: Clustering, labels: list[str] | None
) -> None:
    stub: Any = Stub()
    bare = replace(three, dataset=replace(three.dataset, reference=labels))
    with pytest.raises(ParameterError, match="visualizer umap: color=reference, and the dataset has no"):
        UMAP(color="reference").draw(bare, stub)
    assert not stub.asked


def test_after_a_reducer_maps_show_the_source_unless_told(blobs: Dataset) -> None:
    run = embkit.run(
        blobs,
        "kmeans:n_clusters=3",
        reducers=["pca:n_components=3"],
        visualizers=["pca", "pca:of=reduced", "sizes"],
        seed=0,
        cache=False,
    )
    source, reduced, sizes = (
        next(text.get_text() for text in figure.texts[1:]) for figure in run.figures.values()
    )
    assert source.startswith("90 rows \N{MULTIPLICATION SIGN} 8 ")
    assert reduced.startswith("90 rows \N{MULTIPLICATION SIGN} 3 ")
    assert sizes.startswith("90 rows \N{MULTIPLICATION SIGN} 3 ")
    recorded = [request.params.get("of") for request in run.config.visualizers]
    assert recorded == ["source", "reduced", None]
    legends = [
        sorted(text.get_text() for text in run.figures[name].axes[-1].texts)
        for name in ("pca", "pca-of-reduced")
    ]
    assert legends[0] == legends[1]  # a cluster is called the same in every space
