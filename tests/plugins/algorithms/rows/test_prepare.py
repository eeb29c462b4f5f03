import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from embkit.data.dataset import Dataset
from embkit.errors import DataError
from embkit_plugins.algorithms.rows.prepare import first_equal, row_blocks, sampled_rows, unit_rows


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_unit_rows_have_length_one_and_keep_their_dtype(dtype: type[np.floating]) -> None:
    vectors = np.random.default_rng(0).normal(size=(700, 500)).astype(dtype)
    units = unit_rows(Dataset(vectors))
    assert units.dtype == dtype
    assert units.flags.c_contiguous
    np.testing.assert_allclose(np.linalg.norm(units.astype(np.float64), axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(units * np.linalg.norm(vectors, axis=1)[:, None], vectors, rtol=1e-5)


@pytest.mark.parametrize(
    ("dtype", "scale"),
    [(np.float32, 1e18), (np.float32, 1e-30), (np.float64, 1e300), (np.float64, 1e-300)],
)
def test_unit_rows_of_very_long_and_very_short_rows(dtype: type[np.floating], scale: float) -> None:
    vectors = (np.array([[3.0, 4.0], [0.0, 1.0]]) * scale).astype(dtype)
    np.testing.assert_allclose(unit_rows(Dataset(vectors)), [[0.6, 0.8], [0.0, 1.0]], rtol=1e-6)


def test_unit_rows_name_the_zero_rows_as_the_source_numbers_them() -> None:
    dataset = Dataset(np.array([[1.0, 0], [0, 0], [0, 0]]), name="mail", rows=np.array([4, 7, 9]))
    with pytest.raises(DataError, match=r"mail: zero vector in rows 7, 9; .*--zero-vectors drop"):
        unit_rows(dataset)


def test_a_row_too_small_for_its_dtype_is_zero() -> None:
    with pytest.raises(DataError, match="zero vector in row 1;"):
        unit_rows(Dataset(np.array([[1.0, 0], [1e-42, 0]], dtype=np.float32)))


def test_many_zero_rows_are_counted() -> None:
    with pytest.raises(DataError, match="rows 0, 1, 2, 3, 4 and 7 more;"):
        unit_rows(Dataset(np.zeros((12, 2))))


def test_row_blocks_cover_all_rows_once() -> None:
    blocks = row_blocks(np.zeros((10, 3)), block_bytes=3 * 3 * 8)
    assert [(block.start, block.stop) for block in blocks] == [(0, 3), (3, 6), (6, 9), (9, 10)]
    assert row_blocks(np.zeros((2, 10)), block_bytes=8) == [slice(0, 1), slice(1, 2)]


@settings(max_examples=30, deadline=None)
@given(
    hnp.arrays(
        st.sampled_from([np.float32, np.float64]),
        st.tuples(st.integers(1, 30), st.integers(1, 3)),
        elements=st.sampled_from([0.0, -0.0, 1.0, 2.5]),
    )
)
def test_first_equal_matches_comparing_every_pair(vectors: np.ndarray) -> None:
    equal = (vectors[:, None, :] == vectors[None, :, :]).all(axis=2)
    np.testing.assert_array_equal(first_equal(vectors), equal.argmax(axis=1))


@pytest.mark.parametrize("n_samples", [0, 1, 9, 10])
def test_all_rows_are_taken_where_they_are_few_and_nothing_is_drawn(n_samples: int) -> None:
    rng = np.random.default_rng(0)
    assert np.array_equal(sampled_rows(n_samples, 10, rng), np.arange(n_samples))
    assert rng.random() == np.random.default_rng(0).random()


def test_sampled_rows_are_distinct_and_ascending() -> None:
    rows = sampled_rows(1000, 10, np.random.default_rng(0))
    assert len(rows) == 10
    assert (np.diff(rows) > 0).all()
    assert rows.max() < 1000
