"""The clusterer of a run that names none: a validator's advice, taken once the dataset is known."""

import shlex
from dataclasses import dataclass, replace

from embkit.data.configuration.request import Request, parse_request
from embkit.data.configuration.run import CHOSEN, RunConfig
from embkit.data.dataset import Dataset
from embkit.errors import ParameterError
from embkit.plugin.calls import validated
from embkit.plugin.registry import Registry
from embkit.plugin.steps import make_step
from embkit.runs.context import RunContext
from embkit.runs.plan import Plan
from embkit.runs.records.recorder import Recorder

__all__ = ["Choice", "choose", "with_clusterer"]

_SCORE = "advice"
_CLUSTERER, _REDUCER = "--clusterer", "--reducer"


@dataclass(frozen=True)
class Choice:
    """A clusterer that was chosen for a dataset, and the reducers in front of it.

    Parameters
    ----------
    config : RunConfig
        The configuration with both in their places.
    plan : Plan
        The steps of it.
    notes : tuple of str
        What was chosen, by what, and why.
    """

    config: RunConfig
    plan: Plan
    notes: tuple[str, ...]


def with_clusterer(config: RunConfig, registry: Registry) -> RunConfig:
    """The configuration with a clusterer: the one it names, or one to be chosen.

    One that asks for nothing but validators and visualizers of the dataset is left
    without.

    Raises
    ------
    ParameterError
        If a validator or a visualizer that it names is wrong.
    """
    if config.clusterer is not None:
        return config
    asked = [
        *(make_step(registry, "validator", request) for request in config.validators),
        *(make_step(registry, "visualizer", request) for request in config.visualizers),
    ]
    if asked and all(step.of_dataset for step in asked):
        return config
    return replace(config, clusterer=CHOSEN)


def choose(
    config: RunConfig,
    plan: Plan,
    registry: Registry,
    dataset: Dataset,
    context: RunContext,
    recorder: Recorder,
) -> Choice:
    """Choose a clusterer, and reducers if none are named, by the default validator's advice.

    Parameters
    ----------
    config : RunConfig
        What was asked for; its clusterer is ``auto``.
    plan : Plan
        The steps of it.
    registry : Registry
        Where the default validator and what it advises are found.
    dataset : Dataset
        What is to be clustered, behind the reducers that were named.
    context : RunContext
        That of the run.
    recorder : Recorder
        Times it.

    Raises
    ------
    ParameterError
        If no plugin brings a default validator, or it has no advice.
    """
    default = registry.default("validator")
    if default is None:
        raise _nothing_chosen(registry, "no plugin brings a validator that chooses one")
    step = make_step(registry, "validator", Request(default.name, {}))
    with recorder.step("choose a clusterer", default):
        view = step.view(dataset)
        advice = validated(step, view, context.on(view))
    clusterer, reducers = _stated(str(advice.scores.get(_SCORE, "")))
    if clusterer is None:
        raise _nothing_chosen(registry, f"{default}: {advice.skipped or 'it names none'}")
    config = replace(config, clusterer=clusterer, reducers=config.reducers or reducers)
    words = [f"{_REDUCER} {each}" for each in config.reducers] + [f"{_CLUSTERER} {clusterer}"]
    chosen = f"chosen by {default}: {' '.join(words)}"
    return Choice(config, _with_steps(plan, config, registry), (chosen, *advice.notes))


def _stated(options: str) -> tuple[Request | None, tuple[Request, ...]]:
    """The clusterer and the reducers among options of the command line."""
    words = shlex.split(options)
    pairs = list(zip(words[::2], words[1::2], strict=False))
    reducers = tuple(parse_request(value) for option, value in pairs if option == _REDUCER)
    clusterers = [parse_request(value) for option, value in pairs if option == _CLUSTERER]
    return next(iter(clusterers), None), reducers


def _with_steps(plan: Plan, config: RunConfig, registry: Registry) -> Plan:
    """The plan with the clusterer and the reducers of a configuration."""
    return Plan(
        {
            slot: tuple(make_step(registry, slot.kind, request) for request in config.requests(slot))
            if slot.kind in ("reducer", "clusterer")
            else steps
            for slot, steps in plan.steps.items()
        }
    )


def _nothing_chosen(registry: Registry, why: str) -> ParameterError:
    names = ", ".join(component.name for component in registry.components("clusterer"))
    return ParameterError("no clusterer is named", why, f"give --clusterer with one of: {names}")
