"""Distances from other rows, and the nearest rows of other rows, against scipy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from embkit.data.dataset import Dataset
from embkit_plugins.algorithms.distances.across import Vectors, across, margins

NAMES: dict[Vectors, str] = {"cosine": "cosine", "euclidean": "euclidean", "manhattan": "cityblock"}


@pytest.mark.parametrize("metric", NAMES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_distances_and_nearest(metric: Vectors, dtype: type[np.floating]) -> None:
    rng = np.random.default_rng(0)
    rows, others = (rng.normal(size=(n, 6)).astype(dtype) for n in (50, 20))
    expected = cdist(others.astype(float), rows.astype(float), NAMES[metric])
    found = across(Dataset(rows), Dataset(others), metric)
    np.testing.assert_allclose(np.vstack([block for _, block in found.blocks()]), expected, atol=1e-7)
    indices, distances = found.nearest(4)
    np.testing.assert_array_equal(indices, np.argsort(expected, axis=1, kind="stable")[:, :4])
    np.testing.assert_allclose(distances, np.sort(expected, axis=1)[:, :4], atol=1e-12)


@given(st.integers(0, 10_000), st.sampled_from(sorted(NAMES)), st.integers(1, 6))
def test_ties_go_to_the_lowest_row(seed: int, metric: Vectors, n_neighbors: int) -> None:
    rng = np.random.default_rng(seed)
    grid = rng.integers(1, 4, size=(30, 2)).astype(np.float32)
    rows, others = Dataset(grid[:20]), Dataset(grid[20:])
    indices, distances = across(rows, others, metric).nearest(n_neighbors)
    pairs = across(rows, others, metric)
    for other in range(10):
        exact = pairs.pairwise(np.repeat(pairs.others[other : other + 1], 20, axis=0), pairs.rows)
        order = np.lexsort((np.arange(20), exact))[:n_neighbors]
        np.testing.assert_array_equal(indices[other], order)
        np.testing.assert_array_equal(distances[other], exact[order])


def test_a_row_can_be_left_out() -> None:
    rows = Dataset(np.array([[0.0], [0.0], [3.0]]))
    indices, distances = across(rows, rows, "euclidean").nearest(1, leave_out=np.arange(3))
    assert indices.ravel().tolist() == [1, 0, 0]
    assert distances.ravel().tolist() == [0.0, 0.0, 3.0]


def test_margins() -> None:
    found = margins(np.array([[1.0, 2.0, 9.0], [3.0, 3.0, 9.0], [5.0, 0.0, 4.0], [0.0, 0.0, 1.0]]))
    np.testing.assert_allclose(found, [0.5, 0.0, 1.0, 0.0])
    assert margins(np.ones((2, 1))).tolist() == [1.0, 1.0]
