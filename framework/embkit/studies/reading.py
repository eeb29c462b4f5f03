"""A study read from TOML or a mapping, with every mistake reported at once.

A value that is to be swept is written ``{ grid = [1, 2, 3] }``, so that a list
stays a list.
"""

import itertools
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from annotated_types import Gt, MinLen
from pydantic import AfterValidator, AllowInfNan, BaseModel, BeforeValidator, ConfigDict, StrictStr
from pydantic.types import Strict

from embkit.data.configuration.checking import Bytes, Count, Seed, Threads, check_mapping, mistake
from embkit.data.configuration.run import NOTHING, Component, OnBadRows, RunConfig, Sources
from embkit.data.study import DATASET_KEYS, DatasetSource, StudyConfig
from embkit.errors import ParameterError
from embkit.files.mappings import read_json, read_toml
from embkit.studies.grid import MOST_CHOICES, expanded

__all__ = ["parse_study", "read_study", "recorded_study"]


def _choices(entry: Any) -> list[Any]:
    """A component with swept values as one for each choice."""
    try:
        return [table for table, _ in expanded(entry)] if isinstance(entry, Mapping) else [entry]
    except ParameterError as error:
        raise mistake(error) from None


def _links(entry: Any) -> Any:
    """The links of a chain of reducers; a single reducer is a chain of one."""
    return entry["chain"] if isinstance(entry, Mapping) and set(entry) == {"chain"} else [entry]


def _labelled(entry: Any) -> list[dict[str, Any]]:
    """A dataset with swept values as one for each choice, each with a label."""
    if not isinstance(entry, Mapping):
        raise mistake(f"{entry!r} is not a table; write [[datasets]]")
    try:
        return [{**table, "label": _label(table, chosen)} for table, chosen in expanded(entry)]
    except ParameterError as error:
        raise mistake(error) from None


def _label(table: Mapping[str, Any], chosen: Mapping[str, Any]) -> Any:
    label, source, loader = (table.get(key) for key in ("label", "source", "loader"))
    if label is not None and not isinstance(label, str):
        return label
    name = loader.get("name") if isinstance(loader, Mapping) else str(loader or "").partition(":")[0]
    stem = Path(source).stem if isinstance(source, str) else name
    return " ".join([str(label or stem), *(f"{key}={value}" for key, value in chosen.items())])


def _distinct(datasets: "list[list[_Dataset]]") -> "list[list[_Dataset]]":
    taken: set[str] = set()
    for dataset in itertools.chain.from_iterable(datasets):
        if dataset.label in taken:
            raise mistake(f"the label {dataset.label!r} is taken; give another")
        taken.add(dataset.label)
    return datasets


def _several(seeds: Any) -> Any:
    """The seeds, unless a number was given, which may be meant as how many."""
    if isinstance(seeds, int):
        raise mistake(f"{seeds} is not a list; write the seeds themselves, such as [0, 1, 2]")
    return seeds


class _Dataset(BaseModel):
    model_config = ConfigDict(extra="forbid")

    label: StrictStr
    source: Sources | None = None
    loader: Component | None = None
    table: StrictStr | None = None
    sample: Count | None = None
    nonfinite: OnBadRows = "error"
    zero_vectors: OnBadRows = "error"


Alternatives = Annotated[list[Component], BeforeValidator(_choices)]


class _File(BaseModel):
    """What a study's file may say."""

    model_config = ConfigDict(extra="forbid")

    name: StrictStr | None = None
    seeds: Annotated[list[Seed], MinLen(1), BeforeValidator(_several)] = [0]
    datasets: Annotated[
        list[Annotated[list[_Dataset], BeforeValidator(_labelled)]], MinLen(1), AfterValidator(_distinct)
    ]
    reducers: list[Annotated[list[Alternatives], BeforeValidator(_links)]] = []
    clusterers: Annotated[list[Alternatives], MinLen(1)]
    validators: list[Alternatives] = []
    visualizers: list[Alternatives] = []
    namer: Component = NOTHING
    exporters: list[Alternatives] = []
    timeout: Annotated[float, Strict(), Gt(0), AllowInfNan(False)] | None = None
    memory: Bytes | None = None
    threads: Threads | None = None


_KEYS = {"": tuple(_File.model_fields), "datasets": DATASET_KEYS}


def parse_study(mapping: Mapping[str, Any], origin: str, base: Path | None = None) -> StudyConfig:
    """Read a study, and report everything that is wrong with it at once.

    Parameters
    ----------
    mapping : mapping
        As TOML has it.
    origin : str
        Where it is from, for messages; a study without a name is called after the stem of it.
    base : Path, optional
        What relative paths are relative to; the working directory if omitted.

    Raises
    ------
    ParameterError
        With every mistake in one message.
    """
    file = check_mapping(_File, mapping, origin, _KEYS)
    datasets = tuple(_source(item, base) for item in itertools.chain.from_iterable(file.datasets))
    chains = [
        tuple(chain) for alternatives in file.reducers for chain in itertools.product(*alternatives)
    ]
    study = StudyConfig(
        name=Path(origin).stem if file.name is None else file.name,
        seeds=tuple(dict.fromkeys(file.seeds)),
        datasets=datasets,
        reducers=tuple(chains) or ((),),
        clusterers=_all(file.clusterers),
        validators=_all(file.validators),
        visualizers=_all(file.visualizers),
        namer=file.namer,
        exporters=_all(file.exporters),
        timeout=file.timeout,
        memory=file.memory,
        threads=file.threads,
    )
    count = math.prod(map(len, (study.seeds, study.datasets, study.reducers, study.clusterers)))
    if count > MOST_CHOICES:
        raise ParameterError(
            f"{origin}: {count} trials are more than {MOST_CHOICES}", "", "sweep fewer values"
        )
    return study


def _source(dataset: _Dataset, base: Path | None) -> DatasetSource:
    values = {key: value for key, value in dataset if key != "label"}
    # Every trial works on the same rows.
    seed = None if dataset.sample is None else 0
    config = RunConfig(**values, sample_seed=seed).anchored(base)
    return DatasetSource(dataset.label, config)


def _all(entries: list[Alternatives]) -> tuple[Component, ...]:
    """Every choice of every entry, each once."""
    found: list[Component] = []
    for request in itertools.chain.from_iterable(entries):
        if request not in found:
            found.append(request)
    return tuple(found)


def read_study(path: Path) -> StudyConfig:
    """Read the TOML file of a study; relative paths in it are relative to the file.

    Raises
    ------
    ParameterError
        If it cannot be read, configures a run, or for everything that is wrong in it.
    """
    mapping = read_toml(path, "a TOML file")
    if "clusterer" in mapping and "clusterers" not in mapping:
        raise ParameterError(
            f"{path} configures a run",
            "a study has lists: datasets, clusterers, seeds",
            f"repeat them, or: embkit run --config {path}",
        )
    return parse_study(mapping, str(path), path.parent)


def recorded_study(folder: Path) -> StudyConfig:
    """The study that a folder belongs to, as it was resolved.

    Raises
    ------
    ParameterError
        If its record cannot be read.
    """
    file = folder / "study.json"
    if not file.exists():
        run = (folder / "run.json").is_file()
        raise ParameterError(
            f"{folder} is not the folder of a study",
            "it is that of a run" if run else "there is no study.json",
            f"open it with embkit.open_run({str(folder)!r})" if run else "give a folder with study.json",
        )
    mapping = read_json(file, "the record of a study").get("study")
    if not isinstance(mapping, Mapping):
        raise ParameterError(f"{file} is not the record of a study")
    return parse_study(mapping, str(file))
