"""diff, inspect and replay from Python, and columns beside arrays."""

import inspect
from pathlib import Path
from typing import Any, assert_type, get_args, get_overloads, get_type_hints

import numpy as np
import pytest

import embkit
from embkit.data.dataset import Dataset
from embkit.errors import DataError, ParameterError
from embkit.studies.comparing import StudyDiff
from embkit.studies.study import Study
from narrowing import present


@pytest.fixture
def source(tmp_path: Path, blobs: embkit.Dataset) -> Path:
    np.save(tmp_path / "vectors.npy", blobs.vectors)
    return tmp_path / "vectors.npy"


def diff(*sources: Any, **settings: Any) -> embkit.Run:
    """The run that a diff is where no studies are compared."""
    found = embkit.diff(*sources, **settings)
    assert isinstance(found, embkit.Run)
    return found


def test_a_diff_of_thresholds(source: Path) -> None:
    run = diff(source, lower=0.1, upper=1.5, show=2, cache=False)
    assert present(run.clustering).threshold == 0.1
    assert "merges" in run.tables
    assert list(run.figures) == ["dendrogram"]
    swapped = diff(source, lower=1.5, upper=0.1, cache=False)
    assert swapped.scores["threshold-diff"] == run.scores["threshold-diff"]


def test_a_diff_without_thresholds_names_the_keywords(source: Path) -> None:
    with pytest.raises(
        ParameterError, match="lower is missing; .*; give lower=0.20 upper=0.25, or two runs"
    ):
        embkit.diff(source, upper=0.5)
    with pytest.raises(ParameterError, match="lower and upper are both 0.5"):
        embkit.diff(source, lower=0.5, upper=0.5)


def test_a_diff_of_runs_and_of_their_folders(source: Path, tmp_path: Path) -> None:
    one = embkit.run(source, "kmeans:n_clusters=3", seed=0, out=tmp_path / "one", cache=False)
    two = embkit.run(source, "kmeans:n_clusters=4", seed=0, out=tmp_path / "two", cache=False)
    found = diff(tmp_path / "one", tmp_path / "two", cache=False)
    np.testing.assert_array_equal(found.labels, one.labels)
    expected = embkit.run(
        source,
        {"name": "recorded", "labels": str(tmp_path / "one")},
        validators=[{"name": "agreement", "other": str(tmp_path / "two")}],
        cache=False,
    )
    assert found.scores == expected.scores
    assert diff(one, two, cache=False).scores == found.scores


def test_clusters_keep_their_names_in_a_diff(source: Path, tmp_path: Path) -> None:
    """Those of the first run, given ones and the namer's, where no others are given."""
    texts = [f"{'apple' if row < 30 else 'pear'} {row}" for row in range(90)]
    table = tmp_path / "texts.csv"
    table.write_text("text\n" + "\n".join(texts) + "\n")
    asked: Any = {"table": str(table), "seed": 0, "cache": False}
    one = embkit.run(
        source, "kmeans:n_clusters=3", names={0: "mine", 1: "mine too"}, out=tmp_path / "one", **asked
    )
    embkit.run(source, "kmeans:n_clusters=2", out=tmp_path / "two", **asked)
    titles = [name.title for name in present(present(one.clustering).names).names]
    found = diff(tmp_path / "one", tmp_path / "two", cache=False)
    kept = [name.title for name in present(present(found.clustering).names).names]
    assert kept == titles
    assert titles[:2] == ["mine", "mine too"]
    assert any("rows: mine" in note for note in found.validations["agreement"].notes)
    given = diff(one, tmp_path / "two", names={0: "yours", 1: "yours"}, namer="none", cache=False)
    assert any("rows: yours" in note for note in given.validations["agreement"].notes)
    ledger = diff(source, lower=0.5, upper=4.0, table=str(table), names={0: "ours"}, cache=False)
    assert present(present(ledger.clustering).names).names[0].title == "ours"


def test_a_diff_of_runs_that_were_not_written(blobs: embkit.Dataset) -> None:
    one, two = (embkit.run(blobs, f"kmeans:n_clusters={k}", seed=0, cache=False) for k in (3, 4))
    assert 0 < diff(one, two, cache=False).scores["agreement"]["ari"] < 1
    assert diff(one, one, cache=False).scores["agreement"]["ari"] == 1
    bare = embkit.inspect(blobs, cache=False)
    with pytest.raises(ParameterError, match="the run has no clusters"):
        embkit.diff(bare, one)
    with pytest.raises(ParameterError, match="ndarray is not a run; .*; give two runs or their folders"):
        embkit.diff(blobs.vectors, one)  # type: ignore[call-overload]
    with pytest.raises(ParameterError, match="^upper, and two runs; .*; leave the thresholds out"):
        embkit.diff(one, two, upper=0.3)  # type: ignore[call-overload]  # from untyped code
    with pytest.raises(DataError, match="there is no file 'no-such-run'"):
        embkit.diff(one, "no-such-run")


