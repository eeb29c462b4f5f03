"""Run a study: every trial that is not complete yet, sharing work, surviving whatever happens."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from pathlib import Path

from embkit.data import Dataset
from embkit.loading import make_fit, read_source
from embkit.plan import make_plan, memory_need
from embkit.provenance import environment
from embkit.registry import Registry
from embkit.resources import available_memory, cpu_count, parse_bytes
from embkit.store import write_json
from embkit.study.config import StudyConfig
from embkit.study.folder import Outcome, StudyFolder
from embkit.study.processes import Executor
from embkit.study.records import write_records
from embkit.study.trial import Status, Trial, plan_trials
from embkit.study.worker import Task

__all__ = ["Prepared", "Settings", "estimates", "prepare", "run_study", "settled"]

Report = Callable[[Trial, Outcome, int, int], None]

_GRACE = 10.0


@dataclass(frozen=True)
class Settings:
    """How to run a study.

    Parameters
    ----------
    jobs : int
        Trials at a time.
    timeout : float, optional
        Seconds a trial may take; the study's own where not given.
    keep_failed : bool
        Whether trials that failed before are left as they are.
    cache : bool
        Whether shared work is kept on disk.
    wait : bool
        Whether to wait for another process that holds the folder.
    """

    jobs: int
    timeout: float | None = None
    keep_failed: bool = False
    cache: bool = True
    wait: bool = False


@dataclass(frozen=True)
class Prepared:
    """A study ready to run: its datasets were read, its trials planned."""

    study: StudyConfig
    datasets: Mapping[str, Dataset]
    trials: Sequence[Trial]


def prepare(study: StudyConfig, registry: Registry) -> Prepared:
    """Read every dataset and plan every trial.

    Raises
    ------
    DataError
        If a dataset cannot be read.
    ParameterError
        If a loader is wrong.
    """
    datasets = {
        source.label: make_fit(
            source.config, read_source(source.config, make_plan(source.config, registry).loader)
        )
        for source in study.datasets
    }
    return Prepared(study, datasets, plan_trials(study, registry, datasets))


def run_study(
    prepared: Prepared,
    registry: Registry,
    out: Path,
    settings: Settings,
    make_executor: Callable[[], Executor],
    report: Report,
) -> list[tuple[Trial, Outcome]]:
    """Run what is not complete yet and write the tables.

    Parameters
    ----------
    prepared : Prepared
        The study with its trials.
    registry : Registry
        Is told of every finished trial.
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
    list of (Trial, Outcome)
        In the order of the plan.

    Raises
    ------
    LockedError
        If another process works in the folder.
    KeyboardInterrupt
        If the user interrupts; tables are written before.
    """
    folder = StudyFolder(out)
    folder.check()
    with folder.locked(wait=settings.wait):
        folder.clean()
        write_json(
            out / "study.json",
            {"schema_version": 1, "study": prepared.study.to_mapping(), "environment": environment()},
        )
        outcomes = settled(folder, prepared.trials, keep_failed=settings.keep_failed)
        executor = make_executor()
        try:
            _run_rest(prepared, registry, folder, settings, executor, report, outcomes)
        finally:
            executor.stop(_GRACE)
            ended = [
                (trial, outcomes.get(trial.key, Outcome(Status.INTERRUPTED)))
                for trial in prepared.trials
            ]
            write_records(folder, ended)
    return ended


def settled(folder: StudyFolder, trials: Sequence[Trial], *, keep_failed: bool) -> dict[str, Outcome]:
    """The trials that need not run: complete ones, and those that cannot run here."""
    outcomes = {}
    for trial in trials:
        recorded = folder.outcome(trial.key)
        if trial.unavailable is not None:
            outcomes[trial.key] = Outcome(Status.UNAVAILABLE, trial.unavailable)
        elif recorded is not None and (recorded.status is Status.DONE or keep_failed):
            outcomes[trial.key] = recorded
    return outcomes


def _run_rest(
    prepared: Prepared,
    registry: Registry,
    folder: StudyFolder,
    settings: Settings,
    executor: Executor,
    report: Report,
    outcomes: dict[str, Outcome],
) -> None:
    study = prepared.study
    memory = parse_bytes(study.memory) if study.memory else available_memory() // settings.jobs
    threads = study.threads or max(1, cpu_count() // settings.jobs)
    total = len({trial.key for trial in prepared.trials})
    pending: dict[Future[Outcome], Trial] = {}
    for trial in prepared.trials:
        if trial.key in outcomes or any(other.key == trial.key for other in pending.values()):
            continue
        task = Task(
            key=trial.key,
            config=trial.config.to_mapping(),
            study=str(folder.path.resolve()),
            threads=threads,
            memory=memory,
            cache=settings.cache,
            timeout=settings.timeout or study.timeout,
        )
        pending[executor.submit(task)] = trial
    while pending:
        finished, _ = wait(pending, timeout=1.0, return_when=FIRST_COMPLETED)
        for future in finished:
            trial = pending.pop(future)
            outcomes[trial.key] = future.result()
            registry.notify("embkit_trial_finished", trial=trial, outcome=outcomes[trial.key])
            report(trial, outcomes[trial.key], len(outcomes), total)


def estimates(prepared: Prepared, registry: Registry) -> list[tuple[Trial, int | None]]:
    """Bytes each trial will need at its peak, None where it cannot run here."""
    found: list[tuple[Trial, int | None]] = []
    for trial in prepared.trials:
        if trial.unavailable is not None:
            found.append((trial, None))
            continue
        dataset = prepared.datasets[trial.dataset]
        plan = make_plan(trial.config, registry, loaded=True)
        size = (dataset.n_samples, dataset.n_features, dataset.vectors.itemsize)
        found.append((trial, memory_need(plan, *size, available_memory())))
    return found
