"""The metrics correlation and hamming, wherever distances are taken, against scipy and scikit-learn."""

from typing import Any, Literal, get_args

import hdbscan
import numpy as np
import pytest
from hdbscan.validity import validity_index
from scipy.cluster.hierarchy import linkage as scipy_linkage
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial.distance import cdist, pdist, squareform
from sklearn.metrics import silhouette_samples
from sklearn.neighbors import NearestNeighbors

import embkit
from embkit.data.dataset import Dataset
from embkit.data.results import Clustering
from embkit.errors import DataError, ParameterError
from embkit_plugins.algorithms.distances.across import across
from embkit_plugins.algorithms.distances.pairs import condensed, pairs_of
from embkit_plugins.algorithms.distances.random_pairs import pair_distances, sample_pairs
from embkit_plugins.algorithms.silhouettes.nested import nested_silhouettes, pairs_in_order
from embkit_plugins.artifacts.linkage import Linkage
from embkit_plugins.artifacts.linkage.routes import Method, route_for
from embkit_plugins.artifacts.neighbors import Neighbors
from embkit_plugins.artifacts.spanning_tree import SpanningTree
from embkit_plugins.clusterers.agglomerative import Agglomerative
from embkit_plugins.clusterers.hdbscan import HDBSCAN
from embkit_plugins.drawing.subject import metric_label
from embkit_plugins.validators.dbcv import DBCV
from embkit_plugins.validators.silhouette import Silhouette
from embkit_plugins.visualizers.scatter import PCA, UMAP
from fixture_types import MakeContext, Words
from narrowing import present

Taken = Literal["correlation", "hamming"]
METRICS: tuple[Taken, ...] = get_args(Taken)


