"""Call components, and check what they return."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from embkit.data.dataset import Dataset
from embkit.data.labels import canonical_labels
from embkit.data.names import Groups, Names
from embkit.data.results import Clustering
from embkit.data.shown.pictures import showable
from embkit.errors import PluginError
from embkit.files.exports import Content, is_inside
from embkit.plugin.protocols import Context
from embkit.plugin.steps import Step

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["as_figures", "clustered", "expect", "exported", "named"]

Result = TypeVar("Result")


def clustered(step: Step, dataset: Dataset, context: Context) -> Clustering:
    """Cluster a dataset with a step's component; largest cluster first, parameters resolved.

    Raises
    ------
    PluginError
        If the component returned no clustering, or not one whole number a row.
    """
    clustering = expect(Clustering, step, step.instance.cluster(dataset, context))
    labels = canonical_labels(clustering.labels, dataset.n_samples, str(step.component))
    parameters = {**step.params, **clustering.parameters}
    return replace(
        clustering, dataset=dataset, labels=labels, parameters=parameters, clusterer=step.component.name
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
