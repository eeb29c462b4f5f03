"""What a dataset is like, and whether what was recorded comes out again."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from embkit.api.keywords import Component, Components
from embkit.api.loading import Source, Unusable
from embkit.api.running import run
from embkit.data.run import Run
from embkit.data.shown.pictures import FigureFormat
from embkit.errors import ParameterError
from embkit.plugin.registry import Registry
from embkit.runs.chains import of_datasets
from embkit.runs.keywords import called_from_python, several_components
from embkit.runs.records.replay import Replay, recorded_runs
from embkit.runs.records.replay import replay as run_again

__all__ = ["inspect", "replay"]


@called_from_python
def inspect(
    source: Source = None,
    *,
    loader: Component | None = None,
    table: Any = None,
    reducers: Components = (),
    validators: Components = (),
    visualizers: Components = (),
    figures: bool = False,
    figure_formats: FigureFormat | Iterable[FigureFormat] = "png",
    exporters: Components = (),
    seed: int | None = None,
    sample: int | None = None,
    nonfinite: Unusable = "error",
    zero_vectors: Unusable = "error",
    threads: int | None = None,
    memory: int | str | None = None,
    out: str | Path | None = None,
    overwrite: bool = False,
    cache: bool = True,
    executor: Literal["local", "dask"] = "local",
    scheduler: str | None = None,
) -> Run:
    """Show what a dataset is like, before any clustering.

    Parameters
    ----------
    source : path, array_like, DataFrame, Dataset or None
        See `load`.
    validators, visualizers : str, mapping, or iterable of them
        Which of those whose subject is the dataset; all validators if omitted.
    figures : bool
        Whether to draw it too, by all visualizers of datasets if none are named.
    exporters : str, mapping, or iterable of them
        What to write too, such as ``"page"``.
    figure_formats, loader, table, reducers, seed, sample, nonfinite, zero_vectors
        See `run`.
    threads, memory, out, overwrite, cache, executor, scheduler
        See `run`.

    Returns
    -------
    Run
        Without a clustering: the scores and tables of the validators.

    Raises
    ------
    EmbkitError
        If a parameter is wrong, or the data cannot be read.
    """
    registry = Registry.discover()
    drawn = several_components(visualizers, "visualizers")
    return run(
        source,
        loader=loader,
        table=table,
        reducers=reducers,
        validators=of_datasets(registry, "validator", several_components(validators, "validators")),
        visualizers=of_datasets(registry, "visualizer", drawn) if figures or drawn else (),
        figure_formats=figure_formats,
        exporters=exporters,
        seed=seed,
        sample=sample,
        nonfinite=nonfinite,
        zero_vectors=zero_vectors,
        threads=threads,
        memory=memory,
        out=out,
        overwrite=overwrite,
        cache=cache,
        executor=executor,
        scheduler=scheduler,
    )


@called_from_python
def replay(folder: Run | str | Path) -> list[Replay]:
    """Run the record of a run or a study again, and compare the labels and the versions.

    Parameters
    ----------
    folder : path or Run
        Of a run or a study; or a run that has a folder.

    Returns
    -------
    list of Replay
        One for the run, or for each complete trial: ``changed``, the share of rows
        with another label, ``ari``, ``error`` and ``differences``.

    Raises
    ------
    ParameterError
        If the folder holds no recorded run, or the run has no folder.
    """
    place = folder.folder if isinstance(folder, Run) else Path(folder)
    if place is None:
        raise ParameterError(
            "replay: the run has no folder", "its record is nowhere", "run it with out=FOLDER"
        )
    registry = Registry.discover()
    return [run_again(one, registry) for one in recorded_runs(place)]
