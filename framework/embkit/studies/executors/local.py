"""One process a trial, on this machine: started, watched, ended, and its end explained.

The processes are forked by multiprocessing's fork server, which has imported
what trials need and runs no thread. Each leads a process group of its own, so
that whatever a library starts in it ends with it.
"""

import math
import os
import re
import signal
import threading
import time
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from multiprocessing import connection, get_context
from multiprocessing.context import ForkServerProcess
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Protocol

from embkit.data.trial import Outcome, Status
from embkit.runs.workers.children import unaware_children
from embkit.studies.executors.server import LIBRARIES, start_server
from embkit.studies.executors.worker import Task, run_isolated
from embkit.studies.folder import StudyFolder
from embkit.text import format_bytes

__all__ = ["Executor", "LocalExecutor"]

_GRACE = 5.0
_LONGEST_WAIT = 1e6  # seconds; the system counts milliseconds in 31 bits
_STDERR_LINES = 50
_SAMPLE = 0.25  # seconds between two looks at the memory of a trial


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
    threads : int
        Threads of each.
    libraries : iterable of str
        What the process that they are forked from imports, unless it runs already.
    """

    def __init__(self, jobs: int, threads: int = 1, libraries: Iterable[str] = LIBRARIES) -> None:
        start_server(threads, jobs, libraries=libraries)
        self._threads = ThreadPoolExecutor(jobs)
        # multiprocessing keeps one list of children: two threads in it at a time lose exit codes.
        self._multiprocessing = threading.Lock()
        self._running: set[ForkServerProcess] = set()
        self._stopping = threading.Event()

    def submit(self, task: Task) -> "Future[Outcome]":
        """Start a task when there is room."""
        return self._threads.submit(self._run, task)

    def stop(self, grace: float) -> None:
        """Start nothing more, let what runs finish for `grace` seconds, then end it.

        Another interrupt ends the wait.
        """
        self._stopping.set()
        deadline = time.monotonic() + grace
        try:
            while self._running and time.monotonic() < deadline:
                time.sleep(0.02)
        finally:
            for process in list(self._running):
                _end(process)
            self._threads.shutdown(wait=True, cancel_futures=True)

    def _run(self, task: Task) -> Outcome:
        if self._stopping.is_set():
            return Outcome(Status.INTERRUPTED)
        folder = StudyFolder(Path(task.study))
        log = folder.log(task.key)
        log.parent.mkdir(parents=True, exist_ok=True)
        log.unlink(missing_ok=True)
        started = time.monotonic()
        with self._multiprocessing, unaware_children():
            process = get_context("forkserver").Process(target=run_isolated, args=(task, str(log)))
            process.start()
            self._running.add(process)
        peak = 0
        try:
            timed_out, peak = _watched(process, task.timeout)
        finally:
            _end(process)
            self._running.discard(process)
        with self._multiprocessing:
            process.join()
        code = 0 if process.exitcode is None else process.exitcode
        if self._stopping.is_set() and code != 0:
            return Outcome(Status.INTERRUPTED)
        seconds = time.monotonic() - started
        return _settle(folder, task, code, seconds, timed_out=timed_out, peak=peak)


def _watched(process: BaseProcess, timeout: float | None) -> tuple[bool, int]:
    """Wait for the end of a process: whether there was none in time, and its peak of memory."""
    end = math.inf if timeout is None else time.monotonic() + timeout
    peak = 0
    while not _ended(process, min(_SAMPLE, max(end - time.monotonic(), 0))):
        peak = max(peak, _peak(process.pid))
        if time.monotonic() >= end:
            return True, peak
    return False, peak


def _peak(pid: int | None) -> int:
    """Most bytes that a process has held in memory so far; 0 where the system does not say."""
    try:
        status = Path(f"/proc/{pid}/status").read_text("ascii", errors="replace")
    except OSError:
        return 0
    found = re.search(r"^VmHWM:\s*(\d+) kB$", status, flags=re.MULTILINE)
    return 1024 * int(found[1]) if found else 0


def _ended(process: BaseProcess, timeout: float) -> bool:
    end = time.monotonic() + timeout
    while not (ended := connection.wait([process.sentinel], min(timeout, _LONGEST_WAIT))):
        timeout = end - time.monotonic()
        if timeout <= 0:
            break
    return bool(ended)


def _end(process: ForkServerProcess) -> None:
    """Ask the trial's process group to end, then make it; one that has ended loses what it left."""
    if process.pid is None:
        return
    for sent in (signal.SIGTERM, signal.SIGKILL):
        if _ended(process, 0):
            break
        _signal(process.pid, sent)
        _ended(process, _GRACE)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _signal(pid: int, number: int) -> None:
    try:
        os.killpg(pid, number)
    except ProcessLookupError:  # it leads no group yet
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def _settle(
    folder: StudyFolder, task: Task, code: int, seconds: float, *, timed_out: bool, peak: int
) -> Outcome:
    """How a trial ended; recorded with what its process printed, unless it is done."""
    log = folder.log(task.key)
    recorded = folder.outcome(task.key)
    if recorded is not None and recorded.run != task.session:
        recorded = None  # of an earlier attempt
    if recorded is not None and recorded.status is Status.DONE:
        log.unlink(missing_ok=True)
        return recorded
    if not folder.held_by(task.session):
        return Outcome(Status.INTERRUPTED)
    if recorded is not None:
        status, reason = recorded.status, recorded.reason
    else:
        status, reason = _explain(code, task, timed_out=timed_out, peak=peak)
    outcome = Outcome(status, reason, _tail(log), seconds, task.session)
    folder.place_outcome(task.key, outcome)
    log.unlink(missing_ok=True)
    return outcome


def _explain(code: int, task: Task, *, timed_out: bool, peak: int) -> tuple[Status, str]:
    """Why a process ended that left no record: by our hand, by a signal, by itself."""
    if timed_out:
        return Status.TIMEOUT, f"ended after {task.timeout:g} s"
    if code == -signal.SIGKILL:
        budget = format_bytes(task.memory)
        held = f"; it was seen to hold {format_bytes(peak)}" if peak else ""
        reason = (
            f"killed, as the system does when memory runs out (the trial's share was {budget}{held})"
        )
        return Status.OOM, f"{reason}; fewer --jobs leave more"
    if code < 0:
        return Status.CRASHED, f"ended by {signal.Signals(-code).name}"
    return Status.CRASHED, f"the process ended itself with code {code}"


def _tail(log: Path) -> str:
    try:
        lines = log.read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return "\n".join(lines[-_STDERR_LINES:])
