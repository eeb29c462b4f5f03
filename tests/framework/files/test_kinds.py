"""What a file is, and that each conversion that is offered does what it says."""

import io
import json
import pickle
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
import scipy.io

from embkit.files.kinds import Kind, kind_of, remedy_of

X = np.arange(24, dtype=np.float32).reshape(6, 4) / 7
U = np.arange(24, dtype=np.uint8).reshape(6, 4)


def zipped(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, b"\x80\x02.")
    return buffer.getvalue()


def safetensors() -> bytes:
    entry = {"dtype": "F32", "shape": [6, 4], "data_offsets": [0, X.nbytes]}
    header = json.dumps({"embeddings": entry}).encode()
    return struct.pack("<Q", len(header)) + header + X.tobytes()


def with_length(rows: np.ndarray) -> bytes:
    return b"".join(struct.pack("<i", len(row)) + row.tobytes() for row in rows)


SIZES = struct.pack("<ii", *X.shape)
FILES = {
    "a.safetensors": (safetensors(), Kind.SAFETENSORS),
    "a.pt": (zipped("a/data.pkl", "a/data/0"), Kind.TORCH),
    "a.xlsx": (zipped("[Content_Types].xml", "xl/workbook.xml"), Kind.XLSX),
    "a.npz": (zipped("embeddings.npy"), Kind.ZIP),
    "a.pkl": (pickle.dumps(X.tolist()), Kind.PICKLE),
    "a.feather": (b"ARROW1\0\0", Kind.ARROW),
    "a.faiss": (b"IxFI" + struct.pack("<iqqq", 4, 6, 1 << 20, 1 << 20) + X.tobytes(), Kind.FAISS),
    "a.index": (b"IwFl" + struct.pack("<iqqq", 300, 6, 0, 0), Kind.FAISS),
    "a.fvecs": (with_length(X), Kind.FVECS),
    "a.bvecs": (with_length(U), Kind.BVECS),
    "a.fbin": (SIZES + X.tobytes(), Kind.FBIN),
    "a.u8bin": (SIZES + U.tobytes(), Kind.U8BIN),
    "GoogleNews.bin": (b"6 4\nthe " + X[0].tobytes() + b"\nof " + X[1].tobytes(), Kind.WORD2VEC),
    "chroma.sqlite3": (b"SQLite format 3\0" + bytes(84), Kind.SQLITE),
    "a.orc": (b"ORC\x0a\x03\x00\x01", Kind.ORC),
    "orcid.csv": (b"ORCID,x,y\n1,2,3\n", Kind.TEXT),
    "a.json": (b'[\n {"id": 1}]', Kind.JSON_LINES),
    "lists.txt": (b"[0.5, 1]\n[2, 3]\n", Kind.TEXT),
    "ix.csv": (b"IxFI text\n", Kind.TEXT),
    "a.bin": (bytes(range(128, 200)), None),
}


@pytest.mark.parametrize("name", FILES)
def test_kinds(tmp_path: Path, name: str) -> None:
    content, kind = FILES[name]
    path = tmp_path / name
    path.write_bytes(content)
    assert kind_of(path) == kind


def test_every_kind_has_a_remedy() -> None:
    assert all(remedy_of(kind) for kind in Kind)


@pytest.mark.parametrize(
    ("kind", "content", "expected"),
    [
        (Kind.FVECS, with_length(X), X),
        (Kind.BVECS, with_length(U), U),
        (Kind.FBIN, SIZES + X.tobytes(), X),
        (Kind.U8BIN, SIZES + U.tobytes(), U),
        (Kind.I8BIN, SIZES + U.tobytes(), U),
    ],
)
def test_conversions_with_numpy_alone_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: Kind, content: bytes, expected: np.ndarray
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("source").write_bytes(content)
    exec(remedy_of(kind).removeprefix("convert it: "), {"numpy": np, "FILE": "source"})
    np.testing.assert_array_equal(np.load("x.npy"), expected)


def test_conversions_with_other_libraries_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    scipy.io.savemat("source.mat", {"NAME": X})
    assert kind_of(Path("source.mat")) == Kind.MATLAB
    code = remedy_of(Kind.MATLAB).partition(": ")[2]
    exec(code, {"numpy": np, "scipy": scipy, "FILE": "source.mat"})
    np.testing.assert_array_equal(np.load("x.npy"), X)
