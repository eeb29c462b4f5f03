"""Run one chain: load, reduce, cluster, validate, draw; and record how it went."""

import secrets
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from embkit.data.blocks import Blocks
from embkit.data.configuration.run import CHOSEN, RunConfig
from embkit.data.dataset import Dataset, Fitted
from embkit.data.intake.admission import Policy, admit
from embkit.data.names import groups_of_labels
from embkit.data.results import Clustering, Validation
from embkit.data.run import Run
from embkit.errors import DataError, PluginError
from embkit.files.names import GivenNames, read_given_names
from embkit.plugin.calls import as_figures, clustered, named, reduced, validated
from embkit.plugin.registry import Registry
from embkit.plugin.steps import Step
from embkit.resources import available_memory, cpu_count, limit_threads
from embkit.runs.assigning import Assigner
from embkit.runs.choosing import choose
from embkit.runs.context import RunContext
from embkit.runs.exporting import exports_of
from embkit.runs.memory import check_room
from embkit.runs.naming import recorded_names, with_given_names
from embkit.runs.pages import PageMaker
from embkit.runs.plan import Plan, make_plan
from embkit.runs.records.record import Circumstances, run_record
from embkit.runs.records.recorder import Observer, Recorder, Unobserved
from embkit.runs.shared import SharedWork
from embkit.runs.sources.fetching import fetched
from embkit.runs.sources.loading import admitted_rows, read_source, source_stamps, warn_of_other_data
from embkit.runs.subjects import Subjects, in_space, named_steps, of_space
from embkit.runs.workers.local import LocalWorkers, Workers

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["execute"]

Result = TypeVar("Result")


def execute(
    config: RunConfig,
    registry: Registry,
    *,
    dataset: Dataset | None = None,
    shared: SharedWork | None = None,
    observer: Observer | None = None,
    expected: str | None = None,
    workers: Workers | None = None,
) -> Run:
    """Run a configuration.

    Parameters
    ----------
    config : RunConfig
        What to do.
    registry : Registry
        Where components are found.
    dataset : Dataset, optional
        Data at hand; the configuration's source is not read then.
    shared : SharedWork, optional
        Artifacts to share; none are kept on disk without it.
    observer : Observer, optional
        Notified of each step.
    workers : Workers, optional
        Where components' calls of ``context.map`` are made; in this process if omitted.

    Returns
    -------
    Run
        Not yet written anywhere. A validator or visualizer that failed is among
        its ``failures``.

    Raises
    ------
    EmbkitError
        If the configuration is wrong or the data cannot be loaded, reduced or clustered.
    """
    with fetched(config) if dataset is None else nullcontext(config) as local:
        return _executed(
            config, local, registry, dataset, shared, observer, expected, workers or LocalWorkers()
        )


def _executed(
    config: RunConfig,
    local: RunConfig,
    registry: Registry,
    dataset: Dataset | None,
    shared: SharedWork | None,
    observer: Observer | None,
    expected: str | None,
    workers: Workers,
) -> Run:
    plan = make_plan(local, registry, loaded=dataset is not None)
    given = None if config.names is None else read_given_names(config.names)
    threads = config.threads or cpu_count()
    is_copy = local is not config
    config = replace(
        config,
        seed=secrets.randbelow(2**32) if config.seed is None else config.seed,
        threads=threads,
    )
    local = replace(config, source=local.source) if is_copy else config
    work = shared or SharedWork()
    with limit_threads(threads):
        observed = observer or Unobserved()
        execution = _Execution(config, local, plan, registry, work, observed, expected, given, workers)
        run = execution.run(dataset)
    return replace(
        run, page_maker=PageMaker(registry, work.cache), assigner=Assigner(registry, work.cache)
    )


