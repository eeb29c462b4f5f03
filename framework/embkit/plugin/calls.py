"""Call components, and check what they return."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from embkit.data.assignment import Assignment
from embkit.data.dataset import Dataset, Fitted
from embkit.data.labels import canonical_labels
from embkit.data.names import Groups, Names
from embkit.data.results import Clustering, Validation
from embkit.data.shown.pictures import showable
from embkit.errors import PluginError
from embkit.files.exports import Content, is_inside
from embkit.plugin.blame import blamed_on
from embkit.plugin.distinct import distinct_rows, with_copies
from embkit.plugin.estimators import EstimatorClusterer
from embkit.plugin.protocols import Context
from embkit.plugin.steps import Step

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "as_figures",
    "assigned",
    "checked_fitted",
    "clustered",
    "expect",
    "exported",
    "named",
    "reduced",
    "transformed",
    "validated",
]

Result = TypeVar("Result")


def clustered(step: Step, dataset: Dataset, context: Context) -> Clustering:
    """Cluster a dataset with a step's component; largest cluster first, parameters resolved.

    Raises
    ------
    PluginError
        If the component returned no clustering, or not one whole number a row.
    """
    if not step.once:
        return _clustered(step, dataset, context)
    rows, copy_of = distinct_rows(dataset)
    distinct = dataset.take(rows)
    found = _clustered(step, distinct, context.on(distinct), np.bincount(copy_of))
    found = replace(found, parameters={**found.parameters, "duplicates": "once"})
    return (
        found if len(rows) == len(copy_of) else with_copies(found, dataset, copy_of, str(step.component))
    )


def _clustered(
    step: Step, dataset: Dataset, context: Context, copies: NDArray[Any] | None = None
) -> Clustering:
    """Cluster; a row counts as often as it has copies, for an estimator that takes weights."""
    if copies is not None and isinstance(step.instance, EstimatorClusterer):
        raw = step.instance.cluster(dataset, context, copies)
    else:
        raw = step.instance.cluster(dataset, context)
    clustering = expect(Clustering, step, raw)
    labels = canonical_labels(clustering.labels, dataset.n_samples, str(step.component))
    checked_fitted(step, clustering.fitted)
    parameters = {**step.params, **clustering.parameters}
    return replace(
        clustering, dataset=dataset, labels=labels, parameters=parameters, clusterer=step.component.name
    )


def validated(step: Step, subject: Dataset | Clustering, context: Context) -> Validation:
    """Judge a subject with a step's component.

    Raises
    ------
    PluginError
        If the component returned no validation.
    """
    return expect(Validation, step, step.instance.validate(subject, context))


def reduced(step: Step, dataset: Dataset, context: Context) -> tuple[Dataset, Fitted]:
    """Reduce a dataset with a step's component; the result, and what was learned from the rows.

    Raises
    ------
    PluginError
        If the component returned no dataset, or learned what cannot be kept without pickle.
    """
    found = expect(Dataset, step, step.instance.reduce(dataset, context))
    return found, checked_fitted(step, found.fitted)


def checked_fitted(step: Step, fitted: Fitted) -> Fitted:
    """What a step's component learned from the rows, if it can be kept without pickle.

    Raises
    ------
    PluginError
        If something in it is not an array of numbers or texts.
    """
    for name, array in fitted.items():
        if not isinstance(array, np.ndarray) or array.dtype.kind not in "biufU":
            kind = f"dtype {array.dtype}" if isinstance(array, np.ndarray) else type(array).__name__
            raise _returned(step, f"fitted[{name!r}] of {kind}", "an array of numbers or texts")
    return fitted


def transformed(step: Step, dataset: Dataset, fitted: Fitted) -> Dataset | None:
    """Rows that came later, placed by a reducer as those that it was fitted on; None if it cannot.

    Raises
    ------
    PluginError
        If the component returned no dataset, or not one row for each.
    """
    transform = getattr(step.instance, "transform", None)
    with blamed_on(step.component, "transform"):
        found = transform(dataset, fitted) if callable(transform) else None
    if found is None:
        return None
    placed = expect(Dataset, step, found)
    if placed.n_samples != dataset.n_samples:
        raise _returned(step, f"{placed.n_samples} rows for {dataset.n_samples}", "one for each")
    return placed


def assigned(step: Step, clustering: Clustering, others: Dataset, context: Context) -> Assignment | None:
    """Assign rows that came later with a step's component; None if it has no rule for them.

    Raises
    ------
    PluginError
        If the component returned no assignment, or one that is not of these rows
        and clusters.
    """
    assign = getattr(step.instance, "assign", None)
    with blamed_on(step.component, "assign"):
        found = assign(clustering, others, context) if callable(assign) else None
    if found is None:
        return None
    assignment = expect(Assignment, step, found)
    fault = _fault_of(assignment, others.n_samples, clustering.n_clusters)
    if fault:
        raise _returned(step, fault, "a cluster of the run for each row, or -1")
    return assignment


def _fault_of(assignment: Assignment, n_rows: int, n_clusters: int) -> str:
    labels = assignment.labels
    if labels.shape != (n_rows,) or labels.dtype.kind not in "iu":
        return f"labels of shape {labels.shape} and dtype {labels.dtype} for {n_rows} rows"
    if n_rows and not (labels.min() >= -1 and labels.max() < n_clusters):
        return f"labels from {labels.min()} to {labels.max()} for {n_clusters} clusters"
    for name in ("strengths", "distances"):
        values = getattr(assignment, name)
        if values is None:
            continue
        if values.shape != (n_rows,):
            return f"{name} of shape {values.shape} for {n_rows} rows"
        highest = 1 if name == "strengths" else np.inf
        if not bool(((values >= 0) & (values <= highest)).all()):
            return f"{name} that are not all between 0 and {highest}"
    return ""


def _returned(step: Step, what: str, expected: str) -> PluginError:
    return PluginError(
        f"{step.component} of plugin {step.component.provider} returned {what}",
        f"expected {expected}",
        "report it to the author of the plugin",
    )


def named(step: Step, groups: Groups, context: Context) -> Names:
    """Name groups with a step's component.

    Raises
    ------
    PluginError
        If the component returned no names, or not one for each group.
    """
    names = expect(Names, step, step.instance.name(groups, context))
    if len(names) != len(groups):
        raise PluginError(
            f"{step.component} of plugin {step.component.provider} gave {len(names)} names",
            f"there are {len(groups)} groups",
            "report it to the author of the plugin",
        )
    return replace(names, namer=step.component.name)


def exported(step: Step, subject: Any, context: Context) -> "dict[str, Content]":
    """The files that a step's component makes of a finished run or study, by relative path.

    Raises
    ------
    PluginError
        If a path leads out of the folder, or a content is not text, bytes or a figure.
    """
    files = step.instance.export(subject, context)
    blame = f"{step.component} of plugin {step.component.provider}"
    if not isinstance(files, Mapping):
        raise PluginError(
            f"{blame} returned {type(files).__name__}",
            "expected files by relative path",
            "report it to the author of the plugin",
        )
    for path, content in files.items():
        if not is_inside(path):
            raise PluginError(
                f"{blame} names the file {path!r}",
                "expected a relative path below the folder, without .. and hidden names",
                "report it to the author of the plugin",
            )
        if not isinstance(content, str | bytes) and not hasattr(content, "savefig"):
            raise PluginError(
                f"{blame} gives {type(content).__name__} for {path}",
                "expected text, bytes or a matplotlib Figure",
                "report it to the author of the plugin",
            )
    return dict(files)


def expect(kind: type[Result], step: Step, value: Any) -> Result:
    """`value` itself, if it is of the kind that the step's component must return.

    Raises
    ------
    PluginError
        If it is not.
    """
    if not isinstance(value, kind):
        raise PluginError(
            f"{step.component} of plugin {step.component.provider} returned {type(value).__name__}",
            f"expected {kind.__name__}",
            "report it to the author of the plugin",
        )
    return value


def as_figures(step: Step, drawn: Any) -> "dict[str, Figure]":
    """The figures of a visualizer by name, fit to show in notebooks; a single one has the empty name.

    Raises
    ------
    PluginError
        If something in it is not a figure.
    """
    figures = dict(drawn) if isinstance(drawn, Mapping) else {"": drawn}
    for figure in figures.values():
        if not hasattr(figure, "savefig"):
            raise PluginError(
                f"{step.component} of plugin {step.component.provider} returned {type(figure).__name__}",
                "expected a matplotlib Figure, or several by name",
                "report it to the author of the plugin",
            )
    return {name: showable(figure) for name, figure in figures.items()}
