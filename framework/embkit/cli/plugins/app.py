"""``embkit plugins``: what is installed, what each component takes."""

import inspect
import re
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from embkit.cli import options as opt
from embkit.cli.base import Command, Group
from embkit.cli.plugins.check import check
from embkit.cli.plugins.doctor import doctor
from embkit.cli.plugins.new import new

if TYPE_CHECKING:
    from embkit.plugin.registry import Component, Registry

__all__ = ["app"]

# The first line of a section of a numpydoc docstring, and the dashes under it.
_HEADING = re.compile(r"^\S[^\n]*\n-{3,}$", re.MULTILINE)

app = typer.Typer(cls=Group, help="List, describe, check and create plugins and their components.")

app.command("check", cls=Command)(check)
app.command("new", cls=Command)(new)
app.command("doctor", cls=Command)(doctor)


@app.command("list", cls=Command)
def list_(json: opt.Json = False, strict_plugins: opt.Strict = False) -> None:
    """List every component, and every broken plugin with the cause."""
    # Flags only: for any other option typer imports pydantic, which takes longer than the listing.
    from embkit.cli.output.terminal import write_document
    from embkit.plugin.kinds import KINDS
    from embkit.text import printable

    registry = _registry(None, strict_plugins)
    components = registry.components()
    if json:
        document = {"components": [_row(item) for item in components], "broken": _broken(registry)}
        write_document(sys.stdout, document)
        return
    for kind in KINDS.values():
        of_kind = [item for item in components if item.kind == kind.name]
        if of_kind:
            typer.echo(kind.plural)
        for item in of_kind:
            typer.echo(_listed(item))
    for fault in registry.broken:
        typer.echo(printable(f"broken: {fault.provider}: {fault.cause}"))
    if not components and not registry.broken:
        typer.echo("no components")


@app.command(cls=Command)
def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A component.")],
    kind: opt.Kind = None,
    json: opt.Json = False,
    no_plugin: opt.NoPlugin = None,
) -> None:
    """Show what a component does and the parameters it takes.

    Each parameter with its type, default, bounds and meaning.
    """
    from embkit.cli.output.terminal import write_document
    from embkit.errors import ParameterError
    from embkit.text import printable_lines, suggestion

    registry = _registry(no_plugin, strict=False)
    found = [item for item in registry.find(name) if kind in (None, item.kind)]
    if not found:
        names = {item.name for item in registry.components(kind)}
        raise ParameterError(f"there is no component {name!r}", "", suggestion(name, names))
    if json:
        write_document(sys.stdout, {"components": [_details(item) for item in found]})
        return
    typer.echo(printable_lines("\n\n".join(_page(_details(item)) for item in found)))


def _registry(no_plugin: list[str] | None, strict: bool) -> "Registry":
    from embkit.plugin.manager import Selection
    from embkit.plugin.registry import Registry

    return Registry.discover(Selection.from_environment(no_plugin or [], strict=strict))


def _row(component: "Component") -> dict[str, Any]:
    provider = component.provider
    return {
        "name": component.name,
        "kind": component.kind,
        "summary": component.spec.summary,
        "plugin": provider.plugin,
        "distribution": provider.distribution,
        "version": provider.version,
        "status": "ok",
    }


def _listed(component: "Component") -> str:
    from embkit.text import printable

    provider = (
        ""
        if component.provider.bundled
        else f" [{component.provider.distribution} {component.provider.version}]"
    )
    return printable(f"  {component.name:<22} {component.spec.summary}{provider}")


def _broken(registry: "Registry") -> list[dict[str, str]]:
    return [
        {
            "plugin": item.provider.plugin,
            "distribution": item.provider.distribution,
            "version": item.provider.version,
            "status": "broken",
            "cause": item.cause,
        }
        for item in registry.broken
    ]


def _details(component: "Component") -> dict[str, Any]:
    from embkit.plugin.params import REQUIRED, parameters_of

    factory = component.factory()
    parameters = [
        {
            "name": parameter.name,
            "type": parameter.type or "any",
            "default": None if parameter.default is REQUIRED else parameter.default,
            "required": parameter.default is REQUIRED,
            "meaning": parameter.meaning,
        }
        for parameter in parameters_of(factory)
    ]
    doc = inspect.getdoc(factory) or component.spec.summary
    return {
        **_row(component),
        "parameters": parameters,
        "description": _HEADING.split(doc, maxsplit=1)[0].strip(),
        "notes": _section(doc, "Notes"),
        "references": _section(doc, "References"),
    }


def _section(doc: str, heading: str) -> str:
    """What a numpydoc docstring says under a heading; empty where it has none."""
    _, found, rest = f"\n{doc}".partition(f"\n{heading}\n---")
    return _HEADING.split(rest.partition("\n")[2], maxsplit=1)[0].strip() if found else ""


def _page(details: dict[str, Any]) -> str:
    import textwrap

    from embkit.cli.output.terminal import terminal_width

    width = terminal_width()
    lines = [
        f"{details['kind']} {details['name']}: {details['summary']}".removesuffix(": "),
        f"from {details['distribution']} {details['version']}",
        "",
        details["description"],
        "",
        "Parameters" if details["parameters"] else "It has no parameters.",
    ]
    for item in details["parameters"]:
        default = "required" if item["required"] else f"default {_shown(item['default'])}"
        lines.append(f"  {item['name']}: {item['type']}, {default}")
        lines += textwrap.wrap(
            item["meaning"], width - 6, initial_indent="      ", subsequent_indent="      "
        )
    for heading in ("Notes", "References"):
        if details[heading.lower()]:
            lines += ["", heading, textwrap.indent(details[heading.lower()], "  ")]
    return "\n".join(lines)


def _shown(default: Any) -> str:
    return (
        "none"
        if default is None
        else str(default).lower()
        if isinstance(default, bool)
        else str(default) or '""'
    )
