"""The command classes: typer's, in plain words, without an import that costs at every start."""

from collections import Counter
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from embkit.errors import ParameterError
from embkit.text import suggestion

__all__ = ["Command", "Group", "explain"]

CONTEXT = {"help_option_names": ["-h", "--help"]}

# What the value of an option has to be, by the word that stands for it in the help.
_NEEDED = {
    "N": "a whole number",
    "X": "a number",
    "SECONDS": "a number of seconds",
    "SHELL": "bash, zsh, fish or powershell",
}
# Whoever gives one of these twice wants both.
_COMPARED = ("--clusterer", "--loader", "--seed")


def _with_default(option: Any) -> Any:
    """Let ``--help`` default to False: for the None that it has, typer imports pydantic."""
    if option is not None:
        option.default = False
    return option


def _usage(command: Any, ctx: Any) -> list[str]:
    """The arguments as manual pages write them: ``DIR``, ``[SOURCE]``, ``[EXPORTER]...``."""
    pieces = [command.options_metavar]
    for param in command.get_params(ctx):
        if param.param_type_name == "argument":
            name = _shown_name(param) if param.required else f"[{_shown_name(param)}]"
            pieces.append(name if param.nargs == 1 else f"{name}...")
    return pieces


def _shown_name(param: Any) -> str:
    return str(param.metavar or param.name.upper())


def _write_params(command: Any, ctx: Any, formatter: Any) -> None:
    """Arguments and options by their names alone: typer adds types such as ``<list[str]>``."""
    sections: dict[str, list[tuple[str, str]]] = {"Arguments": [], "Options": []}
    for param in command.get_params(ctx):
        record = param.get_help_record(ctx)
        if record is None:
            continue
        words = _words(record[1])
        if param.param_type_name == "argument":
            sections["Arguments"].append((_shown_name(param), words))
        else:
            value = "" if param.is_flag else f" {_shown_name(param)}"
            sections["Options"].append((", ".join(sorted(param.opts, key=len)) + value, words))
    for title, rows in sections.items():
        if rows:
            with formatter.section(title):
                formatter.write_dl(rows)


def _words(help_text: str) -> str:
    words = help_text.replace("[required]", "").replace("x>=", "at least ").strip()
    if "{kinds}" in words:  # not before: the table takes longer to import than the help to show
        from embkit.plugin.kinds import KINDS

        *others, last = KINDS
        words = words.replace("{kinds}", f"{', '.join(others)} or {last}")
    return words


class Command(TyperCommand):
    """A command whose unused ``--help`` costs nothing, and whose options are given once."""

    def get_help_option(self, ctx: Any) -> Any:
        """The ``--help`` option."""
        return _with_default(super().get_help_option(ctx))

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """The words of the usage line after the command."""
        return _usage(self, ctx)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the arguments and options."""
        _write_params(self, ctx, formatter)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the arguments.

        Raises
        ------
        ParameterError
            If an option that holds one value is given more than once.
        """
        if not ctx.resilient_parsing:  # as when a shell asks for completions
            self._refuse_repeated(ctx, args)
        return super().parse_args(ctx, args)

    def _refuse_repeated(self, ctx: Any, args: list[str]) -> None:
        order: list[Any] = self.make_parser(ctx).parse_args(args=list(args))[2]
        given = Counter(
            param.opts[0]
            for param in order
            if param.param_type_name == "option" and not (param.multiple or param.is_flag)
        )
        for name, count in given.items():
            if count > 1:
                fix = "leave all but one out"
                if name in _COMPARED:
                    fix += ", or compare several with: embkit study"
                raise ParameterError(f"{name} is given {count} times", "it holds one value", fix)


class Group(TyperGroup):
    """A group that shows its help when called without a command."""

    def get_help_option(self, ctx: Any) -> Any:
        """The ``--help`` option."""
        return _with_default(super().get_help_option(ctx))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the arguments; none is a question about what there is."""
        return super().parse_args(ctx, args or ["--help"])

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the options and the commands, summaries wrapped rather than cut."""
        _write_params(self, ctx, formatter)
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl([(name, _summary(command)) for name, command in commands])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that the first argument names.

        Raises
        ------
        ParameterError
            If there is none of that name.
        """
        unknown = not args[0].startswith("-") and args[0] not in self.commands
        if unknown and not ctx.resilient_parsing:
            raise ParameterError(
                f"there is no command {args[0]!r}",
                suggestion(args[0], self.commands),
                f"see: {ctx.command_path} --help",
            )
        return super().resolve_command(ctx, args)


def _summary(command: Any) -> str:
    return str(command.get_short_help_str(limit=1000))


def explain(error: Any) -> str:
    """Say what is wrong with the arguments in one line, and where the help is.

    Parameters
    ----------
    error : TyperException
        What typer raised.
    """
    what = " ".join(error.format_message().split()).rstrip(".")
    param = getattr(error, "param", None)
    if isinstance(error, typer.BadParameter) and error.message and param is not None:
        needed = _NEEDED.get(str(param.metavar))
        least = getattr(param, "min", None)
        bound = "" if least is None else f" of at least {least:g}"
        name = param.opts[0] if param.param_type_name == "option" else _shown_name(param)
        what = f"{name} needs {needed}{bound}" if needed else f"{name}: {error.message}"
    context = getattr(error, "ctx", None)
    return what if context is None else f"{what}; see: {context.command_path} --help"
