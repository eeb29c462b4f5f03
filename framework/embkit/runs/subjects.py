"""The subjects of steps with vectors as each wants them, and what results on them are called."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from embkit.data.dataset import Dataset
from embkit.data.results import Clustering, Validation
from embkit.data.run import Run
from embkit.plugin.specs import ValidatorSpec
from embkit.plugin.steps import Step
from embkit.runs.context import RunContext
from embkit.text import plural

__all__ = ["Subjects", "in_space", "of_space", "result_name", "viewed"]


@dataclass(frozen=True)
class Subjects:
    """The subjects of validators and visualizers."""

    source: Dataset
    reduced: Dataset
    clustering: Clustering | None

    def of(self, step: Step, context: RunContext) -> tuple[Dataset | Clustering, RunContext]:
        """The subject of a step, and the context bound to its dataset."""
        dataset = self.source if step.of_source else self.reduced
        if step.of_dataset or self.clustering is None:
            view = step.view(dataset)
            return view, context.on(view)
        # A clusterer with of=source saw other vectors than its validators do.
        same = self.clustering.dataset is dataset
        view = step.view(dataset)
        subject = self.clustering if same and view is dataset else self.clustering.on(view)
        return subject, context.on(view)


def viewed(run: Run, step: Step) -> Run:
    """A run as an exporter wants it, with the vectors in memory unless it says otherwise."""
    dataset, clustering = step.view(run.dataset), run.clustering
    if clustering is not None:
        same = clustering.dataset is run.dataset
        view = dataset if same else step.view(clustering.dataset)
        clustering = clustering if view is clustering.dataset else replace(clustering, dataset=view)
    if dataset is run.dataset and clustering is run.clustering:
        return run
    return replace(run, dataset=dataset, clustering=clustering)


def in_space(reduced: Dataset, before: Dataset, step: Step) -> Dataset:
    """A reduced dataset that says which reducers made it."""
    chain = f"{before.space} -> {step.component.name}" if before.space else step.component.name
    return replace(reduced, space=chain)


def of_space(validation: Validation, step: Step, dataset: Dataset, *, several: bool) -> Validation:
    """A validation that says whose vectors it is about, where there are several and they matter."""
    spec = step.component.spec
    scores = spec.scores.values() if isinstance(spec, ValidatorSpec) else ()
    if not several or (scores and all(score.external for score in scores)):
        return validation
    whose = f"after {dataset.space}" if dataset.space else "of the source"
    return replace(validation, space=f"{whose} ({plural(dataset.n_features, 'dimension')})")


def result_name(step: Step, kept: Mapping[str, Step]) -> str:
    """What the result of a step is called: another name than those kept so far.

    A second of one kind that looks at other vectors than the first is ``NAME-of-source`` or
    ``NAME-of-reduced``; any other is ``NAME-2``, ``NAME-3`` and so on.

    Parameters
    ----------
    step : Step
        Whose result it is.
    kept : mapping of str to Step
        The steps whose results were kept, by the names of these.
    """
    name = step.component.name
    if name not in kept:
        return name
    by_space = f"{name}-of-{'source' if step.of_source else 'reduced'}"
    if step.of_source != kept[name].of_source and by_space not in kept:
        return by_space
    return f"{name}-{1 + sum(other.component.name == name for other in kept.values())}"
