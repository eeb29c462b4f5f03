import numpy as np
import pytest
from scipy.cluster.hierarchy import is_valid_linkage, linkage
from scipy.spatial.distance import pdist
from sklearn.cluster import AgglomerativeClustering
from sklearn.metrics import adjusted_rand_score

from embkit.data.dataset import Dataset
from embkit.errors import DataError
from embkit_plugins.algorithms.linkage import farthest as _farthest
from embkit_plugins.algorithms.linkage.complete import complete_linkage
from embkit_plugins.algorithms.linkage.farthest import WIDTH, Metric
from embkit_plugins.algorithms.trees.cuts import cut_at, cut_into
from embkit_plugins.artifacts.linkage import nearest_rows
from fixture_types import MakeContext

METRICS: tuple[Metric, ...] = ("cosine", "euclidean")


def reference(vectors: np.ndarray, metric: Metric) -> np.ndarray:
    return np.asarray(linkage(pdist(vectors.astype(np.float64), metric), "complete"))


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("n", [1, 2, 3, 16, 17, 40, 300])
@pytest.mark.parametrize("until", [1, 30, 1000])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_tree_is_scipys(
    make_context: MakeContext, metric: Metric, n: int, until: int, dtype: type[np.floating]
) -> None:
    vectors = np.random.default_rng(n).normal(size=(n, 12)).astype(dtype)
    dataset = Dataset(vectors)
    tree, _ = complete_linkage(
        dataset, metric, nearest_rows(dataset, metric, WIDTH, make_context(dataset)), until=until
    )
    assert tree.shape == (n - 1, 4)
    if n > 1:
        expected = reference(vectors, metric)
        np.testing.assert_allclose(tree[:, 2], expected[:, 2], atol=1e-6)
        np.testing.assert_array_equal(tree[:, 3], expected[:, 3])
        assert is_valid_linkage(tree)
        assert adjusted_rand_score(cut_into(tree, n // 3 + 1), cut_into(expected, n // 3 + 1)) == 1


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 1.0])
@pytest.mark.parametrize("until", [1, 60])
def test_below_a_threshold_it_is_the_beginning_of_the_whole(
    make_context: MakeContext, metric: Metric, share: float, until: int
) -> None:
    vectors = np.random.default_rng(0).normal(size=(250, 6)).astype(np.float32)
    vectors[200:] = vectors[:50]
    dataset = Dataset(vectors)
    expected = reference(vectors, metric)
    below = float(share * expected[-1, 2]) + 1e-3
    tree, _ = complete_linkage(
        dataset,
        metric,
        nearest_rows(dataset, metric, WIDTH, make_context(dataset)),
        until=until,
        below=below,
    )
    np.testing.assert_allclose(tree[:, 2], expected[: len(tree), 2], atol=1e-6)
    assert len(tree) == np.searchsorted(expected[:, 2], below)
    labels = cut_at(tree, below, n_samples=250)
    model = AgglomerativeClustering(
        n_clusters=None, metric=metric, linkage="complete", distance_threshold=below
    )
    assert adjusted_rand_score(model.fit_predict(vectors.astype(np.float64)), labels) == 1


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("until", [1, 40])
def test_small_blocks_change_nothing(
    make_context: MakeContext, monkeypatch: pytest.MonkeyPatch, metric: Metric, until: int
) -> None:
    rng = np.random.default_rng(1)
    vectors = np.concatenate([rng.normal(size=(150, 8)), 5 + 0.01 * rng.normal(size=(120, 8))])
    dataset = Dataset(vectors)
    expected = reference(vectors, metric)
    monkeypatch.setattr(_farthest, "_BLOCK_BYTES", 1)  # 64 rows, fewer than some clusters have
    tree, _ = complete_linkage(
        dataset, metric, nearest_rows(dataset, metric, WIDTH, make_context(dataset)), until=until
    )
    np.testing.assert_allclose(tree[:, 2], expected[:, 2], atol=1e-9)


