"""What is written: whole or not at all, safe to open, and equal when the run is equal."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embkit.data.dataset import Dataset
from embkit.data.labels import label_columns
from embkit.data.results import Clustering
from embkit.errors import ParameterError, ResourceError
from embkit.files.exports import write_exports
from embkit.files.folders import replaced_folder
from embkit.files.writing import jsonable, write_csv, write_json
from embkit.runs.records.folder import claimed_folder, new_folder


def test_a_folder_appears_whole(tmp_path: Path) -> None:
    target = tmp_path / "out"
    with replaced_folder(target) as staging:
        (staging / "run.json").write_text("{}")
        assert not target.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert (target / "run.json").exists()


def test_a_failure_leaves_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.mkdir()
    (target / "run.json").write_text("old")
    with pytest.raises(RuntimeError), replaced_folder(target) as staging:
        (staging / "run.json").write_text("new")
        raise RuntimeError
    assert (target / "run.json").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_full_disk_is_a_resource_error_and_leaves_nothing(tmp_path: Path) -> None:
    with (
        pytest.raises(ResourceError, match="cannot be written; No space left"),
        replaced_folder(tmp_path / "out"),
    ):
        raise OSError(28, "No space left on device")
    assert not list(tmp_path.iterdir())


RECORD = json.dumps({"schema_version": 1, "environment": {"embkit": "0.1"}})


def claim(folder: Path, *, overwrite: bool = True) -> None:
    with claimed_folder(folder, overwrite=overwrite):
        pass


def test_existing_targets(tmp_path: Path) -> None:
    run = tmp_path / "run"
    run.mkdir()
    (run / "run.json").write_text(RECORD)
    with pytest.raises(
        ParameterError, match="exists; results are not overwritten silently; choose another --out"
    ):
        claim(run, overwrite=False)
    claim(run)
    (run / "run.json").rename(run / "precious.txt")
    refusal = "is not a folder of an embkit run; --overwrite replaces only those; choose another --out"
    with pytest.raises(ParameterError, match=refusal):
        claim(run)
    (run / "run.json").write_text("{}")  # of some other program
    with pytest.raises(ParameterError, match=refusal):
        claim(run)
    (run / "run.json").write_text(RECORD)
    (tmp_path / "link").symlink_to(run)
    with pytest.raises(ParameterError, match=refusal):
        claim(tmp_path / "link")
    claim(tmp_path / "new" / "deep", overwrite=False)
    assert not (tmp_path / "new" / "deep").exists()


@pytest.mark.parametrize(
    "path", ["notes.txt", "figures/mine/a.png", "tables/notes.txt", "deep/er/x.csv"]
)
def test_what_a_user_put_into_a_runs_folder_is_not_replaced(path: str, tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    for name in ("run.json", "labels.csv", "tables/merges.csv", ".DS_Store"):
        (tmp_path / name).write_text(RECORD)
    write_exports(tmp_path, {"page": {"report/page.html": "made by an exporter"}})
    claim(tmp_path)
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).write_text("dear")
    with pytest.raises(ParameterError, match=f"holds {path}, which embkit did not write; --overwrite"):
        claim(tmp_path)


def test_a_target_under_a_file_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ResourceError, match="cannot be written"):
        claim(tmp_path / "file" / "out", overwrite=False)


def test_formulas_are_quoted_and_numbers_are_not(tmp_path: Path) -> None:
    table: dict[str, Any] = {
        "text": ["=cmd|' /C calc'!A0", "+1", "-1", "@x", "\tx", "plain", "a,b", "\ud800"],
        "label": np.array([-1, 0, 1, 2, 3, 4, 5, 6]),
        "score": [0.1, float("nan"), None, 1.0, -2.5, 1e-9, 3.0, 4.0],
        "=flag": [True, False] * 4,
    }
    write_csv(tmp_path / "t.csv", table)
    rows = list(csv.reader((tmp_path / "t.csv").read_text("utf-8").splitlines()))
    assert rows[0] == ["text", "label", "score", "'=flag"]
    assert [row[0] for row in rows[1:]] == [
        "'=cmd|' /C calc'!A0", "'+1", "'-1", "'@x", "'\tx", "plain", "a,b", "\\ud800"
    ]  # fmt: skip
    assert rows[1][1:] == ["-1", "0.1", "true"]
    assert [row[2] for row in rows[1:]] == ["0.1", "", "", "1.0", "-2.5", "1e-09", "3.0", "4.0"]


def test_json_has_no_nan(tmp_path: Path) -> None:
    content: dict[Any, Any] = {
        "a": np.array([1.0, np.nan]),
        "b": np.float32(0.5),
        "c": Path("p"),
        3: {1},
    }
    write_json(tmp_path / "x.json", content)
    assert json.loads((tmp_path / "x.json").read_text()) == {
        "a": [1.0, None],
        "b": 0.5,
        "c": "p",
        "3": [1],
    }
    assert jsonable(float("inf")) is None


def test_labels_name_every_source_row_and_why_one_is_missing() -> None:
    dataset = Dataset(np.eye(3), ids="abd", rows=np.array([0, 1, 3]), dropped={2: "not finite"})
    clustering = Clustering(dataset, np.array([0, 0, -1]), probabilities=np.array([1.0, 0.5, 0.0]))
    assert label_columns(dataset, clustering) == {
        "row": [0, 1, 2, 3],
        "id": ["a", "b", "", "d"],
        "label": [0, 0, -1, -1],
        "probability": [1.0, 0.5, 0.0, 0.0],
        "status": ["ok", "ok", "dropped: not finite", "ok"],
    }
    plain = Clustering(Dataset(np.eye(2)), np.array([0, 1]))
    assert label_columns(plain.dataset, plain) == {"row": [0, 1], "id": ["0", "1"], "label": [0, 1]}


def test_new_folders_do_not_collide(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with new_folder("kmeans") as first, new_folder("kmeans") as second:
        assert first != second
    assert not list((tmp_path / "embkit-runs").iterdir())
