"""The subjects of validators, visualizers and exporters, with vectors as each wants them."""

from dataclasses import dataclass, replace

from embkit.data.dataset import Dataset
from embkit.data.results import Clustering
from embkit.data.run import Run
from embkit.plugin.steps import Step
from embkit.runs.context import RunContext

__all__ = ["Subjects", "viewed"]


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
