"""The configuration and the record of a study.

A study lists alternatives: datasets, reducers, clusterers. Every combination is
a trial, once for each seed; validators and visualizers run in all of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embkit.data.configuration.request import Request
from embkit.data.configuration.run import NOTHING, RunConfig
from embkit.data.trial import TrialRecord

if TYPE_CHECKING:
    from embkit.data.dataset import Dataset


__all__ = ["DATASET_KEYS", "DatasetSource", "StudyConfig", "StudyRecord"]

DATASET_KEYS = ("label", "source", "loader", "table", "sample", "nonfinite", "zero_vectors")


@dataclass(frozen=True)
class DatasetSource:
    """One dataset of a study.

    Parameters
    ----------
    label : str
        What it is called in tables and pictures.
    config : RunConfig
        How to load it; the rest of the configuration is empty.
    """

    label: str
    config: RunConfig


@dataclass(frozen=True)
class StudyConfig:
    """A declared grid of runs.

    Parameters
    ----------
    name : str
        Title of the report.
    seeds : tuple of int
        Each trial runs once for each.
    datasets : tuple of DatasetSource
        What is clustered.
    reducers : tuple of tuple of Request
        Alternative chains; one empty chain if none is stated.
    clusterers : tuple of Request
        Alternatives, with grids expanded.
    validators, visualizers : tuple of Request
        Run in every trial.
    namer : Request
        What names the clusters of each trial; ``none`` for nothing.
    exporters : tuple of Request
        What is made of the results in the end; the default one if there are none.
    timeout : float, optional
        Seconds after which a trial is ended.
    memory : int, optional
        Bytes each trial may use; an equal share of what is free if omitted.
    threads : int, optional
        Threads of each trial; an equal share of the processors if omitted.
    """

    name: str
    seeds: tuple[int, ...]
    datasets: tuple[DatasetSource, ...]
    reducers: tuple[tuple[Request, ...], ...]
    clusterers: tuple[Request, ...]
    validators: tuple[Request, ...] = ()
    visualizers: tuple[Request, ...] = ()
    namer: Request = NOTHING
    exporters: tuple[Request, ...] = ()
    timeout: float | None = None
    memory: int | None = None
    threads: int | None = None

    def components(self) -> list[tuple[str, Request]]:
        """Every component that it states, with its kind; loaders belong to the datasets."""
        return [
            *(("reducer", request) for chain in self.reducers for request in chain),
            *(("clusterer", request) for request in self.clusterers),
            *(("validator", request) for request in self.validators),
            *(("visualizer", request) for request in self.visualizers),
            *(("namer", request) for request in (self.namer,) if request != NOTHING),
            *(("exporter", request) for request in self.exporters),
        ]

    def to_mapping(self) -> dict[str, Any]:
        """A JSON-like mapping, grids expanded, from which `parse_study` makes the same study."""
        return {
            "name": self.name,
            "seeds": list(self.seeds),
            "datasets": [
                {"label": item.label, **_dataset_mapping(item.config)} for item in self.datasets
            ],
            "reducers": [{"chain": _tables(chain)} for chain in self.reducers],
            "clusterers": _tables(self.clusterers),
            "validators": _tables(self.validators),
            "visualizers": _tables(self.visualizers),
            "namer": self.namer.to_mapping(),
            "exporters": _tables(self.exporters),
            "timeout": self.timeout,
            "memory": self.memory,
            "threads": self.threads,
        }


def _tables(requests: Sequence[Request]) -> list[dict[str, Any]]:
    return [request.to_mapping() for request in requests]


def _dataset_mapping(config: RunConfig) -> dict[str, Any]:
    values = config.to_mapping()
    return {key: values[key] for key in DATASET_KEYS if values.get(key) is not None}


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
    dataset_seeds : mapping of str to int
        By label, the seed of what is about a dataset alone: its verdicts and its
        layout in pictures.
    """

    study: StudyConfig
    datasets: "Mapping[str, Dataset]"
    trials: tuple[TrialRecord, ...]
    folder: Path
    dataset_seeds: Mapping[str, int] = field(default_factory=dict)
