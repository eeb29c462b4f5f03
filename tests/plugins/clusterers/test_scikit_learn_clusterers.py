"""The clusterers that are scikit-learn's own, one line each in the table."""

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from embkit.data.dataset import Dataset
from embkit.data.request import Request
from embkit.errors import ParameterError
from embkit.plugin.params import parameters_of
from embkit.plugin.steps import create

THREE = {
    "minibatch-kmeans": {"n_clusters": 3},
    "bisecting-kmeans": {"n_clusters": 3},
    "birch": {"n_clusters": 3},
    "dbscan": {"eps": 1.5},
    "optics": {"min_samples": 10, "cluster_method": "dbscan", "eps": 1.5},
    "spectral": {"n_clusters": 3, "gamma": 0.1},
    "gaussian-mixture": {"n_components": 3, "covariance_type": "spherical"},
    "mean-shift": {"bandwidth": 2.0},
}


def cluster(name, dataset, context, **params):
    clusterer, _ = create(context.registry.get("clusterer", name), Request(name, params))
    return clusterer.cluster(dataset, context)


@pytest.mark.parametrize("name", THREE)
def test_finds_three_separated_groups(name, blobs, make_context):
    clustering = cluster(name, blobs, make_context(blobs), **THREE[name])
    assert adjusted_rand_score(blobs.reference, clustering.labels) > 0.95


@pytest.mark.parametrize("name", THREE)
def test_same_seed_same_labels(name, blobs, make_context):
    runs = [cluster(name, blobs, make_context(blobs, seed=4), **THREE[name]).labels for _ in range(2)]
    assert np.array_equal(*runs)


@pytest.mark.parametrize("name", ["minibatch-kmeans", "bisecting-kmeans", "birch", "spectral"])
def test_more_clusters_than_rows_is_refused(name, blobs, make_context):
    with pytest.raises(ParameterError, match=r"n_clusters=91 .* at most 90"):
        cluster(name, blobs, make_context(blobs), n_clusters=91)


def test_more_components_than_rows_is_refused(blobs, make_context):
    with pytest.raises(ParameterError, match=r"n_components=91 .* at most 90"):
        cluster("gaussian-mixture", blobs, make_context(blobs), n_components=91)


def test_one_row_is_refused_by_those_that_need_two(make_context):
    dataset = Dataset(np.ones((1, 3), dtype=np.float32))
    with pytest.raises(ParameterError, match="minimum of 2"):
        cluster("spectral", dataset, make_context(dataset), n_clusters=1)


def test_a_parameter_scikit_learn_refuses_is_a_parameter_error(blobs, make_context):
    with pytest.raises(ParameterError, match="'eps' parameter of DBSCAN must be a float"):
        cluster("dbscan", blobs, make_context(blobs), eps=-1.0)


@pytest.mark.parametrize("name", THREE)
def test_meanings_of_all_parameters_are_shown(name, registry):
    parameters = parameters_of(registry.get("clusterer", name).factory())
    assert [parameter.name for parameter in parameters if not parameter.meaning] == []


@pytest.mark.parametrize(("affinity", "copies"), [("rbf", 4.5), ("nearest_neighbors", 1.5)])
def test_similarities_of_all_pairs_are_stated_before_they_are_made(
    affinity, copies, blobs, make_context
):
    component = make_context(blobs).registry.get("clusterer", "spectral")
    clusterer, params = create(component, Request("spectral", {"affinity": affinity}))
    estimate = clusterer.memory(10_000, 384, 1 << 30)
    assert estimate.peak == int(8 * copies * 10_000**2)
    assert params["n_clusters"] == 8


def test_what_scikit_learn_says_nothing_about_is_not_stated(blobs, make_context):
    component = make_context(blobs).registry.get("clusterer", "birch")
    clusterer, _ = create(component, Request("birch", {}))
    assert not hasattr(clusterer, "memory")
