"""Reference pages made from the program itself: every component, every command."""

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from numpydoc.docscrape import NumpyDocString

import embkit
from embkit.cli.app import program
from embkit.plugin.kinds import KINDS
from embkit.plugin.params import REQUIRED, parameters_of

Lines = Iterator[str]


def setup(app: Any) -> dict[str, bool]:
    """Write the pages before Sphinx looks for its sources."""
    app.connect("config-inited", lambda app, _config: write_pages(Path(app.srcdir)))
    return {"parallel_read_safe": True}


def write_pages(docs: Path) -> None:
    """Write ``reference/generated/``: a page for each kind of component, and one of commands."""
    folder = docs / "reference" / "generated"
    folder.mkdir(parents=True, exist_ok=True)
    for kind in KINDS.values():
        _write(folder / f"{kind.plural}.rst", "\n".join(_kind_page(kind)))
    _write(folder / "commands.rst", "\n".join(_commands_page()))


def _write(path: Path, text: str) -> None:
    if not path.exists() or path.read_text("utf-8") != text:  # an unchanged page is not read again
        path.write_text(text, "utf-8")


def _heading(text: str, line: str) -> Lines:
    yield from (text, line * len(text), "")


# Components


def _kind_page(kind: Any) -> Lines:
    yield from _heading(kind.plural.capitalize(), "=")
    yield f"What ``embkit plugins show NAME`` says, for every {kind.name} that comes with embkit."
    yield ""
    for component in embkit.components(kind.name):
        if component.provider.bundled:
            yield f".. _{kind.name}-{component.name}:"
            yield ""
            yield from _heading(component.name, "-")
            yield from _component(component)


def _component(component: Any) -> Lines:
    factory = component.factory()
    doc = NumpyDocString(inspect.cleandoc(factory.__doc__ or component.spec.summary))
    yield f"*{component.spec.summary}*"
    yield ""
    own = _is_own(factory)
    yield from (*doc["Summary"], "", *(doc["Extended Summary"] if own else ()), "")
    parameters = parameters_of(factory)
    if not parameters:
        yield from ("It has no parameters.", "")
    for parameter in parameters:
        default = (
            "required" if parameter.default is REQUIRED else f"default ``{_typed(parameter.default)}``"
        )
        yield f"``{parameter.name}`` : {_plain(parameter.type or 'any')}, {default}"
        yield f"    {_plain(parameter.meaning) or chr(8203)}"
        yield ""
    for section in ("Notes", "References"):
        if own and doc[section]:
            yield from (f".. rubric:: {section}", "", *doc[section], "")


def _typed(value: Any) -> str:
    """The value as it is typed after ``key=``."""
    if isinstance(value, list | tuple):
        return f"[{','.join(map(_typed, value))}]"
    return str(value).lower() if value is None or isinstance(value, bool) else str(value) or '""'


def _is_own(factory: Any) -> bool:
    """Whether the docstring is ours: those of libraries refer to pages of their own sites."""
    inherited = {base.__doc__ for base in getattr(factory, "__mro__", ())[1:]}
    return factory.__module__.startswith("embkit_plugins.") and factory.__doc__ not in inherited


def _plain(text: str) -> str:
    text = re.sub(r" ?\[\d+\]_", "", text)  # references to what is left out
    text = text.replace("\\", "\\\\").replace("*", "\\*").replace("|", "\\|").replace("_ ", "\\_ ")
    return text.replace("FILE:", "FILE\\:")  # what begins like an address would become a link


# Commands


def _commands_page() -> Lines:
    yield from _heading("Commands", "=")
    yield "What ``embkit COMMAND --help`` says."
    yield ""
    yield from _group(typer.main.get_command(program()), ("embkit",))


def _group(group: Any, names: tuple[str, ...]) -> Lines:
    for name, command in group.commands.items():
        full = (*names, name)
        if hasattr(command, "commands"):
            yield from _group(command, full)
            continue
        yield from _heading(" ".join(full), "-")
        yield from _command(command, full)


def _command(command: Any, names: tuple[str, ...]) -> Lines:
    context = command.make_context(names[-1], [], resilient_parsing=True)
    usage = " ".join([*names, *command.collect_usage_pieces(context)])
    yield from (".. code-block:: text", "", f"    {usage}", "")
    yield from (*_options(inspect.cleandoc(command.help or "")).split("\n"), "")
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record is None:
            continue
        words = _options(
            _plain(record[1].replace("{kinds}", " or ".join(KINDS)).replace("[required]", ""))
        )
        yield f"``{_shown(parameter)}``"
        yield f"    {words or chr(8203)}"
        yield ""


def _options(text: str) -> str:
    """Options in code font."""
    return re.sub(r"(?<![\w`-])(--[a-z][a-z-]*[a-z])", r"``\1``", text)


def _shown(parameter: Any) -> str:
    name = str(parameter.metavar or parameter.name.upper())
    if parameter.param_type_name == "argument":
        return name
    return ", ".join(sorted(parameter.opts, key=len)) + ("" if parameter.is_flag else f" {name}")
