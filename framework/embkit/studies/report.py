"""Write the report of a study: ``report.md`` with its figures."""

import shutil
import tempfile
from pathlib import Path

from embkit.data.study import Report, StudyRecord
from embkit.data.trial import Outcome, Status
from embkit.files.writing import write_png
from embkit.plugin.calls import expect
from embkit.plugin.registry import Registry
from embkit.plugin.steps import make_step
from embkit.resources import available_memory, cpu_count, limit_threads
from embkit.runs.cache import DiskCache
from embkit.runs.context import RunContext
from embkit.runs.recorder import Recorder, Unobserved
from embkit.runs.shared import SharedWork
from embkit.studies.engine import settled
from embkit.studies.folder import StudyFolder
from embkit.studies.planning import dataset_seed
from embkit.studies.prepared import Prepared
from embkit.studies.records import read_records

__all__ = ["study_record", "write_report"]


def study_record(prepared: Prepared, out: Path) -> StudyRecord:
    """What a study's folder says of each of its trials."""
    folder = StudyFolder(out)
    known = settled(folder, prepared.trials, keep_failed=True)
    ended = [(trial, known.get(trial.key, Outcome(Status.INTERRUPTED))) for trial in prepared.trials]
    records = read_records(folder, ended, prepared.datasets)
    return StudyRecord(prepared.study, prepared.datasets, records, out)


def write_report(record: StudyRecord, registry: Registry, cache: DiskCache | None) -> Path:
    """Write ``report.md`` and ``figures/*.png`` into a study's folder.

    Parameters
    ----------
    record : StudyRecord
        The study with its datasets, its trials and its folder.
    registry : Registry
        Where the reporter and artifacts are found.
    cache : DiskCache or None
        Where the trials kept their shared work.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    PluginError
        If the reporter fails, or returns no report.
    """
    shared = SharedWork(cache)
    contexts = {
        label: RunContext(
            registry,
            dataset,
            seed=dataset_seed(dataset),
            threads=cpu_count(),
            memory=available_memory(),
            shared=shared,
        )
        for label, dataset in record.datasets.items()
    }
    step = make_step(registry, "reporter", record.study.reporter)
    with (
        limit_threads(cpu_count()),
        Recorder(Unobserved()).step(f"report {step.component.name}", step.component),
    ):
        report = expect(Report, step, step.instance.report(record, contexts))
    _write(report, record.folder)
    return record.folder / "report.md"


def _write(report: Report, out: Path) -> None:
    """Replace page and figures when all of them are written."""
    staging = Path(tempfile.mkdtemp(prefix=".report-", dir=out))
    staging.chmod(0o755)
    try:
        for name, figure in report.figures.items():
            write_png(staging / f"{name}.png", figure)
        page = staging / "report.md"
        page.write_text(report.markdown, encoding="utf-8", errors="backslashreplace")
        page.replace(out / "report.md")
        shutil.rmtree(out / "figures", ignore_errors=True)
        staging.rename(out / "figures")
    finally:
        shutil.rmtree(staging, ignore_errors=True)
