"""embkit from Python: the same runs as on the command line."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from embkit.data.config import RunConfig
from embkit.data.dataset import Dataset
from embkit.data.pictures import FigureFormat
from embkit.data.request import Request, as_request
from embkit.data.run import Run
from embkit.errors import ParameterError
from embkit.files.frames import attach_frame, dataset_of
from embkit.files.tables import attach_table
from embkit.plugin.kinds import KINDS
from embkit.plugin.registry import Component as Offered
from embkit.plugin.registry import Registry
from embkit.resources import cpu_count
from embkit.runs.cache import DiskCache, default_cache
from embkit.runs.exporting import export_run
from embkit.runs.folder import claimed_folder, write_run
from embkit.runs.keywords import called_from_python, one_component, several_components
from embkit.runs.loading import make_fit, read_source
from embkit.runs.opened import open_run
from embkit.runs.plan import make_plan
from embkit.runs.runner import execute
from embkit.runs.shared import SharedWork
from embkit.studies.engine import Settings
from embkit.studies.exporting import export_study, study_record
from embkit.studies.launch import choose_executor, default_folder, launch
from embkit.studies.prepared import recorded
from embkit.studies.reading import parse_study, read_study
from embkit.studies.study import Study
from embkit.text import suggestion

__all__ = ["components", "export", "export_folder", "load", "run", "study"]

Source = Any
Component = str | Mapping[str, Any]
Components = Component | Iterable[Component]
Unusable = Literal["error", "drop"]


@called_from_python
def load(
    source: Source = None,
    *,
    loader: Component | None = None,
    table: Any = None,
    nonfinite: Unusable = "error",
    zero_vectors: Unusable = "error",
) -> Dataset:
    """Load a dataset and check it.

    Parameters
    ----------
    source : path, array_like of shape (n_samples, n_features), DataFrame, Dataset or None
        What to load. Of a DataFrame (pandas, polars, pyarrow), of named columns
        and of records, the column of arrays or lists is the vectors, else the
        columns of numbers are; ``id``, ``text`` and ``label`` are taken by name.
        None is for loaders that make their data, and without a loader the
        bundled sample.
    loader : str or mapping, optional
        ``"NAME:key=value"``, or ``{"name": ..., key: value}``; chosen by file
        name and content where not given.
    table : path, DataFrame, mapping, or sequence of str, optional
        A row-aligned table with the columns ``id``, ``text``, ``label``; or the
        texts.
    nonfinite, zero_vectors : {"error", "drop"}
        What to do with rows that cannot be used.

    Returns
    -------
    Dataset

    Raises
    ------
    DataError
        If the source cannot be read or used.
    ParameterError
        If the loader is unknown or its parameters do not fit.
    """
    config = RunConfig.from_mapping(
        {
            "source": _path(source),
            "loader": one_component(loader, "loader"),
            "table": _file(table),
            "nonfinite": nonfinite,
            "zero_vectors": zero_vectors,
        },
        "load",
    )
    dataset = _dataset(source)
    if dataset is None:
        dataset = read_source(config, make_plan(config, Registry.discover()).one("loader"))
        table = None if config.table is not None else table
    return make_fit(config, _attached(dataset, table))


@called_from_python
def run(
    source: Source = None,
    clusterer: Component | None = None,
    *,
    loader: Component | None = None,
    table: Any = None,
    reducers: Components = (),
    namer: Component | None = None,
    names: str | Path | Mapping[Any, Any] | None = None,
    validators: Components = (),
    visualizers: Components = (),
    exporters: Components = (),
    figure_formats: FigureFormat | Iterable[FigureFormat] = "png",
    seed: int | None = None,
    sample: int | None = None,
    sample_seed: int | None = None,
    nonfinite: Unusable = "error",
    zero_vectors: Unusable = "error",
    threads: int | None = None,
    memory: str | None = None,
    out: str | Path | None = None,
    overwrite: bool = False,
    cache: bool = True,
) -> Run:
    """Cluster a dataset, check the clusters, draw them.

    Parameters
    ----------
    source : path, array_like of shape (n_samples, n_features), DataFrame, Dataset or None
        What to cluster; see `load`.
    clusterer : str or mapping, optional
        ``"agglomerative:metric=cosine"``, or ``{"name": ..., key: value}``.
        Without one, only validators of the dataset run.
    loader : str or mapping, optional
        How to read the source.
    table : path, DataFrame, mapping, or sequence of str, optional
        A row-aligned table with the columns ``id``, ``text``, ``label``, or
        ``FILE:text=COLUMN,label=COLUMN``.
    namer : str or mapping, optional
        What names the clusters; if omitted, the default namer where the rows
        have texts. ``"none"`` leaves them their numbers.
    names : path or mapping, optional
        What clusters are called whatever the namer says: ``{3: "birds"}``, a table
        with the columns ``cluster`` (or ``node``) and ``name``, or the folder of an
        earlier run, whose names go to the clusters of the same rows.
    reducers, validators, visualizers, exporters : str, mapping, or iterable of them
        Components, in order.
    figure_formats : {"png", "svg", "pdf"}, or iterable of them
        What each picture is written as; none are written if empty.
    seed : int, optional
        From 0 to 2**32 - 1; drawn and recorded if omitted.
    sample : int, optional
        Work on a random sample of so many rows.
    sample_seed : int, optional
        Seed of the sample, if it is not to be the run's.
    nonfinite, zero_vectors : {"error", "drop"}
        What to do with rows that hold NaN or infinity, and with rows of zeros.
    threads : int, optional
        For BLAS, OpenMP and numba together; all processors if omitted.
    memory : str, optional
        Budget such as ``"4GB"``; 80 % of what is free if omitted.
    out : path, optional
        Folder to write the run to.
    overwrite : bool
        Whether an existing run's folder may be replaced.
    cache : bool
        Whether artifacts are kept on disk for other runs.

    Returns
    -------
    Run
        With ``labels``, ``clustering`` (labels with linkage, parameters and names;
        None without a clusterer), ``scores``, ``tables``, ``figures``,
        ``to_pandas()`` and ``summary()``. A validator or visualizer that failed is
        listed under ``failures``.

    Raises
    ------
    EmbkitError
        If a parameter is wrong, the data cannot be loaded or clustered, or another
        process writes to `out`.
    """
    dataset = _dataset(source)
    config = RunConfig.from_mapping(
        _plain(
            {
                "source": _path(source),
                "loader": one_component(loader, "loader"),
                "table": _file(table),
                "clusterer": one_component(clusterer, "clusterer"),
                "reducers": several_components(reducers, "reducers"),
                "namer": one_component(namer, "namer"),
                "names": str(names) if isinstance(names, Path) else names,
                "validators": several_components(validators, "validators"),
                "visualizers": several_components(visualizers, "visualizers"),
                "exporters": several_components(exporters, "exporters"),
                "figure_formats": [figure_formats]
                if isinstance(figure_formats, str)
                else list(figure_formats),
                "seed": seed,
                "sample": sample,
                "sample_seed": sample_seed,
                "nonfinite": nonfinite,
                "zero_vectors": zero_vectors,
                "threads": threads,
                "memory": memory,
            }
        ),
        "run",
    )
    if dataset is not None:
        dataset = _attached(dataset, table)
    elif table is not None and config.table is None:
        raise ParameterError(
            "table is in memory, the source is not",
            "a run's record names its table by its file",
            "load them first: embkit.run(embkit.load(source, table=table), ...)",
        )
    shared = SharedWork(default_cache() if cache else None)
    if out is None:
        return execute(config, Registry.discover(), dataset=dataset, shared=shared)
    with claimed_folder(Path(out), overwrite=overwrite) as folder:
        finished = execute(config, Registry.discover(), dataset=dataset, shared=shared)
        write_run(finished, folder)
    return finished.at(folder)


@called_from_python
def export(
    subject: Run | str | Path,
    exporters: Components,
    *,
    out: str | Path | None = None,
    cache: bool = True,
) -> list[Path]:
    """Make files of a finished run or study.

    Parameters
    ----------
    subject : Run, or path
        What `run` returned, or the folder of a run or study.
    exporters : str, mapping, or iterable of them
        ``"tree"``, or ``{"name": ..., key: value}``.
    out : path, optional
        Where the files of a run go, if not in its own folder; made if missing.
    cache : bool
        Whether artifacts are read from disk and kept there.

    Returns
    -------
    list of Path
        The files that were written.

    Raises
    ------
    ParameterError
        If an exporter is unknown or does not export such a subject, or the run has no folder.
    DataError
        If the source of a run in a folder is gone or was changed.
    PluginError
        If an exporter fails.
    """
    requests = [as_request(item, "exporters") for item in several_components(exporters, "exporters")]
    registry = Registry.discover()
    kept = default_cache() if cache else None
    if not isinstance(subject, Run):
        return export_folder(Path(subject), requests, registry, kept)
    folder = Path(out) if out is not None else subject.folder
    if folder is None:
        raise ParameterError("the run has no folder", "it was not written anywhere", "give out=DIR")
    folder.mkdir(parents=True, exist_ok=True)
    return export_run(subject, folder, requests, registry, kept)


def export_folder(
    folder: Path, requests: Sequence[Request], registry: Registry, cache: DiskCache | None
) -> list[Path]:
    """Export the run or study that a folder holds, into that folder."""
    if (folder / "study.json").exists():
        record = study_record(recorded(folder, registry), folder, registry)
        return export_study(record, registry, cache, requests)
    return export_run(open_run(folder, registry, cache), folder, requests, registry, cache)


@called_from_python
def components(kind: str | None = None) -> list[Offered]:
    """List the components of the installed plugins, or those of one kind.

    Parameters
    ----------
    kind : str, optional
        ``"loader"``, ``"reducer"``, ``"artifact"``, ``"clusterer"``, ``"namer"``,
        ``"validator"``, ``"visualizer"`` or ``"exporter"``.

    Returns
    -------
    list of Component
        With ``kind``, ``name``, ``spec.summary`` and ``provider``, by kind and name.

    Raises
    ------
    ParameterError
        If there is no such kind.
    """
    if kind is not None and kind not in KINDS:
        raise ParameterError(f"there is no kind {kind!r}", "", suggestion(kind, KINDS))
    return Registry.discover().components(kind)


@called_from_python
def study(
    source: str | Path | Mapping[str, Any],
    *,
    out: str | Path | None = None,
    jobs: int | None = None,
    timeout: float | None = None,
    keep_failed: bool = False,
    wait: bool = False,
    cache: bool = True,
    executor: Literal["local", "dask"] = "local",
    scheduler: str | None = None,
) -> Study:
    """Run every combination of datasets, reducers, clusterers and seeds, and compare.

    What is complete in `out` already is not run again.

    Parameters
    ----------
    source : path or mapping
        A TOML file, or what such a file says: ``{"datasets": [...],
        "clusterers": [{"name": "kmeans", "n_clusters": {"grid": [2, 3]}}], ...}``.
    out : path, optional
        Folder of the study; one in ``embkit-studies`` where not given.
    jobs : int, optional
        Trials at a time; as many as there are processors where not given.
    timeout : float, optional
        Seconds a trial may take.
    keep_failed : bool
        Whether trials that failed before are left as they are.
    wait : bool
        Whether to wait for another process in the folder.
    cache : bool
        Whether work that trials share is kept on disk.
    executor : {"local", "dask"}
        Processes here, or workers of a dask cluster.
    scheduler : str, optional
        Address of a dask scheduler; a cluster on this machine where not given.

    Returns
    -------
    Study
        With ``record``, ``statuses``, ``to_pandas()`` and the ``files`` that its exporters wrote.
        A trial that failed is no error.

    Raises
    ------
    ParameterError
        If the study is wrong, with every mistake in one message.
    DataError
        If a dataset cannot be read.
    LockedError
        If another process works in the folder.
    """
    if isinstance(source, Mapping):
        name, declared = "study", parse_study(source, "study")
    else:
        name, declared = Path(source).stem, read_study(Path(source))
    place = Path(out) if out is not None else default_folder(name)
    workers = jobs or cpu_count()
    registry = Registry.discover()
    settings = Settings(workers, timeout, keep_failed, default_cache() if cache else None, wait)
    chosen = choose_executor(executor, scheduler, workers, declared, registry)
    return launch(declared, registry, place, settings, chosen, lambda *_: None)


def _path(source: Source) -> str | None:
    return str(source) if isinstance(source, str | Path) else None


def _dataset(source: Source) -> Dataset | None:
    """A dataset made of what is at hand, or None where there is something to load."""
    if source is None or isinstance(source, str | Path):
        return None
    return source if isinstance(source, Dataset) else dataset_of(source)


def _attached(dataset: Dataset, table: Any) -> Dataset:
    if table is None:
        return dataset
    if isinstance(table, str | Path):
        return attach_table(dataset, str(table))
    return attach_frame(dataset, table)


def _file(table: Any) -> str | None:
    """The table that a configuration can name."""
    return str(table) if isinstance(table, str | Path) else None


def _plain(value: Any) -> Any:
    """NumPy's numbers as Python's, which a configuration holds."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
