"""One cell of a study: what it runs, how it is identified, how it ended."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np

from embkit.adapters import create
from embkit.config import RunConfig
from embkit.data import Dataset
from embkit.errors import EmbkitError
from embkit.fingerprint import key_of
from embkit.params import Request
from embkit.registry import Registry
from embkit.study.config import StudyConfig

__all__ = ["Status", "Trial", "plan_trials"]


class Status(StrEnum):
    """How a trial ended."""

    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"
    TIMEOUT = "timeout"
    CRASHED = "crashed"
    OOM = "oom"
    INTERRUPTED = "interrupted"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True)
class Trial:
    """One run of a study.

    Parameters
    ----------
    key : str
        Digest of everything that decides its result; names its folder.
    dataset : str
        Label of the dataset.
    reducers : str
        The chain of reducers as text, empty for none.
    clusterer : str
        Name of the clusterer.
    params : mapping
        The clusterer's parameters that were stated.
    seed : int
        The study's seed that it belongs to.
    config : RunConfig
        The run, with the seed derived for it.
    unavailable : str, optional
        Why it cannot run here: a component is missing or refuses its parameters.
    """

    key: str
    dataset: str
    reducers: str
    clusterer: str
    params: Mapping[str, Any]
    seed: int
    config: RunConfig
    unavailable: str | None = None

    @property
    def label(self) -> str:
        """What it is called in progress lines and tables."""
        parts = [
            self.dataset,
            self.reducers,
            str(Request(self.clusterer, self.params)),
            f"seed {self.seed}",
        ]
        return " | ".join(part for part in parts if part)


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
    return list(_trials(study, registry, datasets))


def _trials(study: StudyConfig, registry: Registry, datasets: Mapping[str, Dataset]) -> Iterator[Trial]:
    for source in study.datasets:
        fingerprint = datasets[source.label].fingerprint
        for chain in study.reducers:
            # Pictures of one dataset are to be compared: one layout, so one seed, for all of them.
            shared_seed = _derived_seed(0, {"dataset": fingerprint})
            for seed in study.seeds:
                for clusterer in study.clusterers:
                    config = replace(
                        source.config,
                        reducers=chain,
                        clusterer=clusterer,
                        validators=study.validators,
                        visualizers=tuple(
                            _seeded(registry, request, shared_seed) for request in study.visualizers
                        ),
                    )
                    yield _trial(source.label, fingerprint, config, seed, registry)


def _trial(label: str, fingerprint: str, config: RunConfig, seed: int, registry: Registry) -> Trial:
    cell: dict[str, Any] = {"dataset": fingerprint}
    unavailable = None
    try:
        cell |= _identities(config, registry)
    except EmbkitError as error:
        unavailable = str(error)
        cell["stated"] = config.to_mapping()
    chosen = config.clusterer or Request("none", {})
    # The seed depends on what decides the labels, and on nothing else of the study.
    basis = {name: cell.get(name) for name in ("dataset", "reducers", "clusterer")}
    derived = _derived_seed(seed, basis)
    return Trial(
        key=key_of({**cell, "seed": derived}),
        dataset=label,
        reducers=" -> ".join(str(request) for request in config.reducers),
        clusterer=chosen.name,
        params=chosen.params,
        seed=seed,
        config=replace(config, seed=derived),
        unavailable=unavailable,
    )


def _identities(config: RunConfig, registry: Registry) -> dict[str, Any]:
    """Every component with its distribution, version and resolved parameters."""
    clusterers = () if config.clusterer is None else (config.clusterer,)
    families = {
        "reducers": ("reducer", config.reducers),
        "clusterer": ("clusterer", clusterers),
        "validators": ("validator", config.validators),
        "visualizers": ("visualizer", config.visualizers),
    }
    return {
        name: [_identity(registry, kind, request) for request in requests]
        for name, (kind, requests) in families.items()
    }


def _identity(registry: Registry, kind: str, request: Request) -> dict[str, Any]:
    component = registry.get(kind, request.name)
    params = {key: value for key, value in request.params.items() if key != "of"}
    _, resolved = create(component, Request(request.name, params))
    return {
        "name": request.name,
        "params": resolved,
        "of": request.params.get("of", "reduced"),
        "distribution": component.provider.distribution,
        "version": component.provider.version,
    }


def _seeded(registry: Registry, request: Request, seed: int) -> Request:
    """The visualizer with the shared seed, where it takes one and none was stated."""
    from embkit.params import parameters_of

    try:
        takes = {item.name for item in parameters_of(registry.get("visualizer", request.name).factory())}
    except EmbkitError:
        return request
    if "random_state" not in takes or "random_state" in request.params:
        return request
    return Request(request.name, {**request.params, "random_state": seed})


def _derived_seed(seed: int, basis: Mapping[str, Any]) -> int:
    """A seed of 32 bits from the study's seed and what the trial is, after NumPy's SeedSequence."""
    entropy = [seed, int(key_of(basis), 16)]
    return int(np.random.SeedSequence(entropy).generate_state(1)[0])
