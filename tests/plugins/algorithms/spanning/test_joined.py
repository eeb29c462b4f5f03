"""Graphs of approximate neighbours, joined, against minimum spanning trees of all pairs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial.distance import cdist

from embkit import Floats, IntArray
from embkit_plugins.algorithms.distances.squares import pair_squares
from embkit_plugins.algorithms.spanning import joined as _joined
from embkit_plugins.algorithms.spanning.joined import NearestOutside, joined_graph
from embkit_plugins.algorithms.spanning.mutual import ReachabilityGraph
from embkit_plugins.algorithms.spanning.prim import prim


def near_rows(rows: np.ndarray, n_neighbors: int) -> tuple[IntArray, Floats]:
    apart = cdist(rows, rows, "sqeuclidean")
    np.fill_diagonal(apart, np.inf)
    order = np.argsort(apart, axis=1, kind="stable")[:, :n_neighbors]
    return order, np.take_along_axis(apart, order, axis=1)


def all_pairs(rows: np.ndarray, core: Floats, divisor: float) -> np.ndarray:
    apart: np.ndarray = np.maximum(
        cdist(rows, rows, "sqeuclidean") / divisor, np.maximum(core[:, None], core)
    )
    np.fill_diagonal(apart, 0)
    return apart


def any_outside(seed: int) -> NearestOutside:
    """Of no use but to be another group's: walks must do the rest."""
    rng = np.random.default_rng(seed)

    def found(chosen: IntArray, group: IntArray) -> IntArray:
        return np.array([rng.choice(np.flatnonzero(group != group[row])) for row in chosen])

    return found


def joined(
    rows: np.ndarray, n_neighbors: int, min_samples: int, divisor: float = 1.0, seed: int = 0
) -> tuple[ReachabilityGraph, int, Floats]:
    near, squares = near_rows(rows, n_neighbors)
    first = np.array([int(np.flatnonzero((rows == row).all(axis=1))[0]) for row in rows])
    graph, n_components = joined_graph(
        near,
        squares,
        first,
        min_samples,
        divisor,
        lambda left, right: pair_squares(rows, left, right),
        lambda _floor: any_outside(seed),
    )
    return graph, n_components, squares[:, min_samples - 1]


def weight(rows: np.ndarray, graph: ReachabilityGraph) -> float:
    tree = prim(len(rows), graph.left, graph.right, graph.squares)
    assert len(tree) == len(rows) - 1
    return float(graph.squares[tree].sum())


@pytest.mark.parametrize("min_samples", [1, 4])
@pytest.mark.parametrize("divisor", [1.0, 1.7])
def test_with_all_neighbours_the_tree_is_minimal(min_samples: int, divisor: float) -> None:
    rows = np.random.default_rng(0).normal(size=(60, 3))
    graph, n_components, core = joined(rows, 59, min_samples, divisor)
    assert n_components == 1
    assert len(graph.left) == 60 * 59 // 2  # each pair once
    expected = minimum_spanning_tree(all_pairs(rows, core, divisor)).sum()
    assert weight(rows, graph) == pytest.approx(expected)


@pytest.mark.parametrize("n_neighbors", [1, 3, 8])
def test_edges_are_those_of_the_neighbours_once_each(n_neighbors: int) -> None:
    rows = np.random.default_rng(1).normal(size=(80, 2))
    graph, n_components, core = joined(rows, n_neighbors, 1)
    near, _ = near_rows(rows, n_neighbors)
    expected = {frozenset((row, int(other))) for row in range(80) for other in near[row]}
    pairs = [frozenset(pair) for pair in zip(graph.left.tolist(), graph.right.tolist(), strict=True)]
    assert len(set(pairs)) == len(pairs) or n_components > 1
    assert expected <= set(pairs)
    assert graph.squares == pytest.approx(all_pairs(rows, core, 1.0)[graph.left, graph.right])


@pytest.mark.parametrize("seed", range(5))
def test_groups_far_apart_are_joined_by_their_nearest_rows(seed: int) -> None:
    """Whatever rows are found at first, ends walk along the neighbours to near ones."""
    rng = np.random.default_rng(seed)
    places = 40 * np.array([[0.0, 0], [1, 0], [2, 0.3], [0, 1]]).repeat(25, axis=0)
    rows = places + rng.normal(size=(100, 2))
    graph, n_components, core = joined(rows, 6, 3, seed=seed)
    assert n_components == 4
    expected = minimum_spanning_tree(all_pairs(rows, core, 1.0)).sum()
    assert expected <= weight(rows, graph) * (1 + 1e-9)
    assert weight(rows, graph) <= 1.1 * expected


def test_copies_are_joined_to_their_original() -> None:
    rows = np.repeat(np.eye(2), 30, axis=0)
    near = np.array([[row ^ 1] for row in range(60)])  # pairs of copies that know only one another
    graph, n_components = joined_graph(
        near,
        np.zeros((60, 1)),
        np.repeat([0, 30], 30),
        1,
        1.0,
        lambda left, right: pair_squares(rows, left, right),
        lambda _floor: any_outside(0),
    )
    assert n_components == 2
    assert weight(rows, graph) == pytest.approx(2.0)


def test_nobody_is_asked_where_the_neighbours_connect_all() -> None:
    rows = np.arange(9.0)[:, None]

    def unasked(_floor: Floats) -> NearestOutside:
        raise AssertionError("asked")

    near, squares = near_rows(rows, 2)
    graph, n_components = joined_graph(
        near, squares, np.arange(9), 1, 1.0, lambda left, right: pair_squares(rows, left, right), unasked
    )
    assert n_components == 1
    assert weight(rows, graph) == pytest.approx(8)


def test_few_rows_of_each_component_but_the_largest_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_joined, "_ASKING", 8)
    component = np.repeat([0, 1, 2], [5, 50, 3])
    asking = _joined._asking(component)
    assert np.bincount(component[asking], minlength=3).tolist() == [4, 0, 3]
    monkeypatch.setattr(_joined, "_ASKING", 1)
    assert len(_joined._asking(component)) == 2


@settings(max_examples=40, deadline=None)
@given(st.integers(3, 40), st.integers(1, 4), st.integers(0, 10_000))
def test_whatever_neighbours_were_found_all_rows_are_connected(
    n_samples: int, n_neighbors: int, seed: int
) -> None:
    """By edges that are exact, given the core distances of those neighbours."""
    rng = np.random.default_rng(seed)
    rows = rng.integers(0, 4, size=(n_samples, 2)).astype(np.float64)
    n_neighbors = min(n_neighbors, n_samples - 1)
    others = [np.delete(np.arange(n_samples), row) for row in range(n_samples)]
    near = np.array([rng.choice(among, n_neighbors, replace=False) for among in others])
    squares = ((rows[near] - rows[:, None]) ** 2).sum(axis=2)
    order = np.argsort(squares, axis=1)
    near, squares = (np.take_along_axis(values, order, axis=1) for values in (near, squares))
    first = np.unique(rows, axis=0, return_index=True, return_inverse=True)
    graph, n_components = joined_graph(
        near,
        squares,
        first[1][first[2].ravel()],
        n_neighbors,
        1.0,
        lambda left, right: pair_squares(rows, left, right),
        lambda _floor: any_outside(seed),
    )
    reach = all_pairs(rows, squares[:, -1], 1.0)
    assert 1 <= n_components <= n_samples // 2
    assert graph.squares == pytest.approx(reach[graph.left, graph.right])
    least = minimum_spanning_tree(reach + 1).sum() - (n_samples - 1)  # scipy takes 0 for no edge
    assert weight(rows, graph) >= least - 1e-9
