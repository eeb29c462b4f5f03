"""What a study's folder says, read back: for reports, for comparisons, for notebooks."""

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from embkit.data.dataset import read_only
from embkit.data.score import Score
from embkit.data.trial import Outcome, Status, Trial, TrialRecord
from embkit.files.labels import read_labels
from embkit.plugin.registry import Registry
from embkit.plugin.specs import ValidatorSpec
from embkit.studies.folder import StudyFolder

if TYPE_CHECKING:
    from embkit.data.dataset import Dataset


__all__ = ["read_records"]


def read_records(
    folder: StudyFolder,
    trials: "list[tuple[Trial, Outcome]]",
    datasets: "Mapping[str, Dataset]",
    registry: Registry,
) -> tuple[TrialRecord, ...]:
    """The trials with what each left in its folder.

    Parameters
    ----------
    folder : StudyFolder
        Where they are.
    trials : list of (Trial, Outcome)
        The plan and how each trial ended.
    datasets : mapping of str to Dataset
        By label; labels are joined to their rows.
    registry : Registry
        Says which scores can be ranked.
    """
    return tuple(
        _read_record(folder, trial, outcome, datasets[trial.dataset], registry)
        for trial, outcome in trials
    )


def _read_record(
    folder: StudyFolder, trial: Trial, outcome: Outcome, dataset: "Dataset", registry: Registry
) -> TrialRecord:
    if outcome.status is not Status.DONE:
        return TrialRecord(trial, outcome)
    place = folder.trial(trial.key)
    record: dict[str, Any] = json.loads((place / "run.json").read_text("utf-8"))
    found = json.loads((place / "scores.json").read_text("utf-8"))["validators"]
    values = {
        (validator, score): value
        for validator, result in found.items()
        for score, value in result["scores"].items()
    }
    clustering = [
        item["seconds"] + item["spared"]
        for item in record["timings"]
        if item["step"].startswith("cluster ")
    ]
    return TrialRecord(
        trial,
        outcome,
        read_only(read_labels(place).of(dataset)),
        {name: float(value) for name, value in values.items() if _is_number(value)},
        _ranked(values, registry),
        {name: value for name, value in values.items() if isinstance(value, str)},
        {item["step"]: item["error"] for item in record["failures"]},
        clustering[0] if clustering else None,
        record["memory"]["peak"],
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _ranked(names: Iterable[tuple[str, str]], registry: Registry) -> dict[tuple[str, str], Score]:
    """The scores that their validators say how to rank; a second of one kind is called NAME-2."""
    specs = {item.name: item.spec for item in registry.components("validator")}
    ranked = {}
    for validator, score in names:
        spec = specs.get(validator) or specs.get(validator.rpartition("-")[0])
        if isinstance(spec, ValidatorSpec) and score in spec.scores:
            ranked[validator, score] = spec.scores[score]
    return ranked
