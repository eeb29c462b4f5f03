"""Orders of leaves against all orders that a tree allows."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.spatial.distance import pdist, squareform

from embkit_plugins.algorithms.trees.leaf_order import optimally_ordered


def all_orders(tree: np.ndarray, node: int) -> list[list[int]]:
    n_samples = len(tree) + 1
    if node < n_samples:
        return [[node]]
    left, right = (all_orders(tree, int(child)) for child in tree[node - n_samples, :2])
    return [order for a in left for b in right for order in ([*a, *b], [*b, *a])]


def length(distances: np.ndarray, order: list[int]) -> float:
    return float(distances[order[:-1], order[1:]].sum())


@settings(max_examples=80, deadline=None)
@given(
    st.integers(0, 10**6),
    st.integers(2, 9),
    st.sampled_from(["single", "complete", "average", "ward"]),
    st.booleans(),
)
@example(0, 9, "average", False)  # scipy's optimal_leaf_ordering misses it
def test_no_order_of_the_tree_is_shorter(seed: int, n_samples: int, method: str, ties: bool) -> None:
    points = np.random.default_rng(seed).normal(size=(n_samples, 3))
    condensed = pdist(points.round(0) if ties else points)
    tree, distances = linkage(condensed, method), squareform(condensed)
    found = optimally_ordered(tree, distances)
    shortest = min(length(distances, order) for order in all_orders(tree, 2 * n_samples - 2))
    assert length(distances, leaves_list(found).tolist()) == pytest.approx(shortest, abs=1e-9)
    np.testing.assert_array_equal(found[:, 2:], tree[:, 2:])
    np.testing.assert_array_equal(np.sort(found[:, :2]), np.sort(tree[:, :2]))


def test_a_line_is_put_in_order() -> None:
    """Rows on a line, long enough for every way to add matrices."""
    points = np.random.default_rng(0).permutation(200).astype(float)[:, None] ** 1.2
    condensed = pdist(points)
    for method in ("complete", "single"):
        found = optimally_ordered(linkage(condensed, method), squareform(condensed))
        steps = np.diff(points[leaves_list(found), 0])
        assert (steps > 0).all() or (steps < 0).all()


def test_one_row_and_two_are_in_order() -> None:
    assert optimally_ordered(np.empty((0, 4)), np.zeros((1, 1))).shape == (0, 4)
    tree = np.array([[0.0, 1.0, 3.0, 2.0]])
    assert optimally_ordered(tree, np.array([[0.0, 3.0], [3.0, 0.0]])).tolist() == tree.tolist()
