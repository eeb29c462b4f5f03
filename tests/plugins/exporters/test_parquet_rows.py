"""The table of rows, read by pyarrow and polars."""

import io
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import embkit
from embkit import MissingExtraError
from embkit_plugins.exporters.parquet import Parquet
from fixture_types import MakeContext
from narrowing import present

parquet = pytest.importorskip("pyarrow.parquet", reason="what is exported is read by pyarrow")


def table_of(run: embkit.Run, make_context: MakeContext, **parameters: Any) -> Any:
    content = Parquet(**parameters).export(run, make_context(run.dataset))["rows.parquet"]
    return parquet.read_table(io.BytesIO(content))


def test_every_column_comes_back(awkward_noise: embkit.Run, make_context: MakeContext) -> None:
    run = awkward_noise
    table = table_of(run, make_context, maps=["pca", "umap"])
    columns = table.to_pydict()
    assert columns["id"] == list(present(run.dataset.ids))
    assert columns["text"] == list(present(run.dataset.texts))
    assert columns["cluster"] == present(run.labels).tolist()
    assert columns["cluster_name"][0] == "noise"
    assert columns["cluster_name"][1] == present(run.names)[present(run.labels)[1]].title
    assert columns["reference"] == list(present(run.dataset.reference))
    assert columns["probability"][89] == 1.0
    assert columns["year"][5] == 2005
    assert columns["score"][3] is None
    assert columns["metadata_cluster"][7] == "mine 7"
    assert columns["seen"][:2] == [True, False]
    assert columns["mixed"][:2] == ["=0", "1"]
    assert columns["nothing"] == [None] * 90
    np.testing.assert_array_equal(np.array(columns["embedding"], np.float32), run.dataset.vectors)
    assert table.schema.field("embedding").type.list_size == 8
    context = make_context(run.dataset)
    for method, stem in (("pca", "projection"), ("umap", "umap")):
        places = context.artifact("projection", method=method, metric="euclidean", random_state=0)
        written = np.column_stack([columns[f"{stem}_x"], columns[f"{stem}_y"]])
        np.testing.assert_array_equal(written.astype(np.float32), places["embedding"])


def test_polars_reads_it_and_embkit_does(
    awkward_run: embkit.Run, make_context: MakeContext, tmp_path: Path
) -> None:
    content = Parquet(maps=[]).export(awkward_run, make_context(awkward_run.dataset))["rows.parquet"]
    path = tmp_path / "rows.parquet"
    path.write_bytes(content)
    again = embkit.load(path)
    assert again.ids == awkward_run.dataset.ids
    np.testing.assert_array_equal(again.vectors, awkward_run.dataset.vectors)
    polars = pytest.importorskip("polars", reason="polars is not installed")
    frame = polars.read_parquet(path)
    assert frame["embedding"].dtype == polars.Array(polars.Float32, 8)
    assert frame["cluster"].to_list() == present(awkward_run.labels).tolist()
    assert "projection_x" not in frame.columns


def test_without_clusters_texts_and_vectors(awkward_run: embkit.Run, make_context: MakeContext) -> None:
    bare = replace(awkward_run.dataset, ids=None, texts=None, reference=None, metadata={})
    run = replace(awkward_run, clustering=None, dataset=bare)
    table = table_of(run, make_context, maps=[], vectors=False)
    assert table.column_names == ["id"]
    assert table["id"].to_pylist() == [str(row) for row in range(90)]


def test_half_a_surrogate_pair_is_replaced(awkward_run: embkit.Run, make_context: MakeContext) -> None:
    texts = ["\ud800 odd", *present(awkward_run.dataset.texts)[1:]]
    run = replace(awkward_run, dataset=replace(awkward_run.dataset, texts=texts))
    assert table_of(run, make_context, maps=[])["text"][0].as_py() == "\ufffd odd"


def test_without_pyarrow(
    awkward_run: embkit.Run, make_context: MakeContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"exporter parquet needs pyarrow; .*\[parquet\]'"):
        Parquet().export(awkward_run, make_context(awkward_run.dataset))
