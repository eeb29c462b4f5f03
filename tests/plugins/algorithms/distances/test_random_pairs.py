import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.cluster.hierarchy import cophenet, linkage
from scipy.spatial.distance import pdist, squareform

from embkit.data.dataset import Dataset
from embkit.errors import DataError
from embkit_plugins.algorithms.distances.pairs import Metric
from embkit_plugins.algorithms.distances.random_pairs import pair_distances, sample_pairs
from embkit_plugins.algorithms.trees.cophenetic import cophenetic_distances

NAMES = {"cosine": "cosine", "euclidean": "euclidean", "manhattan": "cityblock"}


def test_few_pairs_are_all_taken_once() -> None:
    pairs = sample_pairs(5, 10, seed=0)
    assert pairs.complete
    assert_array_equal(
        np.column_stack([pairs.left, pairs.right]), np.column_stack(np.triu_indices(5, 1))
    )


def test_many_are_sampled_evenly_and_never_with_themselves() -> None:
    pairs = sample_pairs(10, 40, seed=0)
    assert not pairs.complete
    assert len(pairs) == 40
    many = sample_pairs(300, 40_000, seed=1)
    assert (many.left != many.right).all()
    assert np.bincount(many.left - many.right + 299).max() < 300
    assert_array_equal(many.left, sample_pairs(300, 40_000, seed=1).left)


@pytest.mark.parametrize("metric", ["cosine", "euclidean", "manhattan"])
def test_distances_are_scipys(metric: Metric) -> None:
    vectors = np.random.default_rng(0).normal(size=(30, 4)).astype(np.float32)
    found = pair_distances(Dataset(vectors), metric, sample_pairs(30, 1000, 0))
    assert found.dtype == np.float64
    assert_allclose(found, pdist(vectors.astype(np.float64), NAMES[metric]), atol=2e-7)


def test_precomputed_distances_are_read() -> None:
    distances = squareform(np.arange(1.0, 7.0))
    pairs = sample_pairs(4, 100, 0)
    assert_array_equal(pair_distances(Dataset(distances), "precomputed", pairs), np.arange(1.0, 7.0))


def test_opposite_rows_are_at_cosine_distance_two_and_no_more() -> None:
    dataset = Dataset(np.array([[0.1, 0.2, 0.3], [-0.1, -0.2, -0.3]], dtype=np.float32))
    assert pair_distances(dataset, "cosine", sample_pairs(2, 10, 0)) == pytest.approx(2.0)
    assert pair_distances(dataset, "cosine", sample_pairs(2, 10, 0)).max() <= 2.0


def test_a_zero_row_has_no_cosine() -> None:
    with pytest.raises(DataError, match="zero vector in row 1"):
        pair_distances(Dataset(np.array([[1.0], [0.0]])), "cosine", sample_pairs(2, 10, 0))


@pytest.mark.parametrize("method", ["single", "complete", "average", "ward", "centroid", "median"])
@pytest.mark.parametrize("n_samples", [2, 3, 64, 97])
def test_cophenetic_distances_are_scipys(method: str, n_samples: int) -> None:
    vectors = np.random.default_rng(n_samples).normal(size=(n_samples, 3))
    tree = linkage(vectors, method)
    left, right = np.triu_indices(n_samples, 1)
    assert_allclose(cophenetic_distances(tree, left, right), cophenet(tree))
    assert_allclose(cophenetic_distances(tree, right, left), cophenet(tree))


def test_cophenetic_distances_along_a_chain() -> None:
    vectors = np.cumsum(np.arange(1.0, 500.0))[:, None]
    tree = linkage(vectors, "single")
    left, right = np.triu_indices(len(vectors), 1)
    assert_allclose(cophenetic_distances(tree, left, right), cophenet(tree))
