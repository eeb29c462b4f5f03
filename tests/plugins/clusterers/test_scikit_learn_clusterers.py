"""The clusterers that are scikit-learn's own, one line each in the table."""

import tracemalloc
from typing import Any

import numpy as np
import pytest
import sklearn.cluster
from sklearn.metrics import adjusted_rand_score, pairwise_distances

from embkit.data.configuration.request import Request
from embkit.data.configuration.run import NOTHING, RunConfig
from embkit.data.dataset import Dataset
from embkit.data.results import Clustering
from embkit.errors import EmbkitWarning, ParameterError, ResourceError
from embkit.plugin.params import parameters_of
from embkit.plugin.registry import Registry
from embkit.plugin.steps import create
from embkit.runs.context import RunContext
from embkit.runs.memory import check_memory
from embkit.runs.plan import make_plan
from embkit.runs.runner import execute
from embkit_plugins.clusterers.dbscan import DBSCAN
from fixture_types import MakeContext
from narrowing import present

THREE: dict[str, dict[str, Any]] = {
    "minibatch-kmeans": {"n_clusters": 3},
    "bisecting-kmeans": {"n_clusters": 3},
    "birch": {"n_clusters": 3},
    "dbscan": {"eps": 1.5},
    "optics": {"min_samples": 10, "cluster_method": "dbscan", "eps": 1.5},
    "spectral": {"n_clusters": 3, "gamma": 0.1},
    "gaussian-mixture": {"n_components": 3, "covariance_type": "spherical"},
    "mean-shift": {"bandwidth": 2.0},
}


def cluster(name: str, dataset: Dataset, context: RunContext, **params: Any) -> Clustering:
    clusterer, _ = create(context.registry.get("clusterer", name), Request(name, params))
    clustering: Clustering = clusterer.cluster(dataset, context)
    return clustering


@pytest.mark.parametrize("name", THREE)
def test_finds_three_separated_groups(name: str, blobs: Dataset, make_context: MakeContext) -> None:
    clustering = cluster(name, blobs, make_context(blobs), **THREE[name])
    assert adjusted_rand_score(blobs.reference, clustering.labels) > 0.95


@pytest.mark.parametrize("name", THREE)
def test_same_seed_same_labels(name: str, blobs: Dataset, make_context: MakeContext) -> None:
    first, second = (
        cluster(name, blobs, make_context(blobs, seed=4), **THREE[name]).labels for _ in range(2)
    )
    assert np.array_equal(first, second)


@pytest.mark.parametrize("name", ["minibatch-kmeans", "bisecting-kmeans", "birch", "spectral"])
def test_more_clusters_than_rows_is_refused(
    name: str, blobs: Dataset, make_context: MakeContext
) -> None:
    with pytest.raises(ParameterError, match=r"n_clusters=91 .* at most 90"):
        cluster(name, blobs, make_context(blobs), n_clusters=91)


def test_more_components_than_rows_is_refused(blobs: Dataset, make_context: MakeContext) -> None:
    with pytest.raises(ParameterError, match=r"n_components=91 .* at most 90"):
        cluster("gaussian-mixture", blobs, make_context(blobs), n_components=91)


def test_one_row_is_refused_by_those_that_need_two(make_context: MakeContext) -> None:
    dataset = Dataset(np.ones((1, 3), dtype=np.float32))
    with pytest.raises(ParameterError, match="minimum of 2"):
        cluster("spectral", dataset, make_context(dataset), n_clusters=1)


def test_a_parameter_scikit_learn_refuses_is_a_parameter_error(
    blobs: Dataset, make_context: MakeContext
) -> None:
    with pytest.raises(ParameterError, match="'eps' parameter of DBSCAN must be a float"):
        cluster("dbscan", blobs, make_context(blobs), eps=-1.0)


@pytest.mark.parametrize("name", THREE)
def test_meanings_of_all_parameters_are_shown(name: str, registry: Registry) -> None:
    parameters = parameters_of(registry.get("clusterer", name).factory())
    assert [parameter.name for parameter in parameters if not parameter.meaning] == []


@pytest.mark.parametrize(("affinity", "copies"), [("rbf", 4.5), ("nearest_neighbors", 1.5)])
def test_similarities_of_all_pairs_are_stated_before_they_are_made(
    affinity: str, copies: float, blobs: Dataset, make_context: MakeContext
) -> None:
    component = make_context(blobs).registry.get("clusterer", "spectral")
    clusterer, params = create(component, Request("spectral", {"affinity": affinity}))
    estimate = clusterer.memory(10_000, 384, 1 << 30)
    assert estimate.peak == pytest.approx(8 * copies * 10_000**2, rel=0.1)
    assert params["n_clusters"] == 8


def test_where_scikit_learn_caches_is_not_taken_for_how_much_memory_it_needs(
    blobs: Dataset, make_context: MakeContext
) -> None:
    component = make_context(blobs).registry.get("clusterer", "optics")
    clusterer, params = create(component, Request("optics", {}))
    assert "memory" not in params
    assert clusterer.memory(100, 3, 1 << 30).peak > 0