@dataclass
class _Execution:
    config: RunConfig
    local: RunConfig
    plan: Plan
    registry: Registry
    shared: SharedWork
    observer: Observer
    expected: str | None
    given: GivenNames | None
    workers: Workers

    def run(self, given: Dataset | None) -> Run:
        started = datetime.now(UTC)
        recorder = Recorder(self.observer, lambda: self.shared.saved)
        # One directly behind the other: these figures belong to the same moment.
        budget = self.config.memory or available_memory()
        # Copies that were made for this run do not count.
        is_copy = self.local is not self.config
        stamps = () if is_copy else source_stamps(self.config, self.plan.one("loader"))
        loaded = given if given is not None else self._load(recorder)
        routes = check_room(self.plan, self.config, loaded, budget, self.registry)
        source = self._check(loaded, recorder)
        in_files = isinstance(source.vectors, Blocks)
        context = self._context(source, max(budget - (0 if in_files else source.vectors.nbytes), 0))
        reduced, fitted = self._reduce(source, context, recorder)
        reasons: tuple[str, ...] = ()
        if self.config.clusterer == CHOSEN:
            reasons = self._choose(reduced, context, recorder)
            routes = check_room(self.plan, self.config, loaded, budget, self.registry)
            if reduced is source:
                reduced, fitted = self._reduce(source, context, recorder)
        if reduced is not source:
            context = replace(context, memory=max(context.memory - reduced.vectors.nbytes, 0))
        clustering = self._cluster(source, reduced, context, recorder)
        if clustering is not None:
            clustering = replace(clustering, notes=(*reasons, *clustering.notes))
        clustering = self._name(clustering, context, recorder)
        if clustering is not None and self.given is not None:
            clustering = with_given_names(clustering, self.given)
        context = replace(context, refit_with=self._refit)
        subjects = Subjects(source, reduced, clustering)
        validations = self._validate(subjects, context, recorder)
        figures = self._draw(subjects, context, recorder)
        for stamp in stamps:
            stamp.check()
        circumstances = Circumstances(started, stamps, budget, routes, self.workers.facts())
        resolved = replace(self.plan.resolved(self.config), names=recorded_names(clustering))
        run = Run(
            resolved.anchored(),
            source,
            clustering,
            validations,
            figures,
            tuple(recorder.failures),
            {},
            fitted=fitted,
        )
        run = replace(run, record=self._record(run, circumstances, recorder))
        exports = exports_of(self.plan.of("exporter"), run, context, recorder)
        # Again: with the time and the failures of the exporters.
        record = self._record(run, circumstances, recorder)
        failures, lines = tuple(recorder.failures), tuple(recorder.log.lines)
        return replace(run, exports=exports, failures=failures, record=record, log=lines)

    def _record(self, run: Run, circumstances: Circumstances, recorder: Recorder) -> Mapping[str, Any]:
        return run_record(run, self.plan, circumstances, recorder, self.shared)

    def _load(self, recorder: Recorder) -> Dataset:
        step = self.plan.one("loader")
        with recorder.step("load", None if step is None else step.component):
            return read_source(self.local, step)

    def _check(self, loaded: Dataset, recorder: Recorder) -> Dataset:
        with recorder.step("check"):
            dataset = admitted_rows(self.config, loaded, observer=recorder.observer)
            # The record needs it in any case; read here, a large file shows how far it is.
            dataset.take_fingerprint(recorder.observer.progressed)
            warn_of_other_data(dataset, self.expected)
            return dataset

    @property
    def _seed(self) -> int:
        return self.config.seed or 0

    def _context(self, dataset: Dataset, memory: int) -> RunContext:
        return RunContext(
            self.registry,
            dataset,
            seed=self._seed,
            threads=self.config.threads or 1,
            memory=memory,
            shared=self.shared,
            report=self.observer.progressed,
            workers=self.workers,
        )

    def _reduce(
        self, source: Dataset, context: RunContext, recorder: Recorder
    ) -> tuple[Dataset, tuple[Fitted, ...]]:
        """The dataset behind the reducers, and what each of them learned."""
        dataset, fitted = source, []
        for step in self.plan.of("reducer"):
            with recorder.step(f"reduce {step.component.name}", step.component):
                view = step.view(dataset)
                found, learned = reduced(step, view, context.on(view))
                fitted.append(learned)
                dataset = in_space(admit(found, Policy()), dataset, step)
        return dataset, tuple(fitted)

    def _choose(self, dataset: Dataset, context: RunContext, recorder: Recorder) -> tuple[str, ...]:
        """Put a clusterer that suits the dataset in the place of ``auto``; return the reasons."""
        choice = choose(self.config, self.plan, self.registry, dataset, context, recorder)
        self.config, self.plan = choice.config, choice.plan
        return choice.notes

    def _cluster(
        self, source: Dataset, reduced: Dataset, context: RunContext, recorder: Recorder
    ) -> Clustering | None:
        step = self.plan.one("clusterer")
        if step is None:
            return None
        dataset = source if step.of_source else reduced
        with recorder.step(f"cluster {step.component.name}", step.component):
            view = step.view(dataset)
            return replace(clustered(step, view, context.on(view)), dataset=dataset)

    def _name(
        self, clustering: Clustering | None, context: RunContext, recorder: Recorder
    ) -> Clustering | None:
        """The clustering with its clusters named, if rows have texts or a namer was asked for."""
        step = self.plan.one("namer")
        if clustering is None or step is None:
            return clustering
        if clustering.dataset.texts is None and self.config.namer is None:
            return clustering
        dataset = step.view(clustering.dataset)
        groups = groups_of_labels(dataset, clustering.labels)
        work = partial(named, step, groups, context.on(dataset))
        names = recorder.attempt(f"name {step.component.name}", step.component, work)
        return replace(clustering, names=names)

    def _refit(self, dataset: Dataset, context: RunContext) -> Clustering:
        step = self.plan.one("clusterer")
        if step is None:
            raise PluginError("there is no clusterer to refit", "the run has none", "")
        return clustered(step, step.view(dataset), context)

    def _validate(
        self, subjects: Subjects, context: RunContext, recorder: Recorder
    ) -> dict[str, Validation]:
        validations: dict[str, Validation] = {}
        several = subjects.reduced is not subjects.source
        for name, step in named_steps(self.plan.of("validator")):
            subject, bound = subjects.of(step, context)
            work = partial(validated, step, subject, bound)
            result = recorder.attempt(f"validate {name}", step.component, work)
            if result is not None:
                dataset = subject if isinstance(subject, Dataset) else subject.dataset
                validations[name] = of_space(result, step, dataset, several=several)
        return validations

    def _draw(self, subjects: Subjects, context: RunContext, recorder: Recorder) -> "dict[str, Figure]":
        figures: dict[str, Figure] = {}
        for name, step in named_steps(self.plan.of("visualizer")):
            work = partial(_drawn, step, *subjects.of(step, context))
            # Whether data can be drawn depends on them: how many clusters there are, if any.
            found = recorder.attempt(f"draw {name}", step.component, work, skipped_for=DataError)
            for part, figure in (found or {}).items():
                figures[f"{name}-{part}" if part else name] = figure
        return figures


def _drawn(step: Step, subject: Dataset | Clustering, context: RunContext) -> "dict[str, Figure]":
    return as_figures(step, step.instance.draw(subject, context))
