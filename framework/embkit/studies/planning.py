"""The trials of a study: what each runs, its key, and its seeds.

A study *declares* seeds; each trial runs with a seed *derived* from a declared
one and from what the trial is; what is about a dataset alone, its verdicts and
the layout of its pictures, has the *dataset seed* in every trial.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from embkit.data.configuration.request import Request
from embkit.data.configuration.run import RunConfig, slots
from embkit.data.dataset import Dataset
from embkit.data.fingerprint import key_of
from embkit.data.study import StudyConfig
from embkit.data.trial import Trial
from embkit.errors import EmbkitError, MissingExtraError, ParameterError
from embkit.plugin.registry import Registry
from embkit.plugin.steps import Step, make_step

__all__ = ["component_mistakes", "dataset_seed", "plan_trials"]


def dataset_seed(dataset: Dataset) -> int:
    """The seed of what is about a dataset alone: its verdicts, and the layout of its pictures."""
    return _derive(0, {"dataset": dataset.fingerprint})


def plan_trials(study: StudyConfig, registry: Registry, datasets: Mapping[str, Dataset]) -> list[Trial]:
    """Every trial of a study, those that share work next to one another.

    Parameters
    ----------
    study : StudyConfig
        The declared grid.
    registry : Registry
        Where components are found.
    datasets : mapping of str to Dataset
        The datasets by label, for their fingerprints.

    Returns
    -------
    list of Trial
        Ordered by dataset, reducers, seed and clusterer. A trial's key and seed
        do not depend on which others there are.
    """
    planner = _Planner(registry)
    return [
        planner.trial(source.label, datasets[source.label], config, seed)
        for source in study.datasets
        for config, seed in _cells(study, source.config)
    ]


def component_mistakes(study: StudyConfig, registry: Registry) -> list[str]:
    """Mistakes in the names and parameters of the components that a study states.

    A component that is not installed, or broken, is not a mistake of the study.
    """
    planner = _Planner(registry)
    mistakes: dict[str, None] = {}
    for kind, request in study.components():
        try:
            planner.identity(kind, request)
        except MissingExtraError:
            continue
        except ParameterError as error:
            mistakes[str(error)] = None
        except EmbkitError:
            continue
    return list(mistakes)


def _cells(study: StudyConfig, source: RunConfig) -> Iterator[tuple[RunConfig, int]]:
    for chain in study.reducers:
        for seed in study.seeds:
            for clusterer in study.clusterers:
                yield (
                    replace(
                        source,
                        reducers=chain,
                        clusterer=clusterer,
                        namer=study.namer,
                        validators=study.validators,
                        visualizers=study.visualizers,
                    ),
                    seed,
                )


class _Planner:
    """Makes trials of cells; each component is made once, to see whether it can be."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._known: dict[str, Step | EmbkitError] = {}

    def trial(self, label: str, dataset: Dataset, config: RunConfig, seed: int) -> Trial:
        """The trial of a cell; one that cannot run here says why."""
        cell: dict[str, Any] = {"dataset": dataset.fingerprint}
        unavailable = None
        try:
            config = self._with_dataset_seed(config, dataset_seed(dataset))
            cell |= self._identities(config)
        except EmbkitError as error:
            unavailable = str(error)
            cell["stated"] = config.to_mapping()
        chosen = config.clusterer or Request("none", {})
        # The derived seed depends on what decides the labels, and on nothing else of the study.
        basis = {name: cell.get(name) for name in ("dataset", "reducers", "clusterer")}
        derived_seed = _derive(seed, basis)
        return Trial(
            key=key_of({**cell, "seed": derived_seed}),
            dataset=label,
            reducers=" -> ".join(str(request) for request in config.reducers),
            clusterer=chosen.name,
            params=chosen.params,
            seed=seed,
            config=replace(config, seed=derived_seed),
            unavailable=unavailable,
        )

    def _identities(self, config: RunConfig) -> dict[str, Any]:
        """Every component with its distribution, version and resolved parameters."""
        return {
            slot.key: [self.identity(slot.kind, request) for request in config.requests(slot)]
            for slot in slots()
            if slot.kind != "loader"
        }

    def identity(self, kind: str, request: Request) -> dict[str, Any]:
        """The identity of a component: its provider and all its parameters.

        Raises
        ------
        EmbkitError
            If there is no such component here, or it cannot be made.
        """
        step = self._step(kind, request)
        provider = step.component.provider
        return {
            "name": request.name,
            "params": step.params,
            "of": "source" if step.of_source else "reduced",
            "distribution": provider.distribution,
            "version": provider.version,
        }

    def _step(self, kind: str, request: Request) -> Step:
        key = key_of({"kind": kind, "name": request.name, "params": request.params})
        if key not in self._known:
            try:
                self._known[key] = make_step(self._registry, kind, request)
            except EmbkitError as error:
                self._known[key] = error
        found = self._known[key]
        if isinstance(found, EmbkitError):
            raise found
        return found

    def _with_dataset_seed(self, config: RunConfig, seed: int) -> RunConfig:
        """Give the dataset seed to pictures and to what judges the dataset: trials share their work."""
        return replace(
            config,
            validators=tuple(
                self._with_seed("validator", each, seed)
                if self._step("validator", each).of_dataset
                else each
                for each in config.validators
            ),
            visualizers=tuple(self._with_seed("visualizer", each, seed) for each in config.visualizers),
        )

    def _with_seed(self, kind: str, request: Request, seed: int) -> Request:
        """The component with a seed, where it takes one and none was stated."""
        takes = self._step(kind, request).params
        if "random_state" not in takes or "random_state" in request.params:
            return request
        return Request(request.name, {**request.params, "random_state": seed})


def _derive(seed: int, basis: Mapping[str, Any]) -> int:
    """A seed of 32 bits from another one and what it is for, by NumPy's SeedSequence."""
    entropy = [seed, int(key_of(basis), 16)]
    return int(np.random.SeedSequence(entropy).generate_state(1)[0])
