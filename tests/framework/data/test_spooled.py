"""Rows in a temporary file: read as the array that they were."""

import pickle
import tempfile
from pathlib import Path

import numpy as np
import pytest

from embkit import ResourceError, SpooledRows, stacked

X = np.random.default_rng(0).normal(size=(50, 7)).astype(np.float16)


def spooled() -> SpooledRows:
    rows = SpooledRows((50, 7), X.dtype)
    for start in range(0, 50, 8):
        rows.append(X[start : start + 8])
    return rows


def test_they_read_like_the_array() -> None:
    rows = spooled()
    assert rows.n_written == 50
    assert np.array_equal(rows.read(3, 21), X[3:21])
    assert rows.read(5, 5).shape == (0, 7)
    wanted = np.array([49, 0, 0, 13])
    assert np.array_equal(rows.pick(wanted), X[wanted])
    whole = stacked([rows, rows])
    assert whole.dtype == np.float32
    assert np.array_equal(np.asarray(whole), np.concatenate([X, X]).astype(np.float32))


def test_nothing_has_a_name_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    rows = spooled()
    assert np.array_equal(rows.read(0, 50), X)
    assert not list(tmp_path.iterdir())


def test_a_pickle_holds_the_rows() -> None:
    back = pickle.loads(pickle.dumps(stacked([spooled()])))
    assert np.array_equal(np.asarray(back), X.astype(np.float32))


def test_no_room_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "absent"))
    with pytest.raises(ResourceError, match=r"no room for 700 B of vectors in .*absent") as caught:
        spooled()
    assert "set TMPDIR to a folder with more room" in caught.value.fix


def test_a_full_disk_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with Path("/dev/full").open("wb", buffering=0) as full:
        monkeypatch.setattr(tempfile, "TemporaryFile", lambda **_: full)
        with pytest.raises(ResourceError, match="No space left on device"):
            SpooledRows((50, 7), X.dtype).append(X)
