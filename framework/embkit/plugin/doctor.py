"""Import every plugin in a process of its own and say what is wrong with it, and what to do."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from embkit.plugin.hookspecs import API_VERSION
from embkit.plugin.manager import Provider, Selection, attempt, installed_plugins, load_plugins
from embkit.resources import cpu_count

__all__ = ["Diagnosis", "Finding", "diagnose", "probe"]

SLOW = 0.5
"""Seconds that importing a plugin's module may take; it is imported whenever names are listed."""
TIMEOUT = 180


@dataclass(frozen=True)
class Finding:
    """Something that is wrong, and what to do about it."""

    what: str
    fix: str


@dataclass(frozen=True)
class Diagnosis:
    """The findings about one plugin.

    Parameters
    ----------
    provider : Provider
        The plugin.
    api : int or None
        The API number it states; None where it could not be imported.
    seconds : float
        Time to import its module.
    components : mapping of str to float
        ``"kind name"`` to the seconds that importing it took, after those before it.
    findings : tuple of Finding
        Empty where all is well.
    """

    provider: Provider
    api: Any
    seconds: float
    components: Mapping[str, float]
    findings: tuple[Finding, ...]


def diagnose(selection: Selection) -> list[Diagnosis]:
    """Look at every selected plugin; none of them is imported in this process.

    Parameters
    ----------
    selection : Selection
        Which of the installed plugins to look at.

    Returns
    -------
    list of Diagnosis
        In the order of their names.
    """
    providers = [item for item in sorted(installed_plugins()) if selection.admits(item)]
    with ThreadPoolExecutor(cpu_count()) as pool:
        found = list(pool.map(_examine, providers))
    return _with_clashes(found)


def _examine(provider: Provider) -> Diagnosis:
    """Run `probe` in a child process and read what it says until it ends or dies."""
    command = [
        sys.executable,
        "-c",
        "import sys; from embkit.plugin.doctor import probe; probe(*sys.argv[1:])",
    ]
    try:
        done = subprocess.run(  # noqa: S603 - our own module
            [*command, provider.plugin, provider.distribution],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        hung = Finding(f"did not finish importing in {TIMEOUT} s", _advice(provider))
        return Diagnosis(provider, None, TIMEOUT, {}, (hung,))
    said: list[dict[str, Any]] = []
    for line in done.stdout.splitlines():
        read, cause = attempt(partial(json.loads, line))
        if cause is None and isinstance(read, dict):
            said.append(read)
    return _read(provider, said, done.returncode)


def _read(provider: Provider, said: list[dict[str, Any]], code: int) -> Diagnosis:
    api, seconds, components, findings = None, 0.0, {}, []
    doing = "importing its module"
    for item in said:
        if "importing" in item:
            doing = f"importing {item['importing']}"
        if "api" in item:
            api, seconds = item["api"], item["seconds"]
        if "component" in item:
            components[item["component"]] = item["seconds"]
        if "cause" in item:
            findings.append(Finding(item["cause"], _advice(provider, item["cause"])))
    if not any("end" in item for item in said):
        findings.append(Finding(f"died while {doing} ({_manner(code)})", _advice(provider)))
    if seconds > SLOW:
        findings.append(
            Finding(
                f"its module takes {seconds:.1f} s to import, whenever names are listed",
                f"the author can move heavy imports of {provider.module} into the methods that use them",
            )
        )
    return Diagnosis(provider, api, seconds, components, tuple(findings))


def _manner(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"


def _advice(provider: Provider, cause: str = "") -> str:
    away = f"leave it out with --no-plugin {provider.plugin}"
    if "written for plugin API" in cause:
        return f"install a version of {provider.distribution} for API {API_VERSION}, or {away}"
    if "run: pip install" in cause:
        return f"{cause.rpartition('run: ')[2]}, or {away}"
    if "No module named" in cause or "cannot import name" in cause:
        return f"pip install --upgrade {provider.distribution} brings what it needs, or {away}"
    return f"report it to the author of {provider.distribution}; until it is mended, {away}"


def _with_clashes(found: Iterable[Diagnosis]) -> list[Diagnosis]:
    """Add a finding wherever two plugins offer one name."""
    diagnoses = list(found)
    offers: dict[str, list[Provider]] = defaultdict(list)
    for diagnosis in diagnoses:
        for component in diagnosis.components:
            offers[component].append(diagnosis.provider)
    return [replace(item, findings=(*item.findings, *_clashes(item, offers))) for item in diagnoses]


def _clashes(diagnosis: Diagnosis, offers: Mapping[str, list[Provider]]) -> Iterable[Finding]:
    for component in diagnosis.components:
        rivals = [item for item in offers[component] if item != diagnosis.provider]
        if rivals and not diagnosis.provider.bundled:
            names = " and ".join(str(rival) for rival in rivals)
            others = [diagnosis.provider, *(rival for rival in rivals if not rival.bundled)]
            ways = " or ".join(f"--no-plugin {item.plugin}" for item in others)
            yield Finding(f"{component} is also offered by {names}", f"choose one with {ways}")


def probe(plugin: str, distribution: str) -> None:
    """Import a plugin and each of its components; say on standard output how that went.

    One JSON object a line, so that what was said before a crash can be read.
    """
    kept = os.dup(1)
    os.dup2(2, 1)  # whatever the plugin prints goes elsewhere
    with os.fdopen(kept, "w", encoding="utf-8") as stream:

        def say(**facts: Any) -> None:
            stream.write(json.dumps(facts, default=str) + "\n")
            stream.flush()

        entry = next(
            entry
            for provider, entry in installed_plugins().items()
            if (provider.plugin, provider.distribution) == (plugin, distribution)
        )
        began = time.perf_counter()
        module, cause = attempt(entry.load)
        seconds = time.perf_counter() - began
        if cause is not None:
            say(cause=f"import failed: {cause}", end=True)
            return
        say(api=getattr(module, "embkit_api", API_VERSION), seconds=seconds)
        from embkit.plugin.params import parameters_of
        from embkit.plugin.registry import Component, Registry

        def parameters(component: Component) -> Any:
            return parameters_of(component.factory())

        registry = Registry(load_plugins(Selection(only=()), [module]))
        for fault in registry.broken:
            say(cause=fault.cause)
        for component in registry.components():
            say(importing=str(component))
            began = time.perf_counter()
            _, cause = attempt(partial(parameters, component))
            say(component=str(component), seconds=time.perf_counter() - began)
            if cause is not None:
                say(cause=f"{component}: {cause}")
        say(end=True)
