import warnings
from collections.abc import Callable

import numpy as np
import pytest
from scipy.spatial.distance import pdist, squareform

from embkit.data.configuration.request import Request
from embkit.data.dataset import Dataset
from embkit.data.intake.admission import Policy, admit, sample_rows
from embkit.data.intake.pairwise import (
    asks_for_distances,
    asks_for_pairs,
    check_distances,
    finite_rows,
    take_pairs,
    warn_of_distances,
)
from embkit.errors import DataError, EmbkitWarning


@pytest.fixture
def matrix() -> np.ndarray:
    return np.asarray(squareform(pdist(np.random.default_rng(0).normal(size=(12, 3)))))


@pytest.mark.parametrize(
    ("params", "distances", "pairs"),
    [
        ({"metric": "precomputed"}, True, True),
        ({"dissimilarity": "precomputed"}, True, True),
        ({"affinity": "precomputed"}, False, True),
        ({"metric": "cosine"}, False, False),
        ({}, False, False),
    ],
)
def test_who_takes_a_matrix(params: dict[str, str], distances: bool, pairs: bool) -> None:
    requests = [Request("kmeans", {}), Request("some", params)]
    assert asks_for_distances(requests) is distances
    assert asks_for_pairs(requests) is pairs


def test_rows_and_columns_go_together(matrix: np.ndarray) -> None:
    chosen = take_pairs(Dataset(matrix, ids=list("abcdefghijkl")), np.array([3, 1]))
    assert chosen.ids == ("d", "b")
    np.testing.assert_array_equal(chosen.vectors, [[0, matrix[3, 1]], [matrix[1, 3], 0]])


def test_a_sample_of_a_matrix_is_a_matrix(matrix: np.ndarray) -> None:
    sample = sample_rows(Dataset(matrix), 5, 0, pairs=True)
    rows = sample.source_rows
    np.testing.assert_array_equal(sample.vectors, matrix[np.ix_(rows, rows)])
    assert sample_rows(Dataset(matrix), 5, 0).vectors.shape == (5, 12)


def test_a_row_that_is_not_finite_goes_with_its_column_and_takes_no_other(matrix: np.ndarray) -> None:
    matrix[4], matrix[:, 4] = np.nan, np.nan
    matrix[2, 7] = np.inf
    np.testing.assert_array_equal(finite_rows(matrix), [0, 1, 3, 5, 6, 7, 8, 9, 10, 11])
    kept = admit(Dataset(matrix, name="D"), Policy(nonfinite="drop"), pairs=True)
    assert kept.vectors.shape == (10, 10)
    assert dict(kept.dropped) == {2: "not finite", 4: "not finite"}


def test_what_rounding_left_is_mended(matrix: np.ndarray) -> None:
    wrong = matrix - 2e-7 * matrix.max()
    mended = check_distances(Dataset(wrong)).vectors
    assert (np.diagonal(mended) == 0).all()
    assert mended.min() == 0
    clean = Dataset(matrix)
    assert check_distances(clean) is clean


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda m: m[:9], r"D: metric=precomputed needs a square matrix.*9x12"),
        (lambda m: m - 1e-3, r"row 0, column 0 of the matrix of distances is negative"),
        (lambda m: m + np.eye(12), r"row 0, column 0 .* is not 0"),
        (lambda m: m + np.tri(12, k=-1), r"row 0, column 1 .* differs from its mirror image"),
        (lambda m: m * np.nan, "differs from its mirror image"),
    ],
)
def test_what_cannot_be_distances_is_refused(
    matrix: np.ndarray, change: Callable[[np.ndarray], np.ndarray], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        check_distances(Dataset(change(matrix), name="D"))


def test_distances_taken_for_embeddings(matrix: np.ndarray) -> None:
    with pytest.warns(EmbkitWarning, match="D looks like a square matrix of dist.*metric=precomputed"):
        warn_of_distances(Dataset(matrix, name="D"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_of_distances(Dataset(matrix + 1))
        warn_of_distances(Dataset(-matrix))
        warn_of_distances(Dataset(matrix[:, :5]))
