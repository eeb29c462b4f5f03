"""Put rows that came later in the clusters of a run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from embkit.data.assignment import Assignment
from embkit.data.configuration.run import RunConfig
from embkit.data.dataset import Dataset, IntArray
from embkit.data.intake.admission import Policy, admit
from embkit.data.results import Clustering
from embkit.data.run import Run
from embkit.errors import DataError, ParameterError
from embkit.files.tables.frames import dataset_of
from embkit.plugin.calls import assigned, transformed
from embkit.plugin.registry import Registry
from embkit.plugin.steps import Step
from embkit.resources import limit_threads
from embkit.runs.cache import DiskCache
from embkit.runs.context import RunContext, context_of
from embkit.runs.plan import make_plan
from embkit.runs.sources.fetching import fetched
from embkit.runs.sources.loading import read_source

__all__ = ["Assigner", "assign_rows", "rows_of"]

_ARTIFACT = "later-rows"
_METRICS = ("cosine", "correlation", "euclidean", "hamming", "manhattan")
_NEIGHBORS = 5


@dataclass(frozen=True)
class Assigner:
    """Assigns rows to the clusters of runs; see `Run.assign`.

    Parameters
    ----------
    registry : Registry
        Where the components of the run are found.
    cache : DiskCache or None
        Where shared work is kept.
    """

    registry: Registry
    cache: DiskCache | None

    def __call__(self, run: Run, source: Any) -> Assignment:
        """The clusters of other rows; see `rows_of` for what they may be."""
        return assign_rows(run, rows_of(source, self.registry), self.registry, self.cache)

    def __reduce__(self) -> tuple[Any, ...]:
        return _discovered, (self.cache,)


def _discovered(cache: DiskCache | None) -> Assigner:
    """An assigner of what is installed where it is unpickled."""
    return Assigner(Registry.discover(), cache)


def rows_of(
    source: Any,
    registry: Registry,
    loader: Mapping[str, Any] | str | None = None,
    table: str | None = None,
) -> Dataset:
    """The rows that a path, an array, a DataFrame or a dataset holds; not yet checked.

    Raises
    ------
    DataError
        If they cannot be read.
    """
    if isinstance(source, Dataset):
        return source
    if not isinstance(source, str | Path):
        return dataset_of(source)
    given = {"source": str(source), "loader": loader, "table": table}
    config = RunConfig.from_mapping(given, "assign")
    with fetched(config) as local:
        return read_source(local, make_plan(local, registry).one("loader"))


def assign_rows(run: Run, others: Dataset, registry: Registry, cache: DiskCache | None) -> Assignment:
    """Assign new rows to the clusters of a run.

    Parameters
    ----------
    run : Run
        With a clustering.
    others : Dataset
        The other rows, in the space of the run's source.
    registry : Registry
        Where its reducers and its clusterer are found.
    cache : DiskCache or None
        Where shared work is kept.

    Raises
    ------
    ParameterError
        If the run has no clusters.
    DataError
        If the others do not have the run's number of features, or the rule needs
        the run's rows and these are gone.
    PluginError
        If a component fails.
    """
    clustering = _clusters_of(run)
    _check_width(run, others)
    chain = replace(run.config, namer=None, validators=(), visualizers=(), exporters=())
    plan = make_plan(chain, registry, loaded=True)
    step = plan.one("clusterer")
    context = context_of(clustering.dataset, run.config, registry, cache)
    reducers = () if step is None or step.of_source else plan.of("reducer")
    with limit_threads(context.threads):
        admitted = admit(others, Policy())
        placed, unable = _placed(reducers, run, admitted)
        found: Assignment | None
        if unable is not None:
            # Who is near whom is what such reducers preserve.
            reason = f"{unable.component} places all rows together"
            metric = _known_metric(unable.params.get("metric"))
            found = _by_nearest(clustering.labels, admitted, context.on(run.dataset), metric, reason)
        else:
            found = None if step is None else assigned(step, clustering, placed, context)
        if found is None:
            reason = f"{clustering.clusterer} has no rule for other rows"
            metric = _known_metric(clustering.metric)
            found = _by_nearest(clustering.labels, placed, context, metric, reason)
        drift, warnings = _drift(run, clustering, others, context)
    shares = {
        "noise": found.n_noise / len(found),
        "usual_noise": clustering.n_noise / len(clustering.labels),
    }
    titles = [""] * clustering.n_clusters
    if clustering.names is not None:
        titles = [name.title for name in clustering.names.names]
    return replace(
        found,
        ids=tuple(map(admitted.row_id, range(admitted.n_samples))),
        names=tuple("" if label < 0 else titles[label] for label in found.labels.tolist()),
        drift={**drift, **shares},
        warnings=(*found.warnings, *warnings),
    )


def _clusters_of(run: Run) -> Clustering:
    clustering = run.clustering
    if clustering is None or not clustering.n_clusters:
        raise ParameterError(
            f"the run of {run.dataset.name} has no clusters",
            "every row is noise" if clustering is not None else "it was made without a clusterer",
            f"run with {'another' if clustering is not None else 'a'} clusterer",
        )
    if clustering.metric == "precomputed":
        raise ParameterError(
            f"rows cannot be assigned to the run of {run.dataset.name}",
            "it was made of a matrix of distances, and other rows have none",
            "run on the vectors",
        )
    return clustering


def _check_width(run: Run, others: Dataset) -> None:
    if others.n_features != run.dataset.n_features:
        raise DataError(
            f"{others.name} has {others.n_features} dimensions, the run of {run.dataset.name} has "
            f"{run.dataset.n_features}",
            "rows are assigned in the space of the run",
            "embed them with the model that the run's rows come from",
        )


def _fitted(run: Run) -> tuple[Mapping[str, Any], ...]:
    missing = len(run.config.reducers) - len(run.fitted)
    return (*run.fitted, *({} for _ in range(missing)))


def _placed(steps: Sequence[Step], run: Run, others: Dataset) -> tuple[Dataset, Step | None]:
    """The rows after the reducers of a run, or the first reducer that cannot place them."""
    for step, fitted in zip(steps, _fitted(run), strict=False):  # none of a clusterer of the source
        found = transformed(step, others, fitted)
        if found is None:
            return others, step
        others = admit(found, Policy())
    return others, None


def _known_metric(metric: Any) -> str:
    return metric if metric in _METRICS else "euclidean"


def _by_nearest(
    labels: IntArray, others: Dataset, context: RunContext, metric: str, reason: str
) -> Assignment:
    """The label that most of the nearest rows have, ties to the nearest of them."""
    n_neighbors = min(_NEIGHBORS, len(labels))
    found = context.artifact(_ARTIFACT, vectors=others.vectors, metric=metric, n_neighbors=n_neighbors)
    near, distances = labels[found["indices"]], found["distances"]
    votes = (near[:, :, None] == near[:, None, :]).sum(axis=2)
    best = votes.argmax(axis=1)[:, None]
    return Assignment(
        np.take_along_axis(near, best, axis=1)[:, 0],
        np.take_along_axis(votes, best, axis=1)[:, 0] / n_neighbors,
        np.take_along_axis(distances, best, axis=1)[:, 0],
        f"{reason}: the label of most of the {n_neighbors} nearest rows of the run, {metric}; strength "
        "is their share, distance that to the nearest of them",
    )


def _drift(
    run: Run, clustering: Clustering, others: Dataset, context: RunContext
) -> tuple[dict[str, float], tuple[str, ...]]:
    """The test of drift among the source's vectors: what is new may be lost behind reducers."""
    try:
        vectors = admit(others, Policy()).vectors
        found = context.on(run.dataset).artifact(
            _ARTIFACT,
            vectors=vectors,
            metric=_known_metric(clustering.metric),
            n_neighbors=1,
            labels=clustering.labels,
        )
    except DataError as error:
        return {}, (f"drift was not tested: {error.what}",)
    facts = dict(found.facts)
    return facts, tuple(facts.pop("warnings", ()))
