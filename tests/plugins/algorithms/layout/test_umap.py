"""The forces of the layout against loops over pairs, and where it starts."""

import numpy as np
import pytest

from embkit_plugins.algorithms.layout.fuzzy_graph import FuzzyGraph
from embkit_plugins.algorithms.layout.umap import _Pulls, _Pushes, curve_for, layout, start_from

A, B = 1.577, 0.895


def ring(n_samples: int) -> FuzzyGraph:
    """Every row connected with the next, by weights that differ."""
    heads = np.arange(n_samples - 1)
    weights = np.linspace(0.2, 1, n_samples - 1).astype(np.float32)
    heads, tails = np.append(heads, 0), np.append(heads + 1, n_samples - 1)
    order = np.lexsort((tails, heads))
    return FuzzyGraph(
        n_samples, heads[order], tails[order], np.append(weights, 0.5)[order].astype(np.float32)
    )


@pytest.mark.parametrize("n_components", [1, 2, 5])
def test_pulls_are_those_of_every_edge(n_components: int) -> None:
    rng = np.random.default_rng(0)
    graph, order = ring(12), rng.permutation(12)
    places = rng.normal(size=(n_components, 12)).astype(np.float32)
    pulls = _Pulls.of(graph, order, 500, n_components, A, B)
    expected = np.zeros((n_components, 12))
    position = np.argsort(order)
    for head, tail, weight in zip(graph.heads, graph.tails, graph.weights, strict=True):
        i, j = position[head], position[tail]
        gap = (places[:, i] - places[:, j]).astype(np.float64)
        square = gap @ gap
        # Twice: the edge is drawn from both of its ends.
        pull = 2 * weight * 2 * A * B * square ** (B - 1) / (1 + A * square**B) * gap
        expected[:, i] -= pull
        expected[:, j] += pull
    assert np.allclose(pulls.force(places), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("n_components", [1, 2, 5])
def test_pushes_are_those_of_every_partner(n_components: int) -> None:
    rng = np.random.default_rng(1)
    places = rng.normal(scale=0.3, size=(n_components, 11)).astype(np.float32)
    degrees = rng.uniform(1, 5, size=11).astype(np.float32)
    shifts = np.array([1, 4, 4, 10] * 4)
    force = np.zeros_like(places)
    _Pushes.of(degrees, n_components, A, B).add_to(force, places, shifts)
    expected = np.zeros((n_components, 11))
    for shift in shifts:
        for i in range(11):
            for j in ((i + shift) % 11, (i - shift) % 11):
                gap = (places[:, i] - places[:, j]).astype(np.float64)
                square = gap @ gap
                push = np.clip(2 * B / ((0.001 + square) * (1 + A * square**B)) * gap, -4, 4)
                expected[:, i] += 5 * degrees[i] / 32 * push
    assert np.allclose(force, expected, rtol=1e-3, atol=1e-4)


def test_the_curve_is_umap_learns() -> None:
    assert np.allclose(curve_for(0.1), (1.57694, 0.89506), atol=1e-5)


@pytest.mark.parametrize("min_dist", [0.0, 0.5, 1.0])
def test_the_curve_is_high_within_and_low_beyond(min_dist: float) -> None:
    a, b = curve_for(min_dist)
    near, far = (1 / (1 + a * r ** (2 * b)) for r in (min_dist / 2, min_dist + 3))
    assert near > 0.75
    assert far < 0.2


def test_the_start_fills_the_cube() -> None:
    start = start_from(np.random.default_rng(0).normal(size=(50, 2)) * [5, 1e-6], 3, 0)
    assert start.dtype == np.float32
    assert start.shape == (50, 3)
    assert np.allclose(start.min(axis=0), 0, atol=1e-3)
    assert np.allclose(start.max(axis=0), 10, atol=1e-3)


def test_a_flat_start_keeps_the_jitter_only() -> None:
    start = start_from(np.zeros((50, 1)), 1, 0)
    assert 0 < start.std() < 1e-3


def test_connected_rows_end_up_near() -> None:
    def quiet(_share: float) -> None:
        return None

    graph = ring(200)
    start = start_from(np.random.default_rng(0).normal(size=(200, 2)), 2, 0)
    laid_out = layout(graph, start, a=A, b=B, random_state=0, progress=quiet)
    along = np.linalg.norm(np.diff(laid_out, axis=0), axis=1)
    across = np.linalg.norm(laid_out[:100] - laid_out[100:], axis=1)
    assert np.median(along) < 0.2 * np.median(across)


def test_progress_rises() -> None:
    shares: list[float] = []
    start = start_from(np.random.default_rng(0).normal(size=(20, 2)), 2, 0)
    layout(ring(20), start, a=A, b=B, random_state=0, progress=shares.append)
    assert shares == sorted(shares)
    assert 0 <= shares[0] < shares[-1] <= 1
