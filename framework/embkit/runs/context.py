"""The context of a component: shared work, seed, threads, memory, progress."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from embkit.data.configuration.request import Request
from embkit.data.configuration.run import RunConfig
from embkit.data.dataset import Dataset
from embkit.data.fingerprint import without_arrays
from embkit.data.results import Artifact, Clustering
from embkit.errors import PluginError
from embkit.plugin.registry import Registry
from embkit.plugin.steps import create, reads_blocks
from embkit.resources import available_memory, cpu_count
from embkit.runs.cache import DiskCache
from embkit.runs.shared import SharedWork, Unfinished
from embkit.runs.workers.local import LocalWorkers, Workers

__all__ = ["RunContext", "context_of", "silent"]

Item = TypeVar("Item")
Result = TypeVar("Result")


def silent(done: float, note: str = "") -> None:
    """A progress reporter that says nothing."""


@dataclass(frozen=True)
class RunContext:
    """The context of a run, bound to one dataset; see `embkit.plugin.protocols.Context`.

    Parameters
    ----------
    registry : Registry
        Where artifacts are found by name.
    dataset : Dataset
        What `artifact` computes on.
    seed : int
        The run's seed.
    threads : int
        The thread budget.
    memory : int
        Bytes that may be allocated.
    shared : SharedWork
        The artifacts so far.
    refit_with : callable, optional
        Clusters another dataset in the way of the run's clusterer.
    report : callable
        Receives the share of work done and a note.
    workers : Workers
        Where the calls of `map` are made.
    unfinished : Unfinished
        Where the artifact that is computed keeps what is done of it.
    """

    registry: Registry
    dataset: Dataset
    seed: int
    threads: int
    memory: int
    shared: SharedWork = field(default_factory=SharedWork)
    refit_with: Callable[[Dataset, "RunContext"], Clustering] | None = None
    report: Callable[[float, str], None] = silent
    workers: Workers = field(default_factory=LocalWorkers)
    unfinished: Unfinished = field(default_factory=Unfinished)

    @property
    def distributed(self) -> bool:
        """Whether `map` makes its calls on the workers of a cluster, each on one thread."""
        return self.workers.distributed

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """The results of a function for each item, in the order of the items."""
        return self.workers.map(function, items)

    def scatter(self, vectors: Any, n_rows: int) -> Sequence[Any]:
        """Consecutive parts of `n_rows` rows, kept where `map` calls functions."""
        return self.workers.scatter(vectors, n_rows)

    def artifact(self, name: str, **params: Any) -> Artifact:
        """The artifact of that name for the bound dataset, computed at most once.

        An array among the parameters, such as labels, is handed over as it is; in
        the key and in the record its fingerprint stands for it.
        """
        component = self.registry.get("artifact", name)
        instance, resolved = create(component, Request(name, params))
        identity = {
            "name": name,
            "params": without_arrays(resolved),
            "dataset": self.dataset.fingerprint,
            "distribution": component.provider.distribution,
            "version": component.provider.version,
        }

        keep_on_disk = getattr(component.spec, "cache", False)
        unfinished = self.shared.unfinished(identity, keep_on_disk=keep_on_disk)

        def compute() -> Artifact:
            dataset = self.dataset if reads_blocks(instance) else self.dataset.in_memory
            artifact = instance.compute(dataset, replace(self, dataset=dataset, unfinished=unfinished))
            if not isinstance(artifact, Artifact):
                raise PluginError(
                    f"{component} of plugin {component.provider} returned {type(artifact).__name__}",
                    "expected embkit.Artifact",
                    "report it to the author of the plugin",
                )
            return artifact

        artifact = self.shared.obtain(identity, compute, keep_on_disk=keep_on_disk)
        unfinished.forget()
        return artifact

    def unfinished_part(self) -> Artifact | None:
        """What `keep_part` kept before the computation of this artifact was interrupted, if it was."""
        return self.unfinished.found()

    def keep_part(self, make: Callable[[], Artifact]) -> None:
        """Keep what is done so far of this artifact, about once a minute."""
        self.unfinished.keep(make)

    def on(self, dataset: Dataset, seed: int | None = None) -> "RunContext":
        """The same context, bound to another dataset, and to another seed if one is given."""
        return replace(self, dataset=dataset, seed=self.seed if seed is None else seed)

    def refit(self, dataset: Dataset) -> Clustering:
        """Cluster another dataset with the run's clusterer and parameters.

        Its artifacts are not kept: nobody asks for those of a subsample again.

        Raises
        ------
        PluginError
            If there is no clusterer in this run.
        """
        if self.refit_with is None:
            raise PluginError("there is no clusterer to refit", "the subject is a dataset", "")
        return self.refit_with(dataset, replace(self, dataset=dataset, shared=SharedWork()))

    def progress(self, done: float, note: str = "") -> None:
        """Report the share of the work done, 0 to 1."""
        self.report(done, note)


def context_of(
    dataset: Dataset, config: RunConfig, registry: Registry, cache: DiskCache | None
) -> RunContext:
    """The context of a run that is over, for what is made of it later."""
    return RunContext(
        registry,
        dataset,
        seed=config.seed or 0,
        threads=config.threads or cpu_count(),
        memory=available_memory(),
        shared=SharedWork(cache),
    )
