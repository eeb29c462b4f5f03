"""The clusterer k-means beside scikit-learn's, its refusals, and what it tells of a fit."""

import warnings
from typing import Literal

import numpy as np
import pytest
from sklearn.cluster import KMeans as Reference
from sklearn.metrics import adjusted_rand_score

from embkit.data.dataset import Dataset
from embkit.data.results import Clustering
from embkit.errors import DataError, EmbkitWarning, ParameterError
from embkit_plugins.clusterers.kmeans import KMeans
from fixture_types import MakeContext


def test_same_groups_as_scikit_learn(blobs: Dataset, make_context: MakeContext) -> None:
    clustering = KMeans(n_clusters=3, random_state=5).cluster(blobs, make_context(blobs))
    reference = Reference(3, random_state=5).fit(blobs.vectors)
    assert adjusted_rand_score(reference.labels_, clustering.labels) == 1.0
    assert adjusted_rand_score(blobs.reference, clustering.labels) == 1.0


def inertia(clustering: Clustering) -> float:
    return float(clustering.notes[0].split()[4])


@pytest.mark.parametrize("n_clusters", [5, 40])
def test_sums_of_squares_like_those_of_scikit_learn(
    n_clusters: int, glosses: Dataset, make_context: MakeContext
) -> None:
    glosses = Dataset(glosses.vectors[:1200])
    ours = [
        inertia(KMeans(n_clusters=n_clusters, random_state=seed).cluster(glosses, make_context(glosses)))
        for seed in range(5)
    ]
    theirs = [
        Reference(n_clusters, random_state=seed).fit(glosses.vectors).inertia_ for seed in range(5)
    ]
    assert np.mean(ours) == pytest.approx(np.mean(theirs), rel=0.01)


def test_cosine_is_that_of_rows_of_length_one(glosses: Dataset, make_context: MakeContext) -> None:
    rows = np.array(glosses.vectors) * np.linspace(0.1, 9, glosses.n_samples)[:, None]
    dataset = Dataset(rows.astype(np.float32))
    clustering = KMeans(n_clusters=6, metric="cosine").cluster(dataset, make_context(dataset))
    units = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    sums = np.stack([units[clustering.labels == label].sum(axis=0) for label in range(6)])
    centres = sums / np.linalg.norm(sums, axis=1, keepdims=True)
    assert np.array_equal((units @ centres.T).argmax(axis=1), clustering.labels)
    distances = 1 - (units @ centres.T).max(axis=1)
    assert clustering.parameters["metric"] == "cosine"
    assert clustering.notes[0].startswith("sum of cosine distances to the centres")
    assert float(clustering.notes[0].split()[7]) == pytest.approx(distances.sum(), rel=1e-5)


def test_cosine_of_a_zero_row_is_refused(make_context: MakeContext) -> None:
    dataset = Dataset(np.array([[1, 2], [0, 0], [3, 1]], dtype=np.float32), name="three")
    with pytest.raises(DataError, match=r"three: zero vector in row 1; .*--zero-vectors drop"):
        KMeans(n_clusters=2, metric="cosine").cluster(dataset, make_context(dataset))


def test_a_sample_smaller_than_the_clusters_is_refused() -> None:
    with pytest.raises(ParameterError, match=r"init_size=5 for n_clusters=8.*at least 8"):
        KMeans(init_size=5).check()


def test_the_sample_of_the_start_is_told(glosses: Dataset, make_context: MakeContext) -> None:
    clustering = KMeans(n_clusters=4, init_size=50).cluster(glosses, make_context(glosses))
    assert clustering.notes[1] == "first centres by k-means++ on a random sample of 50 rows"
    assert clustering.parameters["init_size"] == 50
    whole = KMeans(n_clusters=4).cluster(glosses, make_context(glosses))
    assert len(whole.notes) == 1
    assert whole.parameters["init_size"] == glosses.n_samples


def test_parameters_are_resolved(blobs: Dataset, make_context: MakeContext) -> None:
    clustering = KMeans(n_clusters=3, init="random").cluster(blobs, make_context(blobs, seed=9))
    assert clustering.parameters["random_state"] == 9
    assert clustering.parameters["n_init"] == 10
    assert clustering.parameters["metric"] == "euclidean"
    assert "within-cluster sum of squares" in clustering.notes[0]


def test_own_random_state_goes_before_the_seed_of_the_run(
    blobs: Dataset, make_context: MakeContext
) -> None:
    clustering = KMeans(random_state=3).cluster(blobs, make_context(blobs, seed=9))
    assert clustering.parameters["random_state"] == 3


def test_more_clusters_than_rows_is_refused(blobs: Dataset, make_context: MakeContext) -> None:
    with pytest.raises(ParameterError, match=r"n_clusters=91 for blobs of 90 rows.*at most 90"):
        KMeans(n_clusters=91).cluster(blobs, make_context(blobs))


def test_more_clusters_than_distinct_rows_warns(make_context: MakeContext) -> None:
    dataset = Dataset(np.repeat(np.eye(3, dtype=np.float32), 7, axis=0))
    with pytest.warns(EmbkitWarning, match=r"found 3 clusters, not n_clusters=5: .* distinct rows"):
        clustering = KMeans(n_clusters=5).cluster(dataset, make_context(dataset))
    assert clustering.n_clusters == 3


def test_a_fit_cut_short_warns(glosses: Dataset, make_context: MakeContext) -> None:
    with pytest.warns(EmbkitWarning, match=r"stopped at max_iter=2 before it converged"):
        KMeans(n_clusters=20, max_iter=2).cluster(glosses, make_context(glosses))


@pytest.mark.parametrize("n_samples", [1, 2])
def test_as_many_clusters_as_rows(n_samples: int, make_context: MakeContext) -> None:
    dataset = Dataset(np.eye(n_samples, 4, dtype=np.float32))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        clustering = KMeans(n_clusters=n_samples).cluster(dataset, make_context(dataset))
    assert sorted(clustering.labels) == list(range(n_samples))


@pytest.mark.parametrize("algorithm", ["lloyd", "elkan"])
def test_read_only_float64_rows(algorithm: Literal["lloyd", "elkan"], make_context: MakeContext) -> None:
    dataset = Dataset(np.random.default_rng(0).normal(size=(50, 4)))
    clustering = KMeans(n_clusters=4, algorithm=algorithm).cluster(dataset, make_context(dataset))
    assert clustering.n_clusters == 4


def test_few_rows_need_little_memory() -> None:
    assert KMeans(n_clusters=3).memory(300, 384, 10**9).peak < 10**7


def test_memory_grows_with_the_bounds_of_elkan() -> None:
    lloyd, elkan = (
        KMeans(n_clusters=100, algorithm=name).memory(1000, 10, 10**9) for name in ("lloyd", "elkan")
    )
    assert elkan.peak - lloyd.peak == 4 * 1000 * (100 - 1)
    assert "--clusterer minibatch-kmeans" in lloyd.alternatives
