"""What merges between two thresholds, and what changed between two runs or studies."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, TypedDict, Unpack, overload

from embkit.api.keywords import Component, Components
from embkit.api.loading import Source, Unusable
from embkit.api.running import run
from embkit.data.configuration.request import as_request
from embkit.data.labels import label_columns
from embkit.data.run import Run
from embkit.data.shown.pictures import FigureFormat
from embkit.errors import ParameterError
from embkit.files.folders import temporary_folder
from embkit.files.writing import write_csv
from embkit.plugin.registry import Registry
from embkit.runs.cache import default_cache
from embkit.runs.chains import (
    check_runs,
    comparison_chain,
    pages_with,
    refuse_thresholds,
    threshold_chain,
    thresholds,
)
from embkit.runs.keywords import called_from_python, several_components
from embkit.runs.records.opened import open_run
from embkit.studies.comparing import StudyDiff, compare_studies
from embkit.studies.exporting import opened_study
from embkit.studies.study import Study

__all__ = ["diff"]


class _Options(TypedDict, total=False):
    """The keywords that a diff of two runs takes as well."""

    namer: Component | None
    names: str | Path | Mapping[Any, Any] | None
    validators: Components
    visualizers: Components
    exporters: Components
    figure_formats: FigureFormat | Iterable[FigureFormat]
    threads: int | None
    memory: int | str | None
    out: str | Path | None
    overwrite: bool
    cache: bool
    executor: Literal["local", "dask"]
    scheduler: str | None


class _OfThresholds(_Options, total=False):
    """The keywords of a diff of two thresholds."""

    lower: float | None
    upper: float | None
    linkage: str
    metric: str
    sort: str
    show: int
    loader: Component | None
    table: Any
    reducers: Components
    seed: int | None
    sample: int | None
    nonfinite: Unusable
    zero_vectors: Unusable


@overload
def diff(source: Source = None, other: None = None, **options: Unpack[_OfThresholds]) -> Run: ...
@overload
def diff(source: Study, other: Study | str | Path, *, out: str | Path | None = None) -> StudyDiff: ...
@overload
def diff(source: str | Path, other: Study, *, out: str | Path | None = None) -> StudyDiff: ...
@overload
def diff(source: Run, other: Run | str | Path, **options: Unpack[_Options]) -> Run: ...
@overload
def diff(source: str | Path, other: Run, **options: Unpack[_Options]) -> Run: ...
@overload
def diff(source: str | Path, other: str | Path, **options: Unpack[_Options]) -> Run | StudyDiff: ...


@called_from_python
def diff(
    source: Source | Run | Study = None,
    other: Run | Study | str | Path | None = None,
    *,
    lower: float | None = None,
    upper: float | None = None,
    linkage: str = "complete",
    metric: str = "cosine",
    sort: str = "moved",
    show: int = 10,
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
    nonfinite: Unusable = "error",
    zero_vectors: Unusable = "error",
    threads: int | None = None,
    memory: int | str | None = None,
    out: str | Path | None = None,
    overwrite: bool = False,
    cache: bool = True,
    executor: Literal["local", "dask"] = "local",
    scheduler: str | None = None,
) -> Run | StudyDiff:
    """Show what merges between two thresholds, or what changed between two runs or studies.

    ``embkit.diff("vectors.npy", lower=0.20, upper=0.25)`` tells which clusters at
    0.20 are one at 0.25; ``embkit.diff("monday", "tuesday")`` compares the labels of
    two runs of the same rows, and of two studies the trials that both declare.

    Parameters
    ----------
    source : path, array_like, DataFrame, Dataset or Run
        What to cluster; see `load`. With `other` a run or a study, or its folder.
    other : Run, Study, or path, optional
        A second one to compare with.
    lower, upper : float
        The thresholds, of a diff of thresholds.
    linkage, metric : str
        How the tree is built, and the distance; cosine is 0 to 2.
    sort : {"moved", "size", "height", "closest", "silhouette"}
        Which merges come first.
    show : int
        How many merges to show in full.
    loader, table, reducers, figure_formats, seed, sample, nonfinite, zero_vectors
        See `run`; of a diff of thresholds.
    namer, names
        See `run`; of two runs the clusters keep the names that they have in the first.
    validators, visualizers, exporters : str, mapping, or iterable of them
        What else to compute, draw and write.
    threads, memory, out, overwrite, cache, executor, scheduler
        See `run`.

    Returns
    -------
    Run
        With the tables ``merges`` and ``merge-members``, or those of validator
        ``agreement``. Of two studies a `StudyDiff`, with ``tables`` and ``summary()``.

    Raises
    ------
    ParameterError
        If a threshold is missing, or a parameter is wrong.
    DataError
        If the data cannot be read, or the runs are not of the same rows.
    """
    if other is not None:
        refuse_thresholds(lower, upper)
    if _is_study(source) and _is_study(other):
        return _between_studies(source, other, out)
    written = [as_request(item) for item in several_components(exporters, "exporters")]
    further: dict[str, Any] = {
        "namer": namer,
        "names": names,
        "figure_formats": figure_formats,
        "threads": threads,
        "memory": memory,
        "out": out,
        "overwrite": overwrite,
        "cache": cache,
        "executor": executor,
        "scheduler": scheduler,
    }
    if other is not None:
        return _between_runs(source, other, written, validators, visualizers, further)
    low, high = thresholds(lower, upper)
    chain = threshold_chain(low, high, linkage=linkage, metric=metric, sort=sort, show=show)
    return run(
        source,
        chain["clusterer"],
        loader=loader,
        table=table,
        reducers=reducers,
        validators=[*chain["validators"], *several_components(validators, "validators")],
        visualizers=[*chain["visualizers"], *several_components(visualizers, "visualizers")],
        exporters=pages_with(written, {"lower": low, "upper": high}),
        seed=seed,
        sample=sample,
        nonfinite=nonfinite,
        zero_vectors=zero_vectors,
        **further,
    )


def _is_study(given: Any) -> bool:
    if isinstance(given, str | Path):
        return (Path(given) / "study.json").exists()
    return isinstance(given, Study)


def _between_studies(first: Any, second: Any, out: str | Path | None) -> StudyDiff:
    registry = Registry.discover()
    one, two = (
        each.record if isinstance(each, Study) else opened_study(Path(each), registry).record
        for each in (first, second)
    )
    found = compare_studies(one, two)
    if out is not None:
        found.write(Path(out))
    return found


def _between_runs(
    first: Any,
    second: Any,
    exporters: list[Any],
    validators: Components,
    visualizers: Components,
    further: dict[str, Any],
) -> Run:
    """The labels of one run, judged against those of another."""
    check_runs(first, second)
    opened = _opened(first)
    with temporary_folder() as folder:
        one = _place(opened, folder / "first.csv")
        two = _place(second, folder / "second.csv")
        chain = comparison_chain(one, two)
        if further["names"] is None:
            further |= {"names": _names_of(opened)}
        return run(
            opened.dataset,
            chain["clusterer"],
            validators=[*chain["validators"], *several_components(validators, "validators")],
            visualizers=visualizers,
            exporters=pages_with(exporters, {"other": two}),
            **further,
        )


def _opened(given: Any) -> Run:
    if isinstance(given, Run):
        return given
    if not isinstance(given, str | Path):
        raise ParameterError(
            f"{type(given).__name__} is not a run",
            "a second run is compared with a first",
            "give two runs or their folders, or lower=0.20, upper=0.25",
        )
    return open_run(Path(given).absolute(), Registry.discover(), default_cache())


def _names_of(given: Run) -> Any:
    """Where the names of a run's clusters are, if it has any."""
    named = given.clustering is not None and given.clustering.names is not None
    return given.folder if named and given.folder is not None else given.config.names


def _place(given: Run | str | Path, file: Path) -> str:
    """Where the labels of a run are: its folder, or a file that is written now."""
    folder = given.folder if isinstance(given, Run) else Path(given)
    if folder is not None:
        return str(folder.absolute())
    if not isinstance(given, Run) or given.clustering is None:
        raise ParameterError("the run has no clusters", "it has no clusterer", "run with one")
    write_csv(file, label_columns(given.dataset, given.clustering))
    return str(file)
