"""A run read back from its folder."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from embkit.data.configuration.run import RunConfig
from embkit.data.dataset import Dataset
from embkit.data.intake.admission import Policy, admit
from embkit.data.intake.sourceless import Sourceless
from embkit.data.names import Names
from embkit.data.results import Clustering, Validation
from embkit.data.run import Run
from embkit.errors import DataError, ParameterError
from embkit.files.mappings import read_json
from embkit.files.pictures import saved_pictures
from embkit.files.several import as_sources
from embkit.plugin.calls import expect
from embkit.plugin.registry import Registry
from embkit.resources import limit_threads
from embkit.runs.assigning import Assigner
from embkit.runs.cache import DiskCache
from embkit.runs.context import context_of
from embkit.runs.pages import PageMaker
from embkit.runs.plan import make_plan
from embkit.runs.records.fitted import read_fitted, read_fitted_reducers
from embkit.runs.records.reading import recorded_config
from embkit.runs.records.record import SCHEMA_VERSION
from embkit.runs.records.rows import RecordedRows, read_table, recorded_rows
from embkit.runs.sources.fetching import fetched
from embkit.runs.sources.loading import admitted_rows, read_source
from embkit.runs.subjects import in_space

__all__ = ["open_run", "read_run_record"]


def read_run_record(folder: Path) -> Mapping[str, Any]:
    """The content of a run's ``run.json``, of its folder or of a copy of the file.

    Raises
    ------
    ParameterError
        If there is none, or it is of a schema that is not known here.
    """
    file = folder if folder.suffix == ".json" and not folder.is_dir() else folder / "run.json"
    if not file.exists():
        if (folder / "study.json").is_file():
            raise ParameterError(
                f"{folder} is the folder of a study",
                "it holds many runs",
                f"give one of its runs, in {folder / 'trials'}; embkit.open_study opens the study",
            )
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


def open_run(
    folder: Path,
    registry: Registry,
    cache: DiskCache | None,
    *,
    given: Dataset | None = None,
    required: bool = True,
) -> Run:
    """Read a run back: its dataset, labels, tree, names, scores and tables; pictures stay files.

    Reducers are applied again, so that the clustering has the vectors that it was
    made of; what is in the cache is not computed again.

    Parameters
    ----------
    folder : Path
        Of the run, or its ``run.json``.
    registry : Registry
        Where its loader and reducers are found.
    cache : DiskCache or None
        Where shared work is kept.
    given : Dataset, optional
        The run's data, where it is not to be read from the recorded place; not yet
        checked.
    required : bool
        Whether a source that is gone or changed is an error. Otherwise the run is
        without its vectors and texts, see `embkit.data.intake.sourceless.Sourceless`.

    Raises
    ------
    ParameterError
        If the folder is not one of a run, or one that is not known here.
    DataError
        If its source is gone, or is not what it was.
    """
    folder = folder.parent if folder.name == "run.json" else folder
    record = read_run_record(folder)
    config = recorded_config(record, folder / "run.json")
    rows = recorded_rows(folder) if record["clustering"] is not None else None
    try:
        source = _source(folder, config, record, registry, given)
    except (DataError, ParameterError) as error:
        if required or given is not None or rows is None:
            raise
        source = rows.without_source(error, record["dataset"])
    clustering = None
    if rows is not None:
        of_source = config.clusterer is not None and config.clusterer.of_source
        dataset = source
        if not of_source and not isinstance(source, Sourceless):
            dataset = _reduced(source, config, registry, cache)
        clustering = _clustering(folder, record["clustering"], dataset, rows)
    return Run(
        config,
        source,
        clustering,
        _validations(folder),
        saved_pictures(folder / "figures"),
        (),
        record,
        folder,
        fitted=read_fitted_reducers(folder, len(config.reducers)),
        log=_log(folder / "run.log"),
        page_maker=PageMaker(registry, cache),
        assigner=Assigner(registry, cache),
    )


def _log(file: Path) -> tuple[str, ...]:
    return tuple(file.read_text("utf-8").splitlines()) if file.exists() else ()


def _source(
    folder: Path,
    config: RunConfig,
    record: Mapping[str, Any],
    registry: Registry,
    given: Dataset | None,
) -> Dataset:
    """The run's dataset, if it is still what it was."""
    if given is None and config.source is None and config.loader is None:
        raise DataError(
            f"the run in {folder} was made of data in memory",
            "its record names no source",
            "give them: embkit.open_run(folder, source=...)",
        )
    if given is None:
        chain = replace(_bare(config), reducers=())
        with fetched(chain, again=True) as local:
            given = read_source(local, make_plan(local, registry).one("loader"))
    source = admitted_rows(config, given).in_memory
    if source.fingerprint != record["dataset"]["fingerprint"]:
        raise DataError(
            f"{', '.join(as_sources(config.source)) or source.name} is not what it was"
            f" when {folder} was made",
            "its fingerprint differs",
            "run again",
        )
    return source


def _bare(config: RunConfig) -> RunConfig:
    """The configuration without what comes after the reducers."""
    return replace(config, clusterer=None, namer=None, validators=(), visualizers=(), exporters=())


def _reduced(
    dataset: Dataset, config: RunConfig, registry: Registry, cache: DiskCache | None
) -> Dataset:
    context = context_of(dataset, config, registry, cache)
    with limit_threads(context.threads):
        for step in make_plan(_bare(config), registry, loaded=True).of("reducer"):
            reduced = expect(Dataset, step, step.instance.reduce(dataset, context.on(dataset)))
            dataset = in_space(admit(reduced, Policy()), dataset, step)
    return dataset


def _clustering(
    folder: Path, record: Mapping[str, Any], dataset: Dataset, rows: RecordedRows
) -> Clustering:
    tree = folder / "linkage.npy"
    names = record.get("names")
    labels = rows.labels
    first = np.unique(labels[labels >= 0], return_index=True)[1]
    return Clustering(
        dataset,
        labels,
        record["parameters"],
        np.load(tree, allow_pickle=False) if tree.exists() else None,
        rows.probabilities,
        notes=tuple(record["notes"]),
        clusterer=record["clusterer"],
        names=None if names is None else Names.from_record(names),
        node_names={int(node): title for node, title in record.get("node_names", {}).items()},
        fitted=read_fitted(folder),
        memberships=rows.memberships,
        typical_rows=np.flatnonzero(labels >= 0)[first] if isinstance(dataset, Sourceless) else None,
    )


def _validations(folder: Path) -> dict[str, Validation]:
    document = read_json(folder / "scores.json", "a record of scores")["validators"]
    return {
        name: Validation(
            found["scores"],
            {
                table: read_table(folder / "tables" / f"{file}.csv")
                for table, file in found["tables"].items()
            },
            tuple(found["notes"]),
            found["skipped"],
            found.get("space", ""),
        )
        for name, found in document.items()
    }
