"""The results of trials, read once from their folders for tables, reports and notebooks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from embkit.data.names import Names
from embkit.data.trial import Outcome, Status, Trial
from embkit.errors import DataError, ParameterError
from embkit.files.mappings import read_json
from embkit.studies.folder import StudyFolder

__all__ = ["Ended", "TrialResult", "read_results"]

Ended = list[tuple[Trial, Outcome]]
"""Trials with their outcomes, in the order of the plan."""


@dataclass(frozen=True)
class TrialResult:
    """A trial, how it ended, and the values its run recorded.

    Parameters
    ----------
    trial : Trial
        What it was to do.
    outcome : Outcome
        How it ended; nothing below is known unless it is done.
    n_clusters, n_noise : int or None
        Size of the clustering.
    scores : mapping of (str, str) to value
        By validator and score.
    skipped : mapping of str to str
        Reasons of the validators that were skipped.
    failures : mapping of str to str
        Errors of the steps that failed.
    timings : tuple of mapping
        For each step its name, its ``seconds``, and the seconds ``saved`` by shared work.
    origins : tuple of str
        Where each shared artifact came from, ``"computed"`` or a cache.
    peak_memory : int or None
        Largest resident size of its process, in bytes.
    names : Names or None
        What its clusters are called; None without a namer.
    """

    trial: Trial
    outcome: Outcome
    n_clusters: int | None = None
    n_noise: int | None = None
    scores: Mapping[tuple[str, str], Any] = field(default_factory=dict)
    skipped: Mapping[str, str] = field(default_factory=dict)
    failures: Mapping[str, str] = field(default_factory=dict)
    timings: tuple[Mapping[str, Any], ...] = ()
    origins: tuple[str, ...] = ()
    peak_memory: int | None = None
    names: Names | None = None

    @property
    def clustering_time(self) -> Mapping[str, Any] | None:
        """The timing of the clusterer."""
        return next((item for item in self.timings if item["step"].startswith("cluster ")), None)


def read_results(folder: StudyFolder, ended: Iterable[tuple[Trial, Outcome]]) -> list[TrialResult]:
    """Read what each trial recorded.

    Parameters
    ----------
    folder : StudyFolder
        The study's folder.
    ended : iterable of (Trial, Outcome)
        The trials in the order of the plan.

    Raises
    ------
    DataError
        If a file of a complete trial was removed or changed.
    """
    return [_read_result(folder, trial, outcome) for trial, outcome in ended]


def _read_result(folder: StudyFolder, trial: Trial, outcome: Outcome) -> TrialResult:
    if outcome.status is not Status.DONE:
        return TrialResult(trial, outcome)
    place = folder.trial(trial.key)
    try:
        record = read_json(place / "run.json", "the record of a run")
        validators = read_json(place / "scores.json", "a record of scores")["validators"]
        return _result(trial, outcome, record, validators)
    except (ParameterError, KeyError, TypeError, AttributeError) as error:
        raise DataError(
            f"{place}: the trial is complete, but its record cannot be read",
            str(error),
            f"to find what was changed: embkit study verify {folder.path}",
        ) from None


def _result(
    trial: Trial, outcome: Outcome, record: Mapping[str, Any], validators: Mapping[str, Any]
) -> TrialResult:
    clustering = record["clustering"] or {}
    return TrialResult(
        trial,
        outcome,
        n_clusters=clustering.get("n_clusters"),
        n_noise=clustering.get("n_noise"),
        scores={
            (validator, score): value
            for validator, found in validators.items()
            for score, value in found["scores"].items()
        },
        skipped={
            validator: found["skipped"]
            for validator, found in validators.items()
            if found["skipped"] is not None
        },
        failures={item["step"]: item["error"] for item in record["failures"]},
        timings=tuple(record["timings"]),
        origins=tuple(use["origin"] for use in record["artifacts"]),
        peak_memory=record["memory"]["peak"],
        names=Names.from_record(clustering["names"]) if clustering.get("names") else None,
    )