CROWDED: dict[str, dict[str, Any]] = {  # as many pairs, subclusters, chunks as there can be
    "minibatch-kmeans": {"n_clusters": 20, "n_init": 1},
    "bisecting-kmeans": {"n_clusters": 20},
    "birch": {"threshold": 1e-9},
    "dbscan": {"eps": 100.0, "algorithm": "brute"},
    "optics": {"algorithm": "brute"},
    "spectral": {"n_clusters": 3},
    "gaussian-mixture": {"n_components": 4, "max_iter": 2},
    "mean-shift": {"bandwidth": 1.0, "max_iter": 2},
}


@pytest.mark.parametrize("name", CROWDED)
@pytest.mark.filterwarnings("ignore")
def test_no_more_is_allocated_than_was_stated(name: str, make_context: MakeContext) -> None:
    dataset = Dataset(np.random.default_rng(5).normal(size=(300, 40)).astype(np.float32))
    clusterer, _ = create(
        make_context(dataset).registry.get("clusterer", name), Request(name, CROWDED[name])
    )
    tracemalloc.start()
    try:
        clusterer.estimator.fit(dataset.vectors)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak <= clusterer.memory(*dataset.vectors.shape, 10**9).peak


@pytest.mark.parametrize("name", ["dbscan", "birch", "spectral"])
def test_those_that_grow_with_the_square_are_refused_before_they_start(
    name: str, make_context: MakeContext
) -> None:
    context = make_context(Dataset(np.zeros((2, 2), dtype=np.float32)))
    config = RunConfig(clusterer=Request(name, {}), namer=NOTHING)
    plan = make_plan(config, context.registry, loaded=True)
    with pytest.raises(
        ResourceError, match=rf"clusterer {name} needs .* for 100000 rows x 384, .*hdbscan"
    ):
        check_memory(plan, 100_000, 384, 4, 16 * 10**9)


@pytest.mark.filterwarnings("ignore:.*rows.* with eps=:embkit.EmbkitWarning")
@pytest.mark.parametrize("metric", ["euclidean", "manhattan", "cosine"])
@pytest.mark.parametrize("eps", [0.05, 0.5, 1.5])
def test_dbscan_of_copies_is_that_of_all_rows(metric: str, eps: float) -> None:
    rng = np.random.default_rng(0)
    for min_samples in (1, 4, 9):
        rows = rng.normal(size=(25, 3))[rng.integers(0, 25, 120)]
        params = {"eps": eps, "min_samples": min_samples, "metric": metric}
        expected = sklearn.cluster.DBSCAN(**params).fit_predict(rows)
        np.testing.assert_array_equal(DBSCAN(**params).fit_predict(rows), expected)
    matrix = pairwise_distances(rows)
    params = {"eps": eps, "metric": "precomputed"}
    expected = sklearn.cluster.DBSCAN(**params).fit_predict(matrix)
    np.testing.assert_array_equal(DBSCAN(**params).fit_predict(matrix), expected)


def test_many_copies_of_few_rows_cost_no_more_than_the_few(registry: Registry) -> None:
    rows = np.repeat(np.eye(3, dtype=np.float32), 12_000, axis=0)
    chain = {"seed": 0, "memory": "300MB", "namer": "none"}
    for clusterer in ("dbscan:eps=0.1", "hdbscan", "agglomerative:linkage=single,n_clusters=3"):
        config = RunConfig.from_mapping({**chain, "clusterer": clusterer}, "test")
        run = execute(config, registry, dataset=Dataset(rows))
        assert np.unique(present(run.labels), return_counts=True)[1].tolist() == 3 * [12_000], clusterer


@pytest.mark.parametrize(
    ("eps", "found"),
    [
        (0.01, r"100\.0% of the rows are noise with eps=0\.01: "),
        (1e3, r"one cluster holds 100\.0% of the rows with eps=1000: "),
    ],
)
@pytest.mark.parametrize("metric", ["euclidean", "manhattan"])
def test_an_eps_that_separates_nothing_is_said_with_what_others_would_reach(
    eps: float, found: str, metric: str, blobs: Dataset
) -> None:
    distances = np.sort(pairwise_distances(blobs.vectors, metric=metric), axis=1)[:, 6]
    half, most = np.quantile(distances, (0.5, 0.9))  # fewer rows than are sampled
    said = f"have 7 rows, themselves included, within {half:.3g}, 9 in 10 within {most:.3g}; if no eps"
    with pytest.warns(EmbkitWarning, match=found) as caught:
        DBSCAN(eps=eps, min_samples=7, metric=metric).fit_predict(blobs.vectors)
    assert said in str(caught[0].message)


def test_an_eps_that_separates_the_rows_is_not_judged(blobs: Dataset) -> None:
    assert DBSCAN(eps=1.5).fit_predict(blobs.vectors).max() == 2  # a warning would be an error
    DBSCAN(eps=1.5).fit_predict(np.ones((20, 3)))
    DBSCAN(eps=1.5).fit_predict(np.eye(3))
