"""The tables of a study, derived from the results of its trials."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from embkit.data.configuration.request import Request
from embkit.files.folders import replaced_file
from embkit.files.writing import write_csv
from embkit.studies.results import TrialResult

__all__ = ["result_rows", "write_tables"]


def write_tables(folder: Path, results: Sequence[TrialResult]) -> None:
    """Write ``results.csv``, one row a trial and score, and ``timings.csv``, one row a trial.

    The first holds only what another run of the same study would give again;
    times and memory are in the second.
    """
    _replace(folder / "results.csv", [row for result in results for row in result_rows(result)])
    _replace(folder / "timings.csv", [_timing(result) for result in results])


def _replace(path: Path, rows: list[dict[str, Any]]) -> None:
    columns = list(rows[0]) if rows else []
    with replaced_file(path) as staged:
        write_csv(staged, {column: [row[column] for row in rows] for column in columns})


def result_rows(result: TrialResult) -> Iterator[dict[str, Any]]:
    """One row a score, or one without a score if there are none."""
    trial, outcome = result.trial, result.outcome
    head = {
        "trial": trial.key,
        "dataset": trial.dataset,
        "reducers": trial.reducers,
        "clusterer": trial.clusterer,
        "params": str(Request("", trial.params))[1:],
        "seed": trial.seed,
        "status": outcome.status.value,
        "reason": outcome.reason,
        "n_clusters": result.n_clusters,
        "n_noise": result.n_noise,
        "validator": None,
        "score": None,
        "value": None,
        "skipped": None,
    }
    failed = {
        step.removeprefix("validate "): f"failed: {error}"
        for step, error in result.failures.items()
        if step.startswith("validate ")
    }
    reasons = {**result.skipped, **failed}
    if not result.scores and not reasons:
        yield head
    for validator in dict.fromkeys([*(validator for validator, _ in result.scores), *reasons]):
        if validator in reasons:
            yield {**head, "validator": validator, "skipped": reasons[validator]}
        for (scored, score), value in result.scores.items():
            if scored == validator:
                yield {**head, "validator": validator, "score": score, "value": value}


def _timing(result: TrialResult) -> dict[str, Any]:
    clustering = result.clustering_time
    return {
        "trial": result.trial.key,
        "status": result.outcome.status.value,
        "seconds": result.outcome.seconds,
        "cluster_seconds": None if clustering is None else clustering["seconds"],
        "saved_seconds": sum(item.get("saved", 0.0) for item in result.timings),
        "peak_memory": result.peak_memory,
        "artifacts_computed": sum(origin == "computed" for origin in result.origins),
        "artifacts_shared": sum(origin != "computed" for origin in result.origins),
    }
