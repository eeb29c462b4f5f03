"""The command classes: typer's, without an import that they would cost at every start."""

from typing import Any

from typer.core import TyperCommand, TyperGroup

__all__ = ["Command", "Group"]


def _with_default(option: Any) -> Any:
    """Let ``--help`` default to False: for the None that it has, typer imports pydantic."""
    if option is not None:
        option.default = False
    return option


class Command(TyperCommand):
    """A command whose unused ``--help`` costs nothing."""

    def get_help_option(self, ctx: Any) -> Any:
        """The ``--help`` option."""
        return _with_default(super().get_help_option(ctx))


class Group(TyperGroup):
    """A group whose unused ``--help`` costs nothing."""

    def get_help_option(self, ctx: Any) -> Any:
        """The ``--help`` option."""
        return _with_default(super().get_help_option(ctx))
