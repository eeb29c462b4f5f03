from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from embkit.data.dataset import Dataset
from embkit.data.results import Clustering, Validation
from embkit.errors import DataError
from embkit_plugins.validators.agreement import Agreement
from fixture_types import MakeContext

BEFORE = [0] * 40 + [1] * 30 + [2] * 20
AFTER = [0] * 70 + [1] * 10 + [2] * 10


@pytest.fixture
def clustering(blobs: Dataset) -> Clustering:
    return Clustering(blobs, np.array(BEFORE))


def write(folder: Path, labels: list[int], ids: list[str] | None = None) -> Path:
    folder.mkdir(exist_ok=True)
    names = ids or [str(row) for row in range(len(labels))]
    lines = [
        f"{row},{name},{label}" for row, (name, label) in enumerate(zip(names, labels, strict=True))
    ]
    (folder / "labels.csv").write_text("\n".join(["row,id,label", *lines]) + "\n")
    return folder


def run(clustering: Clustering, make_context: MakeContext, other: Path, **parameters: Any) -> Validation:
    return Agreement(other=str(other), **parameters).validate(
        clustering, make_context(clustering.dataset)
    )


def test_what_became_of_each_cluster(
    clustering: Clustering, make_context: MakeContext, tmp_path: Path
) -> None:
    result = run(clustering, make_context, write(tmp_path / "run", AFTER))
    assert result.scores == {
        "ari": pytest.approx(adjusted_rand_score(BEFORE, AFTER)),
        "ami": pytest.approx(result.scores["ami"]),
        "n_clusters": 3,
        "n_clusters_other": 3,
        "n_merged": 1,
        "n_split": 1,
        "n_reshuffled": 0,
        "n_kept": 0,
        "n_unchanged": 0,
    }
    assert result.tables["changes"]["kind"] == ["merged", "split"]
    assert result.notes[0].startswith("3 clusters before, 3 after: ARI 0.")
    assert result.notes[1] == "1 merged, 1 split"
    assert result.notes[3] == "1. merged: 30 of 70 rows moved"
    assert result.notes[4].startswith("   from cluster 0, 40 rows: a text ")
    assert result.notes[5].startswith("   from cluster 1, 30 rows: b text ")
    assert result.notes[6].startswith("   to   cluster 0, 70 rows: ")
    members = result.tables["change-members"]
    assert list(members["row"]) == list(range(90))
    assert members["kind"][0] == "merged"
    assert members["kind"][-1] == "split"


def test_rows_are_joined_by_id_in_any_order_of_any_labels(
    clustering: Clustering, make_context: MakeContext, tmp_path: Path
) -> None:
    ids = [str(row) for row in range(90)][::-1]
    other = write(tmp_path / "run", [label + 7 for label in BEFORE][::-1], ids)
    result = run(clustering, make_context, other / "labels.csv")
    assert result.scores["ari"] == result.scores["ami"] == 1.0
    assert result.scores["n_unchanged"] == 3
    assert result.notes == ("3 clusters before, 3 after: ARI 1.000, AMI 1.000", "3 unchanged")
    assert len(result.tables["change-members"]["row"]) == 0


def test_noise_and_reshuffled_clusters_are_told(
    clustering: Clustering, make_context: MakeContext, tmp_path: Path
) -> None:
    labels = [row % 4 for row in range(40)] + [-1] * 30 + [4] * 20
    result = run(clustering, make_context, write(tmp_path / "run", labels), min_share=0.5)
    assert "noise: 0 rows before, 30 after, 0 of them in both" in result.notes
    assert "   to   noise" in result.notes
    assert result.scores["n_split"] == 1
    scattered = [row % 40 for row in range(90)]
    result = run(clustering, make_context, write(tmp_path / "run", scattered), min_share=0.9)
    assert any(line.startswith("   to   several clusters: 1 in ") for line in result.notes)


def test_rows_of_the_other_run_alone_are_said(
    clustering: Clustering, make_context: MakeContext, tmp_path: Path
) -> None:
    result = run(clustering, make_context, write(tmp_path / "run", [*BEFORE, 5, -1]))
    assert result.notes[0] == "left out: 2 rows of the other run that this one does not have"
    assert result.scores["ari"] == 1.0


def test_lines_are_printable_and_at_most_100_wide(make_context: MakeContext, tmp_path: Path) -> None:
    dataset = Dataset(np.random.default_rng(0).normal(size=(90, 3)), texts=["\x1b[2J wide " * 30] * 90)
    other = write(tmp_path / "run", [row % 30 for row in range(90)])
    notes = run(Clustering(dataset, np.array(BEFORE)), make_context, other, show=50).notes
    assert all(line.isprintable() and len(line) <= 100 for line in notes)


def test_rows_without_a_label_are_left_out_and_said(
    clustering: Clustering, make_context: MakeContext, tmp_path: Path
) -> None:
    found = run(clustering, make_context, write(tmp_path / "run", BEFORE[:-1]))
    assert found.scores["ari"] == 1
    assert found.notes[0] == "left out: 1 row of this run that the other one does not have"


def test_a_run_of_none_of_the_rows_is_refused(
    clustering: Clustering, make_context: MakeContext, tmp_path: Path
) -> None:
    other = write(tmp_path / "run", BEFORE, [f"other {row}" for row in range(90)])
    with pytest.raises(DataError, match=r"90 of 90 rows.*labels are joined to rows by id"):
        run(clustering, make_context, other)


def test_a_missing_run_is_refused(
    clustering: Clustering, make_context: MakeContext, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match="there is no file"):
        run(clustering, make_context, tmp_path / "nowhere")
