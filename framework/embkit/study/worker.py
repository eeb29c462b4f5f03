"""The process of one trial: it runs the trial's configuration and puts its folder in place."""

import ctypes
import faulthandler
import os
import resource
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from embkit.study.folder import Outcome

__all__ = ["Task", "run_isolated", "run_task"]

_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of Linux's prctl


@dataclass(frozen=True)
class Task:
    """What a worker needs to know; plain values, so that it travels anywhere.

    Parameters
    ----------
    key : str
        The trial's.
    config : dict
        Its configuration as a mapping.
    study : str
        Folder of the study.
    threads : int
        Thread budget.
    memory : int
        Bytes the process may allocate.
    cache : bool
        Whether shared work is kept on disk.
    timeout : float or None
        Seconds until it is ended.
    """

    key: str
    config: dict[str, Any]
    study: str
    threads: int
    memory: int
    cache: bool
    timeout: float | None


def run_isolated(task: Task, log: str) -> None:
    """Run a task in this process, which exists for nothing else.

    Parameters
    ----------
    task : Task
        The trial.
    log : str
        File that receives all the process prints.
    """
    _die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(output, 1)
    os.dup2(output, 2)
    faulthandler.enable(file=sys.stderr)
    _limit_memory(task.memory)
    run_task(task)


def run_task(task: Task) -> "Outcome":
    """Run a trial and put its folder, or the reason why there is none, in place."""
    from embkit.resources import export_threads
    from embkit.study.folder import Outcome, StudyFolder
    from embkit.study.trial import Status

    export_threads(task.threads)
    folder = StudyFolder(Path(task.study))
    started = time.perf_counter()
    status, reason = _attempt(task, folder, started)
    outcome = Outcome(Status(status), reason, "", time.perf_counter() - started)
    if outcome.status is not Status.DONE:
        folder.place_outcome(task.key, outcome)
    return outcome


def _attempt(task: Task, folder: Any, started: float) -> tuple[str, str]:
    from embkit.artifacts import SharedWork, default_cache
    from embkit.config import RunConfig
    from embkit.errors import EmbkitError, ResourceError
    from embkit.registry import Registry
    from embkit.runner import execute
    from embkit.store import write_json, write_run_files
    from embkit.study.trial import Status

    try:
        config = RunConfig.from_mapping(
            {**task.config, "threads": task.threads, "memory": str(task.memory)}, "trial"
        )
        shared = SharedWork(default_cache() if task.cache else None)
        run = execute(config, Registry.discover(), shared=shared)

        def fill(staging: Path) -> None:
            write_run_files(run, staging)
            seconds = time.perf_counter() - started
            done = {"status": Status.DONE, "reason": "", "stderr": "", "seconds": seconds}
            write_json(staging / "trial.json", done)

        folder.place(task.key, fill)
    except ResourceError as error:
        return ("oom" if isinstance(error.__cause__, MemoryError) else "skipped"), str(error)
    except EmbkitError as error:
        return "failed", str(error)
    except MemoryError as error:
        return "oom", f"out of memory: {error}"
    return "done", ""


def _die_with_parent() -> None:
    """Ask the kernel to end this process with its parent, so that none is left behind (Linux)."""
    os.setsid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DEATH_SIGNAL, signal.SIGKILL)
        try:
            # If memory runs out for good, this process is the one to go.
            Path("/proc/self/oom_score_adj").write_text("1000")
        except OSError:
            return


def _limit_memory(limit: int) -> None:
    """Let an allocation beyond the limit fail, rather than the machine."""
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (used + limit, resource.RLIM_INFINITY))
