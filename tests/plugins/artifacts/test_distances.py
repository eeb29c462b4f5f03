import numpy as np
import pytest
from scipy.spatial.distance import pdist, squareform

from embkit.data.dataset import Dataset
from embkit.errors import DataError
from embkit_plugins.algorithms.distances.pairs import Metric, condensed, pairs_of, upper_blocks
from embkit_plugins.artifacts import distances
from embkit_plugins.artifacts.distances import Distances
from fixture_types import MakeContext

METRICS = ("cosine", "euclidean", "manhattan")
SCIPY = {"cosine": "cosine", "euclidean": "euclidean", "manhattan": "cityblock"}


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of 64 rows, so that a few hundred rows take several."""
    monkeypatch.setattr(distances, "BLOCK_BYTES", 1)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.usefixtures("small_blocks")
def test_condensed_distances_are_scipys(metric: Metric, dtype: type[np.floating]) -> None:
    vectors = np.random.default_rng(0).normal(size=(230, 40)).astype(dtype)
    found = condensed(pairs_of(Dataset(vectors), metric))
    assert found.dtype == np.float64
    expected = pdist(vectors.astype(np.float64), SCIPY[metric])
    np.testing.assert_allclose(found, expected, atol=1e-6 if dtype == np.float32 else 1e-12)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.usefixtures("small_blocks")
def test_blocks_cover_the_upper_triangle(metric: Metric) -> None:
    vectors = np.random.default_rng(1).normal(size=(150, 5))
    whole = squareform(pdist(vectors, SCIPY[metric]))
    seen = 0
    for rows, block in upper_blocks(pairs_of(Dataset(vectors), metric)):
        np.testing.assert_allclose(block, whole[rows, rows.start :], atol=1e-9)
        seen += len(block)
    assert seen == 150


@pytest.mark.parametrize("metric", METRICS)
def test_equal_rows_are_at_zero_exactly(metric: Metric) -> None:
    vectors = np.random.default_rng(2).normal(size=(40, 300)).astype(np.float32)
    vectors[20:] = vectors[:20]
    whole = squareform(condensed(pairs_of(Dataset(vectors), metric)))
    assert (whole[np.arange(20), np.arange(20, 40)] == 0).all()
    whole[np.arange(20), np.arange(20, 40)] = whole[np.arange(20, 40), np.arange(20)] = 1
    assert (whole[~np.eye(40, dtype=bool)] > 0).all()


def test_cosine_runs_from_zero_to_two() -> None:
    vectors = np.random.default_rng(3).normal(size=(60, 384)).astype(np.float32)
    whole = squareform(condensed(pairs_of(Dataset(np.concatenate([vectors, -3 * vectors])), "cosine")))
    np.testing.assert_allclose(np.diagonal(whole, 60), 2, atol=1e-6)
    assert whole.min() >= 0
    assert whole.max() <= 2


def test_nearly_equal_directions_keep_their_digits() -> None:
    vectors = np.array([[1.0, 0.0], [1.0, 1e-6], [1.0, 2e-3]])
    expected = pdist(vectors, "euclidean") ** 2 / 2  # what 1 - cos is for small angles
    np.testing.assert_allclose(condensed(pairs_of(Dataset(vectors), "cosine")), expected, rtol=1e-5)


@pytest.mark.parametrize("offset", [0, 1e3, 1e6])
def test_euclidean_survives_an_offset(offset: float) -> None:
    rng = np.random.default_rng(4)
    vectors = offset + 1e-3 * rng.normal(size=(80, 30))
    vectors[:4] = vectors[0] + 1e-9 * rng.normal(size=(4, 30))
    expected = pdist(vectors)
    np.testing.assert_allclose(condensed(pairs_of(Dataset(vectors), "euclidean")), expected, rtol=1e-6)


@pytest.mark.parametrize("metric", METRICS)
def test_one_row_has_no_distances(metric: Metric) -> None:
    assert condensed(pairs_of(Dataset(np.ones((1, 3))), metric)).shape == (0,)


def test_progress_ends_at_one() -> None:
    seen: list[float] = []
    condensed(pairs_of(Dataset(np.eye(5)), "euclidean"), progress=seen.append)
    assert seen[-1] == 1


def test_a_given_matrix_is_taken_as_it_is() -> None:
    whole = squareform(pdist(np.random.default_rng(5).normal(size=(70, 3))))
    np.testing.assert_array_equal(condensed(pairs_of(Dataset(whole), "precomputed")), squareform(whole))


def wrong_matrix(row: int, column: int, value: float) -> Dataset:
    matrix = 1 - np.eye(5)
    matrix[row, column] = value
    return Dataset(matrix, name="D")


@pytest.mark.parametrize(
    ("dataset", "message"),
    [
        (Dataset(np.ones((3, 4)), name="D"), "needs a square matrix of distances, this one is 3x4"),
        (wrong_matrix(1, 2, 3), "row 1, column 2 .* differs from its mirror image"),
        (wrong_matrix(1, 2, -1), "row 1, column 2 .* is negative"),
        (
            wrong_matrix(3, 3, 1),
            "row 3, column 3 .* is not 0; .* if these are similarities, give 1 - similarity",
        ),
    ],
)
def test_what_is_no_matrix_of_distances_is_refused(dataset: Dataset, message: str) -> None:
    with pytest.raises(DataError, match=message):
        pairs_of(dataset, "precomputed")


def test_the_artifact_is_condensed_float32(blobs: Dataset, make_context: MakeContext) -> None:
    found = make_context(blobs).artifact("distances", metric="cosine")["distances"]
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, pdist(blobs.vectors, "cosine"), atol=1e-6)


def test_the_artifact_states_its_memory() -> None:
    estimate = Distances().memory(10_000, 100, 10**9)
    assert estimate.peak > 2 * 10_000**2
    assert "--sample N" in estimate.alternatives
