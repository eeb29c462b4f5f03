"""CSV for a spreadsheet: read by Python's own reader, and by pandas."""

import csv
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import embkit
from embkit import ParameterError
from embkit.data.dataset import Dataset
from embkit.testing.example_study import example_study
from embkit.text import csv_unsafe
from embkit_plugins.exporters.spreadsheet import Csv
from fixture_types import MakeContext
from narrowing import present


def read(text: str) -> list[dict[str, str]]:
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:], newline="")))


def test_a_file_a_cluster(awkward_noise: embkit.Run, make_context: MakeContext) -> None:
    run = awkward_noise
    files = Csv().export(run, make_context(run.dataset))
    index = read(files["clusters/index.csv"])
    assert [line["cluster"] for line in index] == ["0", "1", "2", "-1"]
    assert [line["file"] for line in index][-2:] == ["cluster-2.csv", "noise.csv"]
    assert index[0]["name"] == '\'=HYPERLINK("x")'
    assert set(files) == {f"clusters/{line['file']}" for line in index} | {"clusters/index.csv"}
    seen: dict[str, tuple[int, dict[str, str]]] = {}
    for line in index:
        rows = read(files[f"clusters/{line['file']}"])
        assert len(rows) == int(line["size"])
        seen |= {csv_unsafe(row["id"]): (int(line["cluster"]), row) for row in rows}
    for row, name in enumerate(present(run.dataset.ids)):
        label, cells = seen[name]
        assert label == present(run.labels)[row]
        assert csv_unsafe(cells["text"]) == present(run.dataset.texts)[row]
        assert cells["year"] == str(2000 + row)
        assert cells["seen"] == str(row % 2 == 0).lower()
    assert seen[present(run.dataset.ids)[3]][1]["score"] == ""


def test_no_cell_is_a_formula(awkward_noise: embkit.Run, make_context: MakeContext) -> None:
    files = Csv().export(awkward_noise, make_context(awkward_noise.dataset))
    for text in files.values():
        for line in csv.reader(io.StringIO(text[1:], newline="")):
            for cell in line:
                is_number = cell.replace(".", "").replace("-", "", 1).isdecimal()
                assert is_number or not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


def test_too_many_clusters_and_none(awkward_run: embkit.Run, make_context: MakeContext) -> None:
    context = make_context(awkward_run.dataset)
    with pytest.raises(
        ParameterError, match="exporter csv: the run has no clustering; only the dataset"
    ):
        Csv().export(replace(awkward_run, clustering=None), context)
    dataset = replace(
        awkward_run.dataset,
        vectors=np.zeros((1001, 2)), ids=None, texts=None, reference=None, metadata={},
    )  # fmt: skip
    many = replace(
        present(awkward_run.clustering), dataset=dataset, labels=np.arange(1001), linkage=None
    )
    with pytest.raises(ParameterError, match=r"csv: 1,001 clusters would make as many files; .*parquet"):
        Csv().export(replace(awkward_run, dataset=dataset, clustering=many), context)


def test_scores_of_a_study(make_context: MakeContext, blobs: Dataset) -> None:
    study = example_study(Path())
    files = Csv().export(study, make_context(blobs))
    settings = read(files["scores/settings.csv"])
    assert [(line["dataset"], line["setting"]) for line in settings[:2]] == [
        ("blobs", "kmeans:n_clusters=3"),
        ("blobs", "kmeans:n_clusters=2"),
    ]
    assert len(settings) == 6
    # Trial 0 failed: the first setting has one seed, and so no deviation.
    assert [line["seeds"] for line in settings[:3]] == ["1", "2", "2"]
    assert float(settings[0]["silhouette"]) == pytest.approx(0.7 - 1 / 50)
    assert settings[0]["silhouette, sd"] == ""
    assert float(settings[1]["silhouette"]) == pytest.approx(0.7 - 2.5 / 50)
    values = [0.7 - number / 50 for number in (2, 3)]
    assert float(settings[1]["silhouette, sd"]) == pytest.approx(np.std(values, ddof=1))
    best = read(files["scores/best.csv"])
    assert [(line["dataset"], line["clusterer"], line["setting"]) for line in best] == [
        ("blobs", "kmeans", "kmeans:n_clusters=3"),
        ("blobs", "hdbscan", "hdbscan"),
        ("more blobs", "kmeans", "kmeans:n_clusters=3"),
        ("more blobs", "hdbscan", "hdbscan"),
    ]


def test_pandas_reads_them(awkward_run: embkit.Run, make_context: MakeContext) -> None:
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    files = Csv().export(awkward_run, make_context(awkward_run.dataset))
    frame = pandas.read_csv(io.BytesIO(files["clusters/cluster-0.csv"].encode()))
    assert frame.columns[0] == "id"
    assert len(frame) == 40
    assert frame["year"].dtype.kind == "i"
