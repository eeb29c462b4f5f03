"""The bundled loaders: names and where they are; no library is imported here."""

from collections.abc import Iterable

from embkit import LoaderSpec, hookimpl

embkit_api = 1

_HOME = "embkit_plugins.loaders"


@hookimpl
def embkit_register_loaders() -> Iterable[LoaderSpec]:
    """Offer the bundled loaders."""
    yield LoaderSpec(
        "npy",
        f"{_HOME}.npy:Npy",
        summary="A NumPy array file, memory-mapped.",
        suffixes=(".npy", ".npy.gz"),
        magic=(b"\x93NUMPY",),
        vectors_only=True,
        example=f"{_HOME}._examples:npy",
    )
    yield LoaderSpec(
        "npz",
        f"{_HOME}.npz:Npz",
        summary="One array of a NumPy archive, with its texts, labels and ids.",
        suffixes=(".npz",),
        magic=(b"PK\x03\x04", b"PK\x05\x06"),
        example=f"{_HOME}._examples:npz",
    )
    yield LoaderSpec(
        "csv",
        f"{_HOME}.delimited:Delimited",
        summary="Numeric columns, or one list column, of comma-separated text.",
        suffixes=(".csv", ".csv.gz", ".txt", ".txt.gz"),
        example=f"{_HOME}._examples:delimited_by_comma",
    )
    yield LoaderSpec(
        "tsv",
        f"{_HOME}.delimited:Delimited",
        summary="Numeric columns, or one list column, of tab-separated text.",
        suffixes=(".tsv", ".tsv.gz", ".tab", ".tab.gz"),
        example=f"{_HOME}._examples:delimited_by_tab",
    )
    yield LoaderSpec(
        "word2vec",
        f"{_HOME}.word2vec:Word2Vec",
        summary="Words with their vectors, as word2vec (text, binary), fastText and GloVe write them.",
        suffixes=(".vec", ".vec.gz", ".bin"),
        example=f"{_HOME}._examples:word2vec",
    )
    yield LoaderSpec(
        "jsonl",
        f"{_HOME}.jsonl:Jsonl",
        summary="JSON objects with their vectors, one a line or in one document.",
        suffixes=(".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz", ".json", ".json.gz"),
        magic=(b'{"', b'[{"'),
        example=f"{_HOME}._examples:jsonl",
    )
    yield LoaderSpec(
        "parquet",
        f"{_HOME}.parquet:Parquet",
        summary="A list column, or the numeric columns, of a Parquet file.",
        suffixes=(".parquet", ".pq"),
        magic=(b"PAR1",),
        example=f"{_HOME}._examples:parquet",
    )
    yield LoaderSpec(
        "hdf5",
        f"{_HOME}.hdf5:Hdf5",
        summary="One matrix of an HDF5 file.",
        suffixes=(".h5", ".hdf5", ".hdf", ".he5"),
        magic=(b"\x89HDF\r\n\x1a\n",),
        example=f"{_HOME}._examples:hdf5",
    )
    yield LoaderSpec(
        "arrow",
        f"{_HOME}.arrow:Arrow",
        summary="A list column, or the numeric columns, of an Arrow or Feather file.",
        suffixes=(".arrow", ".feather", ".ipc", ".arrows"),
        magic=(b"ARROW1", b"FEA1"),
        example=f"{_HOME}._examples:arrow",
    )
    yield LoaderSpec(
        "safetensors",
        f"{_HOME}.safetensors:Safetensors",
        summary="One matrix of a safetensors file, memory-mapped.",
        suffixes=(".safetensors",),
        example=f"{_HOME}._examples:safetensors",
    )
    yield LoaderSpec(
        "anndata",
        f"{_HOME}.anndata:AnnData",
        summary="A representation of AnnData (h5ad, zarr), with ids, labels and metadata.",
        suffixes=(".h5ad", ".h5ad.zarr"),
        folders=True,
        example=f"{_HOME}._examples:anndata",
    )
    yield LoaderSpec(
        "zarr",
        f"{_HOME}.zarr:Zarr",
        summary="One matrix of a zarr folder.",
        suffixes=(".zarr",),
        folders=True,
        example=f"{_HOME}._examples:zarr",
    )
    yield LoaderSpec(
        "uniform",
        f"{_HOME}.generators:Uniform",
        summary="Points uniform in the unit cube: a continuum, to compare with.",
        needs_source=False,
    )
    yield LoaderSpec(
        "blobs",
        f"{_HOME}.generators:Blobs",
        summary="Gaussian groups around random centres of the unit cube.",
        needs_source=False,
    )
    yield LoaderSpec(
        "digits",
        f"{_HOME}.digits:Digits",
        summary="scikit-learn's handwritten digits, 1797 rows of 64 pixels.",
        needs_source=False,
    )
    yield LoaderSpec(
        "sample",
        f"{_HOME}.sample:Sample",
        default=True,
        summary="The bundled sentences with their topics.",
        needs_source=False,
    )
