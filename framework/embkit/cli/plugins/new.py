"""``embkit plugins new``: the project of a plugin, ready to install."""

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["new"]


def new(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Lower-case words and hyphens, such as my-kmedoids.")
    ],
    kind: Annotated[
        str,
        typer.Option("--kind", metavar="KIND", help="What it offers: {kinds}."),
    ],
    folder: Annotated[
        Path | None, typer.Option("--folder", metavar="DIR", help="Where to make it; here if omitted.")
    ] = None,
) -> None:
    """Write the project of a plugin, ready to install.

    A module, a test, pyproject.toml and README.md.
    """
    from embkit.errors import ParameterError
    from embkit.plugin.kinds import KINDS
    from embkit.plugin.registry import Registry
    from embkit.plugin.scaffold import new_project
    from embkit.text import printable, suggestion

    if kind not in KINDS:
        raise ParameterError(f"there is no kind {kind!r}", "", suggestion(kind, KINDS))
    taken = [item for item in Registry.discover().find(name) if item.kind == kind]
    if taken:
        raise ParameterError(
            f"there is a {kind} {name} already, of {taken[0].provider}",
            "a name must mean one thing",
            "choose another",
        )
    parent = folder or Path()
    for path in new_project(name, kind, parent):
        typer.echo(printable(str(path)))
    line = f"next: cd {parent / name} && pip install -e . && embkit plugins check {name}"
    typer.echo(printable(line), err=True)
