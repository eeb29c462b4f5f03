from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.cluster.hierarchy import fcluster, linkage

from embkit.data.dataset import Dataset
from embkit.data.results import Clustering
from embkit.errors import DataError, ParameterError
from embkit_plugins.drawing.palette import cluster_colors
from embkit_plugins.visualizers.dendrogram import Dendrogram
from embkit_plugins.visualizers.dendrogram.means import linkage_of_means
from fixture_types import CheckLayout, FindArtist, MakeContext, Words


def flat(dataset: Dataset, labels: Any, metric: str | None = None) -> Clustering:
    parameters = {} if metric is None else {"metric": metric}
    return Clustering(dataset, np.asarray(labels), parameters, clusterer="kmeans")


def numbered(n_samples: int, n_clusters: int, noise: int = 0) -> np.ndarray:
    labels = np.sort(np.arange(n_samples) % n_clusters)
    labels[n_samples - noise :] = -1
    return labels


@pytest.fixture
def draw(make_context: MakeContext) -> Callable[..., Any]:
    def drawn(clustering: Clustering, **parameters: Any) -> Any:
        return Dendrogram(**parameters).draw(clustering, make_context(clustering.dataset))

    return drawn


@pytest.mark.parametrize("metric", [None, "euclidean", "manhattan", "cosine"])
def test_the_linkage_is_that_of_the_means(
    spread: Dataset, make_context: MakeContext, metric: str | None
) -> None:
    labels = numbered(120, 9, noise=12)
    found = linkage_of_means(flat(spread, labels, metric), make_context(spread))
    rows = spread.vectors.astype(np.float64)
    if metric == "cosine":
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    means = np.stack([rows[labels == cluster].mean(axis=0) for cluster in range(labels.max() + 1)])
    expected = linkage(means, "average", "cosine" if metric == "cosine" else "euclidean")
    np.testing.assert_allclose(found[:, 2], expected[:, 2], atol=1e-6)
    for n_clusters in range(2, len(means)):
        one, two = (fcluster(tree, n_clusters, "maxclust") for tree in (found, expected))
        assert len(set(zip(one, two, strict=True))) == len(set(one)) == len(set(two))


def test_the_picture_says_what_it_shows(
    spread: Dataset, draw: Any, words: Words, artist: FindArtist, check_layout: CheckLayout
) -> None:
    clustering = flat(spread, numbered(120, 8), "euclidean")
    figure = draw(clustering)
    said = [text.replace("\n", " ") for text in words(figure)]
    assert "spread: how 8 clusters merge by their means" in said
    assert any("kmeans makes no tree: average linkage of the 8 cluster means ·" in text for text in said)
    assert figure.axes[0].get_ylabel() == "euclidean distance between cluster means"
    assert {str(cluster) for cluster in range(8)} <= set(said)
    assert sum("(15)" in text for text in said) == 8
    assert any("sentence number" in text for text in said)
    leaves = artist(figure, "leaves")
    assert np.allclose(leaves.get_facecolors()[:, :3], cluster_colors(8))
    assert (leaves.get_offsets()[:, 1] == 0).all()
    assert not any("threshold" in text or "cut" in text for text in said)
    check_layout(figure)


@pytest.mark.parametrize("orientation", ["top", "right"])
def test_cosine_noise_and_a_second_line(
    spread: Dataset, draw: Any, words: Words, check_layout: CheckLayout, orientation: str
) -> None:
    clustering = flat(spread, numbered(120, 8, noise=5), "cosine")
    figure = draw(clustering, orientation=orientation, to=2.0)
    axis = figure.axes[0].get_ylabel() or figure.axes[0].get_xlabel()
    assert axis == "cosine distance between cluster means (0 to 2)"
    said = " ".join(words(figure)).replace("\n", " ")
    assert "noise (5)" in said
    assert "Noise has no mean and joins nowhere." in said
    assert "1 cluster" in said
    check_layout(figure)


def test_thousands_of_clusters_are_folded(
    draw: Any, words: Words, artist: FindArtist, check_layout: CheckLayout
) -> None:
    rows = np.random.default_rng(0).normal(size=(5000, 4)).astype(np.float32)
    clustering = flat(Dataset(rows, name="many"), numbered(5000, 2500))
    figure = draw(clustering, max_leaves=20)
    assert "many: how the 20 largest of 2,500 clusters merge by their means" in words(figure)
    assert "+ 2,480 clusters (4,960)" in words(figure)
    assert len(artist(figure, "leaves").get_offsets()) == 20
    check_layout(figure)
    truncated = words(draw(clustering, truncate_mode="lastp", p=6))
    assert "many: the last 5 of 2,499 merges of clusters by their means" in truncated


@pytest.mark.parametrize(
    ("labels", "metric", "parameters"),
    [
        (np.zeros(120, dtype=int), None, {}),
        (np.full(120, -1), None, {}),
        (numbered(120, 8), None, {"leaves": "samples"}),
        (numbered(120, 8), "precomputed", {}),
    ],
)
def test_what_has_no_means_to_merge_is_refused(
    spread: Dataset, draw: Any, labels: np.ndarray, metric: str | None, parameters: dict[str, Any]
) -> None:
    with pytest.raises(
        ParameterError, match="no tree to draw; kmeans makes none; use --clusterer agglom"
    ):
        draw(flat(spread, labels, metric), **parameters)


def test_rows_that_cancel_out_have_no_direction(draw: Any) -> None:
    rows = Dataset(np.array([[1.0, 0], [2, 0], [0, 1], [0, -3]]))
    assert draw(flat(rows, [0, 0, 1, 1])) is not None
    with pytest.raises(DataError, match=r"the mean of cluster 1 has no direction; its rows point oppos"):
        draw(flat(rows, [0, 0, 1, 1], "cosine"))
