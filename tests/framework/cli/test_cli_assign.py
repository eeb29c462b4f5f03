"""``embkit assign`` as it is called."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

import embkit
from embkit.cli.app import main
from embkit.data.dataset import Dataset
from narrowing import present


@pytest.fixture
def run(tmp_path: Path, blobs: Dataset) -> embkit.Run:
    np.save(tmp_path / "vectors.npy", blobs.vectors)
    np.save(tmp_path / "new.npy", blobs.vectors[::9])
    np.save(tmp_path / "far.npy", blobs.vectors[::3] + 3)
    return embkit.run(
        tmp_path / "vectors.npy", "kmeans:n_clusters=3", seed=1, out=tmp_path / "run", cache=False
    )


def call(capfd: pytest.CaptureFixture[str], *arguments: object) -> tuple[str | int | None, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(list(map(str, arguments)))
    out, err = capfd.readouterr()
    return ended.value.code, out, err


def test_to_standard_output_and_to_a_file(
    run: embkit.Run, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    code, out, err = call(capfd, "assign", tmp_path / "run", tmp_path / "new.npy")
    assert code == 0
    lines = out.splitlines()
    assert lines[0] == "id,label,strength,distance"
    assert [int(line.split(",")[1]) for line in lines[1:]] == present(run.labels)[::9].tolist()
    assert err.startswith("rule: the nearest centre of k-means")
    code, out, err = call(
        capfd, "assign", tmp_path / "run", tmp_path / "new.npy", "--out", tmp_path / "new.csv"
    )
    assert (code, out) == (0, "")
    assert (tmp_path / "new.csv").read_text().splitlines() == lines
    assert f"wrote 10 rows to {tmp_path / 'new.csv'}" in err


def test_drift_and_json(run: embkit.Run, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code, out, err = call(capfd, "assign", tmp_path / "run", tmp_path / "far.npy", "--json")
    assert code == 0
    assert "warning: drift: the rows are farther" in err
    document = json.loads(out)
    assert document["warnings"][0].startswith("drift")
    assert document["drift"]["p_value"] < 1e-3
    assert len(document["rows"]["label"]) == 30


def test_errors_are_one_line(run: embkit.Run, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code, _, err = call(capfd, "assign", tmp_path, tmp_path / "new.npy")
    assert code == 2
    assert err.startswith(f"error: {tmp_path} is not the folder of a run")
    code, _, err = call(capfd, "assign", tmp_path / "run", tmp_path / "none.npy")
    assert code == 3
    code, out, _ = call(capfd, "assign", "--help")
    assert code == 0
    assert "RUN NEW" in out


@pytest.mark.parametrize("what", ["data", "labels", "link", "device", "dangling"])
def test_only_assignments_are_replaced(
    what: str, run: embkit.Run, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    earlier, target = tmp_path / "earlier.csv", tmp_path / "target"
    given = ("assign", tmp_path / "run", tmp_path / "new.npy", "--out")
    for _ in range(2):  # the second replaces the first
        assert call(capfd, *given, earlier)[0] == 0
    if what == "data":
        target = tmp_path / "new.npy"
    elif what == "labels":
        target.write_text("id,label\na,1\n")
    elif what == "link":
        target.symlink_to(earlier)
    elif what == "device":
        os.mkfifo(target)
    else:
        target.symlink_to(tmp_path / "nowhere")
    before = os.lstat(target)
    code, out, err = call(capfd, *given, target)
    assert (code, out) == (2, "")
    assert f"{target} exists, and is not a file of assigned rows; only those are replaced" in err
    assert os.path.samestat(before, os.lstat(target))
