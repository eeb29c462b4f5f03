"""Two studies compared, trial by trial."""

import json
from pathlib import Path

import numpy as np
import pytest

import embkit
from embkit.cli.app import main
from embkit.data.dataset import Dataset
from embkit.errors import ParameterError
from embkit.studies.comparing import StudyDiff
from embkit.studies.study import Study


@pytest.fixture
def studies(tmp_path: Path, blobs: embkit.Dataset) -> list[Study]:
    np.save(tmp_path / "vectors.npy", blobs.vectors)

    def study(name: str, numbers: list[int], seeds: list[int]) -> Study:
        declared = {
            "name": name,
            "datasets": [{"label": "blobs", "source": str(tmp_path / "vectors.npy")}],
            "clusterers": [{"name": "kmeans", "n_clusters": {"grid": numbers}}],
            "validators": ["silhouette"],
            "seeds": seeds,
        }
        return embkit.study(declared, out=tmp_path / name)

    return [study("one", [2, 3], [0]), study("two", [3, 4], [0])]


def test_what_both_declare_is_compared(studies: list[Study]) -> None:
    one, two = studies
    found = embkit.diff(one, two)
    assert isinstance(found, StudyDiff)
    assert found.trials["params"] == ["n_clusters=3"]
    assert found.trials["changed"] == [0.0]
    assert found.only_first == ("blobs | kmeans:n_clusters=2 | seed 0",)
    assert found.only_second == ("blobs | kmeans:n_clusters=4 | seed 0",)
    silhouette = list(found.scores["score"]).index("silhouette")
    assert found.scores["first"][silhouette] == found.scores["second"][silhouette]
    assert found.summary().startswith(
        "one and two: 1 trial done in both, 1 with the same labels\nonly in one"
    )
    assert "<table>" in found._repr_html_()
    assert repr(found) == "<StudyDiff of 'one' and 'two': 1 trial>"


def test_differences_come_largest_first(studies: list[Study], tmp_path: Path) -> None:
    one, _ = studies

    for folder in (tmp_path / "two" / "trials").glob("*/scores.json"):
        document = json.loads(folder.read_text())
        document["validators"]["silhouette"]["scores"]["silhouette"] -= 0.25
        folder.write_text(json.dumps(document))
    found = embkit.diff(one, tmp_path / "two")
    assert isinstance(found, StudyDiff)
    assert "-> 0.5563: blobs | kmeans:n_clusters=3 | seed 0" in found.summary()
    assert found.scores["difference"][0] == pytest.approx(-0.25)


def test_from_the_command_line(
    studies: list[Study], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    places = [str(tmp_path / name) for name in ("one", "two")]
    with pytest.raises(SystemExit) as ended:
        main(["diff", *places, "--out", str(tmp_path / "tables")])
    out, err = capfd.readouterr()
    assert ended.value.code == 0
    assert out.startswith("one and two: 1 trial done in both")
    assert err.count("wrote ") == 2
    assert (
        (tmp_path / "tables" / "scores.csv")
        .read_text()
        .startswith("dataset,reducers,clusterer,params,seed,")
    )
    with pytest.raises(SystemExit) as ended:
        main(["diff", *places, "--json"])
    document = json.loads(capfd.readouterr().out)
    assert document["trials"]["changed"] == [0.0]
    with pytest.raises(ParameterError, match="tables exists; .*; choose another out"):
        embkit.diff(*places, out=tmp_path / "tables")


def test_studies_with_nothing_in_common(studies: list[Study], tmp_path: Path, blobs: Dataset) -> None:
    np.save(tmp_path / "other.npy", blobs.vectors)
    declared = {
        "name": "far",
        "datasets": [{"source": str(tmp_path / "other.npy")}],
        "clusterers": ["kmeans"],
        "seeds": [0],
    }
    far = embkit.study(declared, out=tmp_path / "far")
    with pytest.raises(
        ParameterError, match="one and far have no trial in common; trials are matched by"
    ):
        embkit.diff(studies[0], far)
