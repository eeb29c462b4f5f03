from collections.abc import Callable

import numpy as np
import pytest
from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score

from embkit.data.dataset import Dataset
from embkit.data.labels import deal_noise
from embkit.data.results import Clustering
from embkit_plugins.validators.centroid_indices.calinski_harabasz import CalinskiHarabasz
from embkit_plugins.validators.centroid_indices.davies_bouldin import DaviesBouldin
from fixture_types import MakeContext
from narrowing import present

Index = DaviesBouldin | CalinskiHarabasz
Reference = Callable[[np.ndarray, np.ndarray], float]

CASES: list[tuple[Index, str, Reference]] = [
    (DaviesBouldin(), "davies_bouldin", davies_bouldin_score),
    (CalinskiHarabasz(), "calinski_harabasz", calinski_harabasz_score),
]


@pytest.mark.parametrize(("validator", "name", "reference"), CASES)
class TestIndex:
    def test_equals_scikit_learns(
        self,
        validator: Index,
        name: str,
        reference: Reference,
        blobs: Dataset,
        make_context: MakeContext,
    ) -> None:
        labels = np.repeat([0, 1, 2], [40, 30, 20])
        result = validator.validate(Clustering(blobs, labels), make_context(blobs))
        assert result.scores == {name: pytest.approx(reference(blobs.vectors, labels)), "coverage": 1.0}
        assert result.notes == ()

    def test_leaves_noise_out(
        self,
        validator: Index,
        name: str,
        reference: Reference,
        blobs: Dataset,
        make_context: MakeContext,
    ) -> None:
        labels = np.repeat([0, 1, -1], [40, 30, 20])
        result = validator.validate(Clustering(blobs, labels), make_context(blobs))
        assert result.scores[name] == pytest.approx(reference(blobs.vectors[:70], labels[:70]))
        assert result.scores["coverage"] == pytest.approx(70 / 90)
        dealt = reference(blobs.vectors, deal_noise(labels))
        assert result.scores[f"{name}_all_rows"] == pytest.approx(dealt)
        assert result.notes == ("20 noise rows left out: the score covers 77.8% of the rows",)

    @pytest.mark.parametrize(
        ("labels", "reason"),
        [
            (np.full(90, -1), "every row is noise"),
            (np.zeros(90, int), "there is one cluster"),
            (np.arange(90), "every row is a cluster of its own"),
        ],
    )
    def test_skips_where_it_is_undefined(
        self,
        validator: Index,
        name: str,
        reference: Reference,
        labels: np.ndarray,
        reason: str,
        blobs: Dataset,
        make_context: MakeContext,
    ) -> None:
        skipped = validator.validate(Clustering(blobs, labels), make_context(blobs)).skipped
        assert reason in present(skipped)

    def test_says_that_it_is_euclidean(
        self,
        validator: Index,
        name: str,
        reference: Reference,
        blobs: Dataset,
        make_context: MakeContext,
    ) -> None:
        clustering = Clustering(blobs, np.repeat([0, 1], 45), {"metric": "cosine"})
        assert "euclidean" in validator.validate(clustering, make_context(blobs)).notes[0]

    def test_skips_a_matrix_of_distances(
        self, validator: Index, name: str, reference: Reference, make_context: MakeContext
    ) -> None:
        dataset = Dataset(1.0 - np.eye(4))
        clustering = Clustering(dataset, np.array([0, 0, 1, 1]), {"metric": "precomputed"})
        skipped = validator.validate(clustering, make_context(dataset)).skipped
        assert "needs centroids" in present(skipped)


def test_davies_bouldin_is_refused_before_it_outgrows_the_memory(
    blobs: Dataset, make_context: MakeContext
) -> None:
    clustering = Clustering(blobs, np.arange(90) // 2)
    result = DaviesBouldin().validate(clustering, make_context(blobs, memory=1000))
    assert "45 centroids need" in (result.skipped or "")


RINGS = np.array([[1, 0], [-1, 0], [0, 1], [0, -1], [5, 0], [-5, 0], [0, 5], [0, -5], [30, 0], [31, 0]])


@pytest.mark.parametrize("offset", [0.0, 1e4])
def test_clusters_around_one_centre_have_no_davies_bouldin(
    offset: float, make_context: MakeContext
) -> None:
    dataset = Dataset(RINGS + offset)
    clustering = Clustering(dataset, np.repeat([0, 1, 2], [4, 4, 2]))
    skipped = DaviesBouldin().validate(clustering, make_context(dataset)).skipped or ""
    assert "clusters 0 and 1 have the same centroid" in skipped


@pytest.mark.parametrize("offset", [0.0, 1e4])
def test_equal_rows_have_no_variance_to_divide_by(offset: float, make_context: MakeContext) -> None:
    dataset = Dataset(np.random.default_rng(0).normal(size=(5, 16)).repeat(20, axis=0) + offset)
    clustering = Clustering(dataset, np.repeat(np.arange(5), 20))
    skipped = CalinskiHarabasz().validate(clustering, make_context(dataset)).skipped or ""
    assert "the rows of each cluster are equal" in skipped
    best = DaviesBouldin().validate(clustering, make_context(dataset))
    assert best.scores["davies_bouldin"] == pytest.approx(0, abs=1e-10)


@pytest.mark.parametrize("validator", [CalinskiHarabasz(), DaviesBouldin()])
def test_float32_far_from_the_origin(validator: Index, make_context: MakeContext) -> None:
    vectors = (1000 + np.random.default_rng(0).normal(size=(60, 4))).astype(np.float32)
    labels = np.arange(60) % 3
    found, precise = (
        validator.validate(Clustering(dataset, labels), make_context(dataset)).scores
        for dataset in (Dataset(vectors), Dataset(vectors.astype(np.float64)))
    )
    assert found == {name: pytest.approx(value, rel=1e-12) for name, value in precise.items()}
