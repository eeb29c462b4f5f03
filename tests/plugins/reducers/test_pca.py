"""Principal components against a singular value decomposition."""

import numpy as np
import pytest

from embkit.data.dataset import Dataset
from embkit.errors import DataError, ParameterError
from embkit_plugins.reducers.pca import PCA
from fixture_types import MakeContext


def reference_scores(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """All principal coordinates and the share of variance of each."""
    shifted = vectors - vectors.mean(axis=0)
    left, strengths, _ = np.linalg.svd(shifted.astype(np.float64), full_matrices=False)
    return left * strengths, strengths**2 / (strengths**2).sum()


def test_coordinates_are_those_of_the_decomposition(blobs: Dataset, make_context: MakeContext) -> None:
    reduced = PCA(n_components=3).reduce(blobs, make_context(blobs))
    expected, _ = reference_scores(blobs.vectors)
    assert reduced.vectors.shape == (90, 3)
    assert reduced.vectors.dtype == np.float32
    assert np.allclose(np.abs(reduced.vectors), np.abs(expected[:, :3]), atol=1e-4)


def test_share_of_variance(blobs: Dataset, make_context: MakeContext) -> None:
    reduced = PCA(n_components=0.9).reduce(blobs, make_context(blobs))
    _, shares = reference_scores(blobs.vectors)
    assert reduced.n_features == np.searchsorted(np.cumsum(shares), 0.9) + 1
    assert f"kept {reduced.n_features} of 8 dimensions, 9" in reduced.notes[-1]


def test_whitened_dimensions_have_variance_one(blobs: Dataset, make_context: MakeContext) -> None:
    reduced = PCA(n_components=4, whiten=True).reduce(blobs, make_context(blobs))
    assert np.allclose(reduced.vectors.var(axis=0, ddof=1), 1, atol=1e-4)


@pytest.mark.parametrize("scale", [1e-200, 1e200])
def test_squares_neither_overflow_nor_vanish(
    scale: float, blobs: Dataset, make_context: MakeContext
) -> None:
    dataset = blobs.with_vectors(blobs.vectors.astype(np.float64) * scale)
    reduced = PCA(n_components=3).reduce(dataset, make_context(dataset))
    expected, _ = reference_scores(blobs.vectors)
    assert np.allclose(np.abs(reduced.vectors) / scale, np.abs(expected[:, :3]), atol=1e-6)


def test_keeps_fifty_or_what_there_is_by_default(
    blobs: Dataset, glosses: Dataset, make_context: MakeContext
) -> None:
    assert PCA().reduce(blobs, make_context(blobs)).n_features == 8
    assert PCA().reduce(glosses, make_context(glosses)).n_features == 50


def test_more_dimensions_than_there_are_is_refused(blobs: Dataset, make_context: MakeContext) -> None:
    message = r"n_components=9 for blobs of 90 rows and 8 dimensions.*at most 8"
    with pytest.raises(ParameterError, match=message):
        PCA(n_components=9).reduce(blobs, make_context(blobs))


def test_equal_rows_are_refused(make_context: MakeContext) -> None:
    dataset = Dataset(np.full((5, 3), 0.1, dtype=np.float32))
    with pytest.raises(DataError, match="all 5 rows are equal; reducer pca needs rows that differ"):
        PCA(n_components=2).reduce(dataset, make_context(dataset))


def test_one_row_is_refused(make_context: MakeContext) -> None:
    dataset = Dataset(np.ones((1, 3), dtype=np.float32))
    with pytest.raises(DataError, match="there is 1 row"):
        PCA().reduce(dataset, make_context(dataset))


def test_two_rows(make_context: MakeContext) -> None:
    dataset = Dataset(np.array([[0, 0, 0], [3, 0, 4]], dtype=np.float32))
    reduced = PCA(n_components=1).reduce(dataset, make_context(dataset))
    assert np.allclose(np.abs(reduced.vectors[:, 0]), 2.5)


def test_same_seed_same_bytes(glosses: Dataset, make_context: MakeContext) -> None:
    runs = [
        PCA(n_components=5, svd_solver="randomized").reduce(glosses, make_context(glosses, seed=3))
        for _ in range(2)
    ]
    assert runs[0].fingerprint == runs[1].fingerprint
