"""``embkit completion``: what a shell needs to complete commands, options and components."""

import os
from typing import Annotated, Literal

import typer

__all__ = ["completion", "prepare_completion"]

_VARIABLE = "_EMBKIT_COMPLETE"

Shell = Literal["bash", "zsh", "fish", "powershell"]


def completion(
    shell: Annotated[Shell, typer.Argument(metavar="SHELL", help="bash, zsh, fish or powershell.")],
) -> None:
    """Print the completion script for a shell.

    For bash, put this line into ~/.bashrc: eval "$(embkit completion bash)"
    """
    from typer.completion import get_completion_script  # type: ignore[attr-defined]  # not re-exported

    typer.echo(get_completion_script(prog_name="embkit", complete_var=_VARIABLE, shell=shell))


def prepare_completion() -> None:
    """Let the program answer if a shell asks it for completions."""
    if _VARIABLE in os.environ:
        from typer.completion import completion_init  # type: ignore[attr-defined]  # not re-exported

        completion_init()
