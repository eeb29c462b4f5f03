"""What is fuzzed: every reader, on bytes that are nearly its format.

A target reads what it is given and returns; an `EmbkitError` is an answer, any
other exception is a fault. Seeds are made here, in code.
"""

import gzip
import io
import json
import struct
import warnings
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st

from embkit.data.dataset import Dataset
from embkit.errors import EmbkitError, EmbkitWarning
from embkit.files.kinds import kind_of
from embkit.files.labels import read_labels
from embkit.files.sources import read_text
from embkit.files.tables.attach import attach_table
from embkit.files.text.cells import parse_vector
from embkit_plugins.loaders.anndata import AnnData
from embkit_plugins.loaders.arrow import Arrow
from embkit_plugins.loaders.delimited import Delimited
from embkit_plugins.loaders.hdf5 import Hdf5
from embkit_plugins.loaders.jsonl import Jsonl
from embkit_plugins.loaders.npy import Npy
from embkit_plugins.loaders.npz import Npz
from embkit_plugins.loaders.parquet import Parquet
from embkit_plugins.loaders.safetensors import Safetensors
from embkit_plugins.loaders.word2vec import Word2Vec
from embkit_plugins.loaders.zarr import Zarr

__all__ = ["TARGETS", "Target", "attempt"]

X = np.random.default_rng(5).normal(size=(6, 3)).astype(np.float32)
DATASET = Dataset(X, name="x.npy")
WORDS = ["a", "b, c", '"d', "e\tf", "ü", "=1"]


class Target:
    """A reader, its seeds, and the pieces that mutations put in.

    Parameters
    ----------
    suffix : str
        Of the file.
    read : callable
        Takes the path.
    seeds : sequence of bytes
        Whole files.
    pieces : sequence of bytes
        What is put into them.
    """

    def __init__(
        self, suffix: str, read: Callable[[str], object], seeds: list[bytes], pieces: list[bytes]
    ) -> None:
        self.suffix = suffix
        self.read = read
        self.seeds = seeds
        self.pieces = pieces

    def content(self) -> st.SearchStrategy[bytes]:
        """Seeds with some bytes replaced, cut, repeated or put in; and pieces alone."""
        edits = st.tuples(
            st.sampled_from(["put", "cut", "flip", "twice", "end"]),
            st.integers(0, 2**16),
            st.integers(0, 2**16),
            st.sampled_from(self.pieces) | st.binary(max_size=6),
        )
        mutated = st.builds(
            _edited, st.sampled_from(self.seeds), st.lists(edits, min_size=1, max_size=6)
        )
        alone = st.lists(st.sampled_from(self.pieces) | st.binary(max_size=3), max_size=40).map(b"".join)
        return mutated | alone


def _edited(seed: bytes, edits: list[tuple[str, int, int, bytes]]) -> bytes:
    data = bytearray(seed)
    for kind, first, second, piece in edits:
        start, stop = sorted((first % (len(data) + 1), second % (len(data) + 1)))
        if kind == "put":
            data[start:start] = piece
        elif kind == "cut":
            del data[start:stop]
        elif kind == "flip" and piece:
            data[start : start + len(piece)] = piece
        elif kind == "twice":
            data[start:start] = data[start : min(stop, start + 200)]
        elif kind == "end":
            del data[stop:]
    return bytes(data[: 1 << 16])


def attempt(target: Target, folder: Path, content: bytes) -> None:
    """Read the content; only a dataset, or an error meant for the user, may come of it."""
    path = folder / f"fuzzed{target.suffix}"
    path.write_bytes(content)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", EmbkitWarning)
        try:
            kind_of(path)
            target.read(str(path))
        except EmbkitError as error:
            assert len(str(error)) < 3000, "a message repeats what it was given"


def _csv(sep: str) -> bytes:
    lines = [sep.join(["id", "text", "label", "d0", "d1", "d2"])]
    for place, (word, row) in enumerate(zip(WORDS, X.tolist(), strict=True)):
        text = '"' + word.replace('"', '""') + '"'
        lines.append(sep.join([str(place), text, "u", *map(str, row)]))
    return "\n".join(lines).encode()


def _texts() -> list[bytes]:
    rows = X.tolist()
    lists = "\n".join(f'{place},"{row}"' for place, row in enumerate(rows))
    bare = "\n".join(f"{place};{' '.join(map(str, row))}" for place, row in enumerate(rows))
    glove = "\n".join(" ".join([word, *map(str, row)]) for word, row in zip(WORDS, rows, strict=True))
    saved = io.StringIO()
    np.savetxt(saved, X, header="a b c")
    return [
        _csv(","),
        _csv("\t"),
        _csv(";").replace(b".", b","),
        b"\xef\xbb\xbf" + _csv("|").replace(b"\n", b"\r\n"),
        f"id,embedding\n{lists}".encode(),
        f"n;vector\n{bare}".encode(),
        f"6 3\n{glove}".encode(),
        glove.encode(),
        saved.getvalue().encode(),
        b'"V1" "V2"\n"r 1" 0.5 1\n"r 2" 2 3\n',
        b",0,1,2\n0,4,5,6\n1,7,8,NA\n",
        b"text\n" + "\n".join(WORDS).encode(),
        gzip.compress(_csv(",")),
    ]


