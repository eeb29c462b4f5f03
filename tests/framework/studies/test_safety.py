"""Killed, interrupted, locked out: nothing that was complete is lost or done again."""

import json
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from fixture_types import Embkit, Start, WriteStudy

RUN = """
import sys
from pathlib import Path

from embkit.plugin.registry import Registry
from embkit.studies.engine import Settings, run_study
from embkit.studies.executors.local import LocalExecutor
from embkit.studies.prepared import prepare
from embkit.studies.reading import read_study

registry = Registry.discover()
prepared = prepare(read_study(Path(sys.argv[1])), registry)
executor = lambda: LocalExecutor(2, libraries=())  # none that takes long to import
run_study(prepared, registry, Path(sys.argv[2]), Settings(2), executor, lambda *_: None)
"""
DIARY = """
    [[clusterers]]
    name = "diary"
    file = "{file}"
    entry = {{ grid = {entries} }}
    seconds = {seconds}
    [[validators]]
    name = "sizes"
    [[validators]]
    name = "external"
"""


def _marked(out: Path) -> set[str]:
    return {mark.parent.name for mark in out.glob("trials/*/complete.json")}


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def _wait_until(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _calls_of_marked(out: Path, diary: Path) -> dict[str, int]:
    """How often each complete trial was called, by what it writes into the diary."""
    if not (out / "trials.json").exists():
        return {}
    trials = json.loads((out / "trials.json").read_text())["trials"]
    entries = {trial["key"]: f"{trial['params']['entry']} {trial['config']['seed']}" for trial in trials}
    calls = Counter(_lines(diary))
    return {entries[key]: calls[entries[key]] for key in _marked(out)}


def _holder(out: Path) -> str:
    try:
        return str(json.loads((out / ".holder.json").read_text())["run"])
    except (OSError, ValueError):
        return ""


def _kill(process: "subprocess.Popen[Any]") -> None:
    """Kill it, and wait until the fork server and the trials are gone that end with it."""
    family = set(psutil.Process(process.pid).children(recursive=True))
    process.kill()
    process.wait()
    while family:
        family = set(filter(_alive, family))
        family |= {below for one in family for below in _children(one)}
        time.sleep(0.02)


def _alive(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return list(process.children(recursive=True))
    except psutil.NoSuchProcess:
        return []


def test_killed_at_eight_moments_it_ends_as_if_undisturbed(
    write_study: WriteStudy, embkit: Embkit, environment: dict[str, str], tmp_path: Path
) -> None:
    out, whole, diary = tmp_path / "out", tmp_path / "whole", tmp_path / "diary.txt"
    study = write_study(DIARY.format(file=diary, entries=list(range(15)), seconds=0.05), seeds=[0, 1])
    moments = random.Random(2026)
    calls: dict[str, int] = {}
    unfinished = 0
    for _ in range(8):
        held_before = _holder(out)
        process = subprocess.Popen([sys.executable, "-c", RUN, study, out], env=environment)
        _wait_until(lambda: _holder(out) not in ("", held_before) or process.poll() is not None)  # noqa: B023
        time.sleep(moments.uniform(0, 0.7))
        _kill(process)
        now = _calls_of_marked(out, diary)
        assert {entry: now[entry] for entry in calls} == calls  # none ran after its mark
        calls = now
        unfinished += len(now) < 30
    assert unfinished >= 3  # or the moments say nothing
    embkit("study", study, "--out", out, "--jobs", 2)
    now = _calls_of_marked(out, diary)
    assert len(now) == 30
    assert {entry: now[entry] for entry in calls} == calls

    embkit("study", study, "--out", whole, "--jobs", 2)
    assert (out / "results.csv").read_bytes() == (whole / "results.csv").read_bytes()
    embkit("study", "verify", out)


def test_a_signal_keeps_what_is_done_and_says_how_to_continue(
    write_study: WriteStudy, start: Start, embkit: Embkit, tmp_path: Path
) -> None:
    begun = []
    for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
        out, diary = tmp_path / f"out-{code}", tmp_path / f"diary-{code}.txt"
        written = write_study(DIARY.format(file=diary, entries=[0, 1, 2, 3], seconds=0.8))
        study = written.rename(tmp_path / f"study-{code}.toml")
        process = start("study", study, "--out", out, "--jobs", 1)
        begun.append((number, code, out, diary, study, process))
    left = list(begun)

    def all_are_interrupted() -> bool:
        """Send each its signal once its first trial is done."""
        for one in [one for one in left if _marked(one[2])]:
            left.remove(one)
            one[-1].send_signal(one[0])
        return not left

    _wait_until(all_are_interrupted)
    for _, code, out, diary, study, process in begun:
        _, messages = process.communicate(timeout=60)
        assert process.returncode == code, messages
        assert f"to continue: embkit study {study} --out {out} --jobs 1" in messages
        rows = (out / "results.csv").read_text()
        assert ",done," in rows
        assert ",interrupted," in rows
        calls = len(_lines(diary))
        assert calls < 4
        embkit("study", study, "--out", out, "--jobs", 1)
        assert len(_lines(diary)) == 4  # what was running at the signal was let finish


def test_two_at_once_the_second_is_told_who_is_there_or_waits(
    write_study: WriteStudy, start: Start, embkit: Embkit, tmp_path: Path
) -> None:
    out, diary = tmp_path / "out", tmp_path / "diary.txt"
    study = write_study(DIARY.format(file=diary, entries=[0, 1], seconds=2))
    first = start("study", study, "--out", out, "--jobs", 1)
    _wait_until((out / ".holder.json").exists)
    refused = embkit("study", study, "--out", out, code=7)
    assert f"is in use by process {first.pid} of " in refused.stderr
    embkit("study", study, "--out", out, "--wait")
    first.communicate()
    assert first.returncode == 0
    assert len(_lines(diary)) == 2  # the second found everything done


def test_verify_names_what_was_changed(write_study: WriteStudy, embkit: Embkit, tmp_path: Path) -> None:
    out, diary = tmp_path / "out", tmp_path / "diary.txt"
    study = write_study(DIARY.format(file=diary, entries=[0, 1], seconds=0))
    embkit("study", study, "--out", out)
    first, second = sorted((out / "trials").iterdir())
    (first / "labels.csv").write_text("row,id,label\n0,0,0\n")
    (second / "scores.json").unlink()
    found = embkit("study", "verify", out, code=3)
    assert f"trials/{first.name}/labels.csv is missing or was changed" in found.stderr
    assert f"trials/{second.name}/scores.json" in found.stderr
    assert "2 complete trials, 2 damaged files" in found.stdout
    report = embkit("study", "report", out, code=3)
    assert f"to find what was changed: embkit study verify {out}" in report.stderr
    shutil.rmtree(first)
    shutil.rmtree(second)
    embkit("study", study, "--out", out)
    embkit("study", "verify", out)


def test_a_folder_of_something_else_is_left_alone(
    write_study: WriteStudy, embkit: Embkit, tmp_path: Path
) -> None:
    out = tmp_path / "thesis"
    out.mkdir()
    (out / "chapter.txt").write_text("dear")
    study = write_study(DIARY.format(file=tmp_path / "diary.txt", entries=[0], seconds=0))
    refused = embkit("study", study, "--out", out, code=2)
    assert "is not a folder of an embkit study" in refused.stderr
    assert [file.name for file in out.iterdir()] == ["chapter.txt"]


def test_a_study_ended_between_its_plan_and_its_record_goes_on(
    write_study: WriteStudy, embkit: Embkit, tmp_path: Path
) -> None:
    out, other = tmp_path / "out", tmp_path / "other"
    study = write_study(DIARY.format(file=tmp_path / "diary.txt", entries=[0], seconds=0))
    embkit("study", study, "--out", out)
    for entry in out.iterdir():
        if entry.name != "trials.json" and not entry.name.startswith("."):
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    embkit("study", study, "--out", out)
    embkit("study", "verify", out)
    other.mkdir()
    (other / "trials.json").write_text('{"trials": ["of a drug"]}')
    embkit("study", study, "--out", other, code=2)
    assert [entry.name for entry in other.iterdir()] == ["trials.json"]
