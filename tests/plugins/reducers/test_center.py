"""Rows relative to their mean."""

import numpy as np

from embkit.data.dataset import Dataset
from embkit_plugins.reducers.center import Center
from fixture_types import MakeContext


def test_the_mean_is_gone(blobs: Dataset, make_context: MakeContext) -> None:
    reduced = Center().reduce(blobs, make_context(blobs))
    assert reduced.vectors.dtype == np.float32
    assert np.allclose(reduced.vectors.mean(axis=0), 0, atol=1e-6)
    assert np.allclose(reduced.vectors, blobs.vectors - blobs.vectors.mean(axis=0), atol=1e-6)


def test_rows_far_from_the_origin_keep_their_differences(make_context: MakeContext) -> None:
    rng = np.random.default_rng(0)
    vectors = (1000 + 1e-2 * rng.normal(size=(200, 4))).astype(np.float32)
    dataset = Dataset(vectors)
    exact = vectors.astype(np.float64) - vectors.astype(np.float64).mean(axis=0)
    reduced = Center().reduce(dataset, make_context(dataset))
    assert np.allclose(reduced.vectors, exact, rtol=1e-6, atol=1e-9)


def test_equal_rows_become_zero(make_context: MakeContext) -> None:
    dataset = Dataset(np.full((3, 2), 0.1, dtype=np.float32))
    assert not Center().reduce(dataset, make_context(dataset)).vectors.any()
