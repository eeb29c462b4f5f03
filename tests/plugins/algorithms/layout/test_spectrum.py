"""Modes of a graph against dense linear algebra, and what has none."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.sparse.linalg import ArpackNoConvergence
from scipy.stats import spearmanr

from embkit_plugins.algorithms.layout.fuzzy_graph import FuzzyGraph, fuzzy_graph
from embkit_plugins.algorithms.layout.spectrum import slowest_modes
from embkit_plugins.algorithms.neighbors.exact import exact_neighbors


def graph_of(rows: NDArray[np.floating]) -> FuzzyGraph:
    indices, squares, _ = exact_neighbors(rows, 10, lambda _: None)
    return fuzzy_graph(indices, np.sqrt(squares))


@pytest.fixture(scope="module")
def sheet() -> NDArray[np.float64]:
    """A rectangle, three times as long as wide."""
    return np.random.default_rng(0).uniform(size=(400, 2)) * [3, 1]


@pytest.mark.parametrize("n_components", [1, 2, 5])
def test_modes_are_eigenvectors_of_the_laplacian(n_components: int, sheet: NDArray[np.float64]) -> None:
    graph = graph_of(sheet)
    weights = np.zeros((400, 400))
    weights[graph.heads, graph.tails] = weights[graph.tails, graph.heads] = graph.weights
    degrees = weights.sum(axis=1)
    laplacian = np.eye(400) - weights / np.sqrt(degrees[:, None] * degrees)
    values, _ = np.linalg.eigh(laplacian)
    modes = slowest_modes(graph, n_components)
    assert modes is not None
    assert modes.shape == (400, n_components)
    assert np.allclose(modes.T @ modes, np.eye(n_components), atol=1e-6)
    found = np.einsum("ic,ij,jc->c", modes, laplacian, modes)
    assert found == pytest.approx(values[1 : n_components + 1], abs=1e-4)
    assert np.all(modes.max(axis=0) == np.abs(modes).max(axis=0))


def test_the_slowest_mode_runs_along_a_rolled_sheet(sheet: NDArray[np.float64]) -> None:
    angles = 4 + 4 * sheet[:, 0]
    rolled = np.column_stack([angles * np.cos(angles), angles * np.sin(angles), 8 * sheet[:, 1]])
    modes = slowest_modes(graph_of(rolled), 1)
    assert modes is not None
    assert abs(spearmanr(modes[:, 0], sheet[:, 0]).statistic) > 0.95


def test_a_graph_in_parts_has_none(sheet: NDArray[np.float64]) -> None:
    assert slowest_modes(graph_of(np.vstack([sheet, sheet + 100])), 2) is None


def test_few_rows_have_none(sheet: NDArray[np.float64]) -> None:
    assert slowest_modes(graph_of(sheet[:79]), 2) is None
    assert slowest_modes(graph_of(sheet[:120]), 2) is not None


def test_modes_that_are_not_found(sheet: NDArray[np.float64], monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> None:
        raise ArpackNoConvergence("no convergence", np.empty(0), np.empty((400, 0)))

    monkeypatch.setattr("scipy.sparse.linalg.eigsh", never)
    assert slowest_modes(graph_of(sheet), 2) is None
