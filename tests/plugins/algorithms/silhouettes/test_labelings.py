import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.spatial.distance import cdist
from sklearn.metrics import pairwise_distances
from sklearn.metrics import silhouette_samples as sklearn_samples
from threadpoolctl import threadpool_limits

from embkit_plugins.algorithms.rows.calls import Calls
from embkit_plugins.algorithms.silhouettes import labelings as module
from embkit_plugins.algorithms.silhouettes import pairwise
from embkit_plugins.algorithms.silhouettes.labelings import Metric, silhouette_samples, silhouettes

METRICS: list[Metric] = ["cosine", "euclidean", "sqeuclidean", "manhattan"]


def rows(n: int = 200, d: int = 6, seed: int = 0, dtype: type[np.floating] = np.float32) -> np.ndarray:
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(n, d)).astype(dtype)
    vectors[n // 2 : n // 2 + 5] = vectors[0]
    return vectors


def labels_of(n: int = 200, k: int = 5, seed: int = 1) -> np.ndarray:
    labels = np.random.default_rng(seed).integers(0, k, n)
    labels[3] = k + 7  # alone, and a gap in the numbering
    return labels


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_equals_scikit_learn(metric: Metric, dtype: type[np.floating]) -> None:
    vectors, labels = rows(dtype=dtype), labels_of()
    expected = sklearn_samples(vectors.astype(np.float64), labels, metric=metric)
    assert silhouette_samples(vectors, labels, metric) == pytest.approx(expected, abs=1e-12)


def test_precomputed_distances() -> None:
    vectors, labels = rows(), labels_of()
    matrix = pairwise_distances(vectors.astype(np.float64), metric="euclidean")
    np.fill_diagonal(matrix, 0)
    expected = sklearn_samples(matrix, labels, metric="precomputed")
    assert silhouette_samples(matrix, labels, "precomputed") == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("metric", METRICS)
def test_noise_takes_no_part(metric: Metric) -> None:
    vectors, labels = rows(dtype=np.float64), labels_of()
    labels[::7] = -1
    kept = labels >= 0
    found = silhouettes(vectors, [labels], metric)[0]
    expected = sklearn_samples(vectors[kept], labels[kept], metric=metric)
    assert found.values[kept] == pytest.approx(expected, abs=1e-12)
    assert np.all(found.values[~kept] == 0)
    assert np.all(found.nearest[~kept] == -1)
    assert found.mean == pytest.approx(expected.mean())


@pytest.mark.parametrize("metric", METRICS)
def test_many_labelings_are_the_same_as_each_alone(
    metric: Metric, monkeypatch: pytest.MonkeyPatch
) -> None:
    vectors = rows()
    labelings = [labels_of(k=k, seed=k) for k in (2, 3, 9, 40)] + [np.arange(200)]
    together = silhouettes(vectors, labelings, metric)
    for blocks in (module, pairwise):
        monkeypatch.setattr(blocks, "_BLOCK_VALUES", 1)
        monkeypatch.setattr(blocks, "_BLOCK_ROWS", 33)
    monkeypatch.setattr(pairwise, "_TILE", 50)
    for labels, found in zip(labelings, together, strict=True):
        alone = silhouettes(vectors, [labels], metric)[0]
        assert found.values == pytest.approx(alone.values, abs=1e-12)
        assert np.array_equal(found.nearest, alone.nearest)
        assert np.array_equal(found.labels, labels)


@pytest.mark.parametrize("metric", METRICS)
def test_nearest_is_the_other_cluster_of_lowest_mean_distance(metric: Metric) -> None:
    vectors, labels = rows(40), labels_of(40, 4)
    found = silhouettes(vectors, [labels], metric)[0]
    distances = pairwise_distances(vectors.astype(np.float64), metric=metric)
    for row in range(40):
        means = {c: distances[row, labels == c].mean() for c in set(labels) if c != labels[row]}
        assert means[found.nearest[row]] == pytest.approx(min(means.values()))


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("value", [1.0, 1e-20, 1234.567])
def test_rows_all_alike_score_zero_and_nothing_warns(metric: Metric, value: float) -> None:
    vectors = np.full((9, 5), value)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.all(silhouette_samples(vectors, np.repeat([0, 1, 2], 3), metric) == 0)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize(
    "labels", [[0], [-1], [0, 0], [0, 1], [-1, -1], [0, -1], [0, 0, 0], [2, 1, 0], [0, 1, -1]]
)
def test_undefined_means_are_none(metric: Metric, labels: list[int]) -> None:
    found = silhouettes(rows(10)[: len(labels)], [np.array(labels)], metric)[0]
    assert found.mean is None
    assert np.all(found.values == 0)


def test_a_far_origin_costs_no_digits() -> None:
    rng = np.random.default_rng(3)
    offsets = rng.normal(size=(80, 4))
    vectors, labels = 1e6 + offsets, labels_of(80, 3)
    metrics: tuple[Metric, ...] = ("euclidean", "sqeuclidean")
    for metric in metrics:
        expected = sklearn_samples(vectors - 1e6, labels, metric=metric)
        assert silhouette_samples(vectors, labels, metric) == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize("metric", METRICS)
def test_any_memory_layout(metric: Metric, tmp_path: Path) -> None:
    vectors, labels = rows(), labels_of()
    expected = silhouette_samples(vectors, labels, metric)
    np.save(tmp_path / "x.npy", vectors)
    wide = np.zeros((400, 12), dtype=np.float32)
    wide[::2, ::2] = vectors
    for same in (np.asfortranarray(vectors), wide[::2, ::2], np.load(tmp_path / "x.npy", mmap_mode="r")):
        assert silhouette_samples(same, labels, metric) == pytest.approx(expected, abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.integers(3, 25), st.integers(0, 10_000), st.sampled_from(METRICS))
def test_against_the_definition(n_samples: int, seed: int, metric: Metric) -> None:
    rng = np.random.default_rng(seed)
    vectors = rng.integers(1, 4, size=(n_samples, 3)).astype(np.float64)  # ties and duplicates
    labels = rng.integers(-1, 4, n_samples)
    distances = pairwise_distances(vectors, metric=metric)
    found = silhouettes(vectors, [labels], metric)[0]
    clusters = sorted(set(labels[labels >= 0]))
    for row in np.flatnonzero(labels >= 0):
        own = (labels == labels[row]) & (np.arange(n_samples) != row)
        others = [distances[row, labels == c].mean() for c in clusters if c != labels[row]]
        if not own.any() or not others:
            assert found.values[row] == 0
            continue
        a, b = distances[row, own].mean(), min(others)
        expected = (b - a) / max(a, b) if max(a, b) > 1e-9 else 0.0
        assert found.values[row] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("metric", ["euclidean", "manhattan"])
def test_the_same_bytes_on_any_number_of_threads(metric: Metric) -> None:
    vectors, labels = rows(2500, 60), labels_of(2500)
    found = []
    for threads in (1, 2):
        with threadpool_limits(threads, user_api="blas"):
            found.append(silhouette_samples(vectors, labels, metric).tobytes())
    assert found[0] == found[1]


@pytest.mark.parametrize("metric", ["euclidean", "manhattan"])
def test_equal_rows_are_compared_once(metric: Metric, monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []
    plain = Calls.here

    def counted(rows: NDArray[Any], threads: int) -> Calls:
        compared.append(len(rows))
        return plain(rows, threads)

    monkeypatch.setattr(Calls, "here", counted)
    monkeypatch.setattr(pairwise, "_TILE", 16)
    monkeypatch.setattr(pairwise, "_BLOCK_VALUES", 35)
    monkeypatch.setattr(pairwise, "_BLOCK_ROWS", 7)
    rng = np.random.default_rng(3)
    vectors = rng.normal(size=(40, 3))[rng.integers(0, 40, 500)]
    labels = rng.integers(-1, 4, 500)  # equal rows in several clusters
    kept = labels >= 0
    found = silhouettes(vectors, [labels, labels % 2], metric)[0]
    matrix = cdist(vectors[kept], vectors[kept], {"manhattan": "cityblock"}.get(metric, metric))
    expected = sklearn_samples(matrix, labels[kept], metric="precomputed")
    assert found.values[kept] == pytest.approx(expected, abs=1e-12)
    assert compared == [len(np.unique(vectors, axis=0))]
