"""The program: its commands, and how every one of them ends."""

import importlib
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from typer.exceptions import TyperException

from embkit.__about__ import __version__
from embkit.cli import completion
from embkit.cli.base import CONTEXT, Command, Group, explain
from embkit.cli.output.terminal import QUIET, fail, fail_document, say, standard_streams
from embkit.cli.signals import Endings
from embkit.errors import EmbkitError, EmbkitWarning, ExitCode, ResourceError
from embkit.text import shorten

__all__ = ["main", "program"]

_NOTHING: Sequence[str] = ()

# Every command: where it is, imported when it is called or shown in the help.
_COMMANDS = {
    "run": "embkit.cli.run:run",
    "diff": "embkit.cli.diff:diff",
    "inspect": "embkit.cli.inspect:inspect",
    "study": "embkit.cli.study:study",
    "export": "embkit.cli.export:export",
    "assign": "embkit.cli.assign:assign",
    "replay": "embkit.cli.replay:replay",
    "completion": "embkit.cli.completion:completion",
    "plugins": "embkit.cli.plugins.app:app",
    "cache": "embkit.cli.cache:app",
}


def _show_version(value: bool) -> None:
    if value:
        typer.echo(f"embkit {__version__}")
        raise typer.Exit


def _options(
    debug: Annotated[
        bool, typer.Option("--debug", help="Show tracebacks (anywhere on the line).")
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="No progress, no messages (anywhere on the line).")
    ] = False,
    version: Annotated[
        bool,
        typer.Option("--version", "-V", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Cluster embeddings, check the clusters, and see them."""


def program(called: str | None = None) -> typer.Typer:
    """Build the program.

    Parameters
    ----------
    called : str, optional
        The command that is called. Where there is one of that name, the others
        are left out: reading their parameters takes longer than most commands.
    """
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
    app.callback()(_options)
    for name, place in _COMMANDS.items():
        if called in _COMMANDS and name != called:
            continue
        module, _, attribute = place.partition(":")
        command = getattr(importlib.import_module(module), attribute)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(name, cls=Command)(command)
    return app


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the program and exit with its code.

    Parameters
    ----------
    arguments : sequence of str, optional
        Without the program's name; those of the process if omitted.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    endings = Endings()
    try:
        endings.watch()
        code, message = _ended(given, endings)
        endings.close()
    except KeyboardInterrupt:  # of a signal after the last thing that was done
        code, message = ExitCode.SIGINT, _NOTHING
        endings.close()
    if code == ExitCode.SIGINT or (endings.came and code != ExitCode.OK):  # whatever became of it
        code = endings.code
        message = ("interrupted" if code == ExitCode.SIGINT else "terminated",)
    if message:
        fail("; ".join(part for part in message if part))
        if "--json" in given:
            fail_document(int(code), *message)
    sys.exit(code)


def _ended(given: Sequence[str], endings: Endings) -> tuple[int, Sequence[str]]:
    """Run the program; the exit code, and what to say of it."""
    arguments, quiet = _without("--quiet", given)
    arguments, debug = _without("--debug", arguments)
    try:
        with endings.insisting(), standard_streams(), _quiet_if(quiet), _plain_warnings():
            return _invoke(arguments), _NOTHING
    except BaseException as error:  # noqa: BLE001 - whatever ends the program, it ends with a code
        code, message = _ending(error)
        if debug and message and not isinstance(error, TyperException):
            import traceback

            traceback.print_exc()
        return code, message


def _without(flag: str, given: Sequence[str]) -> tuple[list[str], bool]:
    """The arguments without a flag that may stand anywhere, and whether it was there."""
    return [argument for argument in given if argument != flag], flag in given


@contextmanager
def _quiet_if(quiet: bool) -> Iterator[None]:
    """Silence messages, in child processes too."""
    before = os.environ.get(QUIET)
    if quiet:
        os.environ[QUIET] = "1"
    try:
        yield
    finally:
        if quiet:
            os.environ.pop(QUIET)
            os.environ.update({} if before is None else {QUIET: before})


@contextmanager
def _plain_warnings() -> Iterator[None]:
    """Say embkit's own warnings in one line, as its errors; Python would add lines of code."""
    before = warnings.showwarning

    def show(message: Warning | str, category: type[Warning], *place: Any, **options: Any) -> None:
        if issubclass(category, EmbkitWarning):
            say(f"warning: {message}")
        else:
            before(message, category, *place, **options)

    warnings.showwarning = show
    try:
        yield
    finally:
        warnings.showwarning = before


def _ending(error: BaseException) -> tuple[int, Sequence[str]]:
    """The exit code for what was raised, and what to say of it: what, why, fix."""
    code: Any = ExitCode.RESOURCES
    message = _NOTHING
    match error:
        case EmbkitError():
            code, message = error.exit_code, (error.what, error.why, error.fix)
        case TyperException():
            code, message = ExitCode.USAGE, (explain(error),)
        case KeyboardInterrupt() | typer.Abort():
            code = ExitCode.SIGINT
        case SystemExit():
            # typer ends the process itself, with code 1, when the reader of a pipe left: no error.
            return 0 if isinstance(error.__context__, BrokenPipeError) else int(
                error.code or 0
            ), _NOTHING
        case MemoryError():
            message = ("out of memory", _one_line(error), "use --sample N")
        case OSError():
            place = "a file" if error.filename is None else shorten(str(error.filename), 100)
            why = error.strerror or _one_line(error)
            message = (f"the system refused {place}", why, "--debug shows where")
        case _:
            what = f"{type(error).__name__}: {_one_line(error)}"
            code = ExitCode.INTERNAL
            message = (what, "this is a bug of embkit", "--debug shows where")
    return code, message


def _invoke(arguments: list[str]) -> int:
    completion.prepare_completion()
    if sys.platform == "win32":
        raise ResourceError(
            "embkit does not run on Windows",
            "it needs the processes and file locks of POSIX systems",
            "use it in WSL: https://learn.microsoft.com/windows/wsl/install",
        )
    # Whatever starts from here imports nothing from the folder that one happens to be in.
    os.environ["PYTHONSAFEPATH"] = "1"
    app = program(arguments[0] if arguments else None)
    result = typer.main.get_command(app).main(arguments, prog_name="embkit", standalone_mode=False)
    return result if isinstance(result, int) else ExitCode.OK


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())
