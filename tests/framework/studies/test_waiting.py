"""A study says which trials are running where none ends."""

import time
from concurrent.futures import Future
from typing import Any

import pytest

from embkit.cli.output.progress import TrialProgress
from embkit.data.configuration.run import RunConfig
from embkit.data.trial import Outcome, Status, Trial
from embkit.plugin.registry import Registry
from embkit.studies import engine

TRIALS = [Trial(f"k{seed}", "digits", "", "spectral", {}, seed, RunConfig()) for seed in range(5)]


class Slow:
    """Runs one task, which ends after a while; the others stay in line."""

    def __init__(self) -> None:
        self.futures: list[Future[Outcome]] = []

    def submit(self, task: Any) -> "Future[Outcome]":
        future: Future[Outcome] = Future()
        if not self.futures:
            future.set_running_or_notify_cancel()
        self.futures.append(future)
        return future

    def stop(self, grace: float) -> None:
        raise AssertionError(grace)


def test_running_trials_are_told_and_those_in_line_are_not(registry: Registry) -> None:
    executor, told = Slow(), []
    tasks: dict[str, Any] = {trial.key: (trial, trial.key) for trial in TRIALS[:2]}

    def waiting(running: Any) -> None:
        told.append([trial.seed for trial in running])
        for future in executor.futures:
            future.set_result(Outcome(Status.DONE))

    outcomes: dict[str, Outcome] = {}
    engine._follow(tasks, executor, registry, lambda *_: None, outcomes, waiting)
    assert told == [[0]]
    assert len(outcomes) == 2


def test_it_is_said_after_a_minute_then_after_two(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    progress = TrialProgress()
    said = []
    for _ in range(25):
        progress.waiting(TRIALS)
        said.append(capsys.readouterr().err)
        clock[0] += 10
    assert [10 * place for place, line in enumerate(said) if line] == [60, 120, 240]
    assert said[6] == (
        "no trial has ended for 1 min 0 s; running: digits | spectral | seed 0; digits | spectral | seed 1; "
        "digits | spectral | seed 2 and 2 more; --timeout SECONDS ends those that take longer\n"
    )
    progress.report(TRIALS[0], Outcome(Status.DONE), 1, 5)
    capsys.readouterr()
    progress.waiting(TRIALS)
    progress.waiting([])
    assert capsys.readouterr().err == ""
