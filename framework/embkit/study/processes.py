"""One process a trial, on this machine: started, watched, ended, and its end explained."""

import os
import signal
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Protocol

from embkit.study.folder import Outcome, StudyFolder
from embkit.study.trial import Status
from embkit.study.worker import Task, run_isolated

__all__ = ["Executor", "LocalExecutor"]

# What bundled components import when they run. The server process imports it once, so that
# a trial's process has it at once; what is not installed is passed over.
_PRELOADED = [
    "embkit.runner",
    "embkit.store",
    "embkit.tables",
    "scipy.sparse",
    "sklearn.cluster",
    "sklearn.metrics",
    "matplotlib.figure",
    "matplotlib.backends.backend_agg",
]
_GRACE = 5.0
_STDERR_LINES = 50


class Executor(Protocol):
    """Runs tasks somewhere, and tells how each ended."""

    def submit(self, task: Task) -> "Future[Outcome]":
        """Start a task when there is room."""
        ...

    def stop(self, grace: float) -> None:
        """Start nothing more, let what runs finish for so many seconds, then end it."""
        ...


class LocalExecutor:
    """Runs each task in a process of its own, so many at a time.

    Parameters
    ----------
    jobs : int
        Processes at a time.
    """

    def __init__(self, jobs: int) -> None:
        # A fork of this process would copy the locks of its threads; the server has none.
        self._context = get_context("forkserver")
        self._context.set_forkserver_preload(_PRELOADED)
        self._threads = ThreadPoolExecutor(jobs)
        self._starting = threading.Lock()
        self._running: set[ForkServerProcess] = set()
        self._stopping = threading.Event()

    def submit(self, task: Task) -> "Future[Outcome]":
        """Start a task when there is room."""
        return self._threads.submit(self._run, task)

    def stop(self, grace: float) -> None:
        """Start nothing more, let what runs finish for `grace` seconds, then end it."""
        self._stopping.set()
        deadline = time.monotonic() + grace
        while self._running and time.monotonic() < deadline:
            time.sleep(0.05)
        for process in list(self._running):
            _end(process)
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _run(self, task: Task) -> Outcome:
        if self._stopping.is_set():
            return Outcome(Status.INTERRUPTED)
        folder = StudyFolder(Path(task.study))
        log = folder.path / "logs" / f"{task.key}.txt"
        log.parent.mkdir(parents=True, exist_ok=True)
        log.unlink(missing_ok=True)
        started = time.monotonic()
        with self._starting:
            process = self._context.Process(target=run_isolated, args=(task, str(log)))
            process.start()
            self._running.add(process)
        try:
            process.join(task.timeout)
            timed_out = process.is_alive() and not self._stopping.is_set()
            if process.is_alive():
                _end(process)
        finally:
            self._running.discard(process)
        seconds = time.monotonic() - started
        outcome = _explain(process, folder, task, log, seconds, timed_out=timed_out)
        if self._stopping.is_set() and outcome.status in (Status.CRASHED, Status.OOM):
            return Outcome(Status.INTERRUPTED)
        if folder.outcome(task.key) is None or outcome.stderr:
            folder.place_outcome(task.key, outcome)
        return outcome


def _end(process: ForkServerProcess) -> None:
    """Ask the trial's process group to end, then make it."""
    for sent in (signal.SIGTERM, signal.SIGKILL):
        if process.is_alive() and process.pid is not None:
            try:
                os.killpg(process.pid, sent)
            except ProcessLookupError:
                process.kill()
            process.join(_GRACE)


def _explain(
    process: ForkServerProcess,
    folder: StudyFolder,
    task: Task,
    log: Path,
    seconds: float,
    *,
    timed_out: bool,
) -> Outcome:
    """Why a process ended: by its own record, by our hand, or by a signal."""
    recorded = folder.outcome(task.key)
    tail = _tail(log)
    if process.exitcode == 0 and recorded is not None:
        if recorded.status is Status.DONE:
            log.unlink(missing_ok=True)
            return recorded
        return Outcome(recorded.status, recorded.reason, tail, seconds)
    if timed_out:
        return Outcome(Status.TIMEOUT, f"ended after {task.timeout:g} s", tail, seconds)
    code = process.exitcode or 0
    if code == -signal.SIGKILL:
        return Outcome(Status.OOM, "killed by the system, which was out of memory", tail, seconds)
    if code < 0:
        return Outcome(Status.CRASHED, f"ended by {signal.Signals(-code).name}", tail, seconds)
    return Outcome(Status.CRASHED, f"the process ended itself with code {code}", tail, seconds)


def _tail(log: Path) -> str:
    try:
        lines = log.read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return "\n".join(lines[-_STDERR_LINES:])
