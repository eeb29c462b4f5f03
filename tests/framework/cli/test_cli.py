"""The program as users start it: whole journeys; in real processes where that is the point."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from fixture_types import Embkit, Install


@pytest.fixture
def vectors(tmp_path: Path) -> Path:
    path = tmp_path / "vectors.npy"
    rng = np.random.default_rng(0)
    np.save(path, np.repeat(5 * np.eye(3, 6), 20, axis=0) + rng.normal(scale=0.1, size=(60, 6)))
    return path


def test_help_and_listing_import_nothing_that_computes(tmp_path: Path) -> None:
    script = """
import sys
from embkit.cli import main
for arguments in (["--help"], ["run", "--help"], ["plugins", "list"], ["cache", "info"]):
    try:
        main(arguments)
    except SystemExit as end:
        assert end.code == 0, (arguments, end.code)
    if arguments[0] == "cache":
        break
    heavy = {"numpy", "scipy", "sklearn", "matplotlib", "pydantic", "hdbscan", "umap", "numba"} & set(sys.modules)
    assert not heavy, (arguments, heavy)
"""
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, cwd=tmp_path)


def test_without_plugins_the_program_still_starts(embkit: Embkit) -> None:
    listed = json.loads(embkit("plugins", "list", "--json", EMBKIT_PLUGINS="").stdout)
    assert listed == {"schema_version": 1, "components": [], "broken": []}
    assert (
        "there is no source; no plugin brings data of its own"
        in embkit("run", "--clusterer", "kmeans", code=2, EMBKIT_PLUGINS="").stderr
    )


def test_a_run_leaves_its_folder_and_a_summary(
    embkit_process: Embkit, vectors: Path, tmp_path: Path
) -> None:
    table = "text\tkind\n" + "".join(f"text {row}\tk{row // 20}\n" for row in range(60))
    (tmp_path / "t.tsv").write_text(table)
    done = embkit_process(
        "run", str(vectors), "--table", f"{tmp_path / 't.tsv'}:label=kind", "--clusterer", "agglomerative:n_clusters=3",
        "--validator", "external", "--validator", "silhouette", "--viz", "sizes", "--out", "out", "--seed", "7",
    )  # fmt: skip
    assert "60 rows x 6, float64" in done.stdout
    assert "3 by agglomerative" in done.stdout
    out = tmp_path / "out"
    assert sorted(path.name for path in out.iterdir()) == [
        "figures", "labels.csv", "linkage.npy", "run.json", "run.log", "scores.json", "tables"
    ]  # fmt: skip
    assert (out / "figures" / "sizes.png").read_bytes().startswith(b"\x89PNG")
    assert (out / "labels.csv").read_text().startswith("row,id,label\n0,0,")
    scores = json.loads((out / "scores.json").read_text())
    assert scores["validators"]["external"]["scores"]["ari"] == 1.0
    record = json.loads((out / "run.json").read_text())
    assert (record["seed"], record["status"]) == (7, "done")
    assert record["config"]["clusterer"]["linkage"] == "ward"


def test_json_is_one_document_and_a_record_can_be_given_back(
    embkit: Embkit, vectors: Path, tmp_path: Path
) -> None:
    first = json.loads(
        embkit("run", str(vectors), "--clusterer", "kmeans:n_clusters=4", "--out", "a", "--json").stdout
    )
    assert next(iter(first)) == "schema_version"
    assert isinstance(first["seed"], int)
    embkit("run", "--config", "a/run.json", "--out", "b")
    assert (tmp_path / "a" / "labels.csv").read_bytes() == (tmp_path / "b" / "labels.csv").read_bytes()
    embkit("run", "--config", "a", "--out", "c", "--clusterer", "kmeans:n_clusters=2")
    assert json.loads((tmp_path / "c" / "run.json").read_text())["clustering"]["n_clusters"] == 2


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (
            ["run", "--clusterer", "hdbscn"],
            2,
            "error: there is no clusterer 'hdbscn'; did you mean 'hdbscan'?",
        ),
        (
            ["run", "--clusterer", "kmeans:n_cluster=3"],
            2,
            "has no parameter 'n_cluster'; did you mean 'n_clusters'?",
        ),
        (
            ["run", "--clusterer", "kmeans:n_clusters=0"],
            2,
            "error: clusterer kmeans: n_clusters=0 is not valid",
        ),
        (
            ["run", "--no-plugin", "embkit-validators"],
            2,
            "error: no clusterer is named; no plugin brings a",
        ),
        (
            ["inspect", "--viz", "dendrogram"],
            2,
            "inspect: visualizer dendrogram needs clusters; inspect makes none; use: embkit run --viz dend",
        ),
        (["run", "nothing.npy", "--clusterer", "kmeans"], 3, "nothing.npy"),
        (["run", "--clusterer", "kmeans:n_clusters=100000"], 2, "100000"),
        (
            ["run", "--clusterer", "kmeans", "--seed", "-1"],
            2,
            "seed=-1 is not valid; it should be greater than or equal to 0",
        ),
        (
            ["run", "--clusterer", "kmeans", "--memory", "lots"],
            2,
            "invalid memory size 'lots'; write it like 4GB",
        ),
        (["run", "--clusterer", "kmeans", "--memory", "10kB"], 4, "error: "),
        (["run", "--clusterer", "kmeans", "--colour"], 2, "error: No such option: --colour"),
        (["rum"], 2, "error: there is no command 'rum'; did you mean 'run'?"),
        (
            ["plugins", "show", "kmean"],
            2,
            "error: there is no component 'kmean'; did you mean 'kmeans'?",
        ),
    ],
)
def test_errors_are_one_line_with_their_code(
    arguments: list[str], code: int, message: str, embkit: Embkit
) -> None:
    done = embkit(*arguments, code=code)
    assert message in done.stderr
    assert done.stderr.strip().splitlines()[-1].startswith("error: ")
    assert done.stdout == ""


def test_debug_shows_the_traceback_wherever_it_stands(tmp_path: Path) -> None:
    for arguments in (
        ["--debug", "run", "no.npy", "--clusterer", "kmeans"],
        ["run", "no.npy", "--clusterer", "kmeans", "--debug"],
    ):
        done = subprocess.run(
            [sys.executable, "-m", "embkit", *arguments],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            check=False,
        )
        assert done.returncode == 3
        assert "Traceback" in done.stderr


def test_an_existing_folder_is_refused_and_left_alone(
    embkit: Embkit, vectors: Path, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    arguments = ("run", str(vectors), "--clusterer", "kmeans:n_clusters=2", "--out", "out")
    assert "results are not overwritten" in embkit(*arguments, code=2).stderr
    assert "is not a folder of an embkit run" in embkit(*arguments, "--overwrite", code=2).stderr
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.txt"]


def test_no_room_for_the_results_is_said_and_nothing_is_left(tmp_path: Path) -> None:
    """No file above 60 kB can be written, as on a disk that is nearly full."""
    command = [sys.executable, "-m", "embkit", "run", "--clusterer", "agglomerative", "--viz", "sizes"]
    place = tmp_path / "results" / "run"
    done = subprocess.run(
        ["bash", "-c", 'ulimit -f 60; exec "$@"', "bash", *command, "--no-cache", "--out", str(place)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 4
    assert f"{place} cannot be written; File too large; choose another --out" in done.stderr
    assert not list(place.parent.iterdir())


def test_show_prints_every_parameter(embkit: Embkit) -> None:
    page = embkit("plugins", "show", "hdbscan").stdout
    assert "min_cluster_size: int >= 2, default 5" in page
    assert "cluster_selection_method: one of eom, leaf, default eom" in page
    details = json.loads(embkit("plugins", "show", "kmeans", "--json").stdout)["components"][0]
    assert all(item["type"] and item["meaning"] for item in details["parameters"])


def test_show_prints_the_notes_and_references_after_the_parameters(embkit: Embkit) -> None:
    page = embkit("plugins", "show", "hdbscan").stdout
    places = [page.index(part) for part in ("\nParameters\n", "\nNotes\n  With", "\nReferences\n  Camp")]
    assert places == sorted(places)
    assert "-----" not in page
    assert "Attributes" not in embkit("plugins", "show", "dbscan").stdout
    shown = [
        json.loads(embkit("plugins", "show", name, "--json").stdout)["components"][0]
        for name in ("dendrogram", "kmeans")
    ]
    assert shown[0]["notes"].startswith("Cost: O(n)")
    assert shown[0]["notes"].endswith("can be drawn.")
    assert (shown[1]["notes"], shown[1]["references"]) == ("", "")


def test_the_cache_saves_the_second_run_and_can_be_emptied(embkit: Embkit, vectors: Path) -> None:
    arguments = ("run", str(vectors), "--clusterer", "agglomerative:n_clusters=3", "--json")
    origins = [
        {item["name"]: item["origin"] for item in json.loads(embkit(*arguments).stdout)["artifacts"]}[
            "linkage"
        ]
        for _ in range(2)
    ]
    assert origins == ["computed", "disk"]
    assert "1 artifacts" in embkit("cache", "info").stdout
    assert "removed 1 artifacts" in embkit("cache", "clear").stdout
    assert json.loads(embkit("cache", "info", "--json").stdout)["entries"] == 0


def test_a_pipe_that_closes_is_no_error(vectors: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        f"{sys.executable} -m embkit plugins list | head -n 1; exit ${{PIPESTATUS[0]}}",
        shell=True, executable="/bin/bash", capture_output=True, text=True, cwd=tmp_path, check=False,
    )  # fmt: skip
    assert done.returncode == 0
    assert done.stderr == ""


WAITS = """
    import pathlib, time
    import embkit
    class Waits:
        def __init__(self, *, flag: str):
            self.flag = flag
        def cluster(self, dataset, context):
            pathlib.Path(self.flag).touch()
            time.sleep(60)
    @embkit.hookimpl
    def embkit_register_clusterers():
        yield embkit.ClustererSpec("waits", Waits, summary="Waits for a minute.")
