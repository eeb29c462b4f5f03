"""The process of one trial: it runs the trial's configuration and puts its folder in place."""

import ctypes
import faulthandler
import gc
import multiprocessing
import os
import signal
import sys
import time
import traceback
from dataclasses import dataclass, replace
from multiprocessing import forkserver
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embkit.resources import peak_memory

if TYPE_CHECKING:
    from embkit.data.run import Run
    from embkit.data.trial import Outcome
    from embkit.plugin.manager import Selection
    from embkit.runs.cache import DiskCache

__all__ = ["Task", "run_isolated", "run_task"]

_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of Linux's prctl


@dataclass(frozen=True)
class Task:
    """The task of a worker, in plain values, so that it travels anywhere.

    Parameters
    ----------
    key : str
        The trial's.
    config : dict
        Its configuration as a mapping.
    study : str
        Folder of the study.
    session : str
        The run of the study that started it: results of a trial that outlived it are not wanted.
    threads : int
        Thread budget.
    memory : int
        Bytes the process may allocate.
    cache : DiskCache or None
        Where shared work is kept.
    selection : Selection
        Which plugins are loaded.
    timeout : float or None
        Seconds until it is ended.
    """

    key: str
    config: dict[str, Any]
    study: str
    session: str
    threads: int
    memory: int
    cache: "DiskCache | None"
    selection: "Selection"
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
    gc.freeze()  # what was imported before stays; collections need not look at it
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
    from embkit.data.trial import Outcome, Status
    from embkit.studies.folder import StudyFolder

    folder = StudyFolder(Path(task.study))
    started = time.perf_counter()
    run, status, reason = _attempt(task)
    outcome = Outcome(Status(status), reason, "", time.perf_counter() - started, task.session)
    if not folder.held_by(task.session):
        return Outcome(Status.INTERRUPTED, "the study was taken over by another process")
    if run is not None:
        try:
            folder.place_run(task.key, outcome, run)
        except OSError as error:
            why = f"its results cannot be written: {error.strerror or error}"
            outcome = replace(outcome, status=Status.FAILED, reason=why)
        else:
            return outcome
    folder.place_outcome(task.key, outcome)
    return outcome


def _attempt(task: Task) -> "tuple[Run | None, str, str]":
    """The run, or the status and the reason why there is none."""
    from embkit.data.configuration.run import RunConfig
    from embkit.errors import EmbkitError, ResourceError
    from embkit.plugin.registry import Registry
    from embkit.runs.runner import execute
    from embkit.runs.shared import SharedWork

    settings = {"threads": task.threads, "memory": task.memory}
    try:
        config = RunConfig.from_mapping({**task.config, **settings}, "trial")
        registry = Registry.discover(task.selection)
        return execute(config, registry, shared=SharedWork(task.cache)), "done", ""
    except ResourceError as error:
        return None, "oom" if isinstance(error.__cause__, MemoryError) else "skipped", str(error)
    except EmbkitError as error:
        traceback.print_exc()
        return None, "failed", str(error)
    except MemoryError as error:
        return None, "oom", f"out of memory: {error}"
    except Exception as error:  # noqa: BLE001 - a bug, and still this trial's alone
        traceback.print_exc()
        return None, "failed", f"{type(error).__name__}: {error}; this is a bug of embkit"


def _die_with_parent() -> None:
    """Let the kernel end this process, and all that it starts, with the study (Linux)."""
    os.setsid()
    # The server that this process was forked from lives as long as someone holds this.
    server = vars(vars(forkserver)["_forkserver"])
    if server.get("_forkserver_alive_fd") is not None:
        os.close(server["_forkserver_alive_fd"])
        server["_forkserver_alive_fd"] = None
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DEATH_SIGNAL, signal.SIGKILL)
        _end_group_with(multiprocessing.parent_process())
        try:
            # If memory runs out for good, this process is the one to go.
            Path("/proc/self/oom_score_adj").write_text("1000")
        except OSError:
            return


def _end_group_with(study: multiprocessing.process.BaseProcess | None) -> None:
    """Have the kernel kill the process group at the moment the study's end of the pipe closes."""
    import fcntl
    import select

    if study is None:
        return
    fcntl.fcntl(study.sentinel, fcntl.F_SETOWN, -os.getpgrp())
    fcntl.fcntl(study.sentinel, fcntl.F_SETSIG, signal.SIGKILL)
    flags = fcntl.fcntl(study.sentinel, fcntl.F_GETFL)
    fcntl.fcntl(study.sentinel, fcntl.F_SETFL, flags | os.O_ASYNC)
    if select.select([study.sentinel], [], [], 0)[0]:  # it has ended already
        os.killpg(0, signal.SIGKILL)


def _limit_memory(limit: int) -> None:
    """Let an allocation beyond the limit fail, rather than the machine."""
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = _data_size() + limit
    resource.setrlimit(
        resource.RLIMIT_DATA, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard)
    )


def _data_size() -> int:
    """Bytes that count towards the limit already: mapped for data, used or not."""
    import resource

    try:
        pages = int(Path("/proc/self/statm").read_text().split()[5])
    except (OSError, ValueError, IndexError):
        return peak_memory()
    return pages * resource.getpagesize()
