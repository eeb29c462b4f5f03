"""What comes in: converted, scanned, dropped only where that was asked for."""

import warnings
from pathlib import Path

import numpy as np
import pytest

from embkit.data.dataset import Dataset
from embkit.data.intake.admission import Policy, admit, sample_rows
from embkit.errors import DataError, EmbkitWarning
from narrowing import present

VALUES = np.random.default_rng(0).normal(size=(50, 4)).astype(np.float32)


@pytest.mark.parametrize(
    ("given", "dtype"),
    [
        (VALUES, np.float32),
        (VALUES.astype(np.float64), np.float64),
        (VALUES.astype(np.float16), np.float32),
        (VALUES.astype(">f4"), np.float32),
        (VALUES.astype(">f8"), np.float64),
        (VALUES.astype(np.longdouble), np.float64),
        (np.asfortranarray(VALUES), np.float32),
        (np.repeat(VALUES, 2, axis=1)[:, ::2], np.float32),
        ((VALUES * 9).astype(np.int8), np.float32),
        (VALUES > 0, np.float32),
    ],
)
def test_any_real_matrix_becomes_native_contiguous_floats(given: np.ndarray, dtype: type) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EmbkitWarning)
        vectors = admit(Dataset(given), Policy()).vectors
    assert vectors.dtype == np.dtype(dtype)
    assert vectors.flags.c_contiguous
    assert not vectors.flags.writeable
    np.testing.assert_array_equal(vectors, given.astype(dtype))


def test_float16_is_widened_before_any_arithmetic() -> None:
    rows = np.full((3, 384), 20, dtype=np.float16)
    rows[1] += 1
    with pytest.warns(EmbkitWarning, match="repeat"):
        assert np.isfinite(np.square(admit(Dataset(rows), Policy()).vectors).sum(axis=1)).all()


def test_a_memory_map_stays_one(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", VALUES)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    assert np.shares_memory(admit(Dataset(mapped), Policy()).vectors, mapped)


def test_nonfinite_rows_are_named() -> None:
    values = VALUES.copy()
    values[3, 2], values[7, 0] = np.nan, -np.inf
    with pytest.raises(
        DataError,
        match=r"NaN or infinite values in 2 of 50 rows \(row 3, column 2; row 7, column 0\); .*--nonfinite drop",
    ):
        admit(Dataset(values), Policy())


def test_dropped_rows_are_remembered_with_their_source_rows() -> None:
    values = VALUES.copy()
    values[3, 2], values[7] = np.nan, 0
    ids = [f"r{row}" for row in range(50)]
    kept = admit(Dataset(values, ids=ids), Policy(nonfinite="drop", zero_vectors="drop"))
    assert kept.n_samples == 48
    assert dict(kept.dropped) == {3: "not finite", 7: "zero vector"}
    assert kept.source_rows.tolist() == [row for row in range(50) if row not in (3, 7)]
    assert present(kept.ids)[3] == "r4"
    assert dict(kept.dropped_ids) == {3: "r3", 7: "r7"}
    assert kept.notes == ("dropped 2 of 50 rows (1 not finite, 1 zero vector)",)


def test_nothing_left_is_an_error() -> None:
    with pytest.raises(DataError, match="no row is left"):
        admit(Dataset(np.full((2, 2), np.nan)), Policy(nonfinite="drop"))


def test_zero_rows_pass_unless_they_are_to_be_dropped() -> None:
    values = VALUES.copy()
    values[0] = 0
    assert admit(Dataset(values), Policy()).n_samples == 50
    assert admit(Dataset(values), Policy(zero_vectors="drop")).n_samples == 49


@pytest.mark.parametrize(("dtype", "value"), [(np.float32, 1e19), (np.float64, -1e151)])
def test_values_whose_squares_overflow_are_refused(dtype: type[np.floating], value: float) -> None:
    values = VALUES.astype(dtype)
    values[4, 1] = value
    with pytest.raises(
        DataError, match=r"in row 4, column 1; squares of values above .* overflow .* divide the matrix"
    ):
        admit(Dataset(values), Policy())


def test_repeated_rows_and_constant_columns_are_said() -> None:
    repeated = np.concatenate([VALUES, VALUES[:2], -0.0 * VALUES[:1], 0.0 * VALUES[:1]])
    with pytest.warns(EmbkitWarning, match=r"3 rows \(5.6%\) repeat another row exactly"):
        admit(Dataset(repeated), Policy())
    constant = VALUES.copy()
    constant[:, 1] = 3
    assert admit(Dataset(constant), Policy()).notes == ("1 of 4 columns is constant",)


def test_a_sample_is_of_distinct_rows_in_order_and_repeatable() -> None:
    dataset = Dataset(VALUES)
    sample = sample_rows(dataset, 10, seed=5)
    assert sample.n_samples == 10
    assert (np.diff(sample.source_rows) > 0).all()
    np.testing.assert_array_equal(sample.vectors, VALUES[sample.source_rows])
    np.testing.assert_array_equal(sample.source_rows, sample_rows(dataset, 10, seed=5).source_rows)
    assert sample_rows(dataset, 50, seed=5) is dataset


@pytest.mark.parametrize("dtype", [np.int32, np.int64, np.uint32, np.uint64])
def test_integers_that_float32_would_round_become_float64(dtype: type[np.integer]) -> None:
    seconds = (1_700_000_000 + np.arange(8).reshape(4, 2)).astype(dtype)
    vectors = admit(Dataset(seconds), Policy()).vectors
    assert vectors.dtype == np.float64
    np.testing.assert_array_equal(vectors, seconds)
    small = np.arange(8).reshape(4, 2).astype(dtype)
    assert admit(Dataset(small), Policy()).vectors.dtype == np.float32
    exact = (small + 1) * dtype(2**25)
    assert admit(Dataset(exact), Policy()).vectors.dtype == np.float32


def test_integers_beyond_float64_are_said_to_be_rounded() -> None:
    values = np.array([[2**53 + 1, 0], [1, 2], [-5, 6]])
    with pytest.warns(EmbkitWarning, match=r"integers beyond 2\*\*53 were rounded to float64"):
        vectors = admit(Dataset(values), Policy()).vectors
    np.testing.assert_array_equal(vectors, values.astype(np.float64))


@pytest.mark.parametrize("lowest", [np.iinfo(np.int32).min, np.iinfo(np.int64).min])
def test_the_lowest_integer_has_no_positive_counterpart(lowest: int) -> None:
    values = np.array([[lowest, 0], [1, 2]])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EmbkitWarning)
        np.testing.assert_array_equal(admit(Dataset(values), Policy()).vectors, values.astype(float))
