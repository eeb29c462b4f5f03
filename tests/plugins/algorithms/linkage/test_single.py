import numpy as np
import pytest
from scipy.cluster.hierarchy import is_valid_linkage, linkage
from scipy.spatial.distance import pdist

from embkit.data.dataset import Dataset
from embkit_plugins.algorithms.linkage.single import linkage_of_edges
from fixture_types import MakeContext


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
@pytest.mark.parametrize("n", [2, 3, 40, 300])
def test_the_tree_is_scipys(make_context: MakeContext, metric: str, n: int) -> None:
    vectors = np.random.default_rng(n).normal(size=(n, 8)).astype(np.float32)
    if n == 300:
        vectors[200:] = vectors[:100]
    dataset = Dataset(vectors)
    spanning = make_context(dataset).artifact("spanning-tree", min_samples=1, metric=metric)
    tree = linkage_of_edges(spanning["edges"], spanning["weights"])
    assert tree.shape == (n - 1, 4)
    expected = linkage(pdist(vectors.astype(np.float64), metric), "single")
    np.testing.assert_allclose(tree[:, 2], expected[:, 2], atol=1e-6)
    np.testing.assert_array_equal(np.sort(tree[:, 3]), np.sort(expected[:, 3]))
    assert is_valid_linkage(tree)


def test_edges_become_merges() -> None:
    edges, weights = np.array([[0, 1], [2, 3], [1, 3], [3, 4]]), np.array([1.0, 1, 2, 3])
    expected = [[0, 1, 1, 2], [2, 3, 1, 2], [5, 6, 2, 4], [4, 7, 3, 5]]
    np.testing.assert_array_equal(linkage_of_edges(edges, weights), expected)


def test_a_long_chain_is_no_recursion() -> None:
    n = 100_000
    edges = np.column_stack([np.arange(n - 1), np.arange(1, n)])
    tree = linkage_of_edges(edges, np.arange(1.0, n))
    assert is_valid_linkage(tree)
    assert tree[-1, 3] == n
