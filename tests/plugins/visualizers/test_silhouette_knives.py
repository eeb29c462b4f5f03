from typing import Any

import numpy as np
import pytest
from sklearn.metrics import silhouette_samples, silhouette_score

from embkit.data.dataset import Dataset
from embkit.data.results import Clustering
from embkit.errors import DataError, ParameterError
from embkit.plugin.registry import Registry
from embkit.runs.context import RunContext
from embkit_plugins.drawing.palette import cluster_colors
from embkit_plugins.visualizers.silhouette import Silhouette
from fixture_types import CheckLayout, FindArtist, Words


def draw(clustering: Clustering, **parameters: Any) -> Any:
    context = RunContext(Registry.discover(), clustering.dataset, seed=0, threads=1, memory=10**9)
    return Silhouette(**parameters).draw(clustering, context)


@pytest.fixture
def three(blobs: Dataset) -> Clustering:
    return Clustering(
        blobs, np.repeat([0, 1, 2], [40, 30, 20]), {"metric": "cosine"}, clusterer="kmeans"
    )


def test_knives_are_the_sorted_silhouettes(
    three: Clustering, artist: FindArtist, words: Words, check_layout: CheckLayout
) -> None:
    figure = draw(three)
    reference = silhouette_samples(three.dataset.vectors.astype(float), three.labels, metric="cosine")
    for cluster in range(3):
        knife = artist(figure, f"knife-{cluster}")
        reach = knife.get_paths()[0].vertices[:, 0]
        own = reference[three.labels == cluster]
        assert reach.max() == pytest.approx(own.max(), abs=1e-5)
        assert set(np.round(reach, 4)) >= set(np.round(own, 4))
        assert np.allclose(knife.get_facecolors()[0, :3], cluster_colors(3)[cluster])
    assert artist(figure, "mean").get_xdata()[0] == pytest.approx(reference.mean(), abs=1e-6)
    said = words(figure)
    assert f"blobs: silhouettes, mean {reference.mean():.3f}" in said
    assert figure.axes[0].get_xlabel() == "silhouette (-1 to 1), cosine distance (0 to 2)"
    assert sum("(40)" in text for text in said) == 1
    check_layout(figure)


def test_the_clusterers_metric_is_taken_unless_another_is_named(three: Clustering, words: Words) -> None:
    score = silhouette_score(three.dataset.vectors, three.labels, metric="euclidean")
    assert f"blobs: silhouettes, mean {score:.3f}" in words(draw(three, metric="euclidean"))
    odd = Clustering(three.dataset, three.labels, {"metric": "chebyshev"})
    with pytest.raises(
        ParameterError, match=r"no silhouettes are made of 'chebyshev'.*silhouette:metric=cosine"
    ):
        draw(odd)
    assert draw(odd, metric="manhattan").axes[0].get_xlabel().endswith("manhattan distance")


def test_noise_is_left_out_and_coverage_said(three: Clustering, words: Words) -> None:
    labels = three.labels.copy()
    labels[::2] = -1
    clustering = Clustering(three.dataset, labels, {"metric": "euclidean"})
    kept = labels >= 0
    score = silhouette_score(three.dataset.vectors[kept], labels[kept])
    said = words(draw(clustering))
    assert f"blobs: silhouettes, mean {score:.3f}" in said
    assert any("50% of the rows are scored" in text.replace("\n", " ") for text in said)


def test_smaller_clusters_are_folded_with_all_their_rows(
    spread: Dataset, artist: FindArtist, words: Words, check_layout: CheckLayout
) -> None:
    labels = np.repeat(np.arange(60), 2)
    figure = draw(Clustering(spread, labels, {"metric": "cosine"}), max_clusters=12)
    assert "+ 48 clusters (96)" in words(figure)
    assert artist(figure, "knife-12") is not None
    assert artist(figure, "knife-13") is None
    check_layout(figure)
    check_layout(draw(Clustering(spread, labels, {"metric": "cosine"})))


def test_large_clusters_are_thinned_not_cut(artist: FindArtist) -> None:
    rng = np.random.default_rng(0)
    rows = np.concatenate([rng.normal(size=(5000, 2)), rng.normal(9, 1, size=(50, 2))])
    labels = np.repeat([0, 1], [5000, 50])
    knife = artist(draw(Clustering(Dataset(rows), labels, {"metric": "sqeuclidean"})), "knife-0")
    assert len(knife.get_paths()[0].vertices) < 5000


@pytest.mark.parametrize(
    ("labels", "match"),
    [
        ([0, 0, 0, 0], "the clustering has 1 cluster; a silhouette compares"),
        ([-1, -1, -1, -1], "the clustering has 0 clusters"),
        ([0, 1, 2, 3], "every row is a cluster of its own"),
    ],
)
def test_what_has_no_silhouette_is_refused(labels: list[int], match: str) -> None:
    with pytest.raises(DataError, match=match):
        draw(Clustering(Dataset(np.eye(4)), np.array(labels)))
