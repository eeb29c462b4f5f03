"""The log of a run, and how far it is."""

import logging
import re
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import embkit
from embkit.cli.app import main
from embkit.data.dataset import Dataset
from embkit.data.fingerprint import array_fingerprint
from embkit.runs import progress
from embkit.runs.records.recorder import Unobserved


class Shell:
    """Stands for IPython: keeps what was shown."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def display(self, data: dict[str, str], **_: Any) -> "Shell":
        self.lines.append(data["text/plain"])
        return self

    update = display


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A Jupyter kernel, as far as is asked of it."""
    shell = Shell()
    ipython, display = types.ModuleType("IPython"), types.ModuleType("IPython.display")
    vars(ipython)["get_ipython"] = type("ZMQInteractiveShell", (), {})
    vars(display)["display"] = shell.display
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    return shell


def test_the_logger_embkit_hears_of_every_step(
    blobs: Dataset, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    with caplog.at_level(logging.DEBUG, "embkit"):
        run = embkit.run(
            blobs,
            "agglomerative",
            validators=["sizes"],
            visualizers=["umap:n_neighbors=2"],
            out=tmp_path / "run",
            cache=False,
        )
    said = [(record.levelname, record.message) for record in caplog.records]
    assert ("DEBUG", "cluster agglomerative begins") in said
    assert any(level == "INFO" and re.match(r"validate sizes: \d", text) for level, text in said)
    lines = (tmp_path / "run" / "run.log").read_text().splitlines()
    assert tuple(lines) == run.log == embkit.open_run(tmp_path / "run").log
    assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00 DEBUG check begins$", lines[0])
    assert len(lines) == len(said)
    embkit.run(blobs, "kmeans", out=tmp_path / "run", overwrite=True, cache=False)


def test_warnings_and_failures_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    rows = np.repeat(np.eye(3), 5, axis=0)
    with caplog.at_level(logging.WARNING, "embkit"):
        run = embkit.run(rows, "kmeans:n_clusters=4", visualizers=["tsne:perplexity=9"], cache=False)
    levels = {record.levelname for record in caplog.records}
    assert levels == {"WARNING", "ERROR"}
    assert any("kmeans found 3 clusters" in line for line in run.log)
    assert any(" ERROR draw tsne: " in line for line in run.log)


def test_nothing_is_printed_without_a_handler() -> None:
    code = (
        "import embkit, numpy as np\n"
        "embkit.run(np.repeat(np.eye(3), 5, axis=0), 'kmeans:n_clusters=4', cache=False)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


def test_a_notebook_shows_one_line(notebook: Shell, blobs: Dataset) -> None:
    embkit.run(blobs, "kmeans:n_clusters=3", cache=False)
    assert notebook.lines[0] == "starting ..."
    assert re.match(r"\d+ steps? in .*s, the last: ", notebook.lines[-1])
    shown = len(notebook.lines)
    embkit.run(blobs, "kmeans:n_clusters=3", progress=False, cache=False)
    assert len(notebook.lines) == shown


def test_a_script_shows_nothing_unless_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    assert isinstance(progress.progress_here(None), Unobserved)
    assert isinstance(progress.progress_here(False), Unobserved)
    shown = progress.progress_here(True)
    assert isinstance(shown, progress.TerminalProgress)
    shown.started("load")  # standard error is no terminal here
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys, "ps1", ">>> ", raising=False)
    assert isinstance(progress.progress_here(None), progress.TerminalProgress)


def test_on_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    shown = progress.TerminalProgress()
    shown.started("load\x1b")
    shown.progressed(0.5, "rows")
    shown.finished("load", 1.5)
    assert capsys.readouterr().err == ("\r\x1b[2Kload� ...\r\x1b[2Kload�  50% rows\r\x1b[2Kload 1.5 s\n")


def test_the_time_left_is_told_by_the_pace_of_each_part(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr("embkit.runs.progress.time.monotonic", lambda: clock[0])
    pace = progress.Pace()

    def after(seconds: float, done: float) -> str:
        clock[0] += seconds
        return pace.left(done)

    assert after(50, 0.4) == ""  # done by a run that was interrupted
    assert after(4, 0.45) == ""  # too soon
    assert after(6, 0.5) == ", up to 50.0 s left"
    assert after(0, 0.0) == ""  # another part
    assert after(4, 0.2) == ""
    assert after(6, 0.5) == ", up to 10.0 s left"
    assert after(20, 0.75) == ", up to 10.0 s left"
    assert after(1, 0.1) == ""  # another part
    assert after(10, 0.12) == ""  # too little of it
    assert after(80, 0.4) == ", up to 3 min 0 s left"
    assert after(10, 1.0) == ""


def test_a_study_in_a_notebook(notebook: Shell, tmp_path: Path, blobs: Dataset) -> None:
    np.save(tmp_path / "vectors.npy", blobs.vectors)
    declared = {
        "datasets": [{"source": str(tmp_path / "vectors.npy")}],
        "clusterers": ["kmeans"],
        "seeds": [0],
    }
    embkit.study(declared, out=tmp_path / "study")
    assert re.match("1 step in .*, the last: study", notebook.lines[-1])


def test_quiet_shows_results_and_errors_only(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("EMBKIT_QUIET", raising=False)
    for arguments in (
        ["run", "--quiet", "--clusterer", "kmeans", "--sample", "50"],
        ["--quiet", "inspect", "--sample", "50"],
    ):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        out, err = capfd.readouterr()
        assert (ended.value.code, err) == (0, "")
        assert "data" in out
    with pytest.raises(SystemExit):
        main(["run", "--clusterer", "kmeans", "--sample", "50"])
    assert "no SOURCE: using the bundled sample" in capfd.readouterr().err
    with pytest.raises(SystemExit):
        main(["run", "--quiet", "none.npy", "--clusterer", "kmeans"])
    assert capfd.readouterr().err.startswith("error: none.npy")


def test_the_check_of_the_rows_tells_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, str]] = []

    class Listener(Unobserved):
        step = ""

        def started(self, step: str) -> None:
            self.step = step

        def progressed(self, done: float, note: str) -> None:
            told.append((self.step, note))

    monkeypatch.setattr("embkit.api.running.progress_here", lambda _: Listener())
    embkit.run(np.eye(30, dtype=np.float32), "kmeans:n_clusters=2", cache=False)
    assert ("check", "30 of 30 rows") in told
    assert ("check", "fingerprint of 30 of 30 rows") in told


def test_the_fingerprint_shows_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("embkit.data.fingerprint._BLOCK_BYTES", 100)
    vectors = np.random.default_rng(0).normal(size=(30, 2))
    reported: list[tuple[float, str]] = []
    dataset = Dataset(vectors)
    found = dataset.take_fingerprint(lambda *report: reported.append(report))
    assert found == array_fingerprint(vectors) == dataset.fingerprint
    assert [done for done, _ in reported] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])
    assert reported[1][1] == "fingerprint of 12 of 30 rows"
    dataset.take_fingerprint(lambda *_: pytest.fail("read again"))
