"""Safetensors files, written by the format's own library."""

import json
import struct
import sys
from pathlib import Path

import numpy as np
import pytest

from embkit.errors import DataError, MissingExtraError, ParameterError
from embkit_plugins.loaders.safetensors import Safetensors
from narrowing import present

numpy_files = pytest.importorskip("safetensors.numpy", reason="safetensors is not installed")

X = np.random.default_rng(0).normal(size=(20, 4)).astype(np.float32)


def saved(path: Path, **tensors: np.ndarray) -> str:
    numpy_files.save_file(tensors, path)
    return str(path)


def by_hand(path: Path, dtype: str, values: bytes, shape: list[int]) -> str:
    header = json.dumps(
        {"embeddings": {"dtype": dtype, "shape": shape, "data_offsets": [0, len(values)]}}
    )
    path.write_bytes(struct.pack("<Q", len(header)) + header.encode() + values)
    return str(path)


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "i1", "u1", "i8"])
def test_the_only_matrix_is_mapped(tmp_path: Path, dtype: str) -> None:
    matrix = (10 * X).astype(dtype)
    dataset = Safetensors().load(saved(tmp_path / "a.safetensors", m=matrix, v=np.arange(3)))
    assert dataset.vectors.dtype == np.dtype(dtype)
    np.testing.assert_array_equal(dataset.vectors, matrix)


def test_choice_and_columns(tmp_path: Path) -> None:
    path = saved(
        tmp_path / "a.safetensors",
        embeddings=X,
        other=X,
        labels=np.arange(20) % 2,
        ids=np.arange(20) * 3,
    )
    dataset = Safetensors().load(path)
    assert "not read: other" in dataset.notes[0]
    assert present(dataset.reference)[:3] == ("0", "1", "0")
    assert present(dataset.ids)[:3] == ("0", "3", "6")
    np.testing.assert_array_equal(Safetensors(key="other").load(path).vectors, X)
    with pytest.raises(ParameterError, match="no array 'othr'; did you mean 'other'"):
        Safetensors(key="othr").load(path)
    with pytest.raises(DataError, match=r"several matrices: .*--loader safetensors:key=a"):
        Safetensors().load(saved(tmp_path / "b.safetensors", a=X, b=X))


def test_bfloat16_becomes_float32(tmp_path: Path) -> None:
    bits = (X.view(np.uint32) >> 16).astype("<u2")
    dataset = Safetensors().load(by_hand(tmp_path / "a.safetensors", "BF16", bits.tobytes(), [20, 4]))
    assert dataset.vectors.dtype == np.float32
    np.testing.assert_array_equal(dataset.vectors, (bits.astype(np.uint32) << 16).view(np.float32))
    np.testing.assert_allclose(dataset.vectors, X, rtol=2**-7)
    assert dataset.notes == ("bfloat16, read as float32",)
    with pytest.raises(DataError, match="holds no matrix of real numbers"):
        Safetensors().load(by_hand(tmp_path / "b.safetensors", "F8_E4M3", bytes(80), [20, 4]))


def test_damaged_and_other_files(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    whole = (tmp_path / "b.safetensors", saved(tmp_path / "b.safetensors", X=X))[0].read_bytes()
    for content in (whole[:-1], whole[:60], whole + b"more", whole.replace(b"[20,4]", b"[99,4]")):
        path.write_bytes(content)
        with pytest.raises(DataError, match=r"the safetensors file is cut or damaged"):
            Safetensors().load(str(path))
    path.write_bytes(b"PAR1")
    with pytest.raises(
        DataError, match=r"not a safetensors file; it is a Parquet file; use --loader parquet"
    ):
        Safetensors().load(str(path))


def test_without_safetensors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(tmp_path / "a.safetensors", X=X)
    monkeypatch.setitem(sys.modules, "safetensors", None)
    with pytest.raises(MissingExtraError, match=r"safetensors needs safetensors; .*\[safetensors\]'"):
        Safetensors().load(path)
