"""What a study's folder says, read back: for reports, for comparisons, for notebooks."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embkit.data import IntArray, read_only
from embkit.params import Request
from embkit.recorded import read_labels
from embkit.studies.config import StudyConfig
from embkit.studies.folder import Outcome, StudyFolder
from embkit.studies.trial import Status, Trial

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from embkit.data import Dataset

__all__ = ["Report", "StudyRecord", "TrialRecord", "read_records"]


@dataclass(frozen=True, eq=False)
class TrialRecord:
    """One trial and what it found.

    Parameters
    ----------
    trial : Trial
        What it was to do.
    outcome : Outcome
        How it ended.
    labels : ndarray of int64 or None
        Cluster of each row of the dataset, -1 is noise; None unless it is done.
    scores : mapping of (str, str) to float
        Numbers by validator and score; what was skipped is missing.
    words : mapping of (str, str) to str
        Scores that are words, such as the metric that a validator used.
    failures : mapping of str to str
        Validators and pictures that failed, each with the reason.
    cluster_seconds : float or None
        Time of the clusterer with all that it needs, whether or not that was
        at hand already.
    peak_memory : int or None
        Largest resident size of its process, in bytes.
    """

    trial: Trial
    outcome: Outcome
    labels: IntArray | None = None
    scores: Mapping[tuple[str, str], float] = field(default_factory=dict)
    words: Mapping[tuple[str, str], str] = field(default_factory=dict)
    failures: Mapping[str, str] = field(default_factory=dict)
    cluster_seconds: float | None = None
    peak_memory: int | None = None

    @property
    def method(self) -> str:
        """Reducers and clusterer with their parameters: what is compared, whatever the seed."""
        clusterer = str(Request(self.trial.clusterer, self.trial.params))
        return f"{self.trial.reducers} -> {clusterer}" if self.trial.reducers else clusterer


@dataclass(frozen=True, eq=False)
class StudyRecord:
    """A study and all its trials, in the order of the plan.

    Parameters
    ----------
    study : StudyConfig
        What was declared.
    datasets : mapping of str to Dataset
        By label.
    trials : tuple of TrialRecord
        Every trial, done or not.
    folder : Path
        Where the files are.
    """

    study: StudyConfig
    datasets: "Mapping[str, Dataset]"
    trials: tuple[TrialRecord, ...]
    folder: Path


@dataclass(frozen=True, eq=False)
class Report:
    """A page about a study.

    Parameters
    ----------
    markdown : str
        Refers to its figures as ``figures/NAME.png``.
    figures : mapping of str to Figure
        By name.
    """

    markdown: str
    figures: "Mapping[str, Figure]" = field(default_factory=dict)


def read_records(
    folder: StudyFolder, trials: "list[tuple[Trial, Outcome]]", datasets: "Mapping[str, Dataset]"
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
    """
    return tuple(
        _read_record(folder, trial, outcome, datasets[trial.dataset]) for trial, outcome in trials
    )


def _read_record(folder: StudyFolder, trial: Trial, outcome: Outcome, dataset: "Dataset") -> TrialRecord:
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
        {name: value for name, value in values.items() if isinstance(value, str)},
        {item["step"]: item["error"] for item in record["failures"]},
        clustering[0] if clustering else None,
        record["memory"]["peak"],
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
