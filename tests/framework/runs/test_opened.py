"""A run read back from its folder, and what is made of it then."""

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import embkit
from embkit.errors import DataError, ParameterError
from embkit.plugin.registry import Registry
from embkit.runs.records.opened import open_run
from embkit.runs.records.replay import replay
from narrowing import present


@pytest.fixture
def source(tmp_path: Path, blobs: embkit.Dataset) -> Path:
    np.save(tmp_path / "vectors.npy", blobs.vectors)
    lines = [
        "id,text,label",
        *(f"r{row},text {row},{present(blobs.reference)[row]}" for row in range(90)),
    ]
    (tmp_path / "table.csv").write_text("\n".join(lines))
    return tmp_path / "vectors.npy"


def finished(source: Path, folder: Path, **settings: Any) -> embkit.Run:
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
    np.testing.assert_array_equal(present(again.clustering).linkage, present(run.clustering).linkage)
    np.testing.assert_array_equal(
        present(again.clustering).dataset.vectors, present(run.clustering).dataset.vectors
    )
    assert again.names == run.names
    assert present(again.clustering).parameters == present(run.clustering).parameters
    assert again.scores == run.scores
    assert again.config == run.config
    assert list(again.tables) == list(run.tables)
    assert list(again.tables["sizes"]["size"]) == list(run.tables["sizes"]["size"])
    assert again.dataset.texts == run.dataset.texts
    assert again.folder == open_run(tmp_path / "run" / "run.json", registry, None).folder
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
    (tmp_path / "study.json").write_text("{}")
    with pytest.raises(ParameterError, match="is the folder of a study; .*; give one of its runs, in "):
        open_run(tmp_path, registry, None)
    (tmp_path / "study.json").unlink()
    (tmp_path / "run.json").write_text(json.dumps({"schema_version": 99}))
    with pytest.raises(ParameterError, match="not the folder of a study; .* a run; .*embkit.open_run"):
        embkit.open_study(tmp_path)
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


def test_an_exporter_of_studies_is_refused_before_anything_is_computed() -> None:
    with pytest.raises(
        ParameterError, match="exporter report does not export runs; it exports studies; see"
    ):
        embkit.run("there is no such file", "kmeans", loader="npy", exporters=["report"], cache=False)


def test_an_exporter_of_studies_refuses_a_run(blobs: embkit.Dataset, tmp_path: Path) -> None:
    run = embkit.run(blobs, "agglomerative", cache=False)
    with pytest.raises(
        ParameterError, match="exporter report does not export runs; it exports studies; see"
    ):
        embkit.export(run, ["report"], out=tmp_path, cache=False)


def test_without_its_source_a_run_has_all_but_vectors_and_texts(source: Path, tmp_path: Path) -> None:
    run = finished(source, tmp_path / "run", visualizers=["sizes"])
    np.save(source, np.load(source) + 1)
    again = embkit.open_run(tmp_path / "run")
    np.testing.assert_array_equal(again.labels, run.labels)
    assert again.names == run.names
    assert again.scores == run.scores
    assert again.dataset.ids == run.dataset.ids
    assert again.dataset.fingerprint == run.dataset.fingerprint
    assert repr(again.dataset) == "Dataset('vectors.npy': 90 x 8, without its vectors)"
    assert again.dataset.texts is None
    assert "without vectors and texts:" in again.summary()
    pictures: list[Any] = [again.figures["sizes"], run.figures["sizes"]]
    assert pictures[0]._repr_png_() == pictures[1]._repr_png_()[0]
    assert "<img" in again._repr_html_()
    with pytest.raises(
        DataError, match="is not what it was when .*; its fingerprint differs; run again"
    ):
        _ = again.dataset.vectors
    copied = pickle.loads(pickle.dumps(again))
    assert copied.dataset.ids == again.dataset.ids
    assert copied.dataset.n_features == 8
    (tmp_path / "run" / "labels.csv").write_text("row,id,label\n0,a,zero\n")
    with pytest.raises(DataError, match="labels.csv is damaged"):
        embkit.open_run(tmp_path / "run")


