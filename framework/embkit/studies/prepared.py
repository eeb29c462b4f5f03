"""A study ready to run: its datasets read, its trials planned; and what its folder says of that."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from embkit.data.dataset import Dataset
from embkit.data.study import StudyConfig
from embkit.data.trial import Trial
from embkit.errors import EmbkitError, ParameterError
from embkit.files.folders import replaced_file
from embkit.files.mappings import read_json
from embkit.files.writing import write_json
from embkit.plugin.registry import Registry
from embkit.resources import available_memory
from embkit.runs.memory import memory_need
from embkit.runs.plan import make_plan
from embkit.runs.records.provenance import environment
from embkit.runs.sources.fetching import fetched
from embkit.runs.sources.loading import admitted_rows, read_source
from embkit.studies.folder import PLAN
from embkit.studies.planning import component_mistakes, plan_trials
from embkit.studies.reading import recorded_study

__all__ = ["Prepared", "estimates", "modules_of", "prepare", "recorded", "write_plan"]


@dataclass(frozen=True)
class Prepared:
    """A study ready to run.

    Parameters
    ----------
    study : StudyConfig
        What was declared.
    datasets : mapping of str to Dataset
        By label.
    trials : sequence of Trial
        In the order in which they run.
    """

    study: StudyConfig
    datasets: Mapping[str, Dataset]
    trials: Sequence[Trial]


def prepare(study: StudyConfig, registry: Registry) -> Prepared:
    """Check every component, read every dataset and plan every trial.

    Raises
    ------
    ParameterError
        If names or parameters are wrong, with every mistake in one message.
    DataError
        If a dataset cannot be read.
    """
    mistakes = component_mistakes(study, registry)
    if mistakes:
        count = f"{len(mistakes)} mistakes: " if len(mistakes) > 1 else ""
        raise ParameterError(f"{study.name}: {count}{' | '.join(mistakes)}")
    datasets = _read(study, registry)
    return Prepared(study, datasets, plan_trials(study, registry, datasets))


def modules_of(study: StudyConfig, registry: Registry) -> list[str]:
    """Modules of the bundled components of a study, which are safe to import ahead."""
    found: dict[str, None] = {}
    for kind, request in study.components():
        with suppress(EmbkitError):
            component = registry.get(kind, request.name)
            if component.provider.bundled and isinstance(component.spec.factory, str):
                found[component.spec.factory.partition(":")[0]] = None
    return list(found)


def _read(study: StudyConfig, registry: Registry) -> dict[str, Dataset]:
    """The datasets by label; where several cannot be read, the first error names them all."""
    datasets: dict[str, Dataset] = {}
    errors: list[EmbkitError] = []
    stated = [request for _, request in study.components()]
    for source in study.datasets:
        try:
            with fetched(source.config) as local:
                step = make_plan(local, registry).one("loader")
                loaded = read_source(local, step)
            datasets[source.label] = admitted_rows(source.config, loaded, stated).in_memory
        except EmbkitError as error:
            errors.append(error)
    if errors:
        first, *others = errors
        raise type(first)(" | ".join(map(str, errors))) if others else first
    return datasets


def write_plan(prepared: Prepared, out: Path) -> None:
    """Write what the study is and which trials it has."""
    study = {"study": prepared.study.to_mapping(), "environment": environment()}
    trials = {"trials": [trial.to_mapping() for trial in prepared.trials]}
    for name, document in ((PLAN, trials), ("study.json", study)):
        with replaced_file(out / name) as staged:
            write_json(staged, {"schema_version": 1, **document})


def recorded(out: Path, registry: Registry) -> Prepared:
    """The study of a folder with the trials that were planned then, whatever is installed now.

    Raises
    ------
    ParameterError
        If its record cannot be read.
    DataError
        If a dataset cannot be read any more.
    """
    study = recorded_study(out)
    document = read_json(out / PLAN, "a record of trials")
    try:
        planned = [Trial.from_mapping(trial) for trial in document["trials"]]
    except (KeyError, TypeError, ValueError) as error:
        raise ParameterError(f"{out / PLAN} is not a record of trials", str(error), "") from None
    return Prepared(study, _read(study, registry), planned)


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
