"""Every finite half, in any layout, against NumPy's conversion."""

import numpy as np
import pytest

from embkit_plugins.algorithms.rows.halves import singles

EVERY = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
FINITE = EVERY[np.isfinite(EVERY)]


@pytest.mark.parametrize("n_features", [1, 31, 64, 2046])
def test_every_finite_half(n_features: int) -> None:
    rows = FINITE[: len(FINITE) // n_features * n_features].reshape(-1, n_features)
    found = singles(rows)
    assert found.dtype == np.float32
    assert found.flags.c_contiguous
    assert np.array_equal(found, rows.astype(np.float32))
    assert np.array_equal(np.signbit(found), np.signbit(rows))


@pytest.mark.parametrize("dtype", ["<f2", ">f2", "<f4", ">f4", "<f8"])
def test_other_types_and_layouts(dtype: str) -> None:
    rows = np.random.default_rng(0).normal(size=(40, 12)).astype(dtype)
    for same in (rows, rows[::2], rows[:, ::3], np.asfortranarray(rows), rows[:0]):
        found = singles(same)
        assert found.dtype == np.float32
        assert found.flags.c_contiguous
        assert np.array_equal(found, same.astype(np.float32))


def test_it_is_a_copy() -> None:
    rows = np.ones((3, 2), dtype=np.float32)
    singles(rows)[:] = 0
    assert np.all(rows == 1)
