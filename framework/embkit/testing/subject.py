"""A component under test: made and called in the way the host does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

from embkit.data.configuration.request import Request
from embkit.data.dataset import Dataset
from embkit.data.intake.admission import Policy, admit
from embkit.data.results import Clustering
from embkit.errors import EmbkitError, MissingExtraError, PluginError
from embkit.plugin.kinds import KINDS
from embkit.plugin.registry import Component, Registry
from embkit.plugin.specs import LoaderSpec, ValidatorSpec, VisualizerSpec
from embkit.plugin.steps import Step, create
from embkit.resources import limit_threads
from embkit.runs.context import RunContext
from embkit.runs.shared import SharedWork
from embkit.testing.examples import blobs, clustering_of
from embkit.testing.failures import CheckFailed, NotApplicable
from embkit.testing.soundness import differences, parts_of
from embkit.testing.state import undisturbed

__all__ = ["Subject"]

MEMORY = 2 * 10**9


@dataclass(frozen=True)
class Subject:
    """A component under test, and a folder for its files.

    Parameters
    ----------
    component : Component
        What is tested.
    registry : Registry
        Where it finds artifacts.
    folder : Path
        An empty folder; another one for each check.
    memo : dict
        What one check computed and others may use.
    """

    component: Component
    registry: Registry
    folder: Path = Path()
    memo: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.component} of plugin {self.component.provider}"

    @property
    def kind(self) -> str:
        """The component's kind."""
        return self.component.kind

    @property
    def takes_clustering(self) -> bool:
        """Whether it works on a clustering rather than on a dataset."""
        spec = self.component.spec
        return isinstance(spec, ValidatorSpec | VisualizerSpec) and spec.subject == "clustering"

    @property
    def reads_files(self) -> bool:
        """Whether it is a loader that needs a source."""
        spec = self.component.spec
        return isinstance(spec, LoaderSpec) and spec.needs_source

    @cached_property
    def example(self) -> Mapping[str, Any]:
        """The parameters to try it with; those of a loader with the path of its ``source``."""
        example = self.component.spec.example
        if not isinstance(example, str):
            return example
        module, _, function = example.partition(":")
        try:
            made: Mapping[str, Any] = getattr(import_module(module), function)(self.folder)
        except ImportError as error:
            raise NotApplicable(f"its example needs {error.name}, which is not installed") from error
        return made

    @property
    def source(self) -> Path | None:
        """The example file of a loader.

        Raises
        ------
        NotApplicable
            If the loader needs one and gives none.
        """
        if not self.reads_files:
            return None
        if "source" not in self.example:
            raise NotApplicable("the spec gives no example with a source")
        return Path(self.example["source"])

    def step(self, **params: Any) -> Step:
        """A fresh instance, with the example's parameters and those given."""
        given = {key: value for key, value in self.example.items() if key != "source"}
        instance, resolved = create(self.component, Request(self.component.name, {**given, **params}))
        return Step(self.component, instance, resolved)

    def step_for(self, n_samples: int) -> Step:
        """A fresh instance that asks for no more groups or dimensions than there are rows."""
        params = self.step().params
        fewer = {
            name: n_samples
            for name in ("n_clusters", "n_components")
            if type(params.get(name)) is int and params[name] > n_samples
        }
        return self.step(**fewer)

    def context(self, dataset: Dataset, seed: int = 0) -> RunContext:
        """A context with nothing shared yet."""

        def refit(other: Dataset, _context: RunContext) -> Clustering:
            return clustering_of(other)

        return RunContext(
            self.registry,
            dataset,
            seed=seed,
            threads=1,
            memory=MEMORY,
            shared=SharedWork(),
            refit_with=refit,
        )

    def call(self, given: Any = None, *, seed: int = 0, step: Step | None = None) -> Any:
        """Let it work; the shared state is put back and warnings are not shown.

        Parameters
        ----------
        given : Dataset, Clustering or None
            What it works on: what its kind takes, or a dataset to make that of;
            the example data if omitted.
        seed : int
            The run's seed.
        step : Step, optional
            An instance to use again.

        Returns
        -------
        Dataset, Artifact, Clustering, Validation or dict of str to Figure

        Raises
        ------
        EmbkitError
            If the component refuses, or returns something of another type.
        CheckFailed
            If it raises anything else.
        """
        with undisturbed(), limit_threads(1):
            return self.call_plainly(given, seed=seed, step=step)

    def call_plainly(self, given: Any = None, *, seed: int = 0, step: Step | None = None) -> Any:
        """As `call`, without putting the shared state back."""
        try:
            return self._work(step or self.step(), given, seed)
        except MissingExtraError as error:
            raise NotApplicable(str(error)) from error
        except (EmbkitError, CheckFailed, NotApplicable):
            raise
        except Exception as error:
            raise CheckFailed(f"raised {type(error).__name__}: {error}{_place(error)}") from error

    def _work(self, step: Step, given: Any, seed: int) -> Any:
        contract = import_module(f"embkit.testing.contracts.{KINDS[self.kind].plural}")
        return contract.call(self, step, given, seed)

    def input(self, given: Dataset | Clustering | None) -> Dataset | Clustering:
        """The component's input: a dataset that the host has admitted, or a clustering of it."""
        if isinstance(given, Clustering):
            return given
        dataset = admit(blobs() if given is None else given, Policy())
        return clustering_of(dataset) if self.takes_clustering else dataset

    def dataset(self, given: Dataset | Clustering | None) -> Dataset:
        """The dataset that `input` is about."""
        subject = self.input(given)
        return subject.dataset if isinstance(subject, Clustering) else subject

    @property
    def baseline(self) -> Any:
        """Its result on the example data, computed once for all checks."""
        if "baseline" not in self.memo:
            try:
                self.memo["baseline"] = self.call()
                # At once: drawing a figure a second time may move its layout a little.
                self.memo["parts"] = parts_of(self.memo["baseline"])
            except EmbkitError as error:
                if isinstance(error, PluginError):
                    raise CheckFailed(str(error)) from error
                raise CheckFailed(f"refused the example data: {error}") from error
        return self.memo["baseline"]

    def changes(self, result: Any) -> list[str]:
        """The names of the parts in which a result differs from the baseline."""
        _ = self.baseline
        return differences(self.memo["parts"], parts_of(result))


def _place(error: BaseException) -> str:
    """The file and line that raised, for the author to go to."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return ""
    return f" ({Path(trace.tb_frame.f_code.co_filename).name}, line {trace.tb_lineno})"
