from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import fcluster, leaves_list, linkage
from sklearn.cluster import AgglomerativeClustering
from sklearn.metrics import adjusted_rand_score

from embkit.errors import ParameterError
from embkit_plugins.algorithms.trees import cuts, nodes


def tree_of(n: int, seed: int = 0, method: str = "average") -> np.ndarray:
    return np.asarray(linkage(np.random.default_rng(seed).normal(size=(n, 3)), method))


def chain(n: int) -> np.ndarray:
    """Rows that join one after the other: as deep as a tree can be."""
    first = np.arange(n - 1, dtype=float)
    nodes = np.concatenate([[0], np.arange(n, 2 * n - 2)])
    return np.column_stack(
        [np.minimum(nodes, first + 1), np.maximum(nodes, first + 1), first + 1, first + 2]
    )


INVERTED = np.array([[0, 1, 1.0, 2], [2, 3, 0.9, 3]])


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 60), st.integers(0, 5), st.floats(0, 1))
def test_cuts_are_scikit_learns(n: int, seed: int, share: float) -> None:
    vectors = np.random.default_rng(seed).normal(size=(n, 3))
    tree = linkage(vectors, "complete")
    threshold = share * tree[-1, 2]
    model = AgglomerativeClustering(n_clusters=None, linkage="complete", distance_threshold=threshold)
    labels = cuts.cut_at(tree, threshold)
    assert adjusted_rand_score(model.fit_predict(vectors), labels) == 1
    assert labels.max() + 1 == cuts.n_clusters_at(tree, threshold) == model.n_clusters_
    n_clusters = 1 + int(share * (n - 1))
    model = AgglomerativeClustering(n_clusters=n_clusters, linkage="complete")
    assert adjusted_rand_score(model.fit_predict(vectors), cuts.cut_into(tree, n_clusters)) == 1


def test_a_merge_at_the_threshold_is_not_made() -> None:
    tree = tree_of(30)
    height = tree[20, 2]
    assert cuts.merges_below(tree, height) == 20
    assert cuts.merges_below(tree, np.nextafter(height, np.inf)) == 21
    assert len(set(fcluster(tree, height, "distance"))) == 9  # scipy makes it
    assert cuts.cut_at(tree, height).max() + 1 == 10


def test_labels_are_numbered_by_falling_size() -> None:
    labels = cuts.cut_into(tree_of(200), 12)
    sizes = np.bincount(labels)
    assert (np.diff(sizes) <= 0).all()
    firsts = np.array([np.flatnonzero(labels == label)[0] for label in range(12)])
    tied = np.diff(sizes) == 0
    assert (np.diff(firsts)[tied] > 0).all()


def test_counts_at_many_thresholds() -> None:
    tree = tree_of(50)
    thresholds = np.linspace(0, tree[-1, 2] * 1.1, 40)
    expected = [len(set(cuts.cut_at(tree, threshold))) for threshold in thresholds]
    np.testing.assert_array_equal(cuts.n_clusters_at(tree, thresholds), expected)


def test_the_first_merges_of_a_tree_cut_as_the_whole() -> None:
    tree = tree_of(40)
    threshold = tree[25, 2]
    np.testing.assert_array_equal(
        cuts.cut_at(tree[:30], threshold, n_samples=40), cuts.cut_at(tree, threshold)
    )
    np.testing.assert_array_equal(cuts.cut_into(tree[:30], 15, n_samples=40), cuts.cut_into(tree, 15))
    np.testing.assert_array_equal(cuts.cut_at(tree[:0], 1.0, n_samples=3), [0, 1, 2])


def test_cluster_nodes_are_rows_or_merges() -> None:
    tree = np.array([[0, 1, 1.0, 2], [2, 3, 2.0, 2], [4, 5, 3.0, 4]])
    np.testing.assert_array_equal(nodes.cluster_nodes(tree, 0), [0, 1, 2, 3])
    np.testing.assert_array_equal(nodes.cluster_nodes(tree, 1), [4, 4, 2, 3])
    np.testing.assert_array_equal(nodes.cluster_nodes(tree, 3), [6, 6, 6, 6])


@pytest.mark.parametrize(
    "call",
    [lambda tree: cuts.cut_at(tree, 0.5), lambda tree: cuts.n_clusters_at(tree, [1]), cuts.plateaus],
)
def test_a_tree_with_inversions_has_no_cut_at_a_height(call: Callable[[np.ndarray], object]) -> None:
    assert not cuts.is_monotone(INVERTED)
    assert cuts.inversions(INVERTED) == 1
    assert cuts.inversions(tree_of(30)) == 0
    with pytest.raises(ParameterError, match=r"tree with inversions; .* give n_clusters"):
        call(INVERTED)


def test_a_tree_with_inversions_is_cut_into_a_number() -> None:
    np.testing.assert_array_equal(cuts.cut_into(INVERTED, 2), [0, 0, 1])


def test_ties_at_a_threshold_are_counted() -> None:
    grid = np.stack(np.meshgrid(np.arange(4.0), np.arange(4.0)), axis=-1).reshape(-1, 2)
    tree = linkage(grid, "single")
    nan: Any = pytest.approx(np.nan, nan_ok=True)
    assert cuts.ties_at(tree, 1.0) == cuts.Ties(at=15, below=nan, above=nan, gap=0.0)
    ties = cuts.ties_at(tree_of(20), 0.0)
    assert ties.at == 0
    assert ties.gap == ties.above == tree_of(20)[0, 2]


def test_rounding_does_not_hide_a_tie() -> None:
    tree = np.array([[0, 1, 0.5, 2], [2, 3, 0.5000001, 2], [4, 5, 1.0, 4]])
    ties = cuts.ties_at(tree, 0.5)
    assert (ties.at, ties.above) == (2, 1.0)


def test_no_merges_no_ties() -> None:
    assert cuts.ties_at(np.empty((0, 4)), 1.0).gap == np.inf


def test_plateaus_come_widest_first() -> None:
    tree = np.column_stack([np.zeros((4, 2)), [1, 1, 1.5, 4], np.ones(4)])
    found = cuts.plateaus(tree, most=5)
    assert [(p.low, p.high, p.n_clusters, p.middle) for p in found] == [
        (1.5, 4.0, 2, 2.75),
        (1.0, 1.5, 3, 1.25),
    ]
    assert len(cuts.plateaus(tree, most=1)) == 1


@pytest.mark.parametrize("tree", [tree_of(64), tree_of(100, method="single"), chain(50)])
def test_every_node_is_a_slice_of_the_layout(tree: np.ndarray) -> None:
    n = len(tree) + 1
    layout = nodes.layout(tree)
    np.testing.assert_array_equal(layout.order, leaves_list(tree))
    members = [{row} for row in range(n)]
    for left, right in tree[:, :2].astype(int):
        members.append(members[left] | members[right])
    for node, expected in enumerate(members):
        found = layout.members(node)
        assert set(found.tolist()) == expected
        assert len(found) == len(expected)


def test_a_deep_chain_is_no_recursion() -> None:
    n = 50_000
    tree = chain(n)
    assert cuts.cut_at(tree, n / 2).max() + 1 == n // 2 + 1
    np.testing.assert_array_equal(np.sort(nodes.layout(tree).order), np.arange(n))


def test_one_row() -> None:
    tree = np.empty((0, 4))
    np.testing.assert_array_equal(cuts.cut_at(tree, 1.0), [0])
    np.testing.assert_array_equal(cuts.cut_into(tree, 1), [0])
    np.testing.assert_array_equal(nodes.layout(tree).order, [0])
    assert cuts.plateaus(tree) == ()