def test_data_in_memory_can_be_given_again(blobs: embkit.Dataset, tmp_path: Path) -> None:
    run = embkit.run(
        blobs,
        "hdbscan:memberships=true",
        reducers=["pca:n_components=3"],
        out=tmp_path / "run",
        seed=1,
        cache=False,
    )
    without = embkit.open_run(tmp_path / "run")
    with pytest.raises(DataError, match="was made of data in memory; .*; give them: embkit.open_run"):
        _ = without.dataset.vectors
    again = embkit.open_run(tmp_path / "run", source=blobs)
    np.testing.assert_array_equal(
        present(again.clustering).dataset.vectors, present(run.clustering).dataset.vectors
    )
    np.testing.assert_array_equal(
        present(again.clustering).probabilities, present(run.clustering).probabilities
    )
    np.testing.assert_array_equal(again.memberships, run.memberships)
    assert again.dataset.texts == blobs.texts
    with pytest.raises(DataError, match="its fingerprint differs"):
        embkit.open_run(tmp_path / "run", source=blobs.vectors + 1)
    vectors = embkit.open_run(tmp_path / "run", source=blobs.vectors, table=list(present(blobs.texts)))
    assert vectors.dataset.texts == blobs.texts


def test_rows_that_were_left_out_stay_out(tmp_path: Path, blobs: embkit.Dataset) -> None:
    vectors = blobs.vectors.copy()
    vectors[[3, 50]] = np.nan
    run = embkit.run(vectors, "hdbscan", nonfinite="drop", out=tmp_path / "run", cache=False)
    again = embkit.open_run(tmp_path / "run")
    np.testing.assert_array_equal(again.labels, run.labels)
    np.testing.assert_array_equal(again.dataset.source_rows, run.dataset.source_rows)
    assert again.dataset.dropped == run.dataset.dropped
    np.testing.assert_array_equal(
        present(again.clustering).probabilities, present(run.clustering).probabilities
    )


def test_pictures_are_files(source: Path, tmp_path: Path) -> None:
    run = finished(source, tmp_path / "run", visualizers=["sizes"], figure_formats=["svg", "png"])
    picture: Any = embkit.open_run(tmp_path / "run").figures["sizes"]
    drawn: Any = run.figures["sizes"]
    assert picture.path == tmp_path / "run" / "figures" / "sizes.png"
    picture.savefig(tmp_path / "copy.png")
    assert (tmp_path / "copy.png").read_bytes() == drawn._repr_png_()[0]
    with pytest.raises(ParameterError, match="is a finished picture; .*; give format='png'"):
        picture.savefig(tmp_path / "copy.pdf")


def test_an_infinite_parameter_is_read_back(source: Path, tmp_path: Path, registry: Registry) -> None:
    embkit.run(source, "optics", out=tmp_path / "run", cache=False)
    record = json.loads((tmp_path / "run" / "run.json").read_text())
    assert record["config"]["clusterer"]["max_eps"] == "inf"
    again = embkit.open_run(tmp_path / "run")
    assert present(again.config.clusterer).params["max_eps"] == float("inf")
    assert replay(tmp_path / "run", registry).changed == 0


def test_a_study_opens_without_computing(tmp_path: Path, blobs: embkit.Dataset) -> None:
    np.save(tmp_path / "vectors.npy", blobs.vectors)
    config = {
        "datasets": [{"source": str(tmp_path / "vectors.npy")}],
        "clusterers": [{"name": "kmeans", "n_clusters": {"grid": [2, 3]}}],
        "validators": ["silhouette"],
        "seeds": [0],
    }
    made = embkit.study(config, out=tmp_path / "study")
    again = embkit.open_study(tmp_path / "study")
    assert again.statuses == made.statuses == {"done": 2}
    assert again.files == tuple(sorted(made.files))
    assert again.to_pandas().equals(made.to_pandas())
    for one, two in zip(again.record.trials, made.record.trials, strict=True):
        assert one.scores == two.scores
    trial = next(iter((tmp_path / "study" / "trials").glob("*/run.json"))).parent
    assert embkit.open_run(trial).assign(blobs.vectors[:5]).labels.shape == (5,)
    with pytest.raises(ParameterError):
        embkit.open_study(tmp_path)