def rows(metric: str, n_samples: int = 120, seed: int = 0) -> np.ndarray:
    """Groups of rows: far from the origin and offset row by row, or codes of 24 small integers."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n_samples) % 4
    if metric == "hamming":
        codes = rng.integers(0, 5, (4, 24))[labels]
        return np.where(rng.random(codes.shape) < 0.3, rng.integers(0, 5, codes.shape), codes).astype(
            float
        )
    values = 2 * rng.normal(size=(4, 24))[labels] + rng.normal(size=(n_samples, 24))
    return values + 10 * rng.normal(size=(n_samples, 1))


@pytest.mark.parametrize("metric", METRICS)
def test_pairs_are_scipys(metric: Taken) -> None:
    vectors = rows(metric)
    vectors[5] = vectors[3]
    dataset, expected = Dataset(vectors), pdist(vectors, metric)
    np.testing.assert_allclose(condensed(pairs_of(dataset, metric)), expected, atol=1e-12)
    drawn = sample_pairs(len(vectors), 50, 0)
    found = pair_distances(dataset, metric, drawn)
    np.testing.assert_allclose(found, squareform(expected)[drawn.left, drawn.right], atol=1e-12)
    assert squareform(condensed(pairs_of(dataset, metric)))[3, 5] == 0


@pytest.mark.parametrize("metric", METRICS)
def test_float32_rows_keep_their_digits_beside_a_large_offset(metric: Taken) -> None:
    vectors = (rows(metric) + 100).astype(np.float32)
    expected = pdist(vectors.astype(np.float64), metric)
    np.testing.assert_allclose(condensed(pairs_of(Dataset(vectors), metric)), expected, atol=2e-6)


@pytest.mark.parametrize("metric", METRICS)
def test_distances_to_other_rows_are_scipys(metric: Taken) -> None:
    vectors = rows(metric)
    old, new = vectors[:100], vectors[100:]
    expected = cdist(new, old, metric)
    prepared = across(Dataset(old), Dataset(new), metric)
    np.testing.assert_allclose(
        np.vstack([block for _, block in prepared.blocks()]), expected, atol=1e-12
    )
    indices, distances = prepared.nearest(3)
    np.testing.assert_allclose(distances, np.sort(expected, axis=1)[:, :3], atol=1e-12)
    np.testing.assert_allclose(np.take_along_axis(expected, indices, 1), distances, atol=1e-12)


@pytest.mark.parametrize("metric", METRICS)
def test_silhouettes_are_scikit_learns(metric: Taken, make_context: MakeContext) -> None:
    vectors = rows(metric)
    labels = np.arange(len(vectors)) % 4
    dataset = Dataset(vectors)
    expected = silhouette_samples(vectors, labels, metric=metric)
    found = Silhouette(metric=metric).validate(Clustering(dataset, labels), make_context(dataset))
    np.testing.assert_allclose(found.tables["silhouette_samples"]["silhouette"], expected, atol=1e-9)
    order = np.argsort(labels, kind="stable")
    everything = slice(0, len(labels))
    nested = nested_silhouettes(
        pairs_in_order(dataset, metric, order),
        [labels[order]],
        metric=metric,
        members=everything,
        scored=everything,
        places=np.arange(len(labels)),
    )
    np.testing.assert_allclose(nested[0], expected[order], atol=1e-9)


@pytest.mark.parametrize("method", ["average", "complete", "single"])
@pytest.mark.parametrize("metric", METRICS)
def test_trees_are_scipys(metric: Taken, method: Method, make_context: MakeContext) -> None:
    vectors = rows(metric)
    dataset = Dataset(vectors)
    found = Linkage(linkage=method, metric=metric).compute(dataset, make_context(dataset))
    expected = scipy_linkage(vectors, method, metric)
    np.testing.assert_allclose(np.sort(found["linkage"][:, 2]), np.sort(expected[:, 2]), atol=1e-6)


@pytest.mark.parametrize("method", ["average", "complete", "single"])
def test_lean_routes_are_taken_of_the_deviations(method: Method, make_context: MakeContext) -> None:
    """A budget below the matrix's takes the route of cosine, with the same heights."""
    vectors = rows("correlation", 3100)
    dataset, budget = Dataset(vectors), 10**9
    assert route_for(method, "correlation", 30_000, 24, budget).name == (
        route_for(method, "cosine", 30_000, 24, budget).name
    )
    if method != "complete":  # its matrix is quicker up to 8000 rows
        found = Linkage(linkage=method, metric="correlation").compute(dataset, make_context(dataset))
        assert found.facts["route"] != "condensed matrix"
        expected = scipy_linkage(pdist(vectors, "correlation"), method)
        np.testing.assert_allclose(found["linkage"][:, 2], expected[:, 2], atol=1e-5)


@pytest.mark.parametrize("metric", METRICS)
def test_spanning_trees_are_minimal(metric: Taken, make_context: MakeContext) -> None:
    vectors = rows(metric)
    dataset = Dataset(vectors)
    found = SpanningTree(min_samples=1, metric=metric).compute(dataset, make_context(dataset))
    expected = minimum_spanning_tree(squareform(pdist(vectors, metric))).sum()
    assert found["weights"].sum() == pytest.approx(expected, abs=1e-6)


def test_neighbors_by_correlation_are_scikit_learns(make_context: MakeContext) -> None:
    vectors = rows("correlation")
    dataset = Dataset(vectors)
    found = Neighbors(n_neighbors=4, metric="correlation").compute(dataset, make_context(dataset))
    model = NearestNeighbors(n_neighbors=5, metric="correlation", algorithm="brute").fit(vectors)
    distances, indices = model.kneighbors()[0], model.kneighbors(n_neighbors=4)[1]
    np.testing.assert_array_equal(found["indices"], indices)
    np.testing.assert_allclose(found["distances"], distances[:, :4], atol=1e-6)


@pytest.mark.parametrize("metric", METRICS)
def test_hdbscan_is_the_packages(metric: Taken, make_context: MakeContext) -> None:
    vectors = rows(metric)
    dataset = Dataset(vectors)
    model = hdbscan.HDBSCAN(
        min_cluster_size=8, metric="precomputed", algorithm="generic", approx_min_span_tree=False
    ).fit(squareform(pdist(vectors, metric)))
    found = HDBSCAN(min_cluster_size=8, metric=metric).cluster(dataset, make_context(dataset))
    pairs = set(zip(model.labels_.tolist(), found.labels.tolist(), strict=True))
    assert len(pairs) == len(set(model.labels_)) == len(set(found.labels))
    assert {pair for pair in pairs if -1 in pair} <= {(-1, -1)}


