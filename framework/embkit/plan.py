"""Turn a configuration into components that are ready to run, before any data is read."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embkit.adapters import create
from embkit.config import RunConfig
from embkit.errors import ParameterError, ResourceError
from embkit.faults import naming
from embkit.params import Request
from embkit.protocols import Estimate
from embkit.registry import Component, Registry
from embkit.sniff import kind_of
from embkit.sources import check_source
from embkit.specs import LoaderSpec, ValidatorSpec, VisualizerSpec
from embkit.text import format_bytes

__all__ = [
    "DEFAULT_LOADER",
    "Plan",
    "Step",
    "check_memory",
    "choose_loader",
    "make_plan",
    "make_step",
    "memory_need",
]

DEFAULT_LOADER = "sample"
"""What is loaded when no source is named."""

_MAGIC_BYTES = 16
# As many dimensions as people reduce embeddings to, where fewer are suggested.
_NARROW = 50


@dataclass(frozen=True)
class Step:
    """One component of a run, made and checked.

    Parameters
    ----------
    component : Component
        What it is and who offers it.
    instance : object
        With the method of its kind.
    params : dict
        Its parameters, defaults filled in.
    of_source : bool
        Whether it works on the source's vectors rather than the reduced ones.
    """

    component: Component
    instance: Any
    params: dict[str, Any]
    of_source: bool = False

    @property
    def of_dataset(self) -> bool:
        """Whether its subject is the dataset rather than the clustering."""
        spec = self.component.spec
        return isinstance(spec, ValidatorSpec | VisualizerSpec) and spec.subject == "dataset"

    @property
    def request(self) -> Request:
        """How to ask for exactly this step again."""
        extra = {"of": "source"} if self.of_source else {}
        return Request(self.component.name, {**self.params, **extra})


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


def make_step(registry: Registry, kind: str, request: Request) -> Step:
    """One component, found, made and checked; ``of`` is taken off its parameters.

    Raises
    ------
    ParameterError
        If the name or a parameter is wrong.
    PluginError
        If it cannot be made.
    """
    component = registry.get(kind, request.name)
    params = dict(request.params)
    of = params.pop("of", "reduced") if kind in ("clusterer", "validator", "visualizer") else "reduced"
    if of not in ("source", "reduced"):
        raise ParameterError(f"{component}: of={of!r} is unknown", "", "give of=source or of=reduced")
    instance, resolved = create(component, Request(request.name, params))
    return Step(component, instance, resolved, of_source=of == "source")


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


def check_memory(
    plan: Plan, n_samples: int, n_features: int, itemsize: int, budget: int
) -> dict[str, str]:
    """Add up what the steps will need, before anything of it is allocated.

    Parameters
    ----------
    plan : Plan
        The steps; those with a ``memory`` method state their need.
    n_samples, n_features : int
        Shape of the dataset.
    itemsize : int
        Bytes a value takes.
    budget : int
        Bytes that may be used in all.

    Returns
    -------
    dict of str to str
        The route each such component will take.

    Raises
    ------
    ResourceError
        If a step does not fit beside the dataset, with the figure and what would.
    """
    resident = n_samples * n_features * itemsize
    routes = {}
    for step in plan:
        estimate = _estimate(step, n_samples, n_features, budget - resident)
        if estimate is None:
            n_features = getattr(step.instance, "n_components", n_features)
            continue
        if resident + estimate.peak > budget:
            raise _refusal(step, estimate, n_samples, n_features, resident, budget)
        if estimate.route:
            routes[str(step.component)] = estimate.route
        n_features = getattr(step.instance, "n_components", n_features)
    return routes


def memory_need(plan: Plan, n_samples: int, n_features: int, itemsize: int, budget: int) -> int:
    """Bytes a plan needs at its worst moment, the matrix included, however much there is."""
    resident = n_samples * n_features * itemsize
    estimates = (_estimate(step, n_samples, n_features, budget - resident) for step in plan)
    return resident + max((item.peak for item in estimates if item is not None), default=0)


def _estimate(step: Step, n_samples: int, n_features: int, budget: int) -> Estimate | None:
    memory = getattr(step.instance, "memory", None)
    if not callable(memory):
        return None
    width = n_features if isinstance(n_features, int) else 1
    with naming(step.component, "memory"):
        estimate = memory(n_samples, width, budget)
    return estimate if isinstance(estimate, Estimate) else None


def _refusal(
    step: Step, estimate: Estimate, n_samples: int, n_features: int, resident: int, budget: int
) -> ResourceError:
    largest = _largest_fitting(step, n_samples, n_features, resident / n_samples, budget)
    ways = list(estimate.alternatives)
    narrow = _estimate(step, n_samples, _NARROW, budget - resident)
    if n_features > _NARROW and narrow is not None and resident + narrow.peak <= budget:
        ways.append(f"--reducer pca:n_components={_NARROW}")
    ways += [f"--sample {largest}"] if largest >= 2 else []
    route = f" ({estimate.route})" if estimate.route else ""
    return ResourceError(
        f"{step.component} needs {format_bytes(resident + estimate.peak)}{route} for {n_samples} rows"
        f" x {n_features}, the budget is {format_bytes(budget)}",
        f"the matrix takes {format_bytes(resident)}, the computation {format_bytes(estimate.peak)}",
        f"what would fit: {'; '.join(ways) or 'a larger --memory'}",
    )


def _largest_fitting(step: Step, n_samples: int, n_features: int, row_bytes: float, budget: int) -> int:
    """The number of rows up to which the step fits, two digits of it, by bisection."""
    low, high = 0, n_samples
    while high - low > max(1, low // 50):
        middle = (low + high) // 2
        resident = int(middle * row_bytes)
        estimate = _estimate(step, middle, n_features, budget - resident)
        fits = estimate is not None and resident + estimate.peak <= budget
        low, high = (middle, high) if fits else (low, middle)
    scale: int = 10 ** max(0, len(str(low)) - 2)
    return low // scale * scale
