"""Write the report of a study: ``report.md`` with its figures."""

import shutil
from pathlib import Path

from embkit.artifacts import SharedWork, default_cache
from embkit.calls import expect
from embkit.context import RunContext
from embkit.params import Request
from embkit.plan import make_step
from embkit.recorder import Recorder, Unobserved
from embkit.registry import Registry
from embkit.resources import available_memory, cpu_count, limit_threads
from embkit.store import FIGURE_DPI
from embkit.study.engine import Prepared, settled
from embkit.study.folder import Outcome, StudyFolder
from embkit.study.results import Report, StudyRecord, read_records
from embkit.study.trial import Status

__all__ = ["write_report"]

DEFAULT_REPORTER = "comparison"


def write_report(
    prepared: Prepared, registry: Registry, out: Path, reporter: str = DEFAULT_REPORTER
) -> Path:
    """Write ``report.md`` and ``figures/*.png`` into a study's folder.

    Parameters
    ----------
    prepared : Prepared
        The study with its datasets and trials.
    registry : Registry
        Where the reporter and artifacts are found.
    out : Path
        The study's folder.
    reporter : str
        Name of the component that tells what was found.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    PluginError
        If the reporter fails, or returns no report.
    """
    folder = StudyFolder(out)
    known = settled(folder, prepared.trials, keep_failed=True)
    ended = [(trial, known.get(trial.key, Outcome(Status.INTERRUPTED))) for trial in prepared.trials]
    record = StudyRecord(
        prepared.study, prepared.datasets, read_records(folder, ended, prepared.datasets), out
    )
    shared = SharedWork(default_cache())
    contexts = {
        label: RunContext(
            registry, dataset, seed=0, threads=cpu_count(), memory=available_memory(), shared=shared
        )
        for label, dataset in prepared.datasets.items()
    }
    step = make_step(registry, "reporter", Request(reporter, {}))
    with limit_threads(cpu_count()), Recorder(Unobserved()).step(f"report {reporter}", step.component):
        report = expect(Report, step, step.instance.report(record, contexts))
    shutil.rmtree(out / "figures", ignore_errors=True)
    (out / "figures").mkdir()
    for name, figure in report.figures.items():
        figure.savefig(out / "figures" / f"{name}.png", dpi=FIGURE_DPI, metadata={"Software": "embkit"})
    page = out / "report.md"
    page.write_text(report.markdown, encoding="utf-8", errors="backslashreplace")
    return page
