"""Find the plugins that are installed, load each one alone, and keep the broken ones apart.

A plugin is an entry point of the group ``embkit``. Whatever one of them does at
import or registration (raise, exit, misspell a hook, state another API number)
concerns that plugin only: it becomes a `BrokenPlugin` with its cause.
"""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import Distribution, EntryPoint, entry_points
from types import ModuleType
from typing import Any

import pluggy

from embkit.errors import PluginError, ResourceError, is_exhaustion
from embkit.plugin.hookspecs import API_VERSION, PROJECT, HookSpecs

__all__ = ["BrokenPlugin", "LoadedPlugins", "Provider", "Selection", "installed_plugins", "load_plugins"]

DISTRIBUTION = "embkit-framework"


@dataclass(frozen=True, order=True)
class Provider:
    """The origin of a component.

    Parameters
    ----------
    plugin : str
        Name of the entry point.
    distribution, version : str
        The installed distribution that brings it.
    module : str
        Name of the module with its hook implementations.
    """

    plugin: str
    distribution: str
    version: str
    module: str = field(default="", compare=False)

    @property
    def bundled(self) -> bool:
        """Whether it comes with embkit itself."""
        return self.distribution == DISTRIBUTION

    def __str__(self) -> str:
        return f"{self.plugin} ({self.distribution} {self.version})"


@dataclass(frozen=True)
class BrokenPlugin:
    """A plugin that cannot be used, and why, in one line."""

    provider: Provider
    cause: str


@dataclass(frozen=True)
class Selection:
    """A selection of the installed plugins.

    Parameters
    ----------
    only : tuple of str, optional
        Names of plugins or distributions; None for all, empty for none.
    blocked : tuple of str
        Names of plugins or distributions to leave out.
    strict : bool
        Whether a broken plugin is an error rather than a line in a list.
    """

    only: tuple[str, ...] | None = None
    blocked: tuple[str, ...] = ()
    strict: bool = False

    @classmethod
    def from_environment(cls, blocked: Iterable[str] = (), *, strict: bool = False) -> "Selection":
        """Read ``EMBKIT_PLUGINS``: unset is all, empty is none, else names by comma."""
        value = os.environ.get("EMBKIT_PLUGINS")
        only = (
            None if value is None else tuple(name.strip() for name in value.split(",") if name.strip())
        )
        return cls(only, tuple(blocked), strict)

    def admits(self, provider: Provider) -> bool:
        """Whether the plugin is to be loaded."""
        names = {provider.plugin, provider.distribution}
        return names.isdisjoint(self.blocked) and (self.only is None or not names.isdisjoint(self.only))


@dataclass(frozen=True)
class LoadedPlugins:
    """The plugins that work, in the order of their names, and those that do not."""

    manager: pluggy.PluginManager
    providers: tuple[Provider, ...]
    broken: tuple[BrokenPlugin, ...]


def load_plugins(selection: Selection, modules: Iterable[ModuleType] = ()) -> LoadedPlugins:
    """Import and register every selected plugin, each on its own.

    Parameters
    ----------
    selection : Selection
        Which of the installed plugins to load.
    modules : iterable of module
        Plugins at hand, to load whether they are installed or not.

    Returns
    -------
    LoadedPlugins

    Raises
    ------
    PluginError
        If a plugin is broken and the selection is strict.
    """
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(HookSpecs)
    providers, broken = [], []
    given = {module.__name__: module for module in modules}
    found = {
        provider: entry.load
        for provider, entry in installed_plugins().items()
        if selection.admits(provider) and provider.module not in given
    }
    found |= {_provider_of(module): partial(_at_hand, module) for module in given.values()}
    for provider, load in sorted(found.items()):
        cause = _register(manager, provider, load)
        if cause is None:
            providers.append(provider)
            continue
        if selection.strict:
            raise PluginError(f"plugin {provider} is broken", cause, f"--no-plugin {provider.plugin}")
        broken.append(BrokenPlugin(provider, cause))
    return LoadedPlugins(manager, tuple(providers), tuple(broken))


def installed_plugins() -> dict[Provider, EntryPoint]:
    """Every entry point of the group ``embkit``, none of them imported."""
    found: dict[Provider, EntryPoint] = {}
    known: dict[int, tuple[str, str]] = {}
    for entry in entry_points(group=PROJECT):
        # Each look at a distribution's name or version parses its metadata again.
        if id(entry.dist) not in known:
            known[id(entry.dist)] = _name_and_version(entry.dist)
        name, version = known[id(entry.dist)]
        # The first one on sys.path is the one that Python would import.
        found.setdefault(Provider(entry.name, name, version, entry.module), entry)
    return found


def _name_and_version(distribution: Distribution | None) -> tuple[str, str]:
    if distribution is None:
        return "unknown", "unknown"
    metadata = distribution.metadata
    return metadata["Name"], metadata["Version"]


def _provider_of(module: ModuleType) -> Provider:
    """The provider of a module at hand: as it is installed, else the module itself."""
    for provider in installed_plugins():
        if provider.module == module.__name__:
            return provider
    return Provider(module.__name__, module.__name__, "not installed", module.__name__)


def _at_hand(module: ModuleType) -> ModuleType:
    return module


def _register(manager: pluggy.PluginManager, provider: Provider, load: Callable[[], Any]) -> str | None:
    """Load and register one plugin; return why that failed, or None."""
    module, cause = attempt(load)
    if cause is not None:
        return f"import failed: {cause}"
    stated = getattr(module, "embkit_api", API_VERSION)
    if stated != API_VERSION:
        return f"written for plugin API {stated!r}, this embkit has API {API_VERSION}"
    key = str(provider)
    _, cause = attempt(lambda: manager.register(module, name=key))
    if cause is None:
        cause = _unknown_hooks(manager, module)
    if cause is not None and manager.has_plugin(key):
        manager.unregister(name=key)
    return cause


def attempt(call: Callable[[], Any]) -> tuple[Any, str | None]:
    """Call a plugin's code; return its result, or the cause of its failure as one line.

    SystemExit and other non-errors count as failures too; only an interrupt by
    the user passes through.

    Raises
    ------
    ResourceError
        If memory or open files ran out: that is not the plugin's failure, and without
        the plugin the result would be another one.
    """
    try:
        return call(), None
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        if is_exhaustion(error):
            fix = "free some, or raise the limit"
            raise ResourceError("plugins cannot be loaded", _why(error), fix) from error
        detail = " ".join(str(error).split())
        return None, f"{type(error).__name__}: {detail}" if detail else type(error).__name__


def _why(error: BaseException) -> str:
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return f"out of memory: {error}" if str(error) else "out of memory"


def _unknown_hooks(manager: pluggy.PluginManager, module: Any) -> str | None:
    known = [name for name in vars(HookSpecs) if name.startswith(PROJECT)]
    for caller in manager.get_hookcallers(module) or ():
        if not caller.has_spec():
            import difflib

            close = difflib.get_close_matches(caller.name, known, n=1)
            hint = f"; did you mean {close[0]}?" if close else ""
            return f"unknown hook {caller.name}{hint}"
    return None
