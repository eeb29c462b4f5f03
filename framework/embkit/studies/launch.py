"""From a declared study to a finished one with its report: what the command line and Python share."""

from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path

from embkit.data.study import StudyConfig
from embkit.plugin.registry import Registry
from embkit.resources import cpu_count
from embkit.runs.workers.choosing import is_dask
from embkit.studies.engine import Report, Settings, run_study
from embkit.studies.executors.local import Executor, LocalExecutor
from embkit.studies.executors.server import DRAWING, start_server
from embkit.studies.exporting import export_study, study_record
from embkit.studies.prepared import modules_of, prepare
from embkit.studies.study import Study

__all__ = ["choose_executor", "default_folder", "launch"]

_OF_REPORTS = (*DRAWING, "scipy.stats")


def launch(
    study: StudyConfig,
    registry: Registry,
    out: Path,
    settings: Settings,
    executor: Callable[[], Executor],
    report: Report,
) -> Study:
    """Prepare a study, run what is not complete yet, and export the results; see `run_study`."""
    prepared = prepare(study, registry)
    _import_ahead()
    results = run_study(prepared, registry, out, settings, executor, report)
    record = study_record(prepared, out, registry, results)
    return Study(record, results, tuple(export_study(record, registry, settings.cache)))


def _import_ahead() -> None:
    """Import what reports use, while the process that trials are forked from imports as well."""
    for name in _OF_REPORTS:
        with suppress(ImportError):
            import_module(name)


def choose_executor(
    name: str, scheduler: str | None, jobs: int, study: StudyConfig, registry: Registry
) -> Callable[[], Executor]:
    """Choose the executor of the trials, to be started once the folder is locked.

    Raises
    ------
    ParameterError
        If there is no executor of that name, or it has no scheduler.
    """
    if is_dask(name, scheduler):
        from embkit.runs.workers.cluster import DaskCluster
        from embkit.studies.executors.dask import DaskExecutor

        return lambda: DaskExecutor(DaskCluster(scheduler, jobs))
    threads = study.threads or max(1, cpu_count() // jobs)
    start_server(threads, jobs, modules_of(study, registry))  # it imports while the datasets are read
    return lambda: LocalExecutor(jobs, threads)


def default_folder(name: str) -> Path:
    """The folder of a study for which none was given."""
    return Path("embkit-studies") / name
