"""A layout from that of a sample: where the other rows are put, and what comes of it."""

import numpy as np
import pytest
from sklearn.manifold import trustworthiness

from embkit_plugins.algorithms.layout.fuzzy_graph import FuzzyGraph, fuzzy_graph
from embkit_plugins.algorithms.layout.sampled import layout_from_sample, placed_among
from embkit_plugins.algorithms.layout.umap import curve_for, layout, start_from
from embkit_plugins.algorithms.neighbors.exact import exact_neighbors


def quiet(_share: float, _note: str = "") -> None:
    return None


def graph_of(n_nodes: int, edges: dict[tuple[int, int], float]) -> FuzzyGraph:
    heads, tails = np.array(sorted(edges)).T
    weights = np.array([edges[edge] for edge in sorted(edges)], dtype=np.float32)
    return FuzzyGraph(n_nodes, heads, tails, weights)


def test_rows_are_put_at_the_weighted_mean_of_their_placed_neighbours() -> None:
    graph = graph_of(5, {(0, 1): 0.25, (1, 2): 0.75, (1, 3): 1.0, (3, 4): 0.5})
    places = np.array([[0.0, 0.0], [4.0, 8.0]])
    found = placed_among(graph, np.zeros((5, 2)), np.array([0, 2]), places)
    assert found.tolist() == [[0, 0], [3, 6], [4, 8], [3, 6], [3, 6]]


def test_rows_placed_in_one_round_do_not_see_one_another() -> None:
    graph = graph_of(4, {(0, 1): 1.0, (1, 2): 1.0, (2, 3): 1.0})
    found = placed_among(graph, np.zeros((4, 1)), np.array([0, 3]), np.array([[0.0], [9.0]]))
    assert found.ravel().tolist() == [0, 0, 9, 9]


def test_rows_the_graph_does_not_reach_go_where_the_start_says() -> None:
    graph = graph_of(5, {(0, 1): 1.0, (3, 4): 1.0})
    start = np.array([[0.0], [0.1], [10.0], [9.0], [1.0]])
    found = placed_among(graph, start, np.array([0, 2]), np.array([[-5.0], [5.0]]))
    assert found.ravel().tolist() == [-5, -5, 5, 5, -5]


def of_rows(n_samples: int) -> tuple[np.ndarray, FuzzyGraph, np.ndarray]:
    rng = np.random.default_rng(0)
    centers = rng.normal(size=(12, 8)) * 3
    rows = (centers[rng.integers(12, size=n_samples)] + rng.normal(size=(n_samples, 8))).astype("f4")
    indices, squares, _ = exact_neighbors(rows, 14, lambda *_: None, 0.0)
    return rows, fuzzy_graph(indices, np.sqrt(squares)), start_from(rows[:, :2], 2, 0)


def test_is_as_faithful_as_a_layout_of_all_rows() -> None:
    rows, graph, start = of_rows(1200)
    a, b = curve_for(0.1)
    whole = layout(graph, start, a=a, b=b, random_state=0, progress=quiet)
    sample = np.sort(np.random.default_rng(1).choice(1200, 200, replace=False))
    indices, squares, _ = exact_neighbors(rows[sample], 14, lambda *_: None, 0.0)
    among = fuzzy_graph(indices, np.sqrt(squares))
    places = layout(among, start[sample], a=a, b=b, random_state=0, progress=quiet)
    shares: list[float] = []
    found, again = (
        layout_from_sample(
            graph, start, sample, places, a=a, b=b, random_state=0, progress=shares.append
        )
        for _ in range(2)
    )
    assert found.tobytes() == again.tobytes()
    assert found.dtype == np.float32
    assert 0 <= min(shares) < max(shares) <= 1
    kept, expected = (trustworthiness(rows, laid_out, n_neighbors=15) for laid_out in (found, whole))
    assert kept > expected - 0.01


@pytest.mark.parametrize("n_components", [1, 3])
def test_takes_up_room_by_the_number_of_rows(n_components: int) -> None:
    graph = graph_of(800, {(row, row + 1): 1.0 for row in range(799)})
    start = np.linspace(0, 10, 800)[:, None].repeat(n_components, axis=1).astype(np.float32)
    sample = np.arange(0, 800, 8)
    found = placed_among(graph, start, sample, start[sample].astype(np.float64))
    assert np.abs(found - start).max() < 0.1
