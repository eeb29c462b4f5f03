"""A run read back from its folder."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from embkit.data.admission import Policy, admit
from embkit.data.config import RunConfig
from embkit.data.dataset import Dataset, Table
from embkit.data.names import Names
from embkit.data.results import Clustering, Validation
from embkit.data.run import Run
from embkit.errors import DataError, ParameterError
from embkit.files.labels import read_labels
from embkit.files.mappings import read_json
from embkit.plugin.calls import expect
from embkit.plugin.registry import Registry
from embkit.resources import available_memory, cpu_count, limit_threads
from embkit.runs.cache import DiskCache
from embkit.runs.context import RunContext
from embkit.runs.loading import admitted_rows, read_source
from embkit.runs.plan import Plan, make_plan
from embkit.runs.records.record import SCHEMA_VERSION
from embkit.runs.shared import SharedWork
from embkit.text import csv_unsafe

__all__ = ["context_of", "open_run", "read_run_record"]


def read_run_record(folder: Path) -> Mapping[str, Any]:
    """The content of a run's ``run.json``, of its folder or of a copy of the file.

    Raises
    ------
    ParameterError
        If there is none, or it is of a schema that is not known here.
    """
    file = folder if folder.suffix == ".json" and not folder.is_dir() else folder / "run.json"
    if not file.exists():
        raise ParameterError(
            f"{folder} is not the folder of a run", "there is no run.json", "give a folder with run.json"
        )
    record = read_json(file, "the record of a run")
    version = record.get("schema_version")
    if version != SCHEMA_VERSION:
        raise ParameterError(
            f"{file} has schema_version {version!r}",
            f"this embkit reads {SCHEMA_VERSION}",
            "open it with the embkit that wrote it",
        )
    return record


def open_run(folder: Path, registry: Registry, cache: DiskCache | None) -> Run:
    """Read a run back: its dataset, labels, tree, names, scores and tables; pictures stay files.

    Reducers are applied again, so that the clustering has the vectors that it was
    made of; what is in the cache is not computed again.

    Parameters
    ----------
    folder : Path
        Of the run.
    registry : Registry
        Where its loader and reducers are found.
    cache : DiskCache or None
        Where shared work is kept.

    Raises
    ------
    ParameterError
        If the folder is not one of a run, or one that is not known here.
    DataError
        If its source is gone, or is not what it was.
    """
    record = read_run_record(folder)
    config = RunConfig.from_mapping(record["config"], str(folder / "run.json"))
    chain = replace(config, clusterer=None, namer=None, validators=(), visualizers=(), exporters=())
    plan = make_plan(chain, registry)
    source = admitted_rows(config, read_source(config, plan.one("loader")))
    if source.fingerprint != record["dataset"]["fingerprint"]:
        raise DataError(
            f"{config.source or source.name} is not what it was when {folder} was made",
            "its fingerprint differs",
            "run again",
        )
    context = context_of(source, config, registry, cache)
    clustering = None
    if record["clustering"] is not None:
        of_source = config.clusterer is not None and config.clusterer.params.get("of") == "source"
        dataset = source if of_source else _reduced(source, plan, context)
        clustering = _clustering(folder, record["clustering"], dataset)
    validations = _validations(folder)
    return Run(config, source, clustering, validations, {}, (), record, folder)


def context_of(
    dataset: Dataset, config: RunConfig, registry: Registry, cache: DiskCache | None
) -> RunContext:
    """The context of a run that is over, for what is made of it later."""
    return RunContext(
        registry,
        dataset,
        seed=config.seed or 0,
        threads=cpu_count(),
        memory=available_memory(),
        shared=SharedWork(cache),
    )


def _reduced(dataset: Dataset, plan: Plan, context: RunContext) -> Dataset:
    with limit_threads(context.threads):
        for step in plan.of("reducer"):
            dataset = expect(Dataset, step, step.instance.reduce(dataset, context.on(dataset)))
            dataset = admit(dataset, Policy())
    return dataset


def _clustering(folder: Path, record: Mapping[str, Any], dataset: Dataset) -> Clustering:
    labels = read_labels(folder).of(dataset)
    tree = folder / "linkage.npy"
    names = record.get("names")
    return Clustering(
        dataset,
        labels,
        record["parameters"],
        np.load(tree, allow_pickle=False) if tree.exists() else None,
        notes=tuple(record["notes"]),
        clusterer=record["clusterer"],
        names=None if names is None else Names.from_record(names),
        node_names={int(node): title for node, title in record.get("node_names", {}).items()},
    )


def _validations(folder: Path) -> dict[str, Validation]:
    document = read_json(folder / "scores.json", "a record of scores")["validators"]
    return {
        name: Validation(
            found["scores"],
            {
                table: _table(folder / "tables" / f"{file}.csv")
                for table, file in found["tables"].items()
            },
            tuple(found["notes"]),
            found["skipped"],
        )
        for name, found in document.items()
    }


def _table(path: Path) -> Table:
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file)) or [[]]
    columns = zip(*rows, strict=True) if rows else ([] for _ in header)
    return {csv_unsafe(name): _column(cells) for name, cells in zip(header, columns, strict=True)}


def _column(cells: Sequence[str]) -> Sequence[Any]:
    """Numbers where all cells are numbers or empty, else texts."""
    for convert in (int, float):
        try:
            return [convert(cell) if cell else None for cell in cells]
        except ValueError:
            continue
    return [csv_unsafe(cell) for cell in cells]
