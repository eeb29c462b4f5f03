"""HDBSCAN on neighbours by leaves, beside the exact one."""

from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from embkit.data.blocks import ArrayRows, stacked
from embkit.data.dataset import Dataset
from embkit.errors import ParameterError
from embkit_plugins.algorithms.distances.pairs import Metric
from embkit_plugins.artifacts.neighbors import Nearest, nearest_neighbors
from embkit_plugins.clusterers import hdbscan as _hdbscan
from embkit_plugins.clusterers.hdbscan import HDBSCAN
from fixture_types import MakeContext
from narrowing import present


@pytest.fixture
def rows() -> np.ndarray:
    rng = np.random.default_rng(0)
    places = rng.normal(size=(9, 6)).repeat(90, axis=0)
    near = (3 + places + 0.2 * rng.normal(size=(810, 6))).astype(np.float32)
    return np.concatenate([near, rng.normal(size=(90, 6)).astype(np.float32)])


def test_of_few_rows_the_result_is_the_exact_one(rows: np.ndarray, make_context: MakeContext) -> None:
    context = make_context(Dataset(rows))
    exact = HDBSCAN(metric="cosine").cluster(context.dataset, context)
    leaves = HDBSCAN(metric="cosine", neighbors="leaves").cluster(context.dataset, context)
    assert np.array_equal(exact.labels, leaves.labels)
    assert np.array_equal(present(exact.linkage), present(leaves.linkage))
    assert exact.notes == leaves.notes


@pytest.mark.parametrize("metric", ["cosine", "correlation", "euclidean"])
@pytest.mark.parametrize("method", ["eom", "leaf"])
def test_labels_agree_with_the_exact_ones(
    small_leaves: None, rows: np.ndarray, metric: Metric, method: str, make_context: MakeContext
) -> None:
    context = make_context(Dataset(rows))
    params = {"min_cluster_size": 15, "metric": metric, "cluster_selection_method": method}
    exact = HDBSCAN(**params).cluster(context.dataset, context)  # type: ignore[arg-type]
    found = HDBSCAN(**params, neighbors="leaves", recall=0.99).cluster(context.dataset, context)  # type: ignore[arg-type]
    assert exact.n_clusters > 3
    assert adjusted_rand_score(exact.labels, found.labels) > 0.95
    (note,) = found.notes
    assert note.startswith("approximate: neighbours by leaves with a recall of 0.99")
    assert found.parameters["neighbors"] == "leaves"
    assert found.parameters["recall"] == 0.99
    assert exact.parameters["recall"] is None


def test_copies_once(small_leaves: None, rows: np.ndarray, make_context: MakeContext) -> None:
    dataset = Dataset(np.concatenate([rows, rows[:300]]))
    clusterer = HDBSCAN(min_cluster_size=15, duplicates="once", neighbors="leaves")
    found = clusterer.cluster(dataset, make_context(dataset))
    assert np.array_equal(found.labels[900:], found.labels[:300])
    assert found.notes[0] == "900 distinct rows clustered, 300 copies with them"
    assert found.notes[1].startswith("approximate: ")


def test_later_rows_are_assigned_by_the_same_neighbours(
    small_leaves: None, rows: np.ndarray, make_context: MakeContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def recorded(*args: Any) -> Nearest:
        asked.append(args)
        return nearest_neighbors(*args)

    monkeypatch.setattr(_hdbscan, "nearest_neighbors", recorded)
    dataset = Dataset(rows)
    context = make_context(dataset)
    clusterer = HDBSCAN(min_cluster_size=15, neighbors="leaves", recall=0.99)
    clustering = clusterer.cluster(dataset, context)
    others = Dataset(rows[:600:5] + 1e-3)
    found = present(clusterer.assign(clustering, others, context))
    exact = present(HDBSCAN(min_cluster_size=15).assign(clustering, others, context))
    assert (found.labels == exact.labels).mean() > 0.98
    assert [args[-2:] for args in asked] == [("leaves", 0.99), ("exact", 0.95)]


@pytest.mark.parametrize("metric", ["hamming", "manhattan", "precomputed"])
def test_metrics_without_leaves(metric: Metric) -> None:
    message = f"clusterer hdbscan: neighbors=leaves with metric={metric}"
    with pytest.raises(ParameterError, match=message):
        HDBSCAN(metric=metric, neighbors="leaves").check()


def test_memory_is_that_of_the_tree_of_leaves() -> None:
    exact, leaves = (
        HDBSCAN(min_cluster_size=10, metric="cosine", neighbors=how).memory(10**6, 384, 10**10)
        for how in ("exact", "leaves")
    )
    assert leaves.peak < exact.peak
    assert leaves.route == "neighbours by leaves"
    assert leaves.alternatives == ()


@pytest.mark.parametrize(("min_samples", "shown"), [(None, ""), (4, ",min_samples=4")])
def test_leaves_are_suggested_where_memory_is_short(min_samples: int | None, shown: str) -> None:
    clusterer = HDBSCAN(min_cluster_size=10, metric="cosine", min_samples=min_samples)
    way = f"--clusterer hdbscan:min_cluster_size=10,metric=cosine,neighbors=leaves{shown}"
    assert clusterer.memory(10**6, 384, 10**10).alternatives == (way,)
    assert HDBSCAN(metric="manhattan").memory(10**6, 384, 10**10).alternatives[0] == "metric=euclidean"


@pytest.mark.parametrize("metric", ["cosine", "correlation", "euclidean"])
@pytest.mark.parametrize("duplicates", ["all", "once"])
@pytest.mark.parametrize("memory", [0, 10**9])
def test_vectors_may_stay_in_their_files(
    small_leaves: None,
    rows: np.ndarray,
    metric: Metric,
    duplicates: Literal["all", "once"],
    memory: int,
    make_context: MakeContext,
) -> None:
    rows[600:650] = rows[:50]
    apart = np.concatenate([rows, rows[:100] + 100 * np.eye(1, 6)]).astype(np.float16)
    held, in_files = Dataset(apart.astype(np.float32)), Dataset(stacked([ArrayRows(apart)]))
    clusterer = HDBSCAN(min_cluster_size=8, metric=metric, neighbors="leaves", duplicates=duplicates)
    assert clusterer.by_blocks
    expected = clusterer.cluster(held, make_context(held))
    found = clusterer.cluster(in_files, replace(make_context(in_files), memory=memory))
    assert np.array_equal(found.labels, expected.labels)
    assert np.array_equal(present(found.linkage), present(expected.linkage))
    later = Dataset(apart[:40].astype(np.float32) + np.float32(0.01))
    one, other = (clusterer.assign(of, later, make_context(of.dataset)) for of in (found, expected))
    assert duplicates == "once" or np.array_equal(present(one).labels, present(other).labels)


def test_what_needs_all_vectors_says_so(make_context: MakeContext, rows: np.ndarray) -> None:
    assert not HDBSCAN().by_blocks
    assert not HDBSCAN(neighbors="leaves", memberships=True).by_blocks
    few = Dataset(stacked([ArrayRows(rows[:100])]))
    exact = HDBSCAN(neighbors="leaves").cluster(few, make_context(few))
    assert np.array_equal(exact.labels, HDBSCAN().cluster(few.in_memory, make_context(few)).labels)
