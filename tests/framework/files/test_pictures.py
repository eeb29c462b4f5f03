"""Pictures as files: every format, byte for byte the same from process to process."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import embkit
from embkit.data.configuration.run import RunConfig
from embkit.errors import ParameterError
from embkit.files.pictures import picture_of
from fixture_types import Embkit

HOSTILE = "</svg><script>alert(1)</script>--> & $x$"
DRAW = f"""
import hashlib, sys
import numpy as np
import embkit
from embkit.files.pictures import picture_of
vectors = np.random.default_rng(0).normal(size=(40, 4))
data = embkit.Dataset(vectors, texts=[{HOSTILE!r}] * 40, name={HOSTILE!r})
run = embkit.run(data, "agglomerative:n_clusters=3", visualizers=["pca", "dendrogram"], seed=0, cache=False)
for name, figure in run.figures.items():
    for kind in ("png", "svg", "pdf"):
        print(hashlib.sha256(picture_of(figure, kind)).hexdigest())
"""


@pytest.fixture(scope="module")
def run() -> embkit.Run:
    vectors = np.random.default_rng(0).normal(size=(40, 4))
    data = embkit.Dataset(vectors, texts=[HOSTILE] * 40, name=HOSTILE)
    return embkit.run(
        data, "agglomerative:n_clusters=3", visualizers=["pca", "dendrogram"], seed=0, cache=False
    )


def test_every_format_is_the_same_from_process_to_process(run: embkit.Run) -> None:
    done = subprocess.run([sys.executable, "-c", DRAW], capture_output=True, text=True, check=True)
    here = [
        hashlib.sha256(picture_of(figure, kind)).hexdigest()
        for figure in run.figures.values()
        for kind in ("png", "svg", "pdf")
    ]
    assert done.stdout.split() == here


def test_formats_without_dates_and_markup(run: embkit.Run) -> None:
    svg = picture_of(run.figures["pca"], "svg").decode()
    assert svg.startswith("<?xml")
    assert svg.count("</svg>") == 1
    assert "<script>" not in svg
    assert "dc:date" not in svg
    assert "<text" not in svg
    pdf = picture_of(run.figures["pca"], "pdf")
    assert pdf.startswith(b"%PDF")
    assert b"CreationDate" not in pdf


def test_a_run_writes_its_pictures_as_they_are_asked_for(tmp_path: Path) -> None:
    vectors = np.random.default_rng(0).normal(size=(40, 4))
    run = embkit.run(
        vectors,
        "kmeans:n_clusters=3",
        visualizers=["sizes"],
        figure_formats=("svg", "pdf"),
        seed=0,
        out=tmp_path / "out",
    )
    assert sorted(path.name for path in (tmp_path / "out" / "figures").iterdir()) == [
        "sizes.pdf",
        "sizes.svg",
    ]
    assert f"{tmp_path / 'out' / 'figures' / 'sizes.svg'}" in run.summary(width=500)
    assert RunConfig.from_mapping(run.record["config"], "x").figure_formats == ("svg", "pdf")
    embkit.run(
        vectors,
        "kmeans:n_clusters=3",
        visualizers=["sizes"],
        seed=0,
        out=tmp_path / "out",
        overwrite=True,
    )
    assert [path.name for path in (tmp_path / "out" / "figures").iterdir()] == ["sizes.png"]


def test_other_formats_are_refused() -> None:
    with pytest.raises(ParameterError, match="figure_formats 2='bmp' is unknown; give 'png', 'svg' or"):
        embkit.run(np.eye(4), "kmeans:n_clusters=2", figure_formats=["svg", "bmp"])  # type: ignore[list-item]


def test_no_format_writes_no_pictures(tmp_path: Path) -> None:
    embkit.run(
        np.eye(4), "kmeans:n_clusters=2", visualizers="sizes", figure_formats=(), out=tmp_path / "o"
    )
    assert not (tmp_path / "o" / "figures").exists()


def test_from_the_command_line(embkit: Embkit, tmp_path: Path) -> None:
    np.save(tmp_path / "v.npy", np.random.default_rng(0).normal(size=(30, 4)))
    chain = ("run", "v.npy", "--clusterer", "kmeans:n_clusters=2", "--viz", "sizes", "--out", "o")
    done = embkit(*chain, "--figure-format", "svg", "--figure-format", "png", "--json")
    files = ["figures/sizes.svg", "figures/sizes.png"]
    assert json.loads(done.stdout)["figures"] == files
    assert all((tmp_path / "o" / file).stat().st_size for file in files)
