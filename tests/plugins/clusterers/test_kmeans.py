"""k-means against scikit-learn's own, its refusals, and what it tells of a fit."""

import warnings

import numpy as np
import pytest
from sklearn.cluster import KMeans as Reference
from sklearn.metrics import adjusted_rand_score

from embkit.data.dataset import Dataset
from embkit.errors import EmbkitWarning, ParameterError
from embkit_plugins.clusterers.kmeans import KMeans


def test_same_labels_as_scikit_learn(blobs, make_context):
    clustering = KMeans(n_clusters=3, random_state=5).cluster(blobs, make_context(blobs))
    reference = Reference(3, random_state=5).fit(blobs.vectors)
    assert np.array_equal(clustering.labels, reference.labels_)
    assert adjusted_rand_score(blobs.reference, clustering.labels) == 1.0


def test_parameters_are_resolved(blobs, make_context):
    clustering = KMeans(n_clusters=3, init="random").cluster(blobs, make_context(blobs, seed=9))
    assert clustering.parameters["random_state"] == 9
    assert clustering.parameters["n_init"] == 10
    assert clustering.parameters["metric"] == "euclidean"
    assert "within-cluster sum of squares" in clustering.notes[0]


def test_own_random_state_goes_before_the_seed_of_the_run(blobs, make_context):
    clustering = KMeans(random_state=3).cluster(blobs, make_context(blobs, seed=9))
    assert clustering.parameters["random_state"] == 3


def test_more_clusters_than_rows_is_refused(blobs, make_context):
    with pytest.raises(ParameterError, match=r"n_clusters=91 for blobs of 90 rows.*at most 90"):
        KMeans(n_clusters=91).cluster(blobs, make_context(blobs))


def test_more_clusters_than_distinct_rows_warns(make_context):
    dataset = Dataset(np.repeat(np.eye(3, dtype=np.float32), 7, axis=0))
    with pytest.warns(EmbkitWarning, match=r"found 3 clusters, not n_clusters=5: .* distinct rows"):
        clustering = KMeans(n_clusters=5).cluster(dataset, make_context(dataset))
    assert clustering.n_clusters == 3


def test_a_fit_cut_short_warns(glosses, make_context):
    with pytest.warns(EmbkitWarning, match=r"stopped at max_iter=2 before it converged"):
        KMeans(n_clusters=20, max_iter=2).cluster(glosses, make_context(glosses))


@pytest.mark.parametrize("n_samples", [1, 2])
def test_as_many_clusters_as_rows(n_samples, make_context):
    dataset = Dataset(np.eye(n_samples, 4, dtype=np.float32))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        clustering = KMeans(n_clusters=n_samples).cluster(dataset, make_context(dataset))
    assert sorted(clustering.labels) == list(range(n_samples))


@pytest.mark.parametrize("algorithm", ["lloyd", "elkan"])
def test_read_only_float64_rows(algorithm, make_context):
    dataset = Dataset(np.random.default_rng(0).normal(size=(50, 4)))
    clustering = KMeans(n_clusters=4, algorithm=algorithm).cluster(dataset, make_context(dataset))
    assert clustering.n_clusters == 4


def test_memory_grows_with_the_bounds_of_elkan():
    lloyd, elkan = (
        KMeans(n_clusters=100, algorithm=name).memory(1000, 10, 10**9) for name in ("lloyd", "elkan")
    )
    assert elkan.peak - lloyd.peak == 4 * 1000 * 100
    assert "--clusterer minibatch-kmeans" in lloyd.alternatives
