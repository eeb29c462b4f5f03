"""Several exporters at once: what they write stands side by side, or one of them is refused."""

from pathlib import Path

import numpy as np
import pytest

import embkit
from embkit.errors import ParameterError

TREE = "agglomerative:n_clusters=3"


@pytest.fixture
def rows(blobs: embkit.Dataset, tmp_path: Path) -> Path:
    np.save(tmp_path / "rows.npy", blobs.vectors)
    return tmp_path / "rows.npy"


def test_exporters_that_write_the_same_file_alike(rows: Path, tmp_path: Path) -> None:
    run = embkit.run(rows, TREE, exporters=["newick", "tree"], seed=0, out=tmp_path / "out")
    assert not run.failures
    newick = (tmp_path / "out/tree.nwk").read_text()
    assert embkit.export(tmp_path / "out", ["tree", "newick"]) == [
        tmp_path / "out/tree.nwk",
        tmp_path / "out/tree.json",
    ]
    assert (tmp_path / "out/tree.nwk").read_text() == newick


def test_one_that_would_replace_the_file_of_another_fails_and_the_run_stands(
    rows: Path, tmp_path: Path
) -> None:
    message = (
        "exporters newick and tree both write tree.nwk; one would replace the other's; leave one out"
    )
    run = embkit.run(
        rows, TREE, exporters=["newick:lengths=false", "tree"], seed=0, out=tmp_path / "out"
    )
    (failure,) = run.failures
    assert str(failure.error).endswith(f"{message}, or export tree later, to replace tree.nwk")
    assert (tmp_path / "out/labels.csv").exists()
    assert ":" not in (tmp_path / "out/tree.nwk").read_text()
    assert not (tmp_path / "out/tree.json").exists()
    with pytest.raises(ParameterError, match=message):
        embkit.export(tmp_path / "out", ["newick:lengths=false", "tree"])
    embkit.export(tmp_path / "out", "tree")
    assert ":" in (tmp_path / "out/tree.nwk").read_text()


def test_one_exporter_twice_with_other_parameters_is_refused(rows: Path, tmp_path: Path) -> None:
    embkit.run(rows, TREE, seed=0, out=tmp_path / "out")
    twice = ["newick", "newick:lengths=false"]
    with pytest.raises(ParameterError, match=r"exporters newick and newick-2 both write tree\.nwk"):
        embkit.export(tmp_path / "out", twice)
    assert not (tmp_path / "out/tree.nwk").exists()
