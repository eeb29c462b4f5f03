"""The program: its commands, and how every one of them ends."""

import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import Annotated

import typer
from typer.exceptions import TyperException

from embkit.__about__ import __version__
from embkit.cli import cache, completion, diff, export, inspect, replay, run, study
from embkit.cli.base import CONTEXT, Command, Group, explain
from embkit.cli.plugins import app as plugins
from embkit.cli.terminal import fail
from embkit.errors import EmbkitError, ExitCode

__all__ = ["app", "main"]

app = typer.Typer(
    cls=Group,
    name="embkit",
    context_settings=CONTEXT,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: rich takes longer to import than the help to show
    add_completion=False,  # its options cost the import of pydantic in every command
    help="Cluster embeddings, check the clusters, and see them.",
    epilog="Start with: embkit run --clusterer agglomerative --viz dendrogram",
)
app.command("run", cls=Command)(run.run)
app.command("diff", cls=Command)(diff.diff)
app.command("inspect", cls=Command)(inspect.inspect)
app.command("study", cls=Command)(study.study)
app.command("export", cls=Command)(export.export)
app.command("replay", cls=Command)(replay.replay)
app.command("completion", cls=Command)(completion.completion)
app.add_typer(plugins.app, name="plugins")
app.add_typer(cache.app, name="cache")


def _show_version(value: bool) -> None:
    if value:
        typer.echo(f"embkit {__version__}")
        raise typer.Exit


@app.callback()
def options(
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks; may stand anywhere.")] = False,
    version: Annotated[
        bool,
        typer.Option("--version", "-V", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Cluster embeddings, check the clusters, and see them."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the program and exit with its code.

    Parameters
    ----------
    arguments : sequence of str, optional
        Without the program's name; those of the process if omitted.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in given
    terminated = []

    def terminate(number: int, _frame: FrameType | None) -> None:
        # Unwinds like an interrupt by the user, so that nothing is left half-written.
        terminated.append(number)
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, terminate)
    try:
        code: int | str | None = _invoke([argument for argument in given if argument != "--debug"])
    except EmbkitError as error:
        _trace(debug)
        fail(str(error))
        code = error.exit_code
    except TyperException as error:
        fail(explain(error))
        code = ExitCode.USAGE
    except (KeyboardInterrupt, typer.Abort):
        code = ExitCode.SIGINT
    except SystemExit as end:
        # typer ends the process itself, with code 1, when the reader of a pipe left: no error.
        code = ExitCode.OK if isinstance(end.__context__, BrokenPipeError) else end.code
    except Exception as error:  # noqa: BLE001 - whatever is left is a bug of ours
        _trace(debug)
        detail = " ".join(str(error).split())
        fail(f"{type(error).__name__}: {detail}; this is a bug of embkit; --debug shows where")
        code = ExitCode.INTERNAL
    if code == ExitCode.SIGINT:
        fail("terminated" if terminated else "interrupted")
        code = ExitCode.SIGTERM if terminated else ExitCode.SIGINT
    sys.exit(code)


def _invoke(arguments: list[str]) -> int:
    completion.prepare_completion()
    result = typer.main.get_command(app).main(arguments, prog_name="embkit", standalone_mode=False)
    return result if isinstance(result, int) else ExitCode.OK


def _trace(debug: bool) -> None:
    if debug:
        import traceback

        traceback.print_exc()
