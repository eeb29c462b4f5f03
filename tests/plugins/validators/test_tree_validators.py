import numpy as np
import pytest
from scipy.cluster.hierarchy import cophenet, linkage
from scipy.spatial.distance import pdist

from embkit.data.dataset import Dataset
from embkit.data.results import Clustering
from embkit_plugins.algorithms.trees.cuts import cut_at
from embkit_plugins.validators.trees.cophenetic import Cophenetic
from embkit_plugins.validators.trees.thresholds import Thresholds
from fixture_types import MakeContext
from narrowing import number


@pytest.fixture
def tree_run(blobs: Dataset) -> Clustering:
    tree = linkage(blobs.vectors.astype(np.float64), "average")
    parameters = {"metric": "euclidean", "distance_threshold": 2.0}
    return Clustering(blobs, cut_at(tree, 2.0), parameters, linkage=tree, clusterer="agglomerative")


class TestThresholds:
    def test_tables_hold_the_runs_own_threshold_and_the_random_pairs(
        self, tree_run: Clustering, make_context: MakeContext
    ) -> None:
        result = Thresholds().validate(tree_run, make_context(tree_run.dataset))
        table = result.tables["thresholds"]
        own = list(table["threshold"]).index(2.0)
        assert table["n_clusters"][own] == tree_run.n_clusters
        assert result.scores["best_n_clusters"] == 3
        assert result.scores["best_silhouette"] == pytest.approx(
            max(value for value in table["silhouette"] if value is not None)
        )
        assert result.tables["random-pairs"]["quantile"] == [0.01, 0.05, 0.25, 0.5, 0.75]
        assert result.notes[0].startswith("of random pairs of rows, 1 % are nearer than")
        assert result.tables["plateaus"]["n_clusters"][0] == 3

    def test_a_sample_is_said(self, tree_run: Clustering, make_context: MakeContext) -> None:
        result = Thresholds(sample_size=40).validate(tree_run, make_context(tree_run.dataset, seed=5))
        assert result.notes[-1].startswith(
            "mean silhouettes over 40 of 90 rows, drawn with seed 5: good to 0.0"
        )

    def test_equal_rows_have_no_silhouette(self, make_context: MakeContext) -> None:
        dataset = Dataset(np.ones((5, 2)))
        tree = linkage(dataset.vectors, "average")
        clustering = Clustering(dataset, np.zeros(5, int), {"distance_threshold": 1.0}, linkage=tree)
        result = Thresholds().validate(clustering, make_context(dataset))
        assert set(result.scores.values()) == {None}
        assert "no threshold shown has a silhouette" in result.notes[1]


class TestCophenetic:
    def test_is_scipys(self, tree_run: Clustering, make_context: MakeContext) -> None:
        result = Cophenetic().validate(tree_run, make_context(tree_run.dataset))
        assert tree_run.linkage is not None
        distances = pdist(tree_run.dataset.vectors.astype(np.float64))
        expected = cophenet(tree_run.linkage, distances)[0]
        assert result.scores["cophenetic"] == pytest.approx(expected, abs=1e-6)
        assert result.scores["cophenetic_low"] == result.scores["cophenetic"]
        assert result.scores["n_pairs"] == 90 * 89 // 2
        assert result.notes == ()

    def test_a_sample_is_said_with_its_interval(
        self, tree_run: Clustering, make_context: MakeContext
    ) -> None:
        unsampled = Cophenetic().validate(tree_run, make_context(tree_run.dataset)).scores
        whole = number(unsampled["cophenetic"])
        result = Cophenetic(n_pairs=1000).validate(tree_run, make_context(tree_run.dataset, seed=3))
        scores = result.scores
        assert (
            number(scores["cophenetic_low"])
            < number(scores["cophenetic"])
            < number(scores["cophenetic_high"])
        )
        assert number(scores["cophenetic_low"]) < whole < number(scores["cophenetic_high"])
        assert result.notes == ("over 1000 of 4005 pairs, drawn with seed 3",)

    def test_equal_distances_are_skipped(self, make_context: MakeContext) -> None:
        dataset = Dataset(np.ones((5, 2)))
        clustering = Clustering(dataset, np.zeros(5, int), linkage=linkage(dataset.vectors, "single"))
        assert "at one distance" in (
            Cophenetic().validate(clustering, make_context(dataset)).skipped or ""
        )


@pytest.mark.parametrize("validator", [Thresholds(), Cophenetic()])
class TestSkips:
    def test_without_a_tree(
        self, validator: Thresholds | Cophenetic, blobs: Dataset, make_context: MakeContext
    ) -> None:
        clustering = Clustering(blobs, np.zeros(90, int), clusterer="kmeans")
        assert validator.validate(clustering, make_context(blobs)).skipped == "kmeans made no whole tree"

    def test_a_part_of_a_tree(
        self, validator: Thresholds | Cophenetic, tree_run: Clustering, make_context: MakeContext
    ) -> None:
        assert tree_run.linkage is not None
        part = Clustering(tree_run.dataset, tree_run.labels, linkage=tree_run.linkage[:50])
        skipped = validator.validate(part, make_context(tree_run.dataset)).skipped
        assert skipped == "the clusterer made no whole tree"

    def test_one_row(self, validator: Thresholds | Cophenetic, make_context: MakeContext) -> None:
        dataset = Dataset(np.ones((1, 2)))
        clustering = Clustering(dataset, np.zeros(1, int), linkage=np.empty((0, 4)))
        assert validator.validate(clustering, make_context(dataset)).skipped


def test_inversions_have_no_thresholds(make_context: MakeContext) -> None:
    tree = np.array([[0, 1, 2, 2], [2, 3, 1.9, 3]])
    clustering = Clustering(Dataset(np.diag([1.0, 2.0, 3.0])), np.zeros(3, int), linkage=tree)
    assert "inversions" in (
        Thresholds().validate(clustering, make_context(clustering.dataset)).skipped or ""
    )
    assert not Cophenetic().validate(clustering, make_context(clustering.dataset)).skipped