def _json() -> list[bytes]:
    records = [
        {"id": place, "text": word, "embedding": row}
        for place, (word, row) in enumerate(zip(WORDS, X.tolist(), strict=True))
    ]
    documents: list[Any] = [
        records,
        {"object": "list", "data": records},
        {"ids": list("abcdef"), "embeddings": X.tolist(), "documents": WORDS},
        dict(zip(WORDS, X.tolist(), strict=True)),
        {"columns": ["id", "text"], "data": [[1, "a"], [2, "b"]]},
        {"embedding": {"0": [1, 2], "1": [3, 4]}, "text": {"0": "a", "1": "b"}},
    ]
    lines = "\n".join(map(json.dumps, records)).encode()
    return [lines, *(json.dumps(one, indent=kind).encode() for one in documents for kind in (None, 1))]


def _saved(save: Callable[..., None], *arrays: Any, **named: Any) -> bytes:
    stream = io.BytesIO()
    save(stream, *arrays, **named)
    return stream.getvalue()


def _npys() -> list[bytes]:
    kinds = [X, X.astype(">f8"), np.asfortranarray(X), X.astype("i1"), X.ravel(), np.zeros((2, 2), "V2")]
    return [_saved(np.save, array) for array in kinds]


def _npzs() -> list[bytes]:
    words = np.array(WORDS)
    return [
        _saved(np.savez, embeddings=X, texts=words),
        _saved(np.savez_compressed, embeddings=X, ids=np.arange(6), other=X),
        _saved(np.savez, **dict.fromkeys("abc", X[0])),
        _zip({"a/data.pkl": b"\x80\x02.", "a/data/0": X.tobytes()}),
        _saved(
            np.savez,
            format=np.array("csr"),
            shape=np.array([2, 3]),
            data=np.ones(2),
            indices=np.array([0, 2]),
            indptr=np.array([0, 1, 2]),
        ),
    ]


def _zip(members: Mapping[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def _parquets() -> list[bytes]:
    import pyarrow as pa
    from pyarrow import parquet

    def saved(**columns: Any) -> bytes:
        stream = io.BytesIO()
        parquet.write_table(pa.table(columns), stream)
        return stream.getvalue()

    return [
        saved(embedding=X.tolist(), text=WORDS),
        saved(embedding=[row.tobytes() for row in X], n=list(range(6))),
        saved(d0=X[:, 0], d1=X[:, 1], year=list(range(6)), text=WORDS),
    ]


def _hdf5s() -> list[bytes]:
    import h5py

    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        file["X"] = X
        file["ids"] = np.arange(6)
    return [stream.getvalue()]


def _h5ads() -> list[bytes]:
    import h5py

    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        file.attrs["encoding-type"] = "anndata"
        file["X/data"], file["X/indices"], file["X/indptr"] = np.ones(6), np.arange(6), np.arange(7)
        file["X"].attrs["shape"] = (6, 6)
        file["obsm/X_pca"], file["obsm/X_umap"] = X, X[:, :2]
        file["obs/_index"] = WORDS
        file["obs/kind/codes"], file["obs/kind/categories"] = np.arange(6) % 2, ["a", "b"]
    return [stream.getvalue()]


def _arrows() -> list[bytes]:
    import pyarrow as pa

    def saved(make: Any, compression: str | None) -> bytes:
        table = pa.table({"embedding": X.tolist(), "text": WORDS, "n": list(range(6))})
        stream = io.BytesIO()
        with make(
            stream, table.schema, options=pa.ipc.IpcWriteOptions(compression=compression)
        ) as writer:
            writer.write_table(table, max_chunksize=4)
        return stream.getvalue()

    return [
        saved(make, name) for make in (pa.ipc.new_file, pa.ipc.new_stream) for name in (None, "zstd")
    ]


def _safetensors() -> list[bytes]:
    tensors = {"X": {"dtype": "F32", "shape": [6, 3], "data_offsets": [0, 72]}}
    half = {"X": {"dtype": "BF16", "shape": [6, 6], "data_offsets": [0, 72]}}
    headers = [json.dumps(header).encode() for header in (tensors, half)]
    return [struct.pack("<Q", len(header)) + header + X.tobytes() for header in headers]


def _words() -> list[bytes]:
    rows = (word.encode() + b" " + row.tobytes() for word, row in zip(WORDS, X, strict=True))
    return [b"6 3\n" + b"".join(rows)]


def _zarrs() -> list[bytes]:
    codecs = [{"name": "bytes", "configuration": {"endian": "little"}}]
    document = {
        "shape": [6, 3], "data_type": "float32", "fill_value": 0.0, "attributes": {}, "zarr_format": 3,
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [6, 3]}}, "codecs": codecs,
        "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}},
        "node_type": "array", "storage_transformers": [],
    }  # fmt: skip
    return [json.dumps(document).encode()]