@pytest.mark.parametrize("metric", METRICS)
def test_dbcv_is_the_packages(metric: Taken, make_context: MakeContext) -> None:
    vectors = rows(metric)
    labels = np.arange(len(vectors)) % 4
    expected = validity_index(squareform(pdist(vectors, metric)), labels, "precomputed", d=24)
    dataset = Dataset(vectors)
    found = DBCV(metric=metric).validate(Clustering(dataset, labels), make_context(dataset))
    assert found.scores["dbcv"] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("metric", METRICS)
def test_a_run_goes_all_the_way(metric: Taken) -> None:
    vectors = rows(metric)
    run = embkit.run(
        vectors[:100],
        {"name": "agglomerative", "metric": metric, "linkage": "average", "distance_threshold": "auto"},
        validators=["silhouette", "thresholds", {"name": "threshold-diff", "to": 0.9}],
        visualizers="dendrogram",
        seed=0,
        cache=False,
    )
    assert run.clustering is not None
    assert run.clustering.n_clusters == 4
    assert run.validations["silhouette"].scores["metric"] == metric
    later = run.assign(vectors[100:])
    expected = [
        cdist(vectors[100:], vectors[:100][run.clustering.labels == label], metric).mean(axis=1)
        for label in range(4)
    ]
    np.testing.assert_allclose(present(later.distances), np.min(expected, axis=0), atol=1e-9)
    axes = run.figures["dendrogram"].axes[0]
    assert metric_label(metric) in (axes.get_xlabel(), axes.get_ylabel())


@pytest.mark.parametrize(("metric", "largest"), [("correlation", "2"), ("hamming", "1")])
def test_thresholds_above_the_largest_distance_are_refused(metric: Any, largest: str) -> None:
    assert metric_label(metric) == f"{metric} distance (0 to {largest})"
    with pytest.raises(ParameterError, match=f"lies in 0 to {largest}.*above {largest} everything"):
        Agglomerative(metric=metric, linkage="average", distance_threshold=2.5).check()
    with pytest.raises(ParameterError, match="ward linkage compares means.*use linkage=average"):
        Agglomerative(metric=metric, distance_threshold=0.5).check()


def test_constant_rows_have_no_correlation() -> None:
    vectors = rows("correlation")
    vectors[[2, 7]] = 0.1
    message = "all values are equal in rows 2, 7; correlation distance is of how values vary"
    with pytest.raises(DataError, match=message):
        pairs_of(Dataset(vectors), "correlation")
    with pytest.raises(DataError, match="all values are equal in row 0"):
        across(Dataset(rows("correlation")), Dataset(np.ones((1, 24))), "correlation")


@pytest.mark.parametrize("method", ["pca", "umap"])
def test_maps_by_correlation_are_those_of_the_deviations(method: str, make_context: MakeContext) -> None:
    vectors = rows("correlation")
    given, centred = Dataset(vectors), Dataset(vectors - vectors.mean(axis=1, keepdims=True))
    found, expected = (
        make_context(dataset).artifact("projection", method=method, metric=metric)["embedding"]
        for dataset, metric in ((given, "correlation"), (centred, "cosine"))
    )
    np.testing.assert_allclose(found, expected, atol=1e-3)


def test_pictures_follow_the_clusterers_correlation(make_context: MakeContext, words: Words) -> None:
    dataset = Dataset(rows("correlation"))
    found = Clustering(dataset, np.arange(120) % 4, {"metric": "correlation"}, clusterer="any")
    said = " ".join(words(PCA().draw(found, make_context(dataset)))).split()
    assert "less their own means, scaled to length 1, hold" in " ".join(said)
    said = " ".join(words(UMAP().draw(found, make_context(dataset)))).split()
    assert "correlation distance" in " ".join(said)
