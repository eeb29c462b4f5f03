"""The numbers of the report against scipy, scikit-learn and a case computed by hand."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn import metrics

from embkit import Score
from embkit.data.configuration.request import Request
from embkit.data.configuration.run import RunConfig
from embkit.data.dataset import Dataset
from embkit.data.trial import Outcome, Status, Trial, TrialRecord
from embkit_plugins.exporters.report.agreement import agreement, aligned
from embkit_plugins.exporters.report.centroids import calinski_harabasz, davies_bouldin
from embkit_plugins.exporters.report.chance import standardised
from embkit_plugins.exporters.report.datasets import RankTest, rank_test
from embkit_plugins.exporters.report.differences import differences
from embkit_plugins.exporters.report.figures.cost import front
from embkit_plugins.exporters.report.indices import Index, Standing, measured_at_source
from embkit_plugins.exporters.report.methods import Method, spread
from embkit_plugins.exporters.report.writing.markdown import escape, number, table

HIGHER = Score("higher")
AGAINST_REFERENCE = Score("higher", external=True)


def test_the_interval_is_students() -> None:
    values = [0.2, 0.5, 0.3, 0.9]
    found = spread(values)
    low, high = stats.t.interval(0.95, 3, loc=np.mean(values), scale=stats.sem(values))
    assert (found.low, found.high) == pytest.approx((low, high))
    assert spread([0.3]).low is None
    same = spread([0.1 + 0.2, 0.3])
    assert same.low == same.high


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 6))
def test_indices_by_centroids_are_scikit_learns(seed: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(40, 3))
    labels = rng.integers(-1, k, 40)
    labels[:k] = np.arange(k)
    rows = labels >= 0
    assert davies_bouldin(X, labels) == pytest.approx(
        metrics.davies_bouldin_score(X[rows], labels[rows])
    )
    assert calinski_harabasz(X, labels) == pytest.approx(
        metrics.calinski_harabasz_score(X[rows], labels[rows])
    )
    assert davies_bouldin(X, np.zeros(40, dtype=np.int64)) is None


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_chance_is_zero_for_random_labels_and_far_for_true_ones(blobs: Dataset, metric: str) -> None:
    truth = np.unique(np.array(blobs.reference), return_inverse=True)[1].astype(np.int64)
    rng = np.random.default_rng(1)
    dealt = rng.permutation(truth)
    for index in (
        Index("silhouette", "silhouette", HIGHER, metric),
        Index("davies-bouldin", "davies_bouldin", Score("lower")),
        Index("calinski-harabasz", "calinski_harabasz", HIGHER),
        Index("external", "ari", AGAINST_REFERENCE),
        Index("external", "ami", AGAINST_REFERENCE),
    ):
        found = standardised(index, [truth, dealt, truth], blobs, n_random=50, seed=3)
        assert found[0] == found[2]
        assert found[0] is not None
        assert found[1] is not None
        assert found[0] > (2 if index.score == "davies_bouldin" else 5)  # its chance has a long tail
        assert abs(found[1]) < 6
    reduced = Index("silhouette", "silhouette", HIGHER, metric, "pca")
    assert standardised(reduced, [truth], blobs, n_random=5, seed=3) == [None]


def test_alignment_undoes_a_renumbering_and_keeps_noise() -> None:
    model = np.array([0, 0, 0, 1, 1, 2, 2, -1])
    assert aligned(np.array([2, 2, 2, 0, 0, 1, 1, -1]), model).tolist() == model.tolist()
    split = aligned(np.array([0, 0, 3, 1, 1, 2, 2, -1]), model)
    assert split.tolist() == [0, 0, 3, 1, 1, 2, 2, -1]
    assert aligned(np.array([-1] * 8), model).tolist() == [-1] * 8


def test_agreement_has_stability_on_its_diagonal() -> None:
    class Given(Method):
        def __init__(self, name: str, labelings: list[list[int]]) -> None:
            super().__init__(name, ())
            vars(self)["labelings"] = tuple(np.array(labels) for labels in labelings)

    one = Given("one", [[0, 0, 1, 1], [1, 1, 0, 0]])
    two = Given("two", [[0, 1, 0, 1], [0, 0, 0, 1]])
    found = agreement([one, two])
    assert found.ari[0, 0] == 1
    expected = metrics.adjusted_rand_score([0, 0, 1, 1], [0, 1, 0, 1])
    other = metrics.adjusted_rand_score([1, 1, 0, 0], [0, 0, 0, 1])
    assert found.ari[0, 1] == pytest.approx((expected + other) / 2)
    alone = agreement([Given("one", [[0, 0, 1, 1]])])
    assert np.isnan(alone.ari[0, 0])


def test_the_front_is_what_nothing_beats() -> None:
    points = [(1.0, 0.5), (2.0, 0.4), (3.0, 0.9), (1.0, 0.3), (4.0, 0.9)]
    assert front(points, higher=True) == [0, 2]
    assert front(points, higher=False) == [3]
    assert front([], higher=True) == []


@given(st.text(max_size=60))
def test_no_text_breaks_a_table_or_opens_a_tag(text: str) -> None:
    cell = escape(text)
    assert "\n" not in cell
    assert "<" not in cell
    bare = cell.replace("\\\\", "").replace("\\|", "")
    assert "|" not in bare
    assert len(table(["a", "b"], [[cell, "1"]]).splitlines()) == 3


def test_numbers_are_short() -> None:
    assert number(None) == "\N{EN DASH}"
    assert number(0.12345) == "0.123"
    assert number(12345.6) == "12,346"
    assert number(0.00001) == "1e-05"
    assert number(14.333) == "14.33"


def test_what_looks_at_the_source_is_known_by_its_name() -> None:
    validators = tuple(Request("v", {"of": each} if each else {}) for each in ("", "source", "source"))
    trial = Trial("key", "d", "", "a", {}, 0, RunConfig(validators=validators))
    assert measured_at_source(TrialRecord(trial, Outcome(Status.DONE))) == {"v-of-source", "v-3"}


def _standing(clusterer: str, labels: Any, rank: int = 1) -> Standing:
    trial = Trial(clusterer, "d", "", clusterer, {}, 0, RunConfig())
    record = TrialRecord(trial, Outcome(Status.DONE), np.asarray(labels))
    return Standing(rank, Method(clusterer, (record,)), spread([0.0]), tied=False)


def test_differences_between_clusterers_over_resampled_rows() -> None:
    rng = np.random.default_rng(0)
    truth = np.repeat([0, 1, 2], 60)
    dataset = Dataset(
        rng.normal(size=(180, 4)) + 6 * truth[:, None], reference=[str(each) for each in truth]
    )
    swapped = np.where(rng.random(180) < 0.3, rng.integers(0, 3, 180), truth)
    nearly = truth.copy()
    nearly[0] = 1
    standings = [_standing("a", truth), _standing("b", nearly), _standing("c", swapped)]
    for index in (
        Index("external", "ari", AGAINST_REFERENCE),
        Index("silhouette", "silhouette", HIGHER, "euclidean"),
    ):
        near, far = differences(index, standings, dataset, seed=0)
        assert not near.shown or not index.external
        assert far.shown
        assert near.low <= near.difference <= near.high
        assert far.low <= far.difference <= far.high
    expected = 1 - metrics.adjusted_rand_score(truth, swapped)
    ari = differences(Index("external", "ari", AGAINST_REFERENCE), standings, dataset, seed=0)
    assert ari[1].difference == pytest.approx(expected)


def test_where_no_difference_can_be_tested() -> None:
    dataset = Dataset(np.random.default_rng(0).normal(size=(10, 2)))
    labels = np.repeat([0, 1], 5)
    two = [_standing("a", labels), _standing("b", labels)]
    one = [_standing("a", labels), _standing("a", labels)]
    silhouette = Index("silhouette", "silhouette", HIGHER, "euclidean")
    assert differences(silhouette, one, dataset, seed=0) == []
    assert differences(Index("external", "ari", AGAINST_REFERENCE), two, dataset, seed=0) == []
    assert differences(Index("v", "s", HIGHER), two, dataset, seed=0) == []
    reduced = Index("silhouette", "silhouette", HIGHER, "euclidean", "pca")
    assert differences(reduced, two, dataset, seed=0) == []


def _ranked(n_datasets: int) -> RankTest | None:
    index = Index("v", "s", HIGHER)
    rng = np.random.default_rng(0)
    by_dataset = {}
    for dataset in range(n_datasets):
        methods = []
        for place in range(3):
            config = RunConfig(validators=(Request("v", {}),))
            trial = Trial(f"{dataset}{place}", str(dataset), "", "c", {}, 0, config)
            values = {("v", "s"): place + rng.normal()}
            record = TrialRecord(
                trial, Outcome(Status.DONE), np.array([0, 0, 1]), values, {("v", "s"): HIGHER}
            )
            methods.append(Method(f"m{place}", (record,)))
        by_dataset[str(dataset)] = methods
    return rank_test(index, by_dataset)


def test_few_datasets_have_ranks_and_no_test() -> None:
    few, many = _ranked(10), _ranked(12)
    assert few is not None
    assert many is not None
    assert (few.p_value, few.critical_difference) == (None, None)
    assert next(iter(few.mean_ranks)) == "m2"
    assert many.p_value is not None
    assert many.p_value < 0.05
    # Demšar 2006: q = 2.343 for three methods
    assert many.critical_difference == pytest.approx(2.343 * np.sqrt(3 * 4 / (6 * 12)), rel=1e-3)
