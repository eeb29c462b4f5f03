"""Run a record again, and say how far the labels agree and what is different by now."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from embkit.data.configuration.request import Request
from embkit.data.configuration.run import NOTHING
from embkit.data.dataset import IntArray
from embkit.errors import DataError, EmbkitError, ParameterError
from embkit.files.labels import read_labels
from embkit.plugin.registry import Registry
from embkit.runs.records.opened import read_run_record
from embkit.runs.records.provenance import environment
from embkit.runs.records.reading import read_config
from embkit.runs.runner import execute
from embkit.runs.shared import SharedWork

__all__ = ["Replay", "changed_share", "recorded_runs", "replay"]


@dataclass(frozen=True)
class Replay:
    """A record that was run again.

    Parameters
    ----------
    folder : Path
        The record.
    ari : float or None
        Adjusted Rand index of the labels with the recorded ones; None where the
        run failed or has no clusterer.
    changed : float or None
        Share of the rows that left their group or joined another, at the least; 0 if
        the labels are the recorded ones.
    error : str
        Why it could not be run, or be compared.
    differences : tuple of str
        Versions, input and machine that are not those of the record.
    """

    folder: Path
    ari: float | None
    changed: float | None
    error: str
    differences: tuple[str, ...]


def recorded_runs(folder: Path) -> list[Path]:
    """The runs of a folder: itself, or the complete trials of a study.

    Raises
    ------
    ParameterError
        If it holds neither.
    """
    if (folder / "run.json").is_file():
        return [folder]
    runs = sorted(mark.parent for mark in folder.glob("trials/*/complete.json"))
    found = [run for run in runs if (run / "run.json").is_file()]
    if not found:
        raise ParameterError(
            f"{folder} holds no recorded run", "", "give the folder of a run or a study"
        )
    return found


def replay(folder: Path, registry: Registry) -> Replay:
    """Run one record again, from the data on, nothing from the cache.

    Parameters
    ----------
    folder : Path
        The folder of the run.
    registry : Registry
        Where components are found.

    Raises
    ------
    ParameterError
        If the record cannot be read, or is of a schema that is not known here.
    """
    record = read_run_record(folder)
    differences = tuple(_differences(record, registry))
    judged = (Request("agreement", {"other": str(folder)}),)
    try:
        recorded = read_config(folder)
        if recorded.source is None and recorded.loader is None:
            raise DataError(
                f"the run in {folder} was made of data in memory",
                "its record names no source",
                "run on a file to have a run that can be replayed",
            )
        config = replace(recorded, namer=NOTHING, validators=judged, visualizers=(), exporters=())
        run = execute(config, registry, shared=SharedWork())
        changed = None
        if run.clustering is not None:
            changed = changed_share(read_labels(folder).of(run.dataset), run.clustering.labels)
    except EmbkitError as error:
        return Replay(folder, None, None, str(error), differences)
    if run.record["dataset"]["fingerprint"] != record["dataset"]["fingerprint"]:
        differences = ("the dataset's content", *differences)
    reason = str(run.failures[0].error) if run.failures else ""
    return Replay(folder, run.scores.get("agreement", {}).get("ari"), changed, reason, differences)


def changed_share(then: IntArray, now: IntArray) -> float:
    """The share of rows that are not with the same rows as before, at the least.

    A row that is noise in one of the two only has changed; of the others those stay
    that are in the largest common part of their groups. Both ways are counted, and
    the worse one is given.
    """
    both = (then >= 0) & (now >= 0)
    stayed = min(_stayed(then[both], now[both]), _stayed(now[both], then[both]))
    stayed += int(np.count_nonzero((then < 0) & (now < 0)))
    return 1 - stayed / len(then)


def _stayed(groups: IntArray, others: IntArray) -> int:
    if not len(groups):
        return 0
    pairs, counts = np.unique(np.column_stack([groups, others]), axis=0, return_counts=True)
    largest = np.zeros(int(groups.max()) + 1, dtype=np.int64)
    np.maximum.at(largest, pairs[:, 0], counts)
    return int(largest.sum())


def _differences(record: Mapping[str, Any], registry: Registry) -> Iterator[str]:
    then, now = record["environment"], environment()
    for name in ("embkit", "python", "platform"):
        if then.get(name) != now[name]:
            yield f"{name} {then.get(name)} -> {now[name]}"
    for library, version in now["libraries"].items():
        before = then.get("libraries", {}).get(library)
        if before != version:
            yield f"{library} {before} -> {version}"
    installed = {item.provider.plugin: item.provider.version for item in registry.components()}
    for plugin in record["plugins"]:
        version = installed.get(plugin["plugin"])
        if version != plugin["version"]:
            yield f"plugin {plugin['plugin']} {plugin['version']} -> {version}"
