import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import is_valid_linkage, linkage
from scipy.spatial.distance import pdist
from sklearn.metrics import adjusted_rand_score

from embkit.data.dataset import Dataset
from embkit.errors import DataError
from embkit_plugins.algorithms.linkage import means as linkage_means
from embkit_plugins.algorithms.linkage.farthest import Metric
from embkit_plugins.algorithms.linkage.lists import nearest_columns
from embkit_plugins.algorithms.linkage.means import WIDTH, means_linkage
from embkit_plugins.algorithms.trees.cuts import cut_into
from embkit_plugins.artifacts.linkage import nearest_rows
from fixture_types import MakeContext

METHOD: dict[Metric, str] = {"cosine": "average", "euclidean": "ward"}


def reference(vectors: np.ndarray, metric: Metric) -> np.ndarray:
    return np.asarray(linkage(pdist(vectors.astype(np.float64), metric), METHOD[metric]))


@pytest.mark.parametrize("metric", METHOD)
@pytest.mark.parametrize("n", [1, 2, 3, 16, 17, 40, 300])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_tree_is_scipys(
    make_context: MakeContext, metric: Metric, n: int, dtype: type[np.floating]
) -> None:
    vectors = np.random.default_rng(n).normal(size=(n, 12)).astype(dtype)
    dataset = Dataset(vectors)
    tree, _ = means_linkage(dataset, metric, nearest_rows(dataset, metric, WIDTH, make_context(dataset)))
    assert tree.shape == (n - 1, 4)
    if n > 1:
        expected = reference(vectors, metric)
        np.testing.assert_allclose(tree[:, 2], expected[:, 2], rtol=1e-12, atol=1e-12)
        np.testing.assert_array_equal(tree[:, 3], expected[:, 3])
        assert is_valid_linkage(tree)
        assert adjusted_rand_score(cut_into(tree, n // 3 + 1), cut_into(expected, n // 3 + 1)) == 1


def rows_of(kind: str) -> np.ndarray:
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(10, 20))[rng.integers(0, 10, 250)]
    match kind:
        case "chain":
            return np.column_stack([np.cumsum(1 + 0.01 * np.arange(200.0)), np.ones(200)])
        case "tight groups":
            return centres + 1e-6 * rng.normal(size=centres.shape)
        case "offset":
            return 1000 + rng.normal(size=(250, 20))
        case "outliers":
            return rng.normal(size=(250, 20)) * np.where(np.arange(250) < 30, 20, 1)[:, None]
        case "repeats":
            return np.repeat(rng.normal(size=(60, 20)), rng.integers(1, 9, 60), axis=0)
    return np.exp(rng.normal(size=(250, 20)))


@pytest.mark.parametrize("metric", METHOD)
@pytest.mark.parametrize("kind", ["chain", "tight groups", "offset", "outliers", "repeats", "skewed"])
def test_awkward_rows(make_context: MakeContext, metric: Metric, kind: str) -> None:
    vectors = rows_of(kind)
    dataset = Dataset(vectors)
    tree, _ = means_linkage(dataset, metric, nearest_rows(dataset, metric, WIDTH, make_context(dataset)))
    expected = reference(vectors, metric)
    np.testing.assert_allclose(tree[:, 2], expected[:, 2], atol=1e-9 * expected[-1, 2])
    assert is_valid_linkage(tree)


@pytest.mark.parametrize("metric", METHOD)
def test_a_crowd_that_float32_cannot_tell_apart(make_context: MakeContext, metric: Metric) -> None:
    rng = np.random.default_rng(1)
    centres = rng.normal(size=(4, 30)).astype(np.float32)
    vectors = (centres[rng.integers(0, 4, 160)] * (1 + 1e-7 * rng.normal(size=(160, 30)))).astype(
        np.float32
    )
    dataset = Dataset(vectors)
    tree, facts = means_linkage(
        dataset, metric, nearest_rows(dataset, metric, WIDTH, make_context(dataset))
    )
    np.testing.assert_allclose(tree[:, 2], reference(vectors, metric)[:, 2], atol=1e-10)
    assert facts["scans"] > 0


@pytest.mark.parametrize("metric", METHOD)
def test_a_tree_below_a_height_is_the_beginning_of_the_whole(
    make_context: MakeContext, metric: Metric
) -> None:
    vectors = np.random.default_rng(2).normal(size=(150, 6))
    dataset = Dataset(vectors)
    expected = reference(vectors, metric)
    below = float(expected[100, 2])
    tree, _ = means_linkage(
        dataset, metric, nearest_rows(dataset, metric, WIDTH, make_context(dataset)), below=below
    )
    np.testing.assert_allclose(tree[:, 2], expected[:100, 2])


@pytest.mark.parametrize("metric", METHOD)
def test_ties_leave_a_valid_tree(make_context: MakeContext, metric: Metric) -> None:
    grid = 1 + np.stack(np.meshgrid(np.arange(12.0), np.arange(12.0)), axis=-1).reshape(-1, 2)
    for vectors in (grid, np.eye(40), np.ones((30, 3))):
        dataset = Dataset(vectors)
        tree, facts = means_linkage(
            dataset, metric, nearest_rows(dataset, metric, WIDTH, make_context(dataset))
        )
        assert tree.shape == (len(vectors) - 1, 4)
        assert is_valid_linkage(tree)
        assert facts["rounds"] < len(vectors)
    np.testing.assert_array_equal(tree[:, 2], 0)


@pytest.mark.parametrize("metric", METHOD)
def test_small_blocks_change_nothing(
    make_context: MakeContext, monkeypatch: pytest.MonkeyPatch, metric: Metric
) -> None:
    vectors = np.random.default_rng(3).normal(size=(200, 15))
    dataset = Dataset(vectors)
    whole, _ = means_linkage(
        dataset, metric, nearest_rows(dataset, metric, WIDTH, make_context(dataset))
    )
    monkeypatch.setattr(linkage_means, "_BLOCK_BYTES", 1)
    monkeypatch.setattr(linkage_means, "_PAIR_VALUES", 40)
    blocks, _ = means_linkage(
        dataset, metric, nearest_rows(dataset, metric, WIDTH, make_context(dataset))
    )
    np.testing.assert_allclose(blocks, whole, rtol=1e-12)


def test_opposite_rows_are_two_apart(make_context: MakeContext) -> None:
    dataset = Dataset(np.array([[2.0, 1], [-4, -2], [1, 3], [1, 4]]))
    tree, _ = means_linkage(
        dataset, "cosine", nearest_rows(dataset, "cosine", WIDTH, make_context(dataset))
    )
    np.testing.assert_allclose(tree[:, 2], reference(dataset.vectors, "cosine")[:, 2])


def test_zero_rows_have_no_cosine(make_context: MakeContext) -> None:
    dataset = Dataset(np.eye(4)[[0, 1, 1, 2]] * np.array([[1.0], [0], [0], [1]]))
    with pytest.raises(DataError, match="zero vector in rows 1, 2"):
        means_linkage(dataset, "cosine", nearest_rows(dataset, "cosine", WIDTH, make_context(dataset)))


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 40), st.integers(1, 400), st.data())
def test_nearest_columns_are_the_smallest(n: int, m: int, data: st.DataObject) -> None:
    n_nearest = data.draw(st.integers(1, m))
    values = np.random.default_rng(m).normal(size=(n, m)).round(1)
    columns = nearest_columns(values, n_nearest)
    assert all(len(set(row)) == n_nearest for row in columns.tolist())
    found = np.sort(np.take_along_axis(values, columns, axis=1), axis=1)
    np.testing.assert_array_equal(found, np.sort(values, axis=1)[:, :n_nearest])


def test_real_sentences(make_context: MakeContext, glosses: Dataset) -> None:
    vectors = np.asarray(glosses.vectors[:1500], dtype=np.float32)
    for metric in METHOD:
        tree, _ = means_linkage(
            Dataset(vectors),
            metric,
            nearest_rows(Dataset(vectors), metric, WIDTH, make_context(Dataset(vectors))),
        )
        np.testing.assert_allclose(tree[:, 2], reference(vectors, metric)[:, 2], atol=1e-9)
