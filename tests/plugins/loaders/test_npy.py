import io
import struct
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import embkit
from embkit.errors import DataError, EmbkitWarning, ParameterError
from embkit_plugins.loaders.npy import Npy
from narrowing import untyped


def saved(path: Path, array: np.ndarray) -> str:
    np.save(path, array)
    return str(path)


def with_header(path: Path, header: str, data: bytes = b"", version: tuple[int, int] = (1, 0)) -> str:
    text = header.encode()
    length = struct.pack("<H" if version[0] == 1 else "<I", len(text))
    path.write_bytes(b"\x93NUMPY" + bytes(version) + length + text + data)
    return str(path)


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", ">f4", "i1", "u2", "i8", "?"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_is_mapped_in_its_own_dtype(tmp_path: Path, dtype: str, order: Literal["C", "F"]) -> None:
    array = np.asarray(np.arange(12).reshape(4, 3) % 5, dtype=dtype, order=order)
    dataset = Npy().load(saved(tmp_path / "a.npy", array))
    assert isinstance(dataset.vectors, np.memmap)
    assert dataset.vectors.dtype == np.dtype(dtype)
    np.testing.assert_array_equal(dataset.vectors, array)
    assert dataset.name == "a.npy"
    assert ("Fortran" in " ".join(dataset.notes)) == (order == "F")


@given(
    array=hnp.arrays(
        st.sampled_from(["<f4", ">f8", "<f2", "<i4"]), hnp.array_shapes(min_dims=2, max_dims=2)
    ),
    version=st.sampled_from([(1, 0), (2, 0), (3, 0)]),
)
@settings(max_examples=20, deadline=None)
def test_reads_what_numpy_writes_in_every_version(
    tmp_path_factory: pytest.TempPathFactory, array: np.ndarray, version: tuple[int, int]
) -> None:
    path = tmp_path_factory.mktemp("npy") / "a.npy"
    with path.open("wb") as stream:
        np.lib.format.write_array(stream, array, version)
    np.testing.assert_array_equal(Npy().load(str(path)).vectors, array)


def test_rows_end_to_end(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.npy", np.arange(12.0))
    np.testing.assert_array_equal(Npy(dim=4).load(path).vectors, np.arange(12.0).reshape(3, 4))
    with pytest.raises(DataError, match=r"one dimension \(12 values\).*--loader npy:dim=LENGTH"):
        Npy().load(path)
    with pytest.raises(DataError, match=r"12 values do not divide into rows of 5; dim=5 was given"):
        Npy(dim=5).load(path)
    matrix = saved(tmp_path / "b.npy", np.ones((3, 4)))
    assert Npy(dim=4).load(matrix).n_features == 4
    with pytest.raises(DataError, match=r"its rows have 4 values; dim=3 was given; leave dim out"):
        Npy(dim=3).load(matrix)


@pytest.mark.parametrize("shape", [(0, 16), (5, 0)])
def test_empty_matrix(tmp_path: Path, shape: tuple[int, int]) -> None:
    with pytest.raises(DataError, match=f"empty matrix of shape {shape[0]}x{shape[1]}"):
        Npy().load(saved(tmp_path / "a.npy", np.empty(shape)))


def test_other_dimensions(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"shape 2x3x4; .*one embedding a row; .*mean\(axis=1\)"):
        Npy().load(saved(tmp_path / "a.npy", np.ones((2, 3, 4))))
    with pytest.raises(DataError, match=r"needs a matrix"):
        Npy().load(saved(tmp_path / "b.npy", np.array(1.0)))


def test_pickles_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    np.save(path, np.array([{"a": 1}, None], dtype=object), allow_pickle=True)
    with pytest.raises(
        DataError, match=r"contains a Python pickle .*refused; unpickling can run arbitrary code"
    ):
        Npy().load(str(path))


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.ones((2, 2), dtype=complex), "complex128, not real numbers"),
        (np.array([["a", "b"]]), "<U1, not real numbers"),
        (np.zeros(3, dtype=[("x", "f4"), ("y", "f4", 2)]), "structured array with the fields x, y"),
        (np.zeros(3, dtype=[("größe", "f4")]), "structured array with the fields gr"),
        (np.zeros((2, 2), dtype="M8[s]"), "datetime64"),
    ],
)
def test_what_is_no_real_number(tmp_path: Path, array: np.ndarray, message: str) -> None:
    with pytest.raises(DataError, match=message):
        Npy().load(saved(tmp_path / "a.npy", array))


