"""However a trial ends: its own status, the rest of the study done, nothing left behind."""

import csv
import json
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from embkit.studies.executors import local
from fixture_types import Embkit, WriteStudy

LIMITS = """
timeout = 4
memory = "500MB"
"""
TROUBLED = """
    [[clusterers]]
    name = "troubled"
    way = { grid = ["none", "raise", "exit", "segfault", "allocate", "hang", "killed"] }
    [[clusterers]]
    name = "kmeans"
    n_clusters = 3
    [[validators]]
    name = "silhouette"
"""
ENDS = {
    "none": ("done", ""),
    "raise": ("failed", "clusterer troubled of plugin probes (probes 1.2)"),
    "exit": ("crashed", "the process ended itself with code 3"),
    "segfault": ("crashed", "ended by SIGSEGV"),
    "allocate": ("oom", "clusterer troubled ran out of memory"),
    "hang": ("timeout", "ended after 4 s"),
    "killed": ("oom", "killed, as the system does when memory runs out"),
}


def test_every_way_to_end_is_a_status_and_never_the_studys_end(
    write_study: WriteStudy, embkit: Embkit, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    done = embkit("study", write_study(TROUBLED, head=LIMITS), "--out", out, "--jobs", 4, code=6)
    with (out / "results.csv").open() as file:
        rows = {row["params"] or row["clusterer"]: row for row in csv.DictReader(file)}
    for way, (status, reason) in ENDS.items():
        row = rows[f"way={way}"]
        assert row["status"] == status, row
        assert row["reason"].startswith(reason), row
    assert rows["n_clusters=3"]["status"] == "done"
    assert "ValueError: bad luck" in rows["way=raise"]["reason"]
    assert "8 trials: 2 done, 1 failed, 1 timeout, 2 crashed, 2 oom" in done.stdout

    page = (out / "report.md").read_text()
    assert "Without a result" in page
    assert "SIGSEGV" in page
    keys = {row["params"]: row["trial"] for row in rows.values()}
    assert "about to leave" in _outcome(out, keys["way=exit"])["stderr"]
    assert "Segmentation fault" in _outcome(out, keys["way=segfault"])["stderr"]
    assert not list((out / "logs").iterdir())
    assert not list((out / "trials").glob(".*"))

    study = write_study(TROUBLED, head=LIMITS)
    kept = embkit("study", study, "--out", out, "--keep-failed", code=6)
    assert "2 done, 1 failed, 1 timeout, 2 crashed, 2 oom" in kept.stdout


def test_results_that_find_no_room_are_a_reason_and_the_next_run_makes_up_for_it(
    write_study: WriteStudy, embkit: Embkit, environment: dict[str, str], tmp_path: Path
) -> None:
    """No file above 60 kB can be written, as on a disk that is nearly full: there is room for no picture."""
    out = tmp_path / "out"
    study = write_study("""
        [[clusterers]]
        name = "kmeans"
        n_clusters = 3
        [[visualizers]]
        name = "pca"
    """)
    command = [sys.executable, "-m", "embkit", "study", study, "--out", out]
    full = ["bash", "-c", 'ulimit -f 60; exec "$@"', "bash", *map(str, command)]
    done = subprocess.run(full, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 6, done.stderr
    assert "its results cannot be written: File too large" in done.stdout
    assert not list((out / "trials").glob(".*"))
    again = embkit("study", study, "--out", out)
    assert "1 trial: 1 done" in again.stdout


def _outcome(out: Path, key: str) -> dict[str, str]:
    found: dict[str, str] = json.loads((out / "trials" / key / "trial.json").read_text())
    return found


def test_a_failed_validator_has_its_reason_in_the_table(
    write_study: WriteStudy, embkit: Embkit, tmp_path: Path
) -> None:
    study = write_study("""
        [[clusterers]]
        name = "kmeans"
        n_clusters = 2
        [[validators]]
        name = "threshold-diff"
        to = 1.0
        [[validators]]
        name = "external"
    """)
    embkit("study", study, "--out", tmp_path / "out")
    with (tmp_path / "out" / "results.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert any(row["validator"] == "threshold-diff" and row["skipped"] for row in rows)
    assert any(row["score"] == "ari" and float(row["value"]) > 0 for row in rows)


def test_a_kill_for_memory_names_what_the_trial_was_seen_to_hold() -> None:
    task: Any = SimpleNamespace(memory=10**9, timeout=None)  # as much of one as is looked at
    status, reason = local._explain(-signal.SIGKILL, task, timed_out=False, peak=2 * 10**9)
    assert status.value == "oom"
    assert "the trial's share was 1.0 GB; it was seen to hold 2.0 GB" in reason
    assert "seen to hold" not in local._explain(-signal.SIGKILL, task, timed_out=False, peak=0)[1]


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read from /proc")
def test_the_peak_of_another_process_is_known_while_it_runs() -> None:
    program = "import sys, time; held = bytearray(50_000_000); print('held', flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert local._peak(process.pid) > 50_000_000
        process.kill()
    assert local._peak(None) == 0
