"""DBCV against the hdbscan package, and where that overflows."""

import warnings
from typing import Literal

import numpy as np
import pytest
from hdbscan.validity import validity_index

from embkit.data.dataset import Dataset
from embkit.data.results import Clustering
from embkit_plugins.validators.dbcv import DBCV
from fixture_types import MakeContext
from narrowing import present


def rows_and_labels(seed: int, n_features: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = np.repeat([0, 1, 2, -1], [40, 30, 20, 10])
    centres = rng.normal(scale=3, size=(3, n_features))
    rows = np.where((labels >= 0)[:, None], centres[labels], rng.normal(scale=4, size=(100, n_features)))
    return rows + rng.normal(scale=[[0.5]] * 100, size=(100, n_features)), labels


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_is_the_packages(
    seed: int, metric: Literal["euclidean", "cosine"], make_context: MakeContext
) -> None:
    rows, labels = rows_and_labels(seed, 4)
    expected, clusters = validity_index(rows, labels, metric, per_cluster_scores=True)
    dataset = Dataset(rows)
    result = DBCV(metric=metric).validate(Clustering(dataset, labels), make_context(dataset))
    assert result.scores["dbcv"] == pytest.approx(expected, abs=1e-9)
    np.testing.assert_allclose(result.tables["dbcv_clusters"]["validity"], clusters, atol=1e-9)
    assert result.scores["coverage"] == pytest.approx(0.9)
    assert result.notes == ("10 noise rows left out: the score covers 90.0% of the rows",)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_does_not_depend_on_the_scale_in_many_dimensions(
    scale: float, make_context: MakeContext
) -> None:
    """The package's powers overflow or vanish silently, unless distances are near 1."""
    rows, labels = rows_and_labels(0, 384)
    rows /= 14  # the distances within clusters are about 1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = validity_index(rows, labels)
        assert abs(validity_index(rows * 1e3, labels) - expected) > 1e-5
    dataset = Dataset(rows * scale)
    score = DBCV().validate(Clustering(dataset, labels), make_context(dataset)).scores["dbcv"]
    assert score == pytest.approx(expected, abs=1e-9)


def test_single_rows_and_equal_rows(make_context: MakeContext) -> None:
    rows = np.repeat([[0.0, 0.0], [9.0, 0.0], [0.0, 5.0]], [4, 3, 1], axis=0)
    dataset = Dataset(rows)
    result = DBCV().validate(Clustering(dataset, np.repeat([0, 1, 2], [4, 3, 1])), make_context(dataset))
    assert list(result.tables["dbcv_clusters"]["validity"]) == [1.0, 1.0, 0.0]
    assert result.scores["dbcv"] == pytest.approx(7 / 8)
    assert "1 cluster is a single row, which counts 0" in result.notes


def test_skips(blobs: Dataset, make_context: MakeContext) -> None:
    one = Clustering(blobs, np.zeros(90, dtype=int))
    assert "one cluster" in present(DBCV().validate(one, make_context(blobs)).skipped)
    two = Clustering(blobs, np.arange(90) % 2, {"metric": "precomputed"})
    refused = DBCV().validate(two, make_context(blobs)).skipped
    assert "metric precomputed cannot be measured" in present(refused)
    small = make_context(blobs, memory=10_000)
    skipped = DBCV(metric="euclidean").validate(two, small).skipped
    assert present(skipped).startswith("the largest cluster has 45 rows, whose distances take 0.0 GB")
