"""``embkit plugins check``: the conformance kit over installed components."""

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from embkit.cli import options as opt

if TYPE_CHECKING:
    from embkit.plugin.registry import Component, Registry
    from embkit.testing import CheckOutcome
    from embkit.testing.checks import Status

__all__ = ["check"]

_WORDS: "Mapping[Status, str]" = {
    "passed": "passed",
    "failed": "failed",
    "unexpected pass": "passed unexpectedly",
    "expected failure": "failed as declared",
    "does not apply": "not applicable",
}


def check(
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help="A component, or a plugin for all of its components."),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Every installed component.")] = False,
    kind: opt.Kind = None,
    verbose: Annotated[bool, typer.Option("--verbose", help="Show checks that passed, too.")] = False,
    json: opt.Json = False,
    no_plugin: opt.NoPlugin = None,
) -> int:
    """Check that components keep to the contract of their kind.

    Exit code 5 where one does not. What a check is about, and how to declare that
    one is expected to fail: plugins/README.md of embkit.
    """
    from embkit.cli.output.terminal import say, stdout_for_data, write_document
    from embkit.errors import ExitCode
    from embkit.plugin.manager import Selection
    from embkit.plugin.registry import Registry
    from embkit.testing import run_checks
    from embkit.text import printable_lines

    registry = Registry.discover(Selection.from_environment(no_plugin or []))
    chosen = _choose(registry, name, kind, every=every)
    documents: list[dict[str, Any]] = []
    with stdout_for_data() as stdout:
        for component in chosen:
            outcomes = run_checks(component, registry)
            documents.append(_document(component, outcomes))
            if not json:
                stdout.write(printable_lines(_report(component, outcomes, verbose=verbose)))
                stdout.flush()
        if json:
            write_document(stdout, {"components": documents})
    for fault in registry.broken if every else ():
        say(f"warning: plugin {fault.provider} is broken: {fault.cause}")
    sys.stderr.flush()
    return ExitCode.OK if all(document["passed"] for document in documents) else ExitCode.PLUGIN


def _choose(
    registry: "Registry", name: str | None, kind: str | None, *, every: bool
) -> "list[Component]":
    from embkit.errors import ParameterError
    from embkit.plugin.kinds import KINDS
    from embkit.text import suggestion

    if kind is not None and kind not in KINDS:
        raise ParameterError(f"there is no kind {kind!r}", "", suggestion(kind, KINDS))
    if every == (name is not None):
        raise ParameterError("name one component, or all with --all", "", "embkit plugins check NAME")
    if name is None:
        return registry.components(kind)
    found = [item for item in registry.find(name) if kind in (None, item.kind)]
    if not found:
        found = [item for item in registry.components(kind) if name in _origins(item)]
    if not found and kind is not None:
        registry.get(kind, name)  # says what is close, what clashes and what is broken
    if not found:
        causes = "; ".join(f"{fault.provider} is broken: {fault.cause}" for fault in registry.broken)
        names = {item.name for item in registry.components()}
        raise ParameterError(f"there is no component {name!r}", causes, suggestion(name, names))
    return found


def _origins(component: "Component") -> tuple[str, str]:
    return component.provider.plugin, component.provider.distribution


def _document(component: "Component", outcomes: "list[CheckOutcome]") -> dict[str, Any]:
    return {
        "kind": component.kind,
        "name": component.name,
        "distribution": component.provider.distribution,
        "version": component.provider.version,
        "passed": not any(outcome.bad for outcome in outcomes),
        "checks": [vars(outcome) for outcome in outcomes],
    }


def _report(component: "Component", outcomes: "list[CheckOutcome]", *, verbose: bool) -> str:
    from collections import Counter

    from embkit.text import printable

    lines = []
    for outcome in outcomes:
        if outcome.bad or outcome.status == "expected failure" or verbose:
            detail = outcome.detail or outcome.meaning
            lines.append(f"  {outcome.status:<17} {outcome.check}: {printable(detail)}")
    counts = Counter(outcome.status for outcome in outcomes)
    totals = ", ".join(f"{counts[status]} {words}" for status, words in _WORDS.items() if counts[status])
    provider = f"{component.provider.distribution} {component.provider.version}"
    return "\n".join([f"{component} ({provider}): {totals}", *lines]) + "\n"
