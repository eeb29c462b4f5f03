"""Edges that hold a minimum spanning tree, against the whole matrix of mutual reachability."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial.distance import cdist

from embkit_plugins.algorithms.distances import row_tree
from embkit_plugins.algorithms.distances.squares import SquaresToAll
from embkit_plugins.algorithms.neighbors.exact import exact_neighbors
from embkit_plugins.algorithms.spanning import reachability
from embkit_plugins.algorithms.spanning.prim import prim
from embkit_plugins.algorithms.spanning.reachability import Reachability, spanning_graph


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


def total(rows: np.ndarray, min_samples: int) -> float:
    """The weight of the tree that spans the rows, by the graph of some edges."""
    near, squares, _ = exact_neighbors(rows, min_samples, ignored)
    graph, _ = spanning_graph(SquaresToAll.of(rows), near, squares, min_samples, 1.0)
    weights = np.sqrt(graph.squares)
    return float(weights[prim(len(rows), graph.left, graph.right, weights)].sum())


def expected(rows: np.ndarray, min_samples: int) -> float:
    distances = cdist(rows.astype(np.float64), rows.astype(np.float64))
    core = np.sort(distances, axis=1)[:, min_samples]
    reach = np.maximum(distances, np.maximum(core, core[:, None]))
    # scipy takes 0 for no edge.
    return float(minimum_spanning_tree(reach + 1).sum()) - (len(rows) - 1)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 4), st.integers(1, 6), st.booleans(), st.booleans())
def test_the_tree_of_the_edges_is_a_minimum_one(
    seed: int, n_features: int, min_samples: int, gridded: bool, by_tree: bool
) -> None:
    rows = points_of(seed, n_features, gridded=gridded)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reachability, "_NEAR", (min_samples + 2, min(20, len(rows) - 1)))
        patch.setattr(row_tree, "_FEW_DIMENSIONS", 4 if by_tree else 0)
        patch.setattr(reachability, "_TOGETHER", 7)
        assert total(rows, min_samples) == pytest.approx(expected(rows, min_samples))


def test_near_rows_are_found_by_a_tree_only_in_few_dimensions() -> None:
    rng = np.random.default_rng(0)
    for shape, grid, has_tree in (
        ((600, 8), 0.0, True),
        ((600, 9), 0.0, False),
        ((600, 8), 1e-9, True),
    ):
        points = SquaresToAll.of(rng.normal(size=shape).astype(np.float32), grid)
        assert (Reachability(points, np.zeros(600), 1.0).tree is not None) == has_tree
    few = SquaresToAll.of(rng.normal(size=(500, 3)).astype(np.float32))
    assert Reachability(few, np.zeros(500), 1.0).tree is None


def test_rows_in_the_midst_of_a_group_are_not_compared_to_all(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    groups = [rng.normal(size=(90, 3)) * 0.1 + place for place in ([0, 0, 0], [3, 0, 0], [0, 4, 0])]
    rows = np.concatenate(groups).astype(np.float32)
    compared = []
    whole = Reachability.shortest_leaving

    def counted(self: Reachability, chosen: np.ndarray, component: np.ndarray) -> object:
        compared.append(len(chosen))
        return whole(self, chosen, component)

    monkeypatch.setattr(Reachability, "shortest_leaving", counted)
    monkeypatch.setattr(reachability, "_NEAR", (20, 120))
    total(rows, 5)
    assert sum(compared) == 0
    monkeypatch.setattr(row_tree, "_FEW_DIMENSIONS", 2)
    total(rows, 5)
    assert sum(compared) > 60