@pytest.mark.parametrize("metric", METRICS)
def test_ties_and_repeats_leave_a_valid_tree(make_context: MakeContext, metric: Metric) -> None:
    grid = 1 + np.stack(np.meshgrid(np.arange(12.0), np.arange(12.0)), axis=-1).reshape(-1, 2)
    for vectors in (grid, np.eye(40), np.repeat(np.eye(3), 10, axis=0), np.ones((30, 3))):
        dataset = Dataset(vectors)
        tree, _ = complete_linkage(
            dataset, metric, nearest_rows(dataset, metric, WIDTH, make_context(dataset))
        )
        assert tree.shape == (len(vectors) - 1, 4)
        assert is_valid_linkage(tree)
    np.testing.assert_array_equal(tree[:, 2], 0)


@pytest.mark.parametrize("scale", [1e-3, 1e3])
def test_euclidean_heights_keep_their_digits_at_any_scale(
    make_context: MakeContext, scale: float
) -> None:
    vectors = (scale * (5 + np.random.default_rng(2).normal(size=(120, 9)))).astype(np.float32)
    dataset = Dataset(vectors)
    tree, _ = complete_linkage(
        dataset, "euclidean", nearest_rows(dataset, "euclidean", WIDTH, make_context(dataset))
    )
    np.testing.assert_allclose(tree[:, 2], reference(vectors, "euclidean")[:, 2], rtol=1e-9)


def test_opposite_rows_are_two_apart(make_context: MakeContext) -> None:
    dataset = Dataset(np.array([[2.0, 1], [-4, -2], [1, 3], [1, 4]], dtype=np.float32))
    tree, _ = complete_linkage(
        dataset, "cosine", nearest_rows(dataset, "cosine", WIDTH, make_context(dataset))
    )
    assert tree[-1, 2] == pytest.approx(2, abs=1e-6)


def test_zero_rows_have_no_cosine(make_context: MakeContext) -> None:
    dataset = Dataset(np.array([[1.0, 0], [0, 0], [0, 1]]))
    with pytest.raises(DataError, match="zero vector in row 1"):
        complete_linkage(
            dataset, "cosine", nearest_rows(dataset, "cosine", WIDTH, make_context(dataset))
        )


def test_real_sentences(make_context: MakeContext, glosses: Dataset) -> None:
    vectors = np.asarray(glosses.vectors[:1500], dtype=np.float32)
    dataset = Dataset(vectors)
    expected = reference(vectors, "cosine")
    context = make_context(dataset)
    whole, _ = complete_linkage(
        dataset, "cosine", nearest_rows(dataset, "cosine", WIDTH, context), until=300
    )
    np.testing.assert_allclose(whole[:, 2], expected[:, 2], atol=1e-6)
    for below in (0.3, 0.4, 0.8):
        part, _ = complete_linkage(
            dataset, "cosine", nearest_rows(dataset, "cosine", WIDTH, context), below=below
        )
        assert adjusted_rand_score(cut_at(part, below, 1500), cut_at(expected, below)) == 1


@pytest.mark.parametrize("until", [1, 30])
@pytest.mark.parametrize("copies", [1, 2])
@pytest.mark.parametrize("noise", [0.1, 1e-2, 1e-3])
def test_groups_of_nearly_parallel_rows_keep_their_digits(
    make_context: MakeContext, noise: float, copies: int, until: int
) -> None:
    """In float32 their cosine distances, 1e-10 to 1e-6, would be rounding."""
    rng = np.random.default_rng(0)
    directions = 50 * rng.normal(size=(4, 8))
    rows = directions[rng.integers(0, 4, 200)] + noise * rng.normal(size=(200, 8))
    vectors = np.repeat(rows, copies, axis=0).astype(np.float32)
    dataset = Dataset(vectors)
    nearest = nearest_rows(dataset, "cosine", WIDTH, make_context(dataset))
    tree, _ = complete_linkage(dataset, "cosine", nearest, until=until)
    units = vectors / np.linalg.norm(vectors.astype(np.float64), axis=1, keepdims=True)
    heights = pdist(units, "sqeuclidean") / 2
    expected = linkage(heights, "complete")
    np.testing.assert_allclose(tree[:, 2], expected[:, 2], rtol=1e-5)
    for n_clusters in (4, 20, 80):
        assert adjusted_rand_score(cut_into(tree, n_clusters), cut_into(expected, n_clusters)) == 1
