"""Zarr folders, of both versions of the format, written by zarr."""

import json
import sys
import warnings
from pathlib import Path
from typing import Protocol

import numpy as np
import pytest

from embkit.errors import DataError, MissingExtraError, ParameterError, ResourceError
from embkit_plugins.loaders.reading import files as _files
from embkit_plugins.loaders.zarr import Zarr
from narrowing import present

zarr = pytest.importorskip("zarr", reason="zarr is not installed")

X = np.random.default_rng(0).normal(size=(40, 6)).astype(np.float32)


class Make(Protocol):
    """Makes a zarr folder of the given arrays."""

    def __call__(self, name: str = "a.zarr", version: int = 3, **arrays: np.ndarray) -> str: ...


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def write(name: str = "a.zarr", version: int = 3, **arrays: np.ndarray) -> str:
        group = zarr.open_group(tmp_path / name, mode="w", zarr_format=version)
        for place, values in arrays.items():
            group.create_array(place.replace("__", "/"), data=values)
        return str(tmp_path / name)

    return write


@pytest.mark.parametrize("version", [2, 3])
def test_the_only_matrix_and_its_columns(make: Make, version: int) -> None:
    path = make(version=version, deep__X=X, deep__labels=np.arange(40) % 2, v=np.arange(5))
    dataset = Zarr().load(path)
    np.testing.assert_array_equal(dataset.vectors, X)
    assert present(dataset.reference)[:3] == ("0", "1", "0")
    assert dataset.name == "a.zarr"


def test_an_array_alone_and_keys(make: Make, tmp_path: Path) -> None:
    zarr.save_array(str(tmp_path / "one.zarr"), X)
    np.testing.assert_array_equal(Zarr().load(str(tmp_path / "one.zarr")).vectors, X)
    path = make(a=X, b=X + 1)
    with pytest.raises(DataError, match=r"several matrices: .*--loader zarr:key=a"):
        Zarr().load(path)
    np.testing.assert_array_equal(Zarr(key="/b").load(path).vectors, X + 1)
    with pytest.raises(ParameterError, match="no array 'c'"):
        Zarr(key="c").load(path)


def test_strings(make: Make, tmp_path: Path) -> None:
    path = make(X=X)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        group = zarr.open_group(path, mode="a")
        texts = group.create_array("texts", shape=(40,), dtype=str)
        texts[:] = np.array([f"ü {row}" for row in range(40)], dtype=object)
        dataset = Zarr().load(path)
    assert present(dataset.texts)[:2] == ("ü 0", "ü 1")


def test_codecs_that_unpickle_are_refused_unread(make: Make, tmp_path: Path) -> None:
    path = make(version=2, X=X)
    file = tmp_path / "a.zarr" / "X" / ".zarray"
    document = json.loads(file.read_text())
    document["filters"] = [{"id": "pickle", "protocol": 5}]
    file.write_text(json.dumps(document))
    with pytest.raises(
        DataError, match=r"X/.zarray names a codec that unpickles; refused; unpickling can"
    ):
        Zarr().load(path)


def test_damage_memory_and_other_kinds(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make(X=X)
    chunk = next(file for file in (tmp_path / "a.zarr" / "X").rglob("0") if file.is_file())
    whole = chunk.read_bytes()
    chunk.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match=r"a.zarr: the zarr folder is damaged, or needs a codec"):
        Zarr().load(path)
    (tmp_path / "a.zarr" / "zarr.json").write_text("{")
    with pytest.raises(DataError, match="a.zarr: zarr.json cannot be read"):
        Zarr().load(path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match=r"empty: it is not a zarr folder; it holds none of zarr.json"):
        Zarr().load(str(tmp_path / "empty"))
    (tmp_path / "a.npy").write_bytes(b"\x93NUMPY")
    with pytest.raises(DataError, match="it is not a folder; it is a NumPy array"):
        Zarr().load(str(tmp_path / "a.npy"))
    with pytest.raises(DataError, match="there is no file 'gone.zarr'"):
        Zarr().load(str(tmp_path / "gone.zarr"))
    other = make("b.zarr", X=X)
    monkeypatch.setattr(_files, "available_memory", lambda: 10)
    from embkit_plugins.loaders.reading import store

    monkeypatch.setattr(store, "check_room", _files.check_room)
    with pytest.raises(ResourceError, match="reading it takes 960 B"):
        Zarr().load(other)


def test_without_zarr(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make(X=X)
    monkeypatch.setitem(sys.modules, "zarr", None)
    with pytest.raises(MissingExtraError, match=r"loader zarr needs zarr; .*\[zarr\]'"):
        Zarr().load(path)
