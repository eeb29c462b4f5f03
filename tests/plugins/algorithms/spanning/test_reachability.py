"""Edges that hold a minimum spanning tree, against the whole matrix of mutual reachability."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial.distance import cdist

from embkit_plugins.algorithms.distances import squares as _squares
from embkit_plugins.algorithms.distances.squares import UNIT_GRID, SquaresToAll
from embkit_plugins.algorithms.neighbors.exact import exact_neighbors
from embkit_plugins.algorithms.spanning import boxes, leaving
from embkit_plugins.algorithms.spanning.mutual import Reachability
from embkit_plugins.algorithms.spanning.prim import prim
from embkit_plugins.algorithms.spanning.reachability import spanning_graph


def ignored(done: float) -> None:
    """Take no notice."""


def points_of(seed: int, n_features: int, *, gridded: bool) -> np.ndarray:
    """Groups of all sizes and densities, some rows of them equal."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(2, 40, 6)
    groups = [
        rng.normal(size=(size, n_features)) * rng.uniform(0.05, 1) + 4 * rng.integers(0, 4, n_features)
        for size in sizes
    ]
    rows = np.concatenate([*groups, groups[0][:2]])
    return (np.round(rows * 2) / 2 if gridded else rows).astype(np.float32)


def total(rows: np.ndarray, min_samples: int, grid: float = 0.0) -> float:
    """The weight of the tree that spans the rows, by the graph of some edges."""
    near, squares, _ = exact_neighbors(rows, min_samples, ignored, grid)
    graph, _ = spanning_graph(SquaresToAll.of(rows, grid), near, squares, min_samples, 1.0)
    weights = np.sqrt(graph.squares)
    return float(weights[prim(len(rows), graph.left, graph.right, weights)].sum())


def expected(rows: np.ndarray, min_samples: int) -> float:
    distances = cdist(rows.astype(np.float64), rows.astype(np.float64))
    core = np.sort(distances, axis=1)[:, min_samples]
    reach = np.maximum(distances, np.maximum(core, core[:, None]))
    # scipy takes 0 for no edge.
    return float(minimum_spanning_tree(reach + 1).sum()) - (len(rows) - 1)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 10_000),
    st.integers(1, 5),
    st.integers(1, 6),
    st.sampled_from(("gridded", "angles", "neither")),
    st.integers(1, 9),
)
def test_the_tree_of_the_edges_is_a_minimum_one(
    seed: int, n_features: int, min_samples: int, kind: str, leaf_rows: int
) -> None:
    """By leaves up to four dimensions, in five by products."""
    rows = points_of(seed, n_features, gridded=kind == "gridded")
    if kind == "angles":
        rows = rows[np.linalg.norm(rows, axis=1) > 0].astype(np.float64)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(boxes, "_LEAF_ROWS", leaf_rows)
        patch.setattr(leaving, "_TOGETHER", 7)
        patch.setattr(leaving, "_PAIRS", 50)
        patch.setattr(_squares, "_FEW_DIMENSIONS", 4)
        found = total(rows, min_samples, UNIT_GRID if kind == "angles" else 0.0)
    assert found == pytest.approx(expected(rows, min_samples), abs=1e-9)


@pytest.mark.parametrize("n_features", [1, 3, 8])
def test_leaves_give_the_edges_that_products_give(
    n_features: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Groups that lie apart, half of the rows of one of them equal."""
    rng = np.random.default_rng(0)
    rows = 9 * rng.integers(0, 4, size=(500, n_features)) + rng.normal(size=(500, n_features))
    rows[:40] = rows[0]
    near, squares, _ = exact_neighbors(rows, 5, ignored)
    weights = []
    for few in (8, 0):
        monkeypatch.setattr(_squares, "_FEW_DIMENSIONS", few)
        graph, n_scanned = spanning_graph(SquaresToAll.of(rows), near, squares, 5, 1.0)
        tree = prim(len(rows), graph.left, graph.right, graph.squares)
        weights.append(graph.squares[tree])
        assert n_scanned > 0
    assert np.array_equal(weights[0], weights[1])


def test_rows_of_many_dimensions_are_compared_to_all(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    groups = [rng.normal(size=(90, 3)) * 0.1 + place for place in ([0, 0, 0], [3, 0, 0], [0, 4, 0])]
    rows = np.concatenate(groups).astype(np.float32)
    compared = []
    whole = Reachability.shortest_leaving

    def counted(self: Reachability, chosen: np.ndarray, component: np.ndarray) -> object:
        compared.append(len(chosen))
        return whole(self, chosen, component)

    monkeypatch.setattr(Reachability, "shortest_leaving", counted)
    total(rows, 5)
    assert sum(compared) == 0
    monkeypatch.setattr(_squares, "_FEW_DIMENSIONS", 2)
    total(rows, 5)
    assert sum(compared) > 60
