"""Run a study: every trial that is not complete yet, sharing work, surviving whatever happens."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from pathlib import Path

from embkit.data.study import StudyConfig
from embkit.data.trial import Outcome, Status, Trial
from embkit.errors import ResourceError
from embkit.plugin.manager import Selection
from embkit.plugin.registry import Registry
from embkit.resources import available_memory, cpu_count
from embkit.runs.cache import DiskCache
from embkit.studies.executors.local import Executor
from embkit.studies.executors.worker import Task
from embkit.studies.folder import StudyFolder
from embkit.studies.prepared import Prepared, write_plan
from embkit.studies.results import Ended, TrialResult, read_results
from embkit.studies.scheduling import running_order
from embkit.studies.tables import write_tables

__all__ = ["Settings", "count_statuses", "ended_trials", "run_study"]

Report = Callable[[Trial, Outcome, int, int], None]
Waiting = Callable[[Sequence[Trial]], None]

_GRACE = 10.0


@dataclass(frozen=True)
class Settings:
    """Settings of a study as it runs.

    Parameters
    ----------
    jobs : int
        Trials at a time.
    timeout : float, optional
        Seconds a trial may take; the study's own if omitted.
    keep_failed : bool
        Whether trials that failed before are left as they are.
    cache : DiskCache, optional
        Where shared work is kept.
    wait : bool
        Whether to wait for another process that holds the folder.
    selection : Selection
        Which plugins the trials load.
    waiting : callable, optional
        Receives the trials that are running, about every second in which none ends.
    """

    jobs: int
    timeout: float | None = None
    keep_failed: bool = False
    cache: DiskCache | None = None
    wait: bool = False
    selection: Selection = field(default_factory=Selection)
    waiting: Waiting | None = None


def run_study(
    prepared: Prepared,
    registry: Registry,
    out: Path,
    settings: Settings,
    make_executor: Callable[[], Executor],
    report: Report,
) -> list[TrialResult]:
    """Run what is not complete yet and write the tables.

    Parameters
    ----------
    prepared : Prepared
        The study with its trials.
    registry : Registry
        Notified of every finished trial.
    out : Path
        The study's folder; continued where it exists.
    settings : Settings
        How to run.
    make_executor : callable
        Starts what runs the trials; called once the folder is held, stopped at the end.
    report : callable
        Receives each trial with its outcome, how many are settled, and how many there are.

    Returns
    -------
    list of TrialResult
        In the order of the plan.

    Raises
    ------
    DataError
        If a file of a trial that was complete already was changed.
    LockedError
        If another process works in the folder.
    ParameterError
        If something else is in the folder.
    ResourceError
        If the folder cannot be written, or the disk is full; complete trials are kept.
    KeyboardInterrupt
        If the user interrupts; tables are written before.
    """
    folder = StudyFolder(out)
    folder.check()
    try:
        with folder.locked(wait=settings.wait) as session:
            folder.clean()
            write_plan(prepared, out)
            return _run(prepared, registry, folder, session, settings, make_executor, report)
    except OSError as error:
        raise ResourceError(
            f"{out} cannot be written",
            error.strerror or str(error),
            "make room there, or choose another --out; the same command continues",
        ) from error


def _run(
    prepared: Prepared,
    registry: Registry,
    folder: StudyFolder,
    session: str,
    settings: Settings,
    make_executor: Callable[[], Executor],
    report: Report,
) -> list[TrialResult]:
    study = prepared.study
    memory = study.memory or available_memory() // settings.jobs
    outcomes = _settled(folder, prepared.trials, keep_failed=settings.keep_failed)
    tasks = {
        trial.key: (trial, _task(trial, study, folder, session, memory, settings))
        for trial in running_order(prepared.trials, settings.jobs)
        if trial.key not in outcomes
    }
    executor = make_executor() if tasks else None
    try:
        if executor is not None:
            _follow(tasks, executor, registry, report, outcomes, settings.waiting)
    finally:
        if executor is not None:
            executor.stop(_GRACE)
        results = read_results(folder, ended_trials(folder, prepared.trials, outcomes))
        write_tables(folder.path, results)
    return results


def ended_trials(
    folder: StudyFolder, trials: Sequence[Trial], known: Mapping[str, Outcome] | None = None
) -> Ended:
    """How each trial ended: as is known by its key, else as the folder says, else interrupted."""
    outcomes = {**_settled(folder, trials, keep_failed=True), **(known or {})}
    return [(trial, outcomes.get(trial.key, Outcome(Status.INTERRUPTED))) for trial in trials]


def _settled(folder: StudyFolder, trials: Sequence[Trial], *, keep_failed: bool) -> dict[str, Outcome]:
    """The trials that need not run: complete ones, and those that cannot run here."""
    outcomes = {}
    for trial in trials:
        recorded = folder.outcome(trial.key)
        if recorded is not None and (recorded.status is Status.DONE or keep_failed):
            outcomes[trial.key] = recorded
        elif trial.unavailable is not None:
            outcomes[trial.key] = Outcome(Status.UNAVAILABLE, trial.unavailable)
    return outcomes


def _task(
    trial: Trial, study: StudyConfig, folder: StudyFolder, session: str, memory: int, settings: Settings
) -> Task:
    return Task(
        key=trial.key,
        config=trial.config.to_mapping(),
        study=str(folder.path.resolve()),
        session=session,
        threads=study.threads or max(1, cpu_count() // settings.jobs),
        memory=memory,
        cache=settings.cache,
        selection=settings.selection,
        timeout=settings.timeout or study.timeout,
    )


def _follow(
    tasks: dict[str, tuple[Trial, Task]],
    executor: Executor,
    registry: Registry,
    report: Report,
    outcomes: dict[str, Outcome],
    waiting: Waiting | None = None,
) -> None:
    """Start every task and report its end as it comes."""
    total = len(outcomes) + len(tasks)
    pending: dict[Future[Outcome], Trial] = {
        executor.submit(task): trial for trial, task in tasks.values()
    }
    while pending:
        finished, _ = wait(pending, timeout=1.0, return_when=FIRST_COMPLETED)
        if waiting is not None and not finished:
            waiting([trial for future, trial in pending.items() if future.running()])
        for future in finished:
            trial = pending.pop(future)
            outcomes[trial.key] = future.result()
            registry.notify("embkit_trial_finished", trial=trial, outcome=outcomes[trial.key])
            report(trial, outcomes[trial.key], len(outcomes), total)


def count_statuses(ended: Ended) -> dict[str, int]:
    """How many trials ended in each way that some did, in the order of `Status`."""
    counts = {status.value: sum(outcome.status is status for _, outcome in ended) for status in Status}
    return {status: count for status, count in counts.items() if count}
