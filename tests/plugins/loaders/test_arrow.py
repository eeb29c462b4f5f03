"""Arrow and Feather files, written by pyarrow and polars."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import embkit
from embkit.errors import DataError, MissingExtraError, ParameterError, ResourceError
from embkit_plugins.loaders.arrow import Arrow
from embkit_plugins.loaders.reading import files as _files
from narrowing import present

pa = pytest.importorskip("pyarrow", reason="Arrow files are made with pyarrow")

X = np.random.default_rng(0).normal(size=(100, 4)).astype(np.float32)
TEXTS = [f"text {row}" for row in range(100)]


def table(**more: Any) -> Any:
    lists = pa.array(X.tolist(), type=pa.list_(pa.float32()))
    return pa.table({"id": [f"d{row}" for row in range(100)], "embedding": lists, "text": TEXTS, **more})


def written(path: Path, content: Any, *, stream: bool = False, **options: Any) -> str:
    make = pa.ipc.new_stream if stream else pa.ipc.new_file
    with (
        pa.OSFile(str(path), "wb") as file,
        make(file, content.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer,
    ):
        writer.write_table(content, max_chunksize=30)
    return str(path)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("compression", [None, "zstd", "lz4"])
def test_lists_ids_texts_and_labels(tmp_path: Path, stream: bool, compression: str | None) -> None:
    content = table(label=[row % 3 for row in range(100)], n=list(range(100)))
    dataset = Arrow().load(
        written(tmp_path / "a.arrow", content, stream=stream, compression=compression)
    )
    np.testing.assert_array_equal(dataset.vectors, X)
    assert dataset.vectors.dtype == np.float32
    assert dataset.ids == tuple(f"d{row}" for row in range(100))
    assert dataset.texts == tuple(TEXTS)
    assert present(dataset.reference)[:4] == ("0", "1", "2", "0")
    assert list(dataset.metadata["n"]) == list(range(100))


def test_feather_of_pandas_and_polars(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    frame = pandas.DataFrame({"text": TEXTS, "embedding": list(X)})
    frame.to_feather(tmp_path / "a.feather")
    np.testing.assert_array_equal(embkit.load(tmp_path / "a.feather").vectors, X)
    polars = pytest.importorskip("polars", reason="polars is not installed")
    polars.DataFrame({"text": TEXTS, "embedding": X}).write_ipc(
        tmp_path / "b.arrow",
        compat_level=polars.CompatLevel.oldest(),  # pyarrow 15 knows no views of strings
    )
    dataset = embkit.load(tmp_path / "b.arrow")
    np.testing.assert_array_equal(dataset.vectors, X)
    assert dataset.texts == tuple(TEXTS)


def test_which_column(tmp_path: Path) -> None:
    two = table(other=pa.array(X.tolist(), type=pa.list_(pa.float64())))
    path = written(tmp_path / "a.arrow", two.rename_columns(["id", "first", "text", "second"]))
    with pytest.raises(DataError, match=r"several list columns: .*--loader arrow:column=first"):
        Arrow().load(path)
    assert Arrow(column="second").load(path).vectors.dtype == np.float64
    with pytest.raises(ParameterError, match=r"there is no column 'secnod'"):
        Arrow(column="secnod").load(path)


def test_damaged_and_other_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.arrow"
    written(path, table())
    whole = path.read_bytes()
    for cut in (20, 400, len(whole) // 2, len(whole) - 5):
        path.write_bytes(whole[:cut])
        with pytest.raises(DataError, match=r"a.arrow: the Arrow file is cut or damaged"):
            Arrow().load(str(path))
    path.write_bytes(b"FEA1" + b"\0" * 40)
    with pytest.raises(DataError, match=r"Feather of the first version; .*feather.write_feather"):
        Arrow().load(str(path))
    path.write_bytes(b"a,b\n1,2\n")
    with pytest.raises(DataError, match=r"not an Arrow or Feather file; it is plain text"):
        Arrow().load(str(path))
    path.write_bytes(whole)
    monkeypatch.setattr(_files, "available_memory", lambda: 10)
    with pytest.raises(ResourceError, match=r"reading it takes"):
        Arrow().load(str(path))


def test_vectors_of_another_length(tmp_path: Path) -> None:
    ragged = pa.table({"embedding": [[1.0, 2.0], [3.0]]})
    with pytest.raises(DataError, match=r"row 1: 1 values, expected 2"):
        Arrow().load(written(tmp_path / "a.arrow", ragged))


def test_without_pyarrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "a.arrow", table())
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"loader arrow needs pyarrow; .*\[parquet\]'"):
        Arrow().load(path)
