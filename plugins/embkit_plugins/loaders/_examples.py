"""Small files of every format, for the conformance kit to read."""

import csv
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_ROWS, _COLUMNS = 40, 6


def _vectors() -> NDArray[np.float32]:
    return np.random.default_rng(40).normal(size=(_ROWS, _COLUMNS)).astype(np.float32)


def npy(folder: Path) -> Mapping[str, Path]:
    """A matrix alone."""
    source = folder / "example.npy"
    np.save(source, _vectors())
    return {"source": source}


def npz(folder: Path) -> Mapping[str, Path]:
    """A matrix with texts and labels."""
    source = folder / "example.npz"
    texts = np.array([f"text {row}" for row in range(_ROWS)])
    labels = np.array([f"label {row % 3}" for row in range(_ROWS)])
    np.savez(source, embeddings=_vectors(), texts=texts, labels=labels)
    return {"source": source}


def delimited_by_comma(folder: Path) -> Mapping[str, Path]:
    """A header, an id, a text with commas in it, and numbers."""
    return _delimited(folder / "example.csv", ",")


def delimited_by_tab(folder: Path) -> Mapping[str, Path]:
    """The same with tabs."""
    return _delimited(folder / "example.tsv", "\t")


def _delimited(source: Path, delimiter: str) -> Mapping[str, Path]:
    with source.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(["id", "text", *(f"x{column}" for column in range(_COLUMNS))])
        for row, vector in enumerate(_vectors().tolist()):
            writer.writerow([f"id-{row}", f"text {row}, quoted", *vector])
    return {"source": source}


def word2vec(folder: Path) -> Mapping[str, Path]:
    """A line with the sizes, then a word and its vector a line."""
    source = folder / "example.vec"
    lines = [
        " ".join([f"word-{row}", *map(repr, vector)]) for row, vector in enumerate(_vectors().tolist())
    ]
    source.write_text("\n".join([f"{_ROWS} {_COLUMNS}", *lines]) + "\n", "utf-8")
    return {"source": source}


def jsonl(folder: Path) -> Mapping[str, Path]:
    """An object a line."""
    source = folder / "example.jsonl"
    lines = [
        json.dumps({"id": f"id-{row}", "text": f"text {row}", "embedding": vector})
        for row, vector in enumerate(_vectors().tolist())
    ]
    source.write_text("\n".join(lines) + "\n", "utf-8")
    return {"source": source}


def parquet(folder: Path) -> Mapping[str, Path]:
    """A list column and a text column."""
    import pyarrow as pa
    from pyarrow import parquet

    source = folder / "example.parquet"
    texts = [f"text {row}" for row in range(_ROWS)]
    parquet.write_table(pa.table({"embedding": _vectors().tolist(), "text": texts}), source)
    return {"source": source}


def hdf5(folder: Path) -> Mapping[str, Path]:
    """One matrix."""
    import h5py

    source = folder / "example.h5"
    with h5py.File(source, "w") as file:
        file["vectors"] = _vectors()
    return {"source": source}


def arrow(folder: Path) -> Mapping[str, Path]:
    """A list column and a text column."""
    import pyarrow as pa
    from pyarrow import feather

    source = folder / "example.feather"
    texts = [f"text {row}" for row in range(_ROWS)]
    feather.write_feather(pa.table({"embedding": _vectors().tolist(), "text": texts}), source)
    return {"source": source}


def safetensors(folder: Path) -> Mapping[str, Path]:
    """One matrix, and labels."""
    from safetensors.numpy import save_file

    source = folder / "example.safetensors"
    save_file({"embeddings": _vectors(), "labels": np.arange(_ROWS) % 3}, source)
    return {"source": source}


def anndata(folder: Path) -> Mapping[str, Path]:
    """Counts, two representations of which one is a map, an index and a categorical column."""
    import h5py

    source = folder / "example.h5ad"
    with h5py.File(source, "w") as file:
        file.attrs["encoding-type"] = "anndata"
        file["X"] = np.ones((_ROWS, 9))
        file["obsm/X_pca"] = _vectors()
        file["obsm/X_umap"] = _vectors()[:, :2]
        file["obs/_index"] = [f"cell-{row}" for row in range(_ROWS)]
        file["obs/kind/codes"] = (np.arange(_ROWS) % 3).astype(np.int8)
        file["obs/kind/categories"] = ["a", "b", "c"]
    return {"source": source}


def zarr(folder: Path) -> Mapping[str, Path]:
    """One matrix and labels."""
    import zarr

    source = folder / "example.zarr"
    group = zarr.open_group(source, mode="w")
    for name, values in (("embeddings", _vectors()), ("labels", np.arange(_ROWS) % 3)):
        group.create_array(name, data=values)
    return {"source": source}
