from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from sklearn import metrics

from embkit.data.dataset import Dataset
from embkit.data.labels import deal_noise
from embkit.data.results import Clustering, Validation
from embkit_plugins.validators.external import External
from fixture_types import MakeContext
from narrowing import number

Score = Callable[[Clustering], Validation]


@pytest.fixture
def score(make_context: MakeContext) -> Score:
    return lambda clustering: External().validate(clustering, make_context(clustering.dataset))


def clustering_of(reference: list[str], labels: list[int]) -> Clustering:
    return Clustering(Dataset(np.zeros((len(labels), 2)), reference=reference), np.array(labels))


def test_scores_are_scikit_learns(score: Score) -> None:
    truth, found = ["a", "a", "b", "b", "c", "c"], [0, 0, 0, 1, 2, 1]
    scores = score(clustering_of(truth, found)).scores
    assert scores["ari"] == pytest.approx(metrics.adjusted_rand_score(truth, found))
    assert scores["ami"] == pytest.approx(metrics.adjusted_mutual_info_score(truth, found))
    assert scores["v_measure"] == pytest.approx(metrics.v_measure_score(truth, found))
    assert scores["homogeneity"] == pytest.approx(metrics.homogeneity_score(truth, found))
    assert scores["completeness"] == pytest.approx(metrics.completeness_score(truth, found))
    assert scores["ari_without_noise"] == scores["ari"]
    assert scores["coverage"] == 1.0


def test_noise_rows_are_guesses_and_left_out_beside(score: Score) -> None:
    truth, found = ["a", "a", "a", "b", "b", "b"], [0, 0, -1, 1, 1, -1]
    result = score(clustering_of(truth, found))
    dealt = [deal_noise(np.array(found), deal) for deal in range(10)]
    for name, metric in {
        "ari": metrics.adjusted_rand_score,
        "ami": metrics.adjusted_mutual_info_score,
        "v_measure": metrics.v_measure_score,
    }.items():
        assert result.scores[name] == pytest.approx(np.mean([metric(truth, labels) for labels in dealt]))
    assert result.scores["ari_without_noise"] == 1.0
    assert result.scores["coverage"] == pytest.approx(4 / 6)
    assert result.notes == ("2 noise rows dealt to the clusters at random",)


@pytest.mark.parametrize("name", ["ari", "ami", "v_measure"])
def test_leaving_rows_out_does_not_pay(score: Score, name: str) -> None:
    """Rows that a clustering gets right half of the time: without them it scores no better."""
    rng = np.random.default_rng(0)
    truth = np.repeat(np.arange(10), 40)
    found = truth.copy()
    hard = rng.random(400) < 0.5
    found[hard] = np.where(rng.random(hard.sum()) < 0.5, truth[hard], rng.integers(0, 10, hard.sum()))
    reference = [str(label) for label in truth]
    whole = number(score(clustering_of(reference, found.tolist())).scores[name])
    kept = np.where(hard, -1, found).tolist()
    assert number(score(clustering_of(reference, kept)).scores[name]) < whole - 0.05
    nothing = score(clustering_of(reference, [-1] * 400)).scores[name]
    assert nothing == pytest.approx(0, abs=1e-12)


def test_rows_without_reference_are_left_out(score: Score) -> None:
    result = score(clustering_of(["a", "a", "", "b", "b", ""], [0, 0, 0, 1, 1, 1]))
    assert result.scores["ari"] == 1.0
    assert result.notes == ("2 rows without a reference label left out",)


def test_the_table_names_each_clusters_most_frequent_label(score: Score) -> None:
    table = score(clustering_of(["b", "a", "a", "b", "c", "a"], [0, 0, 0, 1, 1, -1])).tables["reference"]
    assert {name: list(column) for name, column in table.items()} == {
        "cluster": [0, 1],
        "size": [3, 2],
        "label": ["a", "b"],
        "overlap": [2, 1],
        "share_of_cluster": [pytest.approx(2 / 3), 0.5],
        "share_of_label": [1.0, 0.5],
    }


def test_all_noise_gives_no_score_without_it(score: Score) -> None:
    result = score(clustering_of(["a", "a", "b"], [-1, -1, -1]))
    assert result.scores["ari"] == 0.0
    assert result.scores["ari_without_noise"] is None
    assert result.scores["coverage"] == 0.0
    assert "every row is noise: there is nothing to score without it" in result.notes
    assert len(result.tables["reference"]["cluster"]) == 0


def test_without_reference_labels_it_is_skipped(score: Score) -> None:
    clustering = clustering_of(["", "", ""], [0, 0, 1])
    assert score(clustering).skipped == "all reference labels are empty"
    bare = replace(clustering.dataset, reference=None)
    assert "no reference labels" in (score(replace(clustering, dataset=bare)).skipped or "")
