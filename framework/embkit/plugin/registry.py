"""The registry of components: by kind and name, with who offers them.

The registry never imports a component to list it. A component's own module is
imported by `Registry.create` and by the introspection of its parameters.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from embkit.errors import ParameterError, PluginError
from embkit.plugin.kinds import KINDS
from embkit.plugin.manager import BrokenPlugin, LoadedPlugins, Provider, Selection, attempt, load_plugins
from embkit.plugin.specs import Factory, Spec, ValidatorSpec
from embkit.text import suggestion

__all__ = ["Component", "Registry"]

_CALL = re.compile(r"([\w-]+)[(, ]\s*([^()]*=[^()]*)\)?")  # kmeans(n_clusters=3)


@dataclass(frozen=True)
class Component:
    """A spec and who offers it."""

    spec: Spec
    provider: Provider

    @property
    def kind(self) -> str:
        """``"loader"``, ``"clusterer"`` and so on."""
        return self.spec.kind

    @property
    def name(self) -> str:
        """The name that users type."""
        return self.spec.name

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"

    def factory(self) -> Callable[..., Any]:
        """The class or function that makes an instance; imports its module.

        Raises
        ------
        ParameterError
            If it is of a library that is not installed.
        PluginError
            If the module cannot be imported or has no such attribute.
        """
        found = self._imported(self.spec.factory)
        if not isinstance(self.spec, ValidatorSpec) or self.spec.subject != "clustering":
            return found
        from embkit.plugin.metrics import as_validators, is_metric

        return as_validators(found, self.name) if is_metric(found) else found

    def memory(self) -> Callable[..., Any] | None:
        """The function by which its spec states the memory that it needs, if there is one.

        Raises
        ------
        PluginError
            If it cannot be imported.
        """
        stated = getattr(self.spec, "memory", None)
        return None if stated is None else self._imported(stated)

    def _imported(self, place: Factory) -> Callable[..., Any]:
        if not isinstance(place, str):
            return place
        module_name, _, attribute = place.partition(":")
        found, cause = attempt(lambda: getattr(import_module(module_name), attribute))
        if cause is None:
            made: Callable[..., Any] = found
            return made
        library = self._missing_library(module_name)
        if library is not None:
            raise ParameterError(
                f"{self} of plugin {self.provider} needs {library}",
                "it is not installed",
                f"run: pip install {library}",
            )
        raise PluginError(
            f"{self} of plugin {self.provider} cannot be imported from {place}",
            cause,
            f"reinstall {self.provider.distribution}, or --no-plugin {self.provider.plugin}",
        )

    def _missing_library(self, module_name: str) -> str | None:
        """The top-level package of a module, if it is not installed and not the plugin's own."""
        top, own = module_name.partition(".")[0], self.provider.module.partition(".")[0]
        return top if top != own and find_spec(top) is None else None


class Registry:
    """The components of the loaded plugins.

    Parameters
    ----------
    plugins : LoadedPlugins
        What `embkit.plugin.manager.load_plugins` returned.
    strict : bool
        Whether a plugin that yields something wrong is an error.
    """

    def __init__(self, plugins: LoadedPlugins, *, strict: bool = False) -> None:
        self._plugins = plugins
        offers, faults = _collect(plugins)
        self._components, self._clashes, taken = _resolve_names(offers)
        faults.update(taken)
        self.broken = (*plugins.broken, *(BrokenPlugin(*fault) for fault in sorted(faults.items())))
        if strict and faults:
            provider, cause = next(iter(faults.items()))
            raise PluginError(f"plugin {provider} is broken", cause, f"--no-plugin {provider.plugin}")

    @classmethod
    def discover(cls, selection: Selection | None = None) -> "Registry":
        """The registry of what is installed, as ``EMBKIT_PLUGINS`` selects."""
        chosen = selection or Selection.from_environment()
        return cls(load_plugins(chosen), strict=chosen.strict)

    def components(self, kind: str | None = None) -> list[Component]:
        """All usable components, or those of one kind, by kind and name."""
        kinds = list(KINDS) if kind is None else [kind]
        return [
            self._components[key]
            for wanted in kinds
            for key in sorted(self._components)
            if key[0] == wanted
        ]

    def get(self, kind: str, name: str) -> Component:
        """The component of that kind and name.

        Raises
        ------
        ParameterError
            If there is none, with what is close and which plugins are broken.
        PluginError
            If two plugins offer it.
        """
        found = self._components.get((kind, name))
        if found is not None:
            return found
        if (kind, name) in self._clashes:
            rivals = self._clashes[kind, name]
            raise PluginError(
                f"two plugins offer {kind} {name}: {' and '.join(str(rival) for rival in rivals)}",
                "a name must mean one thing",
                f"choose one with --no-plugin {rivals[0].plugin} or --no-plugin {rivals[1].plugin}",
            )
        names = [component.name for component in self.components(kind)]
        fix = self._rewritten(name, names) or self._meant(kind, name) or suggestion(name, names)
        raise ParameterError(f"there is no {kind} {name!r}", self._absence(), fix)

    def default(self, kind: str) -> Component | None:
        """The bundled component that is taken where none of its kind is named, if there is one."""
        offered = (item for item in self.components(kind) if item.provider.bundled)
        return next((item for item in offered if item.spec.default), None)

    def find(self, name: str) -> list[Component]:
        """The components of that name, of any kind."""
        return [component for component in self.components() if component.name == name]

    def notify(self, hook: str, **arguments: Any) -> list[str]:
        """Call a notification hook of every plugin; return what went wrong, a line each."""
        failures = []
        for implementation in getattr(self._plugins.manager.hook, hook).get_hookimpls():
            accepted = {name: arguments[name] for name in implementation.argnames}
            _, cause = attempt(partial(implementation.function, **accepted))
            if cause is not None:
                failures.append(f"plugin {implementation.plugin_name}: {hook} failed: {cause}")
        return failures

    @staticmethod
    def _rewritten(name: str, names: list[str]) -> str:
        """How a component with its parameters is written, if it was written as a call or a list."""
        parts = _CALL.fullmatch(name)
        if parts is None or parts[1] not in names:
            return ""
        return f"write {parts[1]}:{','.join(part.strip() for part in parts[2].split(','))}"

    def _meant(self, kind: str, name: str) -> str:
        """What has the name instead: a score of a component of that kind, or a component of another."""
        score = name.lower().replace("-", "_")
        for component in self.components(kind):
            if score in getattr(component.spec, "scores", {}):
                return f"{score} is a score of the {component}"
        others = [f"{other.kind} of that name" for other in self.find(name)]
        return f"there is {'an' if others[0][0] in 'aeiou' else 'a'} {others[0]}" if others else ""

    def _absence(self) -> str:
        if not self.broken:
            return ""
        causes = (f"{fault.provider}: {fault.cause}" for fault in self.broken)
        return f"it may belong to a broken plugin: {'; '.join(causes)}"


