"""Two studies compared, trial by trial."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import embkit
from embkit.cli.app import main
from embkit.data.dataset import Dataset
from embkit.errors import ParameterError
from embkit.studies.comparing import StudyDiff
from embkit.studies.study import Study
from narrowing import present


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the two studies and their vectors are; tests that change something change a copy."""
    return tmp_path_factory.mktemp("studies")


@pytest.fixture(scope="module")
def studies(place: Path) -> list[Study]:
    groups = np.repeat(4 * np.eye(3, 8), [40, 30, 20], axis=0)
    vectors = groups + np.random.default_rng(7).normal(scale=0.3, size=(90, 8))
    np.save(place / "vectors.npy", vectors.astype(np.float32))

    def study(name: str, numbers: list[int]) -> Study:
        declared = {
            "name": name,
            "datasets": [{"label": "blobs", "source": str(place / "vectors.npy")}],
            "clusterers": [{"name": "kmeans", "n_clusters": {"grid": numbers}}],
            "validators": ["silhouette"],
            "seeds": [0],
        }
        return embkit.study(declared, out=place / name, cache=False)

    return [study("one", [2, 3]), study("two", [3, 4])]


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
    one, two = studies
    shutil.copytree(present(two.folder), tmp_path / "two")
    for folder in (tmp_path / "two" / "trials").glob("*/scores.json"):
        document = json.loads(folder.read_text())
        document["validators"]["silhouette"]["scores"]["silhouette"] -= 0.25
        folder.write_text(json.dumps(document))
    found = embkit.diff(one, tmp_path / "two")
    assert isinstance(found, StudyDiff)
    assert "-> 0.5563: blobs | kmeans:n_clusters=3 | seed 0" in found.summary()
    assert found.scores["difference"][0] == pytest.approx(-0.25)


def test_from_the_command_line(
    studies: list[Study], place: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    places = [str(place / name) for name in ("one", "two")]
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
