"""What trials recorded is read once, and tables and records are made of those values."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import embkit
from embkit.data.dataset import Dataset
from embkit.data.trial import Status, Trial
from embkit.errors import DataError
from embkit.files.mappings import read_json
from embkit.studies import results
from embkit.studies.folder import StudyFolder
from embkit.studies.results import TrialResult, read_results
from embkit.studies.tables import result_rows

STUDY = {
    "datasets": [{"loader": {"name": "blobs", "n_samples": 30, "n_features": 3}}],
    "clusterers": [{"name": "kmeans", "n_clusters": {"grid": [2, 3]}}],
    "validators": [{"name": "silhouette"}, {"name": "external"}],
    "exporters": [{"name": "report", "projection": "none", "n_random": 2}],
}


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return embkit.study(STUDY, out=tmp_path_factory.mktemp("studies") / "study", jobs=1, cache=False)


def test_tables_and_records_say_what_the_runs_recorded(study: Any) -> None:
    table = study.to_pandas()
    written = pd.read_csv(study.folder / "results.csv", dtype={"value": str})
    assert list(written["score"]) == list(table["score"])
    for record in study.record.trials:
        place = study.folder / "trials" / record.trial.key
        scores = json.loads((place / "scores.json").read_text())["validators"]["silhouette"]["scores"]
        rows = table[(table["trial"] == record.trial.key) & (table["validator"] == "silhouette")]
        values = rows["value"].astype(object).where(rows["word"].isna(), rows["word"])
        assert dict(zip(rows["score"], values, strict=True)) == scores
        assert record.scores["silhouette", "silhouette"] == scores["silhouette"]
        assert record.words["silhouette", "metric"] == "euclidean"
        assert set(rows["n_clusters"]) == {len(np.unique(record.labels))}
        assert record.cluster_seconds > 0
    timings = pd.read_csv(study.folder / "timings.csv")
    assert list(timings["peak_memory"]) == [record.peak_memory for record in study.record.trials]


def test_each_record_is_parsed_once(study: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[Path] = []

    def counted(path: Path, what: str) -> dict[str, Any]:
        parsed.append(path)
        return read_json(path, what)

    monkeypatch.setattr(results, "read_json", counted)
    again = embkit.study(STUDY, out=study.folder, jobs=1, cache=False)
    again.to_pandas()
    places = [study.folder / "trials" / trial.key for trial, _ in again.ended]
    assert sorted(parsed) == sorted(
        place / name for place in places for name in ("run.json", "scores.json")
    )


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"validators": {"a": 3}}'])
def test_a_record_that_was_changed_is_named_with_what_finds_it(
    content: str, study: Any, tmp_path: Path
) -> None:
    ((trial, outcome), *_) = study.ended
    place = StudyFolder(tmp_path).trial(trial.key)
    place.mkdir(parents=True)
    (place / "run.json").write_bytes((study.folder / "trials" / trial.key / "run.json").read_bytes())
    (place / "scores.json").write_text(content)
    with pytest.raises(DataError, match=f"record cannot be read; .*study verify {tmp_path}"):
        read_results(StudyFolder(tmp_path), [(trial, outcome)])


def test_rows_of_skipped_and_failed_validators_give_the_reason(study: Any) -> None:
    trial: Trial = study.results[0].trial
    outcome = study.results[0].outcome
    assert outcome.status is Status.DONE
    (row,) = result_rows(TrialResult(trial, outcome, n_clusters=2, n_noise=0))
    assert (row["n_clusters"], row["validator"], row["value"]) == (2, None, None)
    found = TrialResult(
        trial,
        outcome,
        scores={("a", "x"): 1.0, ("c", "y"): 2.0},
        skipped={"b": "there is one cluster"},
        failures={"validate d": "bad luck", "draw e": "no ink"},
    )
    rows = [(row["validator"], row["score"], row["value"], row["skipped"]) for row in result_rows(found)]
    assert sorted(rows, key=str) == [
        ("a", "x", 1.0, None),
        ("b", None, None, "there is one cluster"),
        ("c", "y", 2.0, None),
        ("d", None, None, "failed: bad luck"),
    ]


def test_the_frame_of_a_study_can_be_grouped(tmp_path: Path, blobs: Dataset) -> None:
    np.save(tmp_path / "vectors.npy", blobs.vectors)
    declared = {
        "datasets": [{"source": str(tmp_path / "vectors.npy")}],
        "clusterers": [{"name": "kmeans", "n_clusters": {"grid": [2, 3]}}, "hdbscan"],
        "validators": ["silhouette"],
        "seeds": [0],
    }
    frame = embkit.study(declared, out=tmp_path / "study").to_pandas()
    assert frame["value"].dtype == float
    assert set(frame["word"].dropna()) == {"euclidean"}
    means = frame.groupby(["clusterer", "param_n_clusters", "score"], dropna=False)["value"].mean()
    assert 0 < means["kmeans", 3, "silhouette"] <= 1
