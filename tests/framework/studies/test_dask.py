"""Trials on a dask cluster: the same results, also when a worker is lost."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from fixture_types import Embkit, Start, WriteStudy

DIARY = """
    [[clusterers]]
    name = "diary"
    file = "{file}"
    entry = {{ grid = [0, 1, 2, 3, 4, 5] }}
    seconds = 0.7
    [[validators]]
    name = "external"
"""


def test_with_one_of_two_workers_killed_the_results_are_the_same(
    write_study: WriteStudy, start: Start, embkit: Embkit, tmp_path: Path
) -> None:
    pytest.importorskip("distributed")
    here, there = tmp_path / "local", tmp_path / "dask"
    study = write_study(DIARY.format(file=tmp_path / "diary.txt"))
    process = start("study", study, "--out", there, "--executor", "dask", "--jobs", 2)
    deadline = time.monotonic() + 120
    while not list(there.glob("trials/*/complete.json")):
        assert time.monotonic() < deadline
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    os.kill(_a_worker(process.pid), signal.SIGKILL)
    output, messages = process.communicate(timeout=180)
    assert process.returncode == 0, messages
    assert "6 trials: 6 done" in output
    assert "Traceback" not in messages
    assert len(messages.splitlines()) <= 2, messages
    embkit("study", study, "--out", here)
    assert (here / "results.csv").read_bytes() == (there / "results.csv").read_bytes()


def _a_worker(pid: int) -> int:
    """The process of a dask worker: started by multiprocessing's spawn, with a trial's server below it."""
    for child in psutil.Process(pid).children(recursive=True):
        with suppress(psutil.NoSuchProcess):  # others end at any time
            below = (" ".join(grandchild.cmdline()) for grandchild in child.children())
            if "spawn_main" in " ".join(child.cmdline()) and any("forkserver" in line for line in below):
                return int(child.pid)
    raise AssertionError("no worker is left")


def test_no_scheduler_at_the_address(
    embkit: Embkit, write_study: WriteStudy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr("embkit.runs.workers.cluster._PATIENCE", 0.5)
    study = write_study('[[clusterers]]\nname = "kmeans"\nn_clusters = 2\n')
    where = ("--executor", "dask", "--scheduler", "tcp://127.0.0.1:1")
    refused = embkit("study", study, "--out", tmp_path / "out", *where, code=2)
    assert "no dask scheduler answers at tcp://127.0.0.1:1" in refused.stderr
