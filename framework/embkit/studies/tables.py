"""The tables of a study, derived from the folders of its trials."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from embkit.data.request import Request
from embkit.data.trial import Outcome, Status, Trial
from embkit.files.folders import replaced_file
from embkit.files.writing import write_csv
from embkit.studies.folder import StudyFolder

__all__ = ["result_rows", "write_records"]


def write_records(folder: StudyFolder, ended: Sequence[tuple[Trial, Outcome]]) -> None:
    """Write ``results.csv``, one row a trial and score, and ``timings.csv``, one row a trial.

    Only what a run of the same study would give again stands in the first;
    times and memory stand in the second.
    """
    results = [row for trial, outcome in ended for row in result_rows(folder, trial, outcome)]
    _replace(folder.path / "results.csv", results)
    _replace(folder.path / "timings.csv", [_timing(folder, trial, outcome) for trial, outcome in ended])


def _replace(path: Path, rows: list[dict[str, Any]]) -> None:
    columns = list(rows[0]) if rows else []
    with replaced_file(path) as staged:
        write_csv(staged, {column: [row[column] for row in rows] for column in columns})


def result_rows(folder: StudyFolder, trial: Trial, outcome: Outcome) -> Iterator[dict[str, Any]]:
    """One row a score, one without a score where there are none."""
    head = {
        "trial": trial.key,
        "dataset": trial.dataset,
        "reducers": trial.reducers,
        "clusterer": trial.clusterer,
        "params": str(Request("", trial.params))[1:],
        "seed": trial.seed,
        "status": outcome.status.value,
        "reason": outcome.reason,
        "n_clusters": None,
        "n_noise": None,
        "validator": None,
        "score": None,
        "value": None,
        "skipped": None,
    }
    if outcome.status is not Status.DONE:
        yield head
        return
    record = _read(folder.trial(trial.key) / "run.json")
    clustering = record.get("clustering") or {}
    head |= {"n_clusters": clustering.get("n_clusters"), "n_noise": clustering.get("n_noise")}
    validators = _read(folder.trial(trial.key) / "scores.json").get("validators", {})
    failed = {item["step"]: item["error"] for item in record.get("failures", ())}
    failed = {
        step.removeprefix("validate "): f"failed: {error}"
        for step, error in failed.items()
        if step.startswith("validate ")
    }
    if not validators and not failed:
        yield head
    for validator, found in validators.items():
        if found["skipped"] is not None:
            yield {**head, "validator": validator, "skipped": found["skipped"]}
        for score, value in found["scores"].items():
            yield {**head, "validator": validator, "score": score, "value": value}
    for validator, reason in failed.items():
        yield {**head, "validator": validator, "skipped": reason}


def _timing(folder: StudyFolder, trial: Trial, outcome: Outcome) -> dict[str, Any]:
    record = _read(folder.trial(trial.key) / "run.json")
    steps = {item["step"].partition(" ")[0]: item["seconds"] for item in record.get("timings", ())}
    shared = record.get("artifacts", ())
    return {
        "trial": trial.key,
        "status": outcome.status.value,
        "seconds": outcome.seconds,
        "cluster_seconds": steps.get("cluster"),
        "spared_seconds": sum(item["spared"] for item in record.get("timings", ())),
        "peak_memory": record.get("memory", {}).get("peak"),
        "artifacts_computed": sum(use["origin"] == "computed" for use in shared),
        "artifacts_shared": sum(use["origin"] != "computed" for use in shared),
    }


def _read(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}