def test_inspect_runs_what_is_about_datasets(blobs: embkit.Dataset) -> None:
    run = embkit.inspect(blobs, seed=0, cache=False)
    assert run.clustering is None
    assert {"hopkins", "structure"} <= set(run.scores)
    assert not run.figures


def test_inspect_runs_what_is_named_alone(blobs: embkit.Dataset) -> None:
    run = embkit.inspect(
        blobs, validators="structure:n_repeats=1", visualizers="k-sweep", seed=0, cache=False
    )
    assert list(run.validations) == ["structure"]
    assert list(run.figures) == ["k-sweep"]
    with pytest.raises(
        ParameterError,
        match="^inspect: validator silhouette needs clusters; inspect makes none; "
        r"use: embkit run validators=\[\"silhouette",
    ):
        embkit.inspect(blobs, validators="silhouette")


def test_what_inspect_found_is_exported(blobs: Dataset, tmp_path: Path) -> None:
    run = embkit.inspect(
        blobs, exporters={"name": "page", "maps": ["pca"]}, out=tmp_path / "seen", seed=0, cache=False
    )
    assert run.clustering is None
    assert (tmp_path / "seen" / "page.html").stat().st_size > 100_000


def test_replay_of_a_run(source: Path, tmp_path: Path) -> None:
    embkit.run(source, "kmeans:n_clusters=3", out=tmp_path / "run", cache=False)
    (replayed,) = embkit.replay(tmp_path / "run")
    assert (replayed.changed, replayed.ari, replayed.error) == (0, 1, "")
    (again,) = embkit.replay(embkit.open_run(tmp_path / "run"))
    assert again.ari == 1
    with pytest.raises(
        ParameterError, match="replay: the run has no folder; .*; run it with out=FOLDER"
    ):
        embkit.replay(embkit.run(source, "kmeans:n_clusters=3", cache=False))
    with pytest.raises(ParameterError, match="holds no recorded run"):
        embkit.replay(tmp_path)


@pytest.mark.parametrize("kind", [list, np.array], ids=["list", "array"])
def test_columns_beside_an_array(blobs: embkit.Dataset, kind: type) -> None:
    ids, texts = [f"r{row}" for row in range(90)], [f"text {row}" for row in range(90)]
    loaded = embkit.load(blobs.vectors, ids=kind(ids), texts=kind(texts), labels=kind(blobs.reference))
    assert (loaded.ids, loaded.texts) == (tuple(ids), tuple(texts))
    assert loaded.reference == blobs.reference
    run = embkit.run(
        blobs.vectors, "kmeans:n_clusters=3", ids=range(100, 190), texts=kind(texts), cache=False
    )
    assert present(run.dataset.ids)[0] == "100"
    assert run.names is not None


def test_columns_that_do_not_fit(blobs: embkit.Dataset) -> None:
    with pytest.raises(
        ParameterError, match="both table and ids, texts are given; .*; give one of them"
    ):
        embkit.load(blobs.vectors, table=["a"] * 90, ids=["b"] * 90, texts=["c"] * 90)
    with pytest.raises(DataError, match="89"):
        embkit.load(blobs.vectors, texts=["a"] * 89)


def _types(run: embkit.Run, study: Study, rows: np.ndarray) -> None:
    """What mypy makes of a diff; never called."""
    assert_type(embkit.diff("vectors.npy", lower=0.2, upper=0.25), embkit.Run)
    assert_type(embkit.diff(rows, lower=0.2, upper=0.25, reducers=["pca"]), embkit.Run)
    assert_type(embkit.diff(run, run), embkit.Run)
    assert_type(embkit.diff("monday", run, exporters="page"), embkit.Run)
    assert_type(embkit.diff(run, "tuesday"), embkit.Run)
    assert_type(embkit.diff(study, study), StudyDiff)
    assert_type(embkit.diff(study, "tuesday", out="changes"), StudyDiff)
    assert_type(embkit.diff("monday", study), StudyDiff)
    assert_type(embkit.diff("monday", "tuesday"), embkit.Run | StudyDiff)


def test_the_types_of_a_diff_have_all_keywords() -> None:
    parameters = inspect.signature(embkit.diff).parameters.values()
    keywords = {each.name for each in parameters if each.kind is each.KEYWORD_ONLY}
    (options,) = get_args(get_overloads(embkit.diff)[0].__annotations__["options"])
    assert set(get_type_hints(options)) == keywords
