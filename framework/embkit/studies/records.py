"""The trials of a study with labels and scores, for reports, comparisons and notebooks."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from embkit.data.configuration.request import Request
from embkit.data.dataset import read_only
from embkit.data.score import Score
from embkit.data.trial import Status, TrialRecord
from embkit.files.labels import read_labels
from embkit.plugin.registry import Registry
from embkit.plugin.specs import ValidatorSpec
from embkit.studies.folder import StudyFolder
from embkit.studies.results import TrialResult

if TYPE_CHECKING:
    from embkit.data.dataset import Dataset


__all__ = ["trial_records"]


def trial_records(
    results: Sequence[TrialResult],
    folder: StudyFolder,
    datasets: "Mapping[str, Dataset]",
    registry: Registry,
) -> tuple[TrialRecord, ...]:
    """Join the results of trials with their labels.

    Parameters
    ----------
    results : sequence of TrialResult
        What the trials recorded.
    folder : StudyFolder
        Where their labels are.
    datasets : mapping of str to Dataset
        By label; the rows that labels belong to.
    registry : Registry
        Knows which scores can be ranked.
    """
    return tuple(
        _trial_record(result, folder, datasets[result.trial.dataset], registry) for result in results
    )


def _trial_record(
    result: TrialResult, folder: StudyFolder, dataset: "Dataset", registry: Registry
) -> TrialRecord:
    trial, outcome = result.trial, result.outcome
    if outcome.status is not Status.DONE:
        return TrialRecord(trial, outcome)
    timing = result.clustering_time
    return TrialRecord(
        trial,
        outcome,
        read_only(read_labels(folder.trial(trial.key)).of(dataset)),
        {name: float(value) for name, value in result.scores.items() if _is_number(value)},
        _ranked(result.scores, trial.config.named_validators(), registry),
        {name: value for name, value in result.scores.items() if isinstance(value, str)},
        result.failures,
        None if timing is None else timing["seconds"] + timing.get("saved", 0.0),
        result.peak_memory,
        result.names,
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _ranked(
    names: Iterable[tuple[str, str]], validators: Mapping[str, Request], registry: Registry
) -> dict[tuple[str, str], Score]:
    """The scores that their validators say how to rank."""
    specs = {item.name: item.spec for item in registry.components("validator")}
    ranked = {}
    for validator, score in names:
        spec = specs.get(validators[validator].name) if validator in validators else None
        if isinstance(spec, ValidatorSpec) and score in spec.scores:
            ranked[validator, score] = spec.scores[score]
    return ranked
