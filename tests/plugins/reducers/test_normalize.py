"""Rows of length 1."""

import numpy as np
import pytest

from embkit.data.dataset import Dataset
from embkit.errors import DataError
from embkit_plugins.reducers.normalize import Normalize
from fixture_types import MakeContext


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_row_has_length_one(dtype: type, make_context: MakeContext) -> None:
    dataset = Dataset(np.random.default_rng(0).normal(size=(20, 5)).astype(dtype))
    reduced = Normalize().reduce(dataset, make_context(dataset))
    assert reduced.vectors.dtype == dtype
    assert np.allclose(np.linalg.norm(reduced.vectors, axis=1), 1, atol=1e-6)
    assert np.allclose(
        reduced.vectors * np.linalg.norm(dataset.vectors, axis=1)[:, None], dataset.vectors
    )


def test_rows_keep_their_texts(blobs: Dataset, make_context: MakeContext) -> None:
    reduced = Normalize().reduce(blobs, make_context(blobs))
    assert reduced.texts == blobs.texts
    assert reduced.reference == blobs.reference


def test_a_zero_row_is_named(make_context: MakeContext) -> None:
    dataset = Dataset(np.array([[1, 0], [0, 0], [0, 2]], dtype=np.float32))
    with pytest.raises(DataError, match="1"):
        Normalize().reduce(dataset, make_context(dataset))