def test_cut_file_says_both_sizes(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    np.save(path, np.ones((1000, 100), dtype=np.float32))
    path.write_bytes(path.read_bytes()[:300_000])
    with pytest.raises(
        DataError, match=r"header says 1000x100 float32 \(400.0 kB\), it holds 299.9 kB.*missing"
    ):
        Npy().load(str(path))


@pytest.mark.parametrize("length", range(0, 128, 7))
def test_cut_header(tmp_path: Path, length: int) -> None:
    path = tmp_path / "a.npy"
    np.save(path, np.ones((2, 2)))
    path.write_bytes(path.read_bytes()[:length])
    expected = (
        "the file is empty" if length == 0 else r"the file is cut off within its header; EOF: reading"
    )
    with pytest.raises(DataError, match=expected):
        Npy().load(str(path))


@pytest.mark.parametrize(
    "shape",
    ["(1000000000000, 768)", "(1000000000000000000, 1000000000000000000)", "(9223372036854775808, 2)"],
)
def test_huge_shapes_never_reach_numpy(tmp_path: Path, shape: str) -> None:
    path = with_header(
        tmp_path / "a.npy", f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}", bytes(64)
    )
    with pytest.raises(DataError, match=r"the file is cut: its header says"):
        Npy().load(path)


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (
            "{'descr': '<f4', 'fortran_order': False, 'shape': (-1, 2)}",
            r"invalid shape \(-1, 2\)",
        ),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (True, 2)}", r"invalid shape \(True, 2\)"),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': 3}", "shape is not valid: 3"),
        (
            "{'descr': '<f4', 'fortran_order': 0, 'shape': (1, 2)}",
            "fortran_order is not a valid bool: 0",
        ),
        ("{'descr': '<q99', 'fortran_order': False, 'shape': (1, 2)}", "not a valid dtype descriptor"),
        ("{'descr': '<f4', 'shape': (1, 2)}", "does not contain the correct keys"),
        ("__import__('os').system('true')", "malformed node"),
        ("{'descr': '\\d', 'fortran_order': False, 'shape': (1, 2)}", "not a valid dtype descriptor"),
        ("(" * 5000, ""),
        ("[]", "not a dictionary"),
        ("", "Cannot parse header: ''"),
    ],
)
def test_wrong_headers(tmp_path: Path, header: str, reason: str) -> None:
    with pytest.raises(DataError, match=f"not a valid .npy array; .*{reason}.*; write it again"):
        Npy().load(with_header(tmp_path / "a.npy", header, bytes(64)))


def test_versions_and_long_headers(tmp_path: Path) -> None:
    good = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2)}"
    with pytest.raises(DataError, match="unknown format version 9.0"):
        Npy().load(with_header(tmp_path / "a.npy", good, bytes(8), version=(9, 0)))
    with pytest.raises(
        DataError, match=r"Header info length \(20000\) is large.*write it again with numpy.save$"
    ):
        Npy().load(with_header(tmp_path / "b.npy", good.ljust(20_000), bytes(8)))


def test_trailing_bytes_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    np.save(path, np.eye(2))
    path.write_bytes(path.read_bytes() + b"tail")
    with pytest.warns(EmbkitWarning, match=r"4 bytes .*follow the array and are not read"):
        dataset = Npy().load(str(path))
    np.testing.assert_array_equal(dataset.vectors, np.eye(2))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a,b\n1,2\n", "it is plain text; use --loader csv"),
        (b'{"embedding": [1]}\n', "it is JSON text; use --loader jsonl"),
        (b"\x1f\x8b\x08\x00", "it is compressed with gzip; decompress it first: gunzip"),
        (b"PK\x03\x04rest", "it is a zip archive .*--loader npz"),
        (b"PAR1....PAR1", "it is a Parquet file; use --loader parquet"),
        (b"\x89HDF\r\n\x1a\n", "it is an HDF5 file; use --loader hdf5"),
        (b"ARROW1\x00\x00", "Arrow IPC"),
        (b"\x80\x04\x95", "it is a Python pickle; embkit never unpickles"),
        (
            b"version https://git-lfs.github.com/spec/v1\n",
            "Git LFS pointer, not the data; .*git lfs pull",
        ),
        (b"<!DOCTYPE html><html>", "HTML page"),
        (b"\x00\x01\x02\xff", "its first bytes are unknown"),
    ],
)
def test_wrong_kinds_are_named(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "a.npy"
    path.write_bytes(content)
    with pytest.raises(DataError, match=f"a.npy: it is not a NumPy array .*{message}"):
        Npy().load(str(path))


def test_needs_a_source(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match=r"loader npy needs a source"):
        Npy().load(None)
    with pytest.raises(DataError, match=r"there is no file 'b.npy'"):
        Npy().load(str(tmp_path / "b.npy"))


def test_one_row(tmp_path: Path) -> None:
    assert Npy().load(saved(tmp_path / "a.npy", np.ones((1, 1)))).n_samples == 1


def test_buffer_written_by_hand(tmp_path: Path) -> None:
    """A header without numpy's padding, as other languages write it."""
    stream = io.BytesIO(np.arange(4, dtype="<f4").tobytes())
    header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2)}\n"
    dataset = Npy().load(with_header(tmp_path / "a.npy", header, stream.getvalue()))
    np.testing.assert_array_equal(np.ascontiguousarray(dataset.vectors), [[0, 1], [2, 3]])


def test_bfloat16_is_named_with_a_conversion_that_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    vectors = np.arange(12, dtype=np.float32).reshape(3, 4)
    np.save("bf16.npy", (vectors.view("u4") >> 16).astype("u2").view("V2"))
    with pytest.raises(
        DataError, match=r"holds \|V2, not real numbers; it is probably bfloat16"
    ) as caught:
        Npy().load("bf16.npy")
    code = caught.value.fix.removeprefix("convert it: ").replace("FILE", "'bf16.npy'")
    exec(code, {"numpy": np})
    np.testing.assert_array_equal(Npy().load("float32.npy").vectors, vectors)


def test_a_large_file_is_not_mapped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("embkit_plugins.loaders.reading.files.HELD_BYTES", 10)
    rows = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float16)
    dataset = Npy().load(saved(tmp_path / "rows.npy", rows))
    assert isinstance(untyped(dataset.vectors), embkit.Blocks)
    assert np.array_equal(dataset.vectors[:], rows.astype(np.float32))
    flat = Npy(dim=3).load(saved(tmp_path / "flat.npy", rows.ravel()))
    assert np.array_equal(flat.vectors[1:], rows[1:].astype(np.float32))
