"""``embkit plugins new``: the project of a plugin, ready to install."""

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["new"]


def new(
    name: Annotated[str, typer.Argument(help="Lower-case words and hyphens, such as my-kmedoids.")],
    kind: Annotated[
        str,
        typer.Option("--kind", help="loader, reducer, artifact, clusterer, validator or visualizer."),
    ],
    folder: Annotated[
        Path | None, typer.Option("--folder", help="Where to make it; here if left out.")
    ] = None,
) -> None:
    """Write a plugin that can be installed at once: a module, a test, pyproject.toml, README."""
    from embkit.errors import ParameterError
    from embkit.plugin.kinds import KINDS
    from embkit.plugin.registry import Registry
    from embkit.plugin.scaffold import new_project
    from embkit.text import suggestion

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
        typer.echo(str(path))
    typer.echo(f"next: cd {parent / name} && pip install -e . && embkit plugins check {name}", err=True)
