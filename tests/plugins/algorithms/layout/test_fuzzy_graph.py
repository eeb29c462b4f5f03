"""UMAP's graph against its definition, row by row."""

import numpy as np
import pytest
from scipy.optimize import brentq

from embkit_plugins.algorithms.layout.fuzzy_graph import fuzzy_graph


def nearest(vectors: np.ndarray, n_neighbors: int) -> tuple[np.ndarray, np.ndarray]:
    """Nearest other rows and their distances, by brute force."""
    distances = np.linalg.norm(vectors[:, None] - vectors[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    indices = np.argsort(distances, axis=1, kind="stable")[:, :n_neighbors]
    return indices, np.take_along_axis(distances, indices, axis=1).astype(np.float32)


def reference_graph(indices: np.ndarray, distances: np.ndarray) -> np.ndarray:
    """The symmetric matrix of strengths, each sigma found by root finding."""
    n_samples, n_neighbors = distances.shape
    strengths = np.zeros((n_samples, n_samples))
    for row in range(n_samples):
        excess = distances[row].astype(np.float64) - distances[row][distances[row] > 0].min()
        excess = np.maximum(excess, 0)
        target = np.log2(n_neighbors + 1)
        sigma = brentq(lambda s, e=excess, t=target: np.exp(-e / s).sum() - t, 1e-6, 1e6)
        strengths[row, indices[row]] = np.exp(-excess / sigma)
    return strengths + strengths.T - strengths * strengths.T


@pytest.mark.parametrize("n_neighbors", [4, 14])
def test_strengths_are_those_of_the_definition(n_neighbors: int) -> None:
    vectors = np.random.default_rng(0).normal(size=(60, 4))
    indices, distances = nearest(vectors, n_neighbors)
    graph = fuzzy_graph(indices, distances)
    matrix = np.zeros((60, 60))
    matrix[graph.heads, graph.tails] = graph.weights
    assert np.allclose(matrix + matrix.T, reference_graph(indices, distances), atol=1e-4)


def test_each_edge_is_there_once() -> None:
    indices, distances = nearest(np.random.default_rng(1).normal(size=(40, 3)), 6)
    graph = fuzzy_graph(indices, distances)
    assert (graph.heads < graph.tails).all()
    edges = graph.heads * 40 + graph.tails
    assert (np.diff(edges) > 0).all()
    assert graph.weights.min() > 0
    assert graph.weights.max() <= 1


def test_the_nearest_row_is_fully_connected() -> None:
    indices, distances = nearest(np.random.default_rng(2).normal(size=(30, 3)), 5)
    graph = fuzzy_graph(indices, distances)
    matrix = np.zeros((30, 30))
    matrix[graph.heads, graph.tails] = graph.weights
    matrix += matrix.T
    assert np.allclose(matrix[np.arange(30), indices[:, 0]], 1)


def test_repeats_are_fully_connected() -> None:
    indices, distances = nearest(np.repeat(np.eye(3), 6, axis=0), 5)
    graph = fuzzy_graph(indices, distances)
    assert (graph.weights == 1).all()
    assert len(graph.weights) == 3 * 15


def test_two_rows() -> None:
    graph = fuzzy_graph(np.array([[1], [0]]), np.array([[2.0], [2.0]], dtype=np.float32))
    assert (graph.heads.tolist(), graph.tails.tolist(), graph.weights.tolist()) == ([0], [1], [1.0])
