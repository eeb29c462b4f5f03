"""Run the exporters of a study on the record of its folder."""

from collections.abc import Sequence
from pathlib import Path

from embkit.data.configuration.request import Request
from embkit.data.study import StudyRecord
from embkit.files.exports import LEDGER, exported_files, write_exports
from embkit.plugin.registry import Registry
from embkit.resources import available_memory, cpu_count
from embkit.runs.cache import DiskCache
from embkit.runs.context import RunContext
from embkit.runs.exporting import made_files
from embkit.runs.plan import make_exporters
from embkit.runs.shared import SharedWork
from embkit.studies.engine import ended_trials
from embkit.studies.folder import StudyFolder
from embkit.studies.planning import dataset_seed
from embkit.studies.prepared import Prepared, recorded
from embkit.studies.records import trial_records
from embkit.studies.results import TrialResult, read_results
from embkit.studies.study import Study

__all__ = ["export_study", "opened_study", "study_record"]


def study_record(
    prepared: Prepared, out: Path, registry: Registry, results: Sequence[TrialResult] | None = None
) -> StudyRecord:
    """The record of a study, from the results of its trials; read from its folder if omitted."""
    folder = StudyFolder(out)
    if results is None:
        results = read_results(folder, ended_trials(folder, prepared.trials))
    records = trial_records(results, folder, prepared.datasets, registry)
    seeds = {label: dataset_seed(dataset) for label, dataset in prepared.datasets.items()}
    return StudyRecord(prepared.study, prepared.datasets, records, out, seeds)


def opened_study(out: Path, registry: Registry) -> Study:
    """A study read back from its folder; nothing is computed.

    Raises
    ------
    ParameterError
        If it is not the folder of a study.
    DataError
        If a dataset cannot be read.
    """
    prepared, folder = recorded(out, registry), StudyFolder(out)
    results = read_results(folder, ended_trials(folder, prepared.trials))
    record = study_record(prepared, out, registry, results)
    files = sorted(exported_files(out) - {LEDGER})
    return Study(record, results, tuple(out / name for name in files))


def export_study(
    record: StudyRecord,
    registry: Registry,
    cache: DiskCache | None,
    requests: Sequence[Request] = (),
) -> list[Path]:
    """Write what exporters make of a study into its folder.

    Parameters
    ----------
    record : StudyRecord
        The study with its datasets, its trials and its folder.
    registry : Registry
        Where exporters and artifacts are found.
    cache : DiskCache or None
        Where the trials kept their shared work.
    requests : sequence of Request
        Which exporters; those of the study, or the default one, if omitted.

    Returns
    -------
    list of Path
        The files that were written.

    Raises
    ------
    ParameterError
        If an exporter is not one of studies.
    PluginError
        If an exporter fails.
    """
    steps = make_exporters(requests or _stated(record, registry), "study", registry)
    label, first = next(iter(record.datasets.items()))
    context = RunContext(
        registry,
        first,
        seed=record.dataset_seeds[label],
        threads=cpu_count(),
        memory=available_memory(),
        shared=SharedWork(cache),
    )
    return write_exports(record.folder, made_files(steps, record, context))


def _stated(record: StudyRecord, registry: Registry) -> tuple[Request, ...]:
    if record.study.exporters:
        return record.study.exporters
    default = registry.default("exporter")
    return () if default is None else (Request(default.name, {}),)
