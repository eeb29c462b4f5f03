"""Join the ES modules of the page into one script that needs nothing beside itself.

Each module becomes a function of its own, called once in the order in which
modules import one another, so that names of two modules never clash::

    import { cut } from "./tree.js";        const { cut } = $tree;
    export function draw() { ... }          function draw() { ... }  return { draw };

The modules keep to a small part of the language, and anything else is refused:
imports by name from ``./NAME.js`` or ``../FOLDER/NAME.js``, and ``export`` in front of ``function``,
``class``, ``const`` or ``async function``, at the beginning of a line. Comments that
have their lines to themselves stay in the package: a tenth of the script.
"""

import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable

__all__ = ["join_modules", "read_assets"]

_IMPORT = re.compile(r'^import \{([^}]*)\} from "\.{1,2}/(?:[a-z]+/)?([a-z]+)\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?function\*?|class|const) (\w+)", re.MULTILINE)
_COMMENT = re.compile(r"^ *(?://.*|/\*\*(?:.|\n)*?\*/ *)\n", re.MULTILINE)
_LEFT_OVER = re.compile(r"^(?:import|export)\b.*$", re.MULTILINE)


def read_assets(suffix: str) -> dict[str, str]:
    """Read the files of the page with the given suffix (``"js"``, ``"css"``), by name without it."""
    folder = files("embkit_plugins.exporters.page").joinpath("assets")
    return dict(sorted(_read(folder, f".{suffix}")))


def _read(folder: Traversable, suffix: str) -> Iterator[tuple[str, str]]:
    for item in folder.iterdir():
        if item.is_dir():
            yield from _read(item, suffix)
        elif item.name.endswith(suffix):
            yield item.name.removesuffix(suffix), item.read_text("utf-8")


def join_modules(modules: Mapping[str, str], *entries: str) -> str:
    """Join modules into one script, those that the `entries` need and no others.

    Parameters
    ----------
    modules : mapping of str to str
        Source by module name.
    *entries : str
        The modules to run last.

    Returns
    -------
    str
        A script for ``<script type="module">``; what an entry exports is bound to
        ``$ENTRY``.

    Raises
    ------
    ValueError
        If modules import one another in a circle, import what does not exist, or
        use a form of import or export other than the two supported.
    """
    order: list[str] = []
    for entry in entries:
        _visit(entry, modules, order, ())
    return "\n".join(_wrapped(name, modules[name]) for name in order)


def _visit(name: str, modules: Mapping[str, str], order: list[str], path: tuple[str, ...]) -> None:
    if name in path:
        raise ValueError(f"modules import one another in a circle: {' > '.join((*path, name))}")
    if name not in modules:
        raise ValueError(f"{path[-1] if path else 'the page'} imports {name}.js, which does not exist")
    if name in order:
        return
    for match in _IMPORT.finditer(modules[name]):
        _visit(match[2], modules, order, (*path, name))
    order.append(name)


def _wrapped(name: str, source: str) -> str:
    exported = [match[2] for match in _EXPORT.finditer(source)]
    body = _EXPORT.sub(r"\1 \2", _COMMENT.sub("", source))
    body = _IMPORT.sub(lambda match: f"const {{{_renamed(match[1])}}} = ${match[2]};\n", body)
    if left_over := _LEFT_OVER.search(body):
        raise ValueError(f"{name}.js: {left_over[0]!r} is not a form of import or export that is joined")
    return f"const ${name} = (() => {{\n{body}return {{ {', '.join(exported)} }};\n}})();\n"


def _renamed(names: str) -> str:
    return re.sub(r"(\w+) as (\w+)", r"\1: \2", names)
