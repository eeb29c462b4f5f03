"""A run read back from its folder, and what is made of it then."""

import json
from pathlib import Path

import numpy as np
import pytest

import embkit
from embkit.errors import DataError, ParameterError
from embkit.plugin.registry import Registry
from embkit.runs.records.opened import open_run


@pytest.fixture
def source(tmp_path: Path, blobs: embkit.Dataset) -> Path:
    np.save(tmp_path / "vectors.npy", blobs.vectors)
    lines = ["id,text,label", *(f"r{row},text {row},{blobs.reference[row]}" for row in range(90))]
    (tmp_path / "table.csv").write_text("\n".join(lines))
    return tmp_path / "vectors.npy"


def finished(source: Path, folder: Path, **settings: object) -> embkit.Run:
    return embkit.run(
        source,
        "agglomerative:distance_threshold=3",
        table=str(source.with_name("table.csv")),
        reducers=["normalize"],
        validators=["silhouette", "sizes"],
        out=folder,
        seed=3,
        cache=False,
        **settings,
    )


def test_what_was_found_is_read_back(source: Path, tmp_path: Path, registry: Registry) -> None:
    run = finished(source, tmp_path / "run")
    again = open_run(tmp_path / "run", registry, None)
    np.testing.assert_array_equal(again.labels, run.labels)
    np.testing.assert_array_equal(again.clustering.linkage, run.clustering.linkage)
    np.testing.assert_array_equal(again.clustering.dataset.vectors, run.clustering.dataset.vectors)
    assert again.names == run.names
    assert again.clustering.parameters == run.clustering.parameters
    assert again.scores == run.scores
    assert again.config == run.config
    assert list(again.tables) == list(run.tables)
    assert list(again.tables["sizes"]["size"]) == list(run.tables["sizes"]["size"])
    assert again.dataset.texts == run.dataset.texts
    assert again.folder == tmp_path / "run"


def test_from_another_folder_too(
    source: Path, tmp_path: Path, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    finished(Path("vectors.npy"), Path("run"))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    assert open_run(Path("../run"), registry, None).dataset.n_samples == 90


def test_a_source_that_changed_is_refused(source: Path, tmp_path: Path, registry: Registry) -> None:
    finished(source, tmp_path / "run")
    np.save(source, np.load(source) + 1)
    with pytest.raises(
        DataError, match="is not what it was when .*; its fingerprint differs; run again"
    ):
        open_run(tmp_path / "run", registry, None)


def test_folders_that_are_not_of_a_run(tmp_path: Path, registry: Registry) -> None:
    with pytest.raises(
        ParameterError, match="is not the folder of a run; .*; give a folder with run.json"
    ):
        open_run(tmp_path, registry, None)
    (tmp_path / "run.json").write_text(json.dumps({"schema_version": 99}))
    with pytest.raises(ParameterError, match="has schema_version 99; this embkit reads 1; open it with"):
        open_run(tmp_path, registry, None)
    (tmp_path / "run.json").write_text("[]")
    with pytest.raises(ParameterError, match="is not the record of a run"):
        open_run(tmp_path, registry, None)


def test_exporting_later_is_exporting_at_once(source: Path, tmp_path: Path) -> None:
    finished(source, tmp_path / "at once", exporters=["tree"])
    finished(source, tmp_path / "later")
    written = embkit.export(tmp_path / "later", "tree", cache=False)
    assert sorted(file.name for file in written) == ["tree.json", "tree.nwk"]
    for name in ("tree.json", "tree.nwk", "exports.json"):
        assert (tmp_path / "later" / name).read_bytes() == (tmp_path / "at once" / name).read_bytes()


def test_a_run_that_was_not_written_needs_a_folder(blobs: embkit.Dataset, tmp_path: Path) -> None:
    run = embkit.run(blobs, "agglomerative", cache=False)
    with pytest.raises(ParameterError, match="the run has no folder; .*; give out=DIR"):
        embkit.export(run, "tree", cache=False)
    assert embkit.export(run, "tree", out=tmp_path / "new", cache=False)


def test_an_exporter_of_studies_refuses_a_run(blobs: embkit.Dataset, tmp_path: Path) -> None:
    run = embkit.run(blobs, "agglomerative", cache=False)
    with pytest.raises(
        ParameterError, match="exporter report does not export runs; it exports studies; see"
    ):
        embkit.export(run, ["report"], out=tmp_path, cache=False)
