"""Turn a configuration into components that are ready to run, before any data is read."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from embkit.data.config import RunConfig
from embkit.data.request import Request
from embkit.errors import ParameterError
from embkit.files.kinds import kind_of
from embkit.files.sources import check_source
from embkit.plugin.registry import Component, Registry
from embkit.plugin.specs import LoaderSpec
from embkit.plugin.steps import Step, make_step

__all__ = ["DEFAULT_LOADER", "Plan", "choose_loader", "make_plan"]

DEFAULT_LOADER = "sample"
"""What is loaded when no source is named."""

_MAGIC_BYTES = 16


@dataclass(frozen=True)
class Plan:
    """The steps of a run, in order."""

    loader: Step | None
    reducers: tuple[Step, ...]
    clusterer: Step | None
    validators: tuple[Step, ...]
    visualizers: tuple[Step, ...]

    def __iter__(self) -> Iterator[Step]:
        yield from (step for step in (self.loader, *self.reducers, self.clusterer) if step is not None)
        yield from self.validators
        yield from self.visualizers


def make_plan(config: RunConfig, registry: Registry, *, loaded: bool = False) -> Plan:
    """Find, make and check every component of a configuration.

    Parameters
    ----------
    config : RunConfig
        What was asked for.
    registry : Registry
        Where components are found.
    loaded : bool
        Whether the dataset is at hand already, so that no loader is needed.

    Raises
    ------
    ParameterError
        If a name or a parameter is wrong, or nothing is left to do.
    PluginError
        If a component cannot be made.
    """

    def steps(kind: str, requests: tuple[Request, ...]) -> tuple[Step, ...]:
        return tuple(make_step(registry, kind, request) for request in requests)

    validators = steps("validator", config.validators)
    visualizers = steps("visualizer", config.visualizers)
    for step in (*validators, *visualizers):
        if config.clusterer is None and not step.of_dataset:
            raise ParameterError(
                f"{step.component} needs a clusterer",
                "its subject is a clustering",
                "name one with --clusterer",
            )
    return Plan(
        loader=None if loaded else _make_loader(config, registry),
        reducers=steps("reducer", config.reducers),
        clusterer=None
        if config.clusterer is None
        else make_step(registry, "clusterer", config.clusterer),
        validators=validators,
        visualizers=visualizers,
    )


def _make_loader(config: RunConfig, registry: Registry) -> Step:
    if config.loader is not None:
        request = config.loader
    elif config.source is None:
        request = Request(DEFAULT_LOADER, {})
    else:
        request = Request(choose_loader(registry, check_source(config.source)).name, {})
    step = make_step(registry, "loader", request)
    spec = step.component.spec
    if isinstance(spec, LoaderSpec) and spec.needs_source != (config.source is not None):
        needs = (
            "needs a SOURCE to read" if spec.needs_source else "makes its own data and reads no SOURCE"
        )
        fix = f"give a path after {spec.name}" if spec.needs_source else f"leave {config.source} out"
        raise ParameterError(f"{step.component} {needs}", "", fix)
    return step


def choose_loader(registry: Registry, source: Path) -> Component:
    """The loader for a file: by the longest fitting name ending, else by its first bytes.

    Raises
    ------
    ParameterError
        If no loader claims the file, with all the endings that are known.
    """
    specs = {component: component.spec for component in registry.components("loader")}
    name = source.name.lower()
    endings = {
        suffix: component
        for component, spec in specs.items()
        if isinstance(spec, LoaderSpec)
        for suffix in spec.suffixes
    }
    fitting = [suffix for suffix in endings if name.endswith(suffix)]
    if fitting:
        return endings[max(fitting, key=len)]
    with source.open("rb") as file:
        head = file.read(_MAGIC_BYTES)
    for component, spec in specs.items():
        if isinstance(spec, LoaderSpec) and any(head.startswith(magic) for magic in spec.magic):
            return component
    kind = kind_of(source)
    what = f"{source}: no loader knows this kind of file"
    raise ParameterError(
        f"{what}: it is {kind}" if kind is not None else what,
        f"known endings: {', '.join(sorted(endings)) or 'none'}",
        "name one with --loader, see: embkit plugins list",
    )
