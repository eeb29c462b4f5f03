"""``embkit cache``: the shared work that is kept on disk."""

import sys

import typer

from embkit.cli import options as opt
from embkit.cli.base import Command, Group

__all__ = ["app"]

app = typer.Typer(cls=Group, help="Show or empty the cache of shared work.")


@app.command(cls=Command)
def info(json: opt.Json = False) -> None:
    """Show where the cache is, how much it holds, and its limit."""
    from embkit.cli.output.terminal import write_document
    from embkit.runs.cache import default_cache
    from embkit.text import format_bytes, printable

    held = default_cache().info()
    if json:
        write_document(sys.stdout, {**vars(held), "folder": str(held.folder)})
        return
    size = f"{format_bytes(held.bytes)} of at most {format_bytes(held.limit)}"
    typer.echo(f"{printable(str(held.folder))}\n{held.entries} artifacts, {size}")


@app.command(cls=Command)
def clear() -> None:
    """Remove every artifact from the cache."""
    from embkit.runs.cache import default_cache
    from embkit.text import format_bytes

    removed = default_cache().clear()
    typer.echo(f"removed {removed.entries} artifacts, {format_bytes(removed.bytes)}")
