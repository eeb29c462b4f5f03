"""Run one chain of components."""

import warnings
from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Literal

from embkit.api.keywords import Component, Components
from embkit.api.loading import (
    Source,
    Unusable,
    Values,
    columns_beside,
    dataset_at_hand,
    plain_values,
    source_path,
    table_file,
    with_table,
)
from embkit.data.configuration.run import RunConfig
from embkit.data.run import Run
from embkit.data.shown.pictures import FigureFormat
from embkit.errors import EmbkitWarning, ParameterError
from embkit.plugin.registry import Registry
from embkit.runs.cache import default_cache
from embkit.runs.choosing import with_clusterer
from embkit.runs.keywords import called_from_python, one_component, several_components
from embkit.runs.progress import progress_here
from embkit.runs.records.folder import claimed_folder, write_run
from embkit.runs.runner import execute
from embkit.runs.shared import SharedWork
from embkit.runs.workers.choosing import workers_of

__all__ = ["run"]


@called_from_python
def run(
    source: Source = None,
    clusterer: Component | None = None,
    *,
    loader: Component | None = None,
    table: Any = None,
    ids: Values = None,
    texts: Values = None,
    labels: Values = None,
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
    memory: int | str | None = None,
    out: str | Path | None = None,
    overwrite: bool = False,
    cache: bool = True,
    executor: Literal["local", "dask"] = "local",
    scheduler: str | None = None,
    progress: bool | None = None,
) -> Run:
    """Cluster a dataset, check the clusters, draw them.

    Parameters
    ----------
    source : path, array_like of shape (n_samples, n_features), DataFrame, Dataset or None
        What to cluster; see `load`.
    clusterer : str or mapping, optional
        ``"agglomerative:metric=cosine"``, or ``{"name": ..., key: value}``.
        If omitted or ``"auto"``, one that suits the dataset, with reducers in front
        of it where none are named; what was chosen, and why, is in the notes and
        the configuration of the run. None is taken if it is omitted and all that is
        asked for are validators and visualizers of the dataset.
    loader : str or mapping, optional
        How to read the source.
    table : path, DataFrame, mapping, or sequence of str, optional
        A row-aligned table with the columns ``id``, ``text``, ``label``, or
        ``FILE:text=COLUMN,label=COLUMN``.
    ids, texts, labels : sequence, optional
        One a row of an array or a DataFrame: unique ids, texts, and reference labels;
        in place of a table.
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
    memory : int or str, optional
        Budget in bytes, or such as ``"4GB"``; 80 % of what is free if omitted.
    out : path, optional
        Folder to write the run to.
    overwrite : bool
        Whether an existing run's folder may be replaced.
    cache : bool
        Whether artifacts are kept on disk for other runs.
    executor : {"local", "dask"}
        Where the components that can divide their work let it be done: in this process, or
        on the workers of a dask cluster. The results are the same.
    scheduler : str, optional
        Address of a dask scheduler; a cluster on this machine if omitted, of as many
        workers as there are threads.
    progress : bool, optional
        Whether to show how far it is, in a notebook or on a terminal; if omitted, in a
        notebook and in an interactive session.

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

    Examples
    --------
    >>> import embkit
    >>> run = embkit.run([[0, 0], [0, 1], [5, 5], [5, 6]], "kmeans:n_clusters=2", seed=0)
    >>> run.labels.tolist()
    [0, 0, 1, 1]
    >>> run.clustering.n_clusters
    2
    """
    table = columns_beside(table, ids, texts, labels)
    dataset = dataset_at_hand(source, loader)
    config = RunConfig.from_mapping(
        plain_values(
            {
                "source": source_path(source),
                "loader": one_component(loader, "loader"),
                "table": table_file(table),
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
        dataset = with_table(dataset, table)
    elif table is not None and config.table is None:
        raise ParameterError(
            "table is in memory, the source is not",
            "a run's record names its table by its file",
            "load them first: embkit.run(embkit.load(source, table=table), ...)",
        )
    registry = Registry.discover()
    config = with_clusterer(config, registry)
    shared = SharedWork(default_cache() if cache else None)
    observer = progress_here(progress)
    place = nullcontext() if out is None else claimed_folder(Path(out), overwrite=overwrite)
    with workers_of(executor, scheduler, config.threads) as workers, place as folder:
        finished = execute(
            config, registry, dataset=dataset, shared=shared, observer=observer, workers=workers
        )
        if folder is not None:
            write_run(finished, folder)
            finished = finished.at(folder)
    for failure in registry.notify("embkit_run_finished", run=finished):
        warnings.warn(failure, EmbkitWarning, stacklevel=3)
    return finished
