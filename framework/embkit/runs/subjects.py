"""The subjects of steps with vectors as each wants them, and what results on them are called."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from embkit.data.configuration.request import result_names
from embkit.data.dataset import Dataset
from embkit.data.results import Clustering, Validation
from embkit.data.run import Run
from embkit.plugin.specs import ValidatorSpec
from embkit.plugin.steps import Step
from embkit.runs.context import RunContext
from embkit.text import plural

__all__ = ["Subjects", "in_space", "named_steps", "of_space", "viewed"]


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


def named_steps(steps: Sequence[Step]) -> list[tuple[str, Step]]:
    """The steps of one kind, with what their results are called; see `result_names`."""
    return list(zip(result_names(step.request for step in steps), steps, strict=True))
