"""The spanning tree of neighbours by leaves, beside the exact one."""

import numpy as np
import pytest
from scipy.cluster.hierarchy import is_valid_linkage

from embkit.data.dataset import Dataset
from embkit.errors import ParameterError
from embkit_plugins.algorithms.distances.pairs import Metric
from embkit_plugins.algorithms.linkage.single import linkage_of_edges
from embkit_plugins.artifacts import spanning_tree as _spanning_tree
from embkit_plugins.artifacts.spanning_tree import SpanningTree, recall_notes
from fixture_types import MakeContext


@pytest.fixture
def rows() -> np.ndarray:
    rng = np.random.default_rng(0)
    places = rng.normal(size=(8, 6)).repeat(100, axis=0)
    return (3 + places + 0.3 * rng.normal(size=(800, 6))).astype(np.float32)


def test_of_few_rows_the_tree_is_the_exact_one(rows: np.ndarray, make_context: MakeContext) -> None:
    context = make_context(Dataset(rows))
    exact = context.artifact("spanning-tree", min_samples=4, metric="cosine")
    leaves = context.artifact("spanning-tree", min_samples=4, metric="cosine", neighbors="leaves")
    assert np.array_equal(exact["edges"], leaves["edges"])
    assert np.array_equal(exact["weights"], leaves["weights"])
    assert exact.facts == leaves.facts
    assert recall_notes(leaves) == ()


@pytest.mark.parametrize("metric", ["cosine", "correlation", "euclidean"])
@pytest.mark.parametrize("alpha", [1.0, 1.3])
def test_hardly_longer_than_the_exact_tree(
    small_leaves: None, rows: np.ndarray, metric: Metric, alpha: float, make_context: MakeContext
) -> None:
    context = make_context(Dataset(rows))
    params = {"min_samples": 4, "metric": metric, "alpha": alpha}
    exact = context.artifact("spanning-tree", **params)
    found = context.artifact("spanning-tree", **params, neighbors="leaves", recall=0.98)
    assert found.facts["route"] == "neighbours by leaves"
    assert found.facts["recall"] >= 0.98
    assert is_valid_linkage(linkage_of_edges(found["edges"], found["weights"]))
    # With exact core distances no spanning tree is shorter; with larger ones even less so.
    longer = found["weights"].sum() / exact["weights"].sum()
    assert 1 - 1e-12 <= longer <= 1.01


def test_with_all_neighbours_found_it_is_the_exact_tree(
    small_leaves: None, rows: np.ndarray, make_context: MakeContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_spanning_tree, "_SPARE", 35)  # of 39 that leaves of 40 rows allow
    context = make_context(Dataset(rows))
    exact = context.artifact("spanning-tree", min_samples=4)
    found = context.artifact("spanning-tree", min_samples=4, neighbors="leaves", recall=0.99999)
    assert found.facts["recall"] == 1
    assert np.array_equal(np.sort(found["edges"], axis=1), np.sort(exact["edges"], axis=1))
    assert np.array_equal(found["weights"], exact["weights"])


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_groups_far_apart(small_leaves: None, metric: Metric, make_context: MakeContext) -> None:
    rng = np.random.default_rng(3)
    places = 50 * rng.normal(size=(12, 10)).repeat([100, 50, 90, *[40] * 9], axis=0)
    dataset = Dataset((places + rng.normal(size=places.shape)).astype(np.float32))
    context = make_context(dataset)
    exact = context.artifact("spanning-tree", min_samples=5, metric=metric)
    found = context.artifact("spanning-tree", min_samples=5, metric=metric, neighbors="leaves")
    assert found.facts["components"] == 12
    joined, expected = found["weights"][-11:], exact["weights"][-11:]
    assert joined == pytest.approx(expected, rel=0.02)
    (note,) = recall_notes(found)
    assert "and 12 components joined by near rows in leaves; clusters can" in note


def test_rows_that_occur_often(small_leaves: None, make_context: MakeContext) -> None:
    rows = np.random.default_rng(0).normal(size=(12, 4)).repeat(60, axis=0)
    context = make_context(Dataset(rows))
    exact = context.artifact("spanning-tree", min_samples=5)
    found = context.artifact("spanning-tree", min_samples=5, neighbors="leaves")
    assert found["weights"] == pytest.approx(exact["weights"], rel=1e-12)
    assert np.count_nonzero(found["weights"]) == 11


def test_same_bytes_on_any_number_of_threads(
    small_leaves: None, rows: np.ndarray, make_context: MakeContext
) -> None:

    params = {"min_samples": 4, "metric": "cosine", "neighbors": "leaves"}
    one, three = (
        make_context(Dataset(rows), threads=threads).artifact("spanning-tree", **params)
        for threads in (1, 3)
    )
    assert one["edges"].tobytes() == three["edges"].tobytes()
    assert one["weights"].tobytes() == three["weights"].tobytes()


@pytest.mark.parametrize("metric", ["hamming", "manhattan", "precomputed"])
def test_metrics_without_leaves(metric: Metric) -> None:
    message = f"spanning-tree: neighbors=leaves with metric={metric}.*matrix products.*neighbors=exact"
    with pytest.raises(ParameterError, match=message):
        SpanningTree(metric=metric, neighbors="leaves").check()


def test_a_million_rows_in_less_than_the_exact_ones_take() -> None:
    exact, leaves = (
        SpanningTree(min_samples=10, metric="cosine", neighbors=how).memory(1_000_000, 384, 10**10)
        for how in ("exact", "leaves")
    )
    assert leaves.peak < 4.5e9 < exact.peak
    assert leaves.route == "neighbours by leaves"
    few = SpanningTree(min_samples=10, neighbors="leaves").memory(3000, 384, 10**10)
    assert few == SpanningTree(min_samples=10).memory(3000, 384, 10**10)
