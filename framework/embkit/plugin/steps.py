"""From a request to a component that can be called."""

from dataclasses import dataclass
from typing import Any

from embkit.data.configuration.request import Request
from embkit.data.dataset import Dataset
from embkit.errors import ParameterError, PluginError
from embkit.plugin.blame import blamed_on
from embkit.plugin.estimators import EstimatorClusterer, EstimatorReducer
from embkit.plugin.kinds import KINDS
from embkit.plugin.params import parameters_of, resolve
from embkit.plugin.registry import Component, Registry

__all__ = ["Step", "create", "make_step", "reads_blocks"]


def reads_blocks(instance: Any) -> bool:
    """Whether a component declares that vectors need not be in memory for it."""
    return getattr(instance, "by_blocks", False) is True


def create(component: Component, request: Request) -> tuple[Any, dict[str, Any]]:
    """Make an instance of a component.

    Parameters
    ----------
    component : Component
        What the registry found.
    request : Request
        The parameters that were asked for.

    Returns
    -------
    instance : object
        With the method of its kind.
    params : dict
        All its parameters, defaults filled in.

    Raises
    ------
    ParameterError
        If a parameter is unknown or does not fit.
    PluginError
        If the component cannot be imported or made, or offers no such method.
    """
    factory = component.factory()
    params = resolve(str(component), parameters_of(factory), request.params)
    with blamed_on(component, "__init__"):
        instance = factory(**params)
    check = getattr(instance, "check", None)
    method = KINDS[component.kind].method
    if hasattr(instance, method):
        if callable(check):
            with blamed_on(component, "check"):
                check()
        return instance, params
    if component.kind == "clusterer" and hasattr(instance, "fit_predict"):
        return EstimatorClusterer(component, instance), params
    if component.kind == "reducer" and hasattr(instance, "fit_transform"):
        return EstimatorReducer(component, instance), params
    raise PluginError(
        f"{component} of plugin {component.provider} has no method {method}",
        f"a {component.kind} needs it",
        "report it to the author of the plugin",
    )


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
    once : bool
        Whether a clusterer sees each of several equal rows once.
    """

    component: Component
    instance: Any
    params: dict[str, Any]
    of_source: bool = False
    once: bool = False

    @property
    def subject(self) -> str:
        """Its subject if its kind has a choice: ``"clustering"`` or ``"dataset"``; else empty."""
        return str(getattr(self.component.spec, "subject", ""))

    @property
    def of_dataset(self) -> bool:
        """Whether its subject is the dataset rather than the clustering."""
        return self.subject == "dataset"

    @property
    def by_blocks(self) -> bool:
        """Whether it reads vectors block by block, wherever they are."""
        return reads_blocks(self.instance)

    def view(self, dataset: Dataset) -> Dataset:
        """The dataset as the component wants it: its vectors an array unless it reads blocks."""
        return dataset if self.by_blocks else dataset.in_memory

    @property
    def request(self) -> Request:
        """How to ask for exactly this step again."""
        of = "source" if self.of_source else "reduced"
        extra = {"of": of} if "source" in {of, _usual_vectors(self.component)} else {}
        extra |= {"duplicates": "once"} if self.once else {}
        return Request(self.component.name, {**self.params, **extra})


def _usual_vectors(component: Component) -> str:
    """Whose vectors a component sees where nothing is said of it."""
    return str(getattr(component.spec, "of", "reduced"))


def make_step(registry: Registry, kind: str, request: Request) -> Step:
    """One component, found, made and checked; ``of`` is taken off its parameters.

    So is ``duplicates`` of a clusterer that has no such parameter of its own.

    Raises
    ------
    ParameterError
        If the name or a parameter is wrong.
    PluginError
        If it cannot be made.
    """
    component = registry.get(kind, request.name)
    params = dict(request.params)
    of = params.pop("of", _usual_vectors(component)) if KINDS[kind].takes_of else "reduced"
    if of not in ("source", "reduced"):
        raise ParameterError(f"{component}: of={of!r} is unknown", "", "give of=source or of=reduced")
    once = kind == "clusterer" and _takes_once(component, params)
    instance, resolved = create(component, Request(request.name, params))
    if once and "precomputed" in (resolved.get("metric"), resolved.get("affinity")):
        raise ParameterError(
            f"{component}: duplicates=once with a precomputed matrix",
            "rows of distances are no rows to compare",
            "leave duplicates out",
        )
    return Step(component, instance, resolved, of_source=of == "source", once=once)


def _takes_once(component: Component, params: dict[str, Any]) -> bool:
    """Whether equal rows are to be clustered once; the parameter is taken off, unless it is its own."""
    if "duplicates" not in params or any(
        each.name == "duplicates" for each in parameters_of(component.factory())
    ):
        return False
    duplicates = params.pop("duplicates")
    if duplicates not in ("all", "once"):
        raise ParameterError(
            f"{component}: duplicates={duplicates!r} is unknown",
            "",
            "give duplicates=all or duplicates=once",
        )
    return bool(duplicates == "once")
