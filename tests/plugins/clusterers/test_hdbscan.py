import warnings
from typing import Any, Protocol

import hdbscan
import numpy as np
import pytest
from scipy.cluster.hierarchy import is_valid_linkage
from sklearn.metrics import adjusted_rand_score, pairwise_distances

from embkit.data.dataset import Dataset
from embkit.data.results import Clustering
from embkit.errors import DataError, ParameterError
from embkit_plugins.clusterers.hdbscan import HDBSCAN
from fixture_types import MakeContext
from narrowing import present


def reference(vectors: np.ndarray, algorithm: str = "generic", **params: Any) -> Any:
    """The hdbscan package's exact result."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = hdbscan.HDBSCAN(
            algorithm=algorithm, approx_min_span_tree=False, core_dist_n_jobs=1, **params
        )
        return model.fit(vectors.astype(np.float64))


class Cluster(Protocol):
    """Clusters a dataset with the given parameters."""

    def __call__(self, dataset: Dataset | np.ndarray, **params: Any) -> Clustering: ...


@pytest.fixture
def cluster(make_context: MakeContext) -> Cluster:
    def run(dataset: Dataset | np.ndarray, **params: Any) -> Clustering:
        if not isinstance(dataset, Dataset):
            dataset = Dataset(dataset)
        return HDBSCAN(**params).cluster(dataset, make_context(dataset))

    return run


def kinds_of_data() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    centers = 4 * rng.normal(size=(6, 5)).repeat(40, axis=0)
    return {
        "blobs": (centers + 0.5 * rng.normal(size=centers.shape)).astype(np.float32),
        "noise": rng.normal(size=(250, 6)),
        "duplicates": rng.normal(size=(60, 4)).repeat(rng.integers(1, 8, 60), axis=0),
        "grid": rng.integers(0, 5, size=(300, 3)).astype(np.float64),
    }


PARAMS: list[dict[str, Any]] = [
    {"min_cluster_size": 5},
    {"min_cluster_size": 10, "min_samples": 1},
    {"min_cluster_size": 5, "min_samples": 3, "cluster_selection_method": "leaf"},
    {"min_cluster_size": 5, "cluster_selection_epsilon": 0.5},
    {"min_cluster_size": 5, "alpha": 0.8},
    {"min_cluster_size": 5, "max_cluster_size": 30},
    {"min_cluster_size": 5, "allow_single_cluster": True},
]


@pytest.mark.parametrize("params", PARAMS, ids=str)
@pytest.mark.parametrize("kind", ["blobs", "noise", "duplicates", "grid"])
def test_labels_of_the_hdbscan_package_ties_included(
    kind: str, params: dict[str, Any], cluster: Cluster
) -> None:
    vectors = kinds_of_data()[kind]
    found = cluster(vectors, **params)
    expected = reference(vectors, "prims_kdtree", **params)
    assert adjusted_rand_score(found.labels, expected.labels_) == 1.0
    assert np.array_equal(found.labels < 0, expected.labels_ < 0)
    assert found.probabilities == pytest.approx(expected.probabilities_, abs=1e-6)
    heights = expected.single_linkage_tree_.to_numpy()[:, 2]
    assert present(found.linkage)[:, 2] == pytest.approx(heights, abs=1e-6)
    assert is_valid_linkage(found.linkage)


@pytest.mark.parametrize("kind", ["blobs", "noise", "duplicates", "grid"])
def test_heights_with_alpha_above_one(kind: str, cluster: Cluster) -> None:
    vectors = kinds_of_data()[kind]
    expected = reference(vectors, "prims_kdtree", alpha=1.3).single_linkage_tree_.to_numpy()
    assert present(cluster(vectors, alpha=1.3).linkage)[:, 2] == pytest.approx(expected[:, 2], abs=1e-6)


def test_ties_allow_more_than_one_result(cluster: Cluster) -> None:
    """On a grid the package's own algorithms disagree over the same heights; embkit sides with Prim."""
    vectors = kinds_of_data()["grid"]
    prim, boruvka = (
        reference(vectors, name, min_cluster_size=5) for name in ("generic", "boruvka_kdtree")
    )
    found = cluster(vectors, min_cluster_size=5)
    for other in (prim, boruvka):
        assert present(found.linkage)[:, 2] == pytest.approx(other.single_linkage_tree_.to_numpy()[:, 2])
    assert adjusted_rand_score(prim.labels_, boruvka.labels_) < 0.999
    assert adjusted_rand_score(prim.labels_, found.labels) == 1.0


@pytest.mark.parametrize("params", [{}, {"cluster_selection_epsilon": 0.2}, {"alpha": 1.2}], ids=str)
def test_cosine_is_measured_in_cosine_distance(params: dict[str, Any], cluster: Cluster) -> None:
    rng = np.random.default_rng(5)
    vectors = (rng.normal(size=(5, 8)).repeat(40, axis=0) + 0.5 * rng.normal(size=(200, 8))) * (
        rng.uniform(0.1, 9, size=(200, 1))
    )
    distances = pairwise_distances(vectors, metric="cosine")
    expected = reference(distances, metric="precomputed", min_cluster_size=6, **params)
    found = cluster(vectors, metric="cosine", min_cluster_size=6, **params)
    assert found.n_clusters > 1
    assert adjusted_rand_score(found.labels, expected.labels_) == 1.0
    assert present(found.linkage)[:, 2] == pytest.approx(
        expected.single_linkage_tree_.to_numpy()[:, 2], abs=1e-9
    )


