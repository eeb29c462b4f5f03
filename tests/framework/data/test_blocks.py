"""Vectors that stay in their files, against the array that they stand for."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from embkit.data import blocks
from embkit.data.blocks import ArrayRows, Blocks, FileRows
from embkit.data.dataset import Dataset
from embkit.data.fingerprint import array_fingerprint
from embkit.data.intake import admission
from embkit.data.intake.admission import Policy, admit
from embkit.errors import DataError
from narrowing import untyped


def file_rows(path: Path, array: np.ndarray) -> FileRows:
    path.write_bytes(b"header" + array.tobytes())
    return FileRows(path, 6, array.shape, array.dtype)


@pytest.fixture
def array() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(37, 5)).astype(np.float16)


@pytest.fixture(params=[[37], [1, 36], [10, 1, 26], [1] * 37])
def sharded(request: pytest.FixtureRequest, array: np.ndarray, tmp_path: Path) -> Blocks:
    bounds = np.cumsum([0, *request.param])
    return Blocks(
        [
            file_rows(tmp_path / f"{number}.bin", array[start:stop])
            for number, (start, stop) in enumerate(pairwise(bounds))
        ]
    )


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if everything were large."""
    monkeypatch.setattr(blocks, "HELD_BYTES", 0)
    monkeypatch.setattr(admission, "HELD_BYTES", 0)
    monkeypatch.setattr("embkit.data.dataset.HELD_BYTES", 0)


def test_every_finite_float16_is_converted_exactly() -> None:
    values = np.arange(65536, dtype=np.uint16).view(np.float16).reshape(-1, 8)
    finite = values[np.isfinite(values).all(axis=1)]
    for part in (values, finite, finite.astype(finite.dtype.newbyteorder()), finite[::3]):
        found = Blocks([ArrayRows(part)])[:]
        assert np.array_equal(found, part.astype(np.float32), equal_nan=True)
        assert np.array_equal(np.signbit(found), np.signbit(part))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_reads_like_the_array(data: st.DataObject) -> None:
    array = np.arange(60, dtype=np.float16).reshape(20, 3)
    cuts = sorted(data.draw(st.lists(st.integers(1, 19), unique=True)))
    vectors = Blocks([ArrayRows(part) for part in np.split(array, cuts)])
    wide = array.astype(np.float32)
    key = data.draw(
        st.slices(20) | st.integers(-20, 19) | st.lists(st.integers(-20, 19)).map(np.array) | st.none()
    )
    key = np.arange(20) % 3 == 0 if key is None else key
    key = key.astype(int) if isinstance(key, np.ndarray) and key.dtype == float else key
    assert np.array_equal(vectors[key], wide[key])
    assert vectors[key].dtype == np.float32


def test_files_of_any_number_of_rows(sharded: Blocks, array: np.ndarray) -> None:
    wide = array.astype(np.float32)
    assert sharded.shape == array.shape
    assert np.array_equal(np.asarray(sharded), wide)
    rows = np.array([36, 0, 20, 20, 3])
    assert np.array_equal(sharded[rows], wide[rows])
    assert np.array_equal(sharded[rows, 1:3], wide[rows, 1:3])
    assert np.array_equal(sharded.select(rows)[1:4], wide[rows[1:4]])
    assert np.array_equal(sharded.select(rows).select(np.array([4, 0]))[:], wide[[3, 36]])
    assert array_fingerprint(untyped(sharded)) == array_fingerprint(wide)
    with pytest.raises(IndexError, match="there are 37 rows"):
        sharded[np.array([37])]
    with pytest.raises(ValueError, match="without a copy"):
        np.asarray(sharded, copy=False)


def test_rows_far_apart_are_picked_from_the_file(tmp_path: Path) -> None:
    array = np.random.default_rng(0).normal(size=(900, 2)).astype(np.float32)
    part = file_rows(tmp_path / "rows.bin", array)
    rows = np.array([899, 0, 450])
    assert np.array_equal(part.pick(rows), array[rows])
    assert part.pick(rows[:0]).shape == (0, 2)


def test_a_file_that_became_shorter_is_an_error(tmp_path: Path, array: np.ndarray) -> None:
    part = file_rows(tmp_path / "rows.bin", array)
    (tmp_path / "rows.bin").write_bytes(b"header")
    with pytest.raises(DataError, match=r"rows.bin: it changed while it was read; rows 3 to 9"):
        part.read(3, 9)
    (tmp_path / "rows.bin").unlink()
    with pytest.raises(DataError, match=r"it changed while it was read.*nothing writes to it"):
        part.read(3, 9)


def test_mixed_types_are_as_wide_as_the_widest() -> None:
    parts = [ArrayRows(np.ones((2, 3), dtype)) for dtype in (np.float16, np.float64)]
    assert Blocks(parts).dtype == np.float64
    assert Blocks(parts[:1]).dtype == np.float32
    assert "3 float32, kept as float16 in 1 parts" in repr(Blocks(parts[:1]))


def test_small_ones_are_read_when_admitted(sharded: Blocks, array: np.ndarray) -> None:
    dataset = admit(Dataset(untyped(sharded)), Policy())
    assert isinstance(dataset.vectors, np.ndarray)
    assert np.array_equal(dataset.vectors, array.astype(np.float32))
    assert dataset.in_memory is dataset


def test_large_ones_stay_in_their_files(small: None, sharded: Blocks, array: np.ndarray) -> None:
    dataset = admit(Dataset(untyped(sharded)), Policy())
    assert isinstance(untyped(dataset.vectors), Blocks)
    held = dataset.in_memory
    assert isinstance(held.vectors, np.ndarray)
    assert dataset.in_memory is held
    assert dataset.fingerprint == held.fingerprint == Dataset(array.astype(np.float32)).fingerprint


def test_dropped_rows_leave_the_others_in_their_files(small: None, array: np.ndarray) -> None:
    array[3, 2] = np.nan
    array[7] = 0
    dataset = admit(Dataset(untyped(Blocks([ArrayRows(array)])), name="rows"), Policy("drop", "drop"))
    kept = np.delete(array, [3, 7], axis=0).astype(np.float32)
    assert isinstance(untyped(dataset.vectors), Blocks)
    assert np.array_equal(np.asarray(dataset.vectors), kept)
    assert dict(dataset.dropped) == {3: "not finite", 7: "zero vector"}
    with pytest.raises(DataError, match=r"NaN or infinite values in 1 of 37 rows \(row 3, column 2\)"):
        admit(Dataset(untyped(Blocks([ArrayRows(array)]))), Policy())


def test_a_map_of_narrow_floats_stays_where_it_is(
    small: None, tmp_path: Path, array: np.ndarray
) -> None:
    np.save(tmp_path / "rows.npy", array)
    mapped = np.load(tmp_path / "rows.npy", mmap_mode="r")
    dataset = admit(Dataset(mapped), Policy())
    assert isinstance(untyped(dataset.vectors), Blocks)
    assert np.array_equal(dataset.vectors[2:9], array[2:9].astype(np.float32))


def test_one_file_of_float32_is_mapped_when_it_is_wanted_whole(tmp_path: Path) -> None:
    array = np.ones((4, 2), dtype=np.float32)
    vectors = Blocks([file_rows(tmp_path / "rows.bin", array)])
    assert isinstance(vectors.array(), np.memmap)
    assert np.array_equal(vectors.array(), array)
    assert not isinstance(vectors.select(np.arange(2)).array(), np.memmap)
