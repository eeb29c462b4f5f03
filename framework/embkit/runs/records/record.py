"""The record of a run, as written to ``run.json``."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from embkit.data.dataset import Dataset
from embkit.data.results import Clustering
from embkit.data.run import Run
from embkit.plugin.steps import Step
from embkit.resources import peak_memory
from embkit.runs.plan import Plan
from embkit.runs.records.provenance import FileStamp, environment, plugins_used
from embkit.runs.records.recorder import Recorder
from embkit.runs.shared import SharedWork

__all__ = ["SCHEMA_VERSION", "Circumstances", "run_record"]

SCHEMA_VERSION = 1
"""The number in ``run.json``; it changes when what stands there changes its meaning."""


@dataclass(frozen=True)
class Circumstances:
    """Under which circumstances a run took place.

    Parameters
    ----------
    started : datetime
        When, in UTC.
    stamps : tuple of FileStamp
        The files of the source as they were found.
    budget : int
        Bytes that might be used.
    routes : mapping of str to str
        The algorithm that each component which estimates its memory takes.
    executor : mapping of str to object
        Where components' calls of ``context.map`` were made.
    """

    started: datetime
    stamps: tuple[FileStamp, ...]
    budget: int
    routes: Mapping[str, str]
    executor: Mapping[str, Any]


def run_record(
    run: Run, plan: Plan, circumstances: Circumstances, recorder: Recorder, shared: SharedWork
) -> Mapping[str, Any]:
    """The record of a run as far as it has got."""
    config, clustering = run.config, run.clustering
    return {
        "schema_version": SCHEMA_VERSION,
        "status": "done with failures" if recorder.failures else "done",
        "started": circumstances.started.isoformat(timespec="seconds"),
        "config": _spelled(config.to_mapping()),
        "seed": config.seed,
        "dataset": _describe(run.dataset, circumstances.stamps),
        "clustering": None if clustering is None else _describe_clustering(clustering),
        "plugins": plugins_used(step.component for step in _taken(run, plan)),
        "environment": environment(),
        "threads": config.threads,
        "executor": dict(circumstances.executor),
        "memory": {
            "budget": circumstances.budget,
            "peak": peak_memory(),
            "routes": circumstances.routes,
        },
        "timings": list(recorder.timings),
        "artifacts": [vars(use) for use in shared.uses],
        "warnings": list(recorder.notices),
        "failures": [{"step": item.step, "error": str(item.error)} for item in recorder.failures],
    }


def _spelled(value: Any) -> Any:
    """Infinite parameters as texts, from which they are read again: JSON has no number for them."""
    if isinstance(value, Mapping):
        return {key: _spelled(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_spelled(item) for item in value]
    return str(value) if isinstance(value, float) and math.isinf(value) else value


def _taken(run: Run, plan: Plan) -> Iterator[Step]:
    """The steps that did something: the default namer does nothing where rows have no texts."""
    for step in plan:
        if step.component.kind != "namer" or (run.names is not None and run.names.namer):
            yield step


def _describe(dataset: Dataset, stamps: Sequence[FileStamp]) -> dict[str, Any]:
    files = [{"path": str(stamp.path), "size": stamp.size} for stamp in stamps]
    return {
        "name": dataset.name,
        "file": files[0] if len(files) == 1 else None,
        "files": files,
        "fingerprint": dataset.fingerprint,
        "n_samples": dataset.n_samples,
        "n_features": dataset.n_features,
        "dtype": str(dataset.vectors.dtype),
        "dropped": len(dataset.dropped),
        "notes": list(dataset.notes),
    }


def _describe_clustering(clustering: Clustering) -> dict[str, Any]:
    names = clustering.names
    return {
        "clusterer": clustering.clusterer,
        "n_clusters": clustering.n_clusters,
        "n_noise": clustering.n_noise,
        "parameters": _spelled(clustering.parameters),
        "notes": list(clustering.notes),
        "node_names": {str(node): title for node, title in clustering.node_names.items()},
        "names": None
        if names is None
        else {
            "namer": names.namer,
            "notes": list(names.notes),
            "names": [vars(name) for name in names.names],
        },
    }
