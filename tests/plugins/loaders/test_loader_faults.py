"""Whatever the bytes are, a loader returns a dataset or raises an error meant for the user."""

import gzip
import json
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embkit.data.dataset import Dataset
from embkit.errors import EmbkitError, EmbkitWarning
from embkit.files.kinds import Kind, kind_of
from embkit.files.tables.attach import attach_table
from embkit.plugin.registry import Registry
from embkit.plugin.specs import LoaderSpec
from embkit_plugins.loaders.delimited import Delimited
from embkit_plugins.loaders.hdf5 import Hdf5
from embkit_plugins.loaders.jsonl import Jsonl
from embkit_plugins.loaders.npy import Npy
from embkit_plugins.loaders.npz import Npz
from embkit_plugins.loaders.parquet import Parquet

X = np.random.default_rng(5).normal(size=(30, 6)).astype(np.float32)
TEXTS = np.array([f'text "{row}", ü' for row in range(30)])


def _npz(path: Path) -> None:
    with path.open("wb") as stream:
        np.savez_compressed(stream, embeddings=X, texts=TEXTS)


def _npy(path: Path) -> None:
    with path.open("wb") as stream:
        np.save(stream, X)


def _csv(path: Path) -> None:
    rows = [
        ",".join([f'"{text.replace(chr(34), chr(34) * 2)}"', *map(str, row)])
        for text, row in zip(TEXTS, X, strict=True)
    ]
    path.write_text("\n".join(["text,a,b,c,d,e,f", *rows]), encoding="utf-8")


def _csv_gz(path: Path) -> None:
    _csv(path)
    path.write_bytes(gzip.compress(path.read_bytes()))


def _jsonl(path: Path) -> None:
    path.write_text(
        "\n".join(json.dumps({"embedding": row.tolist(), "text": "ü"}) for row in X), encoding="utf-8"
    )


def _parquet(path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    pa.parquet = pytest.importorskip("pyarrow.parquet")
    pa.parquet.write_table(pa.table({"v": list(X), "text": TEXTS}), path)


def _hdf5(path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    with h5py.File(path, "w") as file:
        file.create_dataset("X", data=X, chunks=(8, 3), compression="gzip")
        # Of fixed width: on a damaged heap of variable-length strings HDF5 2.0 itself never returns.
        file["texts"] = np.char.encode(TEXTS, "utf-8")


FORMATS: dict[str, tuple[Callable[[Path], None], Callable[[], Any]]] = {
    "npy": (_npy, Npy),
    "npz": (_npz, Npz),
    "csv": (_csv, Delimited),
    "csv.gz": (_csv_gz, Delimited),
    "jsonl": (_jsonl, Jsonl),
    "parquet": (_parquet, Parquet),
    "h5": (_hdf5, Hdf5),
}


def outcome(make: Callable[[], Any], path: Path) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", EmbkitWarning)
        try:
            dataset = make().load(str(path))
        except EmbkitError as error:
            return "refused" if str(path) in str(error) else "refused without naming the file"
    assert dataset.vectors.ndim == 2
    return "read"


@pytest.mark.parametrize("name", FORMATS)
def test_whole_files_are_read(tmp_path: Path, name: str) -> None:
    write, make = FORMATS[name]
    path = tmp_path / f"a.{name}"
    write(path)
    dataset = make().load(str(path))
    np.testing.assert_array_equal(np.asarray(dataset.vectors, dtype=np.float32), X)
    assert len(dataset.texts or TEXTS) == 30


@pytest.mark.parametrize("name", FORMATS)
def test_cut_files(tmp_path: Path, name: str) -> None:
    write, make = FORMATS[name]
    path = tmp_path / f"a.{name}"
    write(path)
    whole = path.read_bytes()
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    lengths = [*range(12), *rng.integers(12, len(whole), 40).tolist(), len(whole) - 1]
    results = []
    for length in lengths:
        path.write_bytes(whole[:length])
        results.append(outcome(make, path))
    assert set(results) <= {"read", "refused"}
    assert "refused" in results


@pytest.mark.parametrize("name", FORMATS)
def test_changed_bytes(tmp_path: Path, name: str) -> None:
    write, make = FORMATS[name]
    path = tmp_path / f"a.{name}"
    write(path)
    whole = path.read_bytes()
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    for _ in range(120):
        damaged = bytearray(whole)
        for position in rng.integers(0, min(len(whole), 600), rng.integers(1, 8)):
            damaged[position] = rng.integers(256)
        path.write_bytes(damaged)
        assert outcome(make, path) in ("read", "refused")


@pytest.mark.parametrize("name", FORMATS)
def test_noise_behind_the_magic_bytes(tmp_path: Path, name: str) -> None:
    write, make = FORMATS[name]
    path = tmp_path / f"a.{name}"
    write(path)
    magic = path.read_bytes()[:8]
    rng = np.random.default_rng(zlib.crc32(name.encode()) + 1)
    for size in rng.integers(0, 3000, 30):
        for start in (b"", magic):
            path.write_bytes(start + rng.bytes(int(size)))
            assert outcome(make, path) in ("read", "refused")


@pytest.mark.parametrize(
    "alphabet",
    [b'0123456789.,;\t|"\n\r -eE', b'{}[]",:0123456789.eE\n nul\\u', bytes(range(32, 127)) + b"\n\t"],
)
def test_random_text(tmp_path: Path, alphabet: bytes) -> None:
    rng = np.random.default_rng(len(alphabet))
    path = tmp_path / "a.csv"
    for size in rng.integers(1, 400, 120):
        path.write_bytes(bytes(rng.choice(list(alphabet), size).tolist()))
        assert outcome(Delimited, path) in ("read", "refused")
        assert outcome(Jsonl, path) in ("read", "refused")


@pytest.mark.parametrize("alphabet", [b'ab,;\t|"\n', bytes(range(256))])
def test_random_tables(tmp_path: Path, alphabet: bytes, blobs: Dataset) -> None:
    rng = np.random.default_rng(len(alphabet))
    for name in ("a.csv", "a.jsonl"):
        path = tmp_path / name
        for size in rng.integers(0, 300, 60):
            path.write_bytes(bytes(rng.choice(list(alphabet), size).tolist()))
            with pytest.raises(EmbkitError):
                attach_table(blobs, str(path))


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("other", FORMATS)
def test_every_format_under_every_other_name(tmp_path: Path, name: str, other: str) -> None:
    write, _ = FORMATS[other]
    path = tmp_path / f"a.{name}"
    write(path)
    if name != other and {name, other} != {"csv", "csv.gz"}:
        assert outcome(FORMATS[name][1], path) == "refused"


def test_specs_know_what_they_read(registry: Registry, tmp_path: Path) -> None:
    kinds = {
        "npy": Kind.NPY,
        "npz": Kind.ZIP,
        "parquet": Kind.PARQUET,
        "hdf5": Kind.HDF5,
        "arrow": Kind.ARROW,
    }
    for component in registry.components("loader"):
        spec = component.spec
        assert isinstance(spec, LoaderSpec)
        component.factory()
        for suffix in spec.suffixes:
            assert suffix.startswith(".")
        for magic in spec.magic:
            (tmp_path / "a").write_bytes(magic)
            assert kind_of(tmp_path / "a") == kinds.get(spec.name, Kind.JSON_LINES)