"""


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals_end_it_cleanly(
    sent: signal.Signals, code: int, install: Install, site: Path, tmp_path: Path
) -> None:
    install("waits", WAITS)
    flag = tmp_path / "running"
    process = subprocess.Popen(
        [sys.executable, "-m", "embkit", "run", "--clusterer", f"waits:flag={flag}", "--out", "out"],
        cwd=tmp_path, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(site)},
    )  # fmt: skip
    while not flag.exists() and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(sent)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == code
    assert stderr.splitlines()[-1] in ("error: interrupted", "error: terminated")
    assert not (tmp_path / "out").exists()


def test_a_picture_that_data_do_not_allow_is_skipped_with_its_reason(
    embkit: Embkit, tmp_path: Path
) -> None:
    np.save(tmp_path / "v.npy", np.random.default_rng(0).normal(size=(20, 3)))
    chain = ["--clusterer", "kmeans:n_clusters=1", "--viz", "silhouette", "--viz", "sizes"]
    done = embkit("run", "v.npy", *chain, "--out", "one", code=0)
    said = " ".join(done.stdout.split())
    assert "draw silhouette: skipped: visualizer silhouette: the clustering has 1 cluster" in said
    assert (tmp_path / "one" / "figures" / "sizes.png").exists()
    record = json.loads((tmp_path / "one" / "run.json").read_text())
    assert record["status"] == "done"
    assert any("draw silhouette: skipped" in warning for warning in record["warnings"])