Offers = dict[tuple[str, str], list[Component]]


def _collect(plugins: LoadedPlugins) -> tuple[Offers, dict[Provider, str]]:
    """Ask each plugin alone what it offers; one that errs in any hook offers nothing."""
    offers: Offers = defaultdict(list)
    faults: dict[Provider, str] = {}
    by_key = {str(provider): provider for provider in plugins.providers}
    yielded: dict[Provider, list[Component]] = defaultdict(list)
    for kind in KINDS.values():
        for implementation in getattr(plugins.manager.hook, kind.hook).get_hookimpls():
            provider = by_key[implementation.plugin_name]
            specs, cause = attempt(partial(_as_list, implementation.function))
            if cause is None:
                cause = _wrong_type(specs, kind.spec)
            if cause is not None:
                faults[provider] = f"{kind.hook}: {cause}"
                continue
            yielded[provider] += [Component(spec, provider) for spec in specs]
    for provider, components in yielded.items():
        if provider not in faults:
            for component in components:
                offers[component.kind, component.name].append(component)
    return offers, faults


def _as_list(hook: Callable[[], Iterable[Any]]) -> list[Any]:
    return list(hook())


def _wrong_type(specs: Iterable[Any], spec_type: type[Spec]) -> str | None:
    for spec in specs:
        if not isinstance(spec, spec_type):
            return f"yielded {type(spec).__name__}, expected {spec_type.__name__}"
    return None


def _resolve_names(
    offers: Offers,
) -> tuple[dict[tuple[str, str], Component], dict[tuple[str, str], list[Provider]], dict[Provider, str]]:
    """Give each name to its one provider.

    A bundled component keeps its name, and a plugin that claims it as well is
    broken. Between two other plugins nobody wins: the name is a clash.
    """
    chosen: dict[tuple[str, str], Component] = {}
    clashes: dict[tuple[str, str], list[Provider]] = {}
    taken: dict[Provider, str] = {}
    for (kind, name), rivals in offers.items():
        bundled = [rival for rival in rivals if rival.provider.bundled]
        if len(rivals) == 1 or len(bundled) == 1:
            winner = (bundled or rivals)[0]
            chosen[kind, name] = winner
            for rival in rivals:
                if rival is not winner:
                    taken[rival.provider] = f"{kind} name {name!r} is taken by {winner.provider}"
        elif len({rival.provider for rival in rivals}) == 1:
            taken[rivals[0].provider] = f"offers {kind} name {name!r} twice"
        else:
            clashes[kind, name] = [rival.provider for rival in rivals]
            for rival in rivals:
                others = " and ".join(str(other.provider) for other in rivals if other is not rival)
                taken[rival.provider] = f"{kind} name {name!r} is also offered by {others}"
    usable = {key: component for key, component in chosen.items() if component.provider not in taken}
    return usable, clashes, taken