def read_zarr(path: str) -> object:
    """Take the content for the metadata of an array whose one chunk is sound."""
    folder = Path(f"{path}.zarr")
    (folder / "c" / "0").mkdir(parents=True, exist_ok=True)
    (folder / "c" / "0" / "0").write_bytes(X.tobytes())
    (folder / "zarr.json").write_bytes(Path(path).read_bytes())
    return Zarr().load(str(folder))


TEXT = [
    *(char.encode() for char in ',;\t|"\n\r #-.0123456789eE[](){}:='),
    *(b'""', b'"\n', b"\r\n", b"\n\n", b"NA", b"nan", b"1e999", b"0,1,2\n", b"# ", b"\xef\xbb\xbf"),
    *(b"\xff", b"\0", "\u2212".encode(), "ü".encode(), b"embedding", b"id", b"text", b"label"),
    *(b"9" * 30, b"9" * 5000, b"[0.5, 1]", b"...", b"np.float32(1)", b"Unnamed: 0", b"\x1f\x8b"),
]
JSON = [
    *(char.encode() for char in '{}[]",:.-0123456789eE \n'),
    *(b"null", b"true", b"NaN", b'"id":', b'"embedding":', b'"data":', b"\\ud800", b"[" * 2000),
    *(b"9" * 400, b"9" * 5000, b'{"a":1}\n', b"[[1,2]]", b"\xff", b"\0"),
]
BINARY = [
    *(struct.pack("<i", value) for value in (0, 1, -1, 2**31 - 1, 255)),
    *(struct.pack("<q", value) for value in (0, -1, 2**62)),
    *(b"\x93NUMPY", b"PK\x03\x04", b"PAR1", b"\x89HDF\r\n\x1a\n", b"(6, 3)", b"(10**9,)", b"'<f4'"),
    *(b"|O", b"V2", b"True", b"9" * 20, b"\0" * 16, b"\xff" * 16),
]

TARGETS = {
    "csv": Target(".csv", lambda path: Delimited().load(path), _texts(), TEXT),
    "csv of a column": Target(".txt", lambda path: Delimited(column="*").load(path), _texts(), TEXT),
    "word2vec": Target(".vec", lambda path: Word2Vec().load(path), _texts(), TEXT),
    "jsonl": Target(".jsonl", lambda path: Jsonl().load(path), _json(), JSON),
    "json of a field": Target(".json", lambda path: Jsonl(vector="data.0").load(path), _json(), JSON),
    "table": Target(".csv", lambda path: attach_table(DATASET, path), _texts(), TEXT),
    "table of lines": Target(
        ".txt", lambda path: attach_table(DATASET, f"{path}:header=false"), _texts(), TEXT
    ),
    "table of tabs": Target(".tsv", lambda path: attach_table(DATASET, path), _texts(), TEXT),
    "table of json": Target(".json", lambda path: attach_table(DATASET, path), _json(), JSON),
    "labels": Target(
        ".csv",
        lambda path: read_labels(path).of(DATASET),
        [b"row,id,label\n0,0,1\n1,1,-1\n2,2,0\n", "\u22121,2\n0,4\n1,7\n".encode(), *_texts()],
        TEXT,
    ),
    "text": Target(".toml", read_text, [b"seed = 1\n"], TEXT),
    "npy": Target(".npy", lambda path: Npy().load(path), _npys(), BINARY),
    "npz": Target(".npz", lambda path: Npz().load(path), _npzs(), BINARY),
    "parquet": Target(".parquet", lambda path: Parquet().load(path), _parquets(), BINARY),
    "arrow": Target(".arrow", lambda path: Arrow().load(path), _arrows(), BINARY),
    "safetensors": Target(
        ".st", lambda path: Safetensors().load(path), _safetensors(), [*BINARY, *JSON]
    ),
    "binary words": Target(".bin", lambda path: Word2Vec().load(path), _words(), [*BINARY, *TEXT]),
    "anndata": Target(".h5ad", lambda path: AnnData().load(path), _h5ads(), BINARY),
    "anndata X": Target(".h5ad", lambda path: AnnData(key="X").load(path), _h5ads(), BINARY),
    "zarr": Target(".json", read_zarr, _zarrs(), JSON),
    "hdf5": Target(".h5", lambda path: Hdf5().load(path), _hdf5s(), BINARY),
}
"""Readers by name."""


def cell(text: str | bytes) -> None:
    """Read a cell as a vector; only a list, None or a ValueError may come of it."""
    try:
        value = parse_vector(text)
    except ValueError as error:
        assert len(str(error)) < 300, "a message repeats what it was given"
        return
    assert value is None or isinstance(value, list)