def test_manhattan(cluster: Cluster) -> None:
    vectors = kinds_of_data()["noise"]
    found = cluster(vectors, metric="manhattan", min_cluster_size=4)
    expected = reference(vectors, metric="manhattan", min_cluster_size=4)
    assert adjusted_rand_score(found.labels, expected.labels_) == 1.0


def test_precomputed_distances(cluster: Cluster) -> None:
    vectors = kinds_of_data()["blobs"].astype(np.float64)
    distances = pairwise_distances(vectors, metric="euclidean")
    found = cluster(distances, metric="precomputed")
    assert adjusted_rand_score(found.labels, cluster(vectors).labels) == 1.0
    with pytest.raises(DataError, match="needs a square matrix"):
        cluster(vectors, metric="precomputed")


def test_memory_is_stated_before_any_row_is_read() -> None:
    small = HDBSCAN().memory(200_000, 384, 10**9)
    large = HDBSCAN(metric="manhattan").memory(200_000, 384, 10**9)
    assert small.peak < 3e9
    assert large.peak > 6e11
    assert "metric=euclidean" in large.alternatives


def test_real_embeddings(glosses: Dataset, cluster: Cluster) -> None:
    part = glosses.take(np.arange(800))
    found = cluster(part, min_cluster_size=5, min_samples=3, cluster_selection_method="leaf")
    expected = reference(
        part.vectors, min_cluster_size=5, min_samples=3, cluster_selection_method="leaf"
    )
    assert adjusted_rand_score(found.labels, expected.labels_) >= 0.999


def test_parameters_are_resolved(cluster: Cluster, blobs: Dataset) -> None:
    found = cluster(blobs, min_cluster_size=7, metric="cosine")
    assert found.parameters["min_samples"] == 7
    assert found.parameters["metric"] == "cosine"
    assert found.parameters["cluster_selection_method"] == "eom"


def test_default_min_samples_is_what_there_is(cluster: Cluster) -> None:
    found = cluster(np.array([[0.0], [1.0]]), min_cluster_size=2, allow_single_cluster=True)
    assert found.parameters["min_samples"] == 1
    assert len(found.labels) == 2


@pytest.mark.parametrize("n_samples", [1, 2, 4])
def test_min_cluster_size_above_the_number_of_rows(cluster: Cluster, n_samples: int) -> None:
    fix = "1 row;.* give more rows" if n_samples == 1 else f"{n_samples} rows;.*at most {n_samples}"
    message = f"min_cluster_size=5 for {fix}"
    with pytest.raises(ParameterError, match=message):
        cluster(np.eye(4)[:n_samples], min_cluster_size=5)


def test_min_samples_above_the_number_of_neighbours(cluster: Cluster) -> None:
    with pytest.raises(ParameterError, match=r"min_samples=4 for 4 rows.*at most 3"):
        cluster(np.eye(4), min_cluster_size=2, min_samples=4)


def test_all_noise_is_an_answer_with_advice(cluster: Cluster) -> None:
    found = cluster(np.random.default_rng(0).normal(size=(60, 3)), min_cluster_size=30)
    assert found.n_clusters == 0
    assert found.n_noise == 60
    assert "every row is noise" in found.notes[0]


def test_much_noise_in_many_dimensions_is_no_surprise(cluster: Cluster) -> None:
    rows = np.random.default_rng(0).normal(size=(60, 50))
    rows[:10] *= 0.01  # two dense groups; all others are noise
    rows[10:20] = 0.3 + rows[10:20] * 0.01
    found = cluster(rows, min_cluster_size=5)
    assert found.n_noise == 40
    share = found.n_noise / 60
    (note,) = found.notes
    assert note.startswith(
        f"{share:.0%} of the rows are noise: density is hard to see in 50 dimensions; "
    )
    assert not cluster(rows[:, :20], min_cluster_size=5).notes
    of_distances = cluster(pairwise_distances(rows), min_cluster_size=5, metric="precomputed")
    assert of_distances.n_noise == found.n_noise
    assert not of_distances.notes


def test_rows_all_alike(cluster: Cluster) -> None:
    found = cluster(np.ones((12, 3)), min_cluster_size=3)
    assert np.all(np.isfinite(present(found.probabilities)))
    assert np.all(present(found.linkage)[:, 2] == 0)


def test_copies_of_a_row_are_said_and_can_count_once(cluster: Cluster) -> None:
    rng = np.random.default_rng(0)
    centres = 4 * rng.normal(size=(3, 6)).repeat((60, 50, 40), axis=0)
    plain = centres + 0.3 * rng.normal(size=centres.shape)
    copies = np.vstack([plain, plain[:1].repeat(7, axis=0)])
    found = cluster(copies)
    assert "1 row occurs 5 times or more, 8 at most" in found.notes[0]
    assert "duplicates=once" in found.notes[0]
    once = cluster(copies, duplicates="once")
    expected = cluster(plain)
    np.testing.assert_array_equal(once.labels[:150], expected.labels)
    np.testing.assert_array_equal(once.labels[150:], 7 * [expected.labels[0]])
    np.testing.assert_array_equal(
        present(once.probabilities)[150:], 7 * [present(expected.probabilities)[0]]
    )
    assert once.notes == ("150 distinct rows clustered, 7 copies with them",)
    assert is_valid_linkage(once.linkage)
    np.testing.assert_allclose(present(once.linkage)[7:, 2], present(expected.linkage)[:, 2])
    assert cluster(plain).notes == cluster(plain, duplicates="once").notes == ()


def test_copies_in_a_matrix_of_distances_cannot_be_told() -> None:
    with pytest.raises(ParameterError, match="duplicates=once with metric=precomputed"):
        HDBSCAN(metric="precomputed", duplicates="once").check()
