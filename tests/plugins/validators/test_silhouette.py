from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import silhouette_samples, silhouette_score

from embkit.data.dataset import Dataset
from embkit.data.labels import deal_noise
from embkit.data.results import Clustering
from embkit.errors import DataError
from embkit_plugins.validators.silhouette import Silhouette
from fixture_types import MakeContext
from narrowing import number


def clustering(dataset: Dataset, labels: Sequence[int] | np.ndarray, **parameters: Any) -> Clustering:
    return Clustering(dataset, np.array(labels), parameters)


@pytest.fixture
def three(blobs: Dataset) -> np.ndarray:
    return np.repeat([0, 1, 2], [40, 30, 20])


def test_scores_and_tables(blobs: Dataset, three: np.ndarray, make_context: MakeContext) -> None:
    labels = three.copy()
    labels[[5, 60]] = -1
    found = Silhouette().validate(clustering(blobs, labels), make_context(blobs))
    kept = labels >= 0
    samples = silhouette_samples(blobs.vectors[kept].astype(float), labels[kept])
    assert found.scores["silhouette"] == pytest.approx(samples.mean(), abs=1e-9)
    assert found.scores["coverage"] == pytest.approx(88 / 90)
    assert found.scores["n_scored"] == 88
    assert found.scores["share_negative"] == 0
    assert found.scores["metric"] == "euclidean"
    assert any("2 noise rows left out" in note for note in found.notes)
    table = found.tables["silhouette_samples"]
    assert table["silhouette"] == pytest.approx(samples, abs=1e-9)
    assert list(table["row"]) == list(np.flatnonzero(kept))
    assert list(table["label"]) == list(labels[kept])
    clusters = found.tables["silhouette_clusters"]
    assert list(clusters["size"]) == [39, 29, 20]
    for cluster in range(3):
        own = samples[labels[kept] == cluster]
        assert clusters["silhouette"][cluster] == pytest.approx(own.mean(), abs=1e-9)
        assert clusters["lowest"][cluster] == pytest.approx(own.min(), abs=1e-9)
    assert all(len(column) == 3 for column in clusters.values())


def test_ids_and_source_rows_follow(
    blobs: Dataset, three: np.ndarray, make_context: MakeContext
) -> None:
    part = blobs.take(np.arange(10, 90))
    table = Silhouette().validate(clustering(part, three[10:]), make_context(part)).tables
    assert table["silhouette_samples"]["row"][0] == 10
    assert table["silhouette_samples"]["id"][0] == "10"


@pytest.mark.parametrize(
    ("used", "measured"),
    [("cosine", "cosine"), ("l1", "manhattan"), ("cityblock", "manhattan"), ("minkowski", "euclidean")],
)
def test_auto_takes_the_metric_of_the_clusterer(
    blobs: Dataset, three: np.ndarray, make_context: MakeContext, used: str, measured: str
) -> None:
    found = Silhouette().validate(clustering(blobs, three, metric=used), make_context(blobs))
    expected = silhouette_score(blobs.vectors.astype(float), three, metric=measured)
    assert found.scores["metric"] == measured
    assert found.scores["silhouette"] == pytest.approx(expected, abs=1e-6)


def test_a_metric_without_silhouette_is_skipped_and_can_be_replaced(
    blobs: Dataset, three: np.ndarray, make_context: MakeContext
) -> None:
    made = clustering(blobs, three, metric="chebyshev")
    skipped = Silhouette().validate(made, make_context(blobs)).skipped
    assert skipped is not None
    assert "'chebyshev'" in skipped
    assert "silhouette:metric=" in skipped
    assert (
        number(Silhouette(metric="cosine").validate(made, make_context(blobs)).scores["silhouette"]) > 0
    )


@pytest.mark.parametrize(
    ("labels", "reason"),
    [
        ([-1] * 90, "every row is noise"),
        ([0] * 90, "one cluster"),
        ([0] * 80 + [-1] * 10, "one cluster"),
        (list(range(90)), "cluster of its own"),
    ],
)
def test_undefined_is_skipped_with_the_reason(
    blobs: Dataset, make_context: MakeContext, labels: list[int], reason: str
) -> None:
    found = Silhouette().validate(clustering(blobs, labels), make_context(blobs))
    assert found.skipped is not None
    assert reason in found.skipped


def test_singletons_are_reported(blobs: Dataset, three: np.ndarray, make_context: MakeContext) -> None:
    labels = three.copy()
    labels[0] = 3
    found = Silhouette().validate(clustering(blobs, labels), make_context(blobs))
    assert any(note == "1 cluster is a single row, which scores 0" for note in found.notes)


def test_a_zero_row_has_no_cosine(make_context: MakeContext) -> None:
    vectors = np.eye(4, dtype=np.float32)
    vectors[2] = 0
    dataset = Dataset(vectors)
    with pytest.raises(DataError, match="zero"):
        Silhouette(metric="cosine").validate(clustering(dataset, [0, 0, 1, 1]), make_context(dataset))


def test_noise_counts_as_dealt_at_random_beside(blobs: Dataset, make_context: MakeContext) -> None:
    labels = np.repeat([0, 1, 2], 30)
    labels[::3] = -1
    scores = (
        Silhouette(metric="euclidean").validate(Clustering(blobs, labels), make_context(blobs)).scores
    )
    expected = silhouette_score(blobs.vectors, deal_noise(labels))
    assert scores["silhouette_all_rows"] == pytest.approx(expected, abs=1e-6)
    assert number(scores["silhouette_all_rows"]) < number(scores["silhouette"])
    whole = np.repeat([0, 1, 2], 30)
    scores = (
        Silhouette(metric="euclidean").validate(Clustering(blobs, whole), make_context(blobs)).scores
    )
    assert "silhouette_all_rows" not in scores
