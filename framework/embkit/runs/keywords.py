"""Calls from Python: what may stand for a component, and errors that name keywords, not flags."""

import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from embkit.data.configuration.request import Request, parse_literal
from embkit.errors import EmbkitError, ParameterError
from embkit.plugin.kinds import KINDS
from embkit.plugin.params import parameters_of
from embkit.plugin.registry import Registry
from embkit.text import suggestion

__all__ = ["as_keywords", "called_from_python", "one_component", "several_components"]

P = ParamSpec("P")
R = TypeVar("R")

# The flags of the command line whose keyword is called otherwise.
_RENAMED = {
    "no-cache": "cache",
    "quiet": "progress",
    "viz": "visualizers",
    "export": "exporters",
    "figure-format": "figure_formats",
    "from": "lower",
    "to": "upper",
} | {kind: KINDS[kind].plural for kind in ("reducer", "validator")}
_CLOSE = 0.75  # from which similarity on a keyword is mistyped
_LISTS = ("reducers", "validators", "visualizers", "exporters")
_SWITCHES = {"overwrite": True, "wait": True, "keep-failed": True, "no-cache": False, "quiet": False}
# What may follow a flag as its value; a flag that stands alone becomes the keyword alone.
_COMPONENT = r"[a-z][a-z0-9-]*(?::[^\s;]*[^\s;,.)])?"
_NUMBER = r"\d+\b|N\b"
_THRESHOLD = r"\d+(?:\.\d+)?"
_VALUES = {
    "loader": _COMPONENT, "reducer": _COMPONENT, "clusterer": _COMPONENT, "namer": _COMPONENT,
    "validator": _COMPONENT, "viz": _COMPONENT, "export": _COMPONENT,
    "figure-format": "png|svg|pdf", "nonfinite": "error|drop", "zero-vectors": "error|drop",
    "executor": "local|dask",
    "from": _THRESHOLD, "to": _THRESHOLD,
    "sample": _NUMBER, "seed": _NUMBER, "threads": _NUMBER, "jobs": _NUMBER, "timeout": _NUMBER,
    "memory": r"\d\w*", "names": "[A-Z]+", "out": "[A-Z]+", "table": "[A-Z]+", "scheduler": "[A-Z]+",
}  # fmt: skip
_FLAG = re.compile(r"--([a-z]+(?:-[a-z]+)*)")


def as_keywords(text: str) -> str:
    """The text with ``--nonfinite drop`` as ``nonfinite="drop"``, and so on.

    Messages are written for the command line; this is what they are from Python.
    Flags without a keyword stay as they are.
    """
    found, end = [], 0
    for match in _FLAG.finditer(text):
        keyword, length = _keyword(match.group(1), text[match.end() :])
        if keyword:
            found += [text[end : match.start()], keyword]
            end = match.end() + length
    return "".join([*found, text[end:]])


def _keyword(flag: str, rest: str) -> tuple[str, int]:
    """A flag as a keyword with its value, and how much of the text behind it the value took."""
    name = _RENAMED.get(flag, flag.replace("-", "_"))
    if flag in _SWITCHES:
        return f"{name}={_SWITCHES[flag]}", 0
    if flag not in _VALUES:
        return "", 0
    value = re.match(f" ({_VALUES[flag]})", rest)
    if value is None:
        return name, 0
    plain = _VALUES[flag] in (_NUMBER, _THRESHOLD) or re.fullmatch("[A-Z]+", value.group(1))
    written = value.group(1) if plain else f'"{value.group(1)}"'
    return f"{name}=[{written}]" if name in _LISTS else f"{name}={written}", value.end()


def called_from_python(function: Callable[P, R]) -> Callable[P, R]:
    """Let a function refuse unknown keywords with what to write, and its errors name keywords.

    Parameters
    ----------
    function : callable
        Of the public interface.
    """
    known = inspect.signature(function).parameters

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            given = {**dict(zip(known, args, strict=False)), **kwargs}
            for name in kwargs:
                if name not in known:
                    raise _unknown_keyword(function.__name__, list(known), name, given)
            return function(*args, **kwargs)
        except EmbkitError as error:
            error.reword(as_keywords)
            raise

    return call


def _unknown_keyword(
    function: str, known: list[str], name: str, given: Mapping[str, Any]
) -> ParameterError:
    what = f"{function}: unknown keyword {name!r}"
    clusterer = given.get("clusterer")
    if isinstance(clusterer, str) and _takes(clusterer.partition(":")[0], name):
        written = f"{clusterer}{',' if ':' in clusterer else ':'}{name}={parse_literal(given[name])}"
        return ParameterError(
            what, "a component's parameters are written with its name", f'write "{written}"'
        )
    renamed = _RENAMED.get(name.replace("_", "-"), "")
    if renamed in known:
        return ParameterError(what, "", f"write {renamed}=")
    takers = [] if get_close_matches(name, known, cutoff=_CLOSE) else _clusterers_with(name)
    if takers and "clusterer" in known:
        return ParameterError(
            what,
            f"it is a parameter of {', '.join(takers)}",
            f'write clusterer="NAME:{name}={parse_literal(given[name])}"',
        )
    return ParameterError(what, "", suggestion(name, known))


def _clusterers_with(name: str) -> list[str]:
    offered = Registry.discover().components("clusterer")
    return [item.name for item in offered if item.provider.bundled and _takes(item.name, name)]


def _takes(clusterer: str, name: str) -> bool:
    try:
        factory = Registry.discover().get("clusterer", clusterer).factory()
        return name in {parameter.name for parameter in parameters_of(factory)}
    except EmbkitError:
        return False


def one_component(entry: Any, keyword: str) -> Any:
    """The entry, if it is written as a component can be.

    Raises
    ------
    ParameterError
        If it is an object, such as an estimator.
    """
    if entry is None or isinstance(entry, str | Mapping | Request):
        return entry
    kind = entry if isinstance(entry, type) else type(entry)
    name = _name_of(kind)
    raise ParameterError(
        f"{keyword}: it is {_described(kind)}",
        "components are named, not handed over",
        f'write "{name}:key=value" or {{"name": "{name}", key: value}}; '
        "plugins/README.md says how to offer one of your own",
    )


def _described(kind: type) -> str:
    package = kind.__module__.partition(".")[0]
    words = kind.__name__ if package == "builtins" else f"{package} {kind.__name__}"
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"


def _name_of(kind: type) -> str:
    """What the component is called whose class has the same name."""
    for component in Registry.discover().components():
        factory = component.spec.factory
        if isinstance(factory, str) and factory.rpartition(":")[2] == kind.__name__:
            return component.name
    return "NAME"


def several_components(entries: Any, keyword: str) -> list[Any]:
    """The entries as a list; a single one stands for a list of one.

    Raises
    ------
    ParameterError
        If one is not written as a component can be.
    """
    if entries is None:
        return []
    single = isinstance(entries, str | Mapping | Request) or not isinstance(entries, Iterable)
    return [one_component(entry, keyword) for entry in ([entries] if single else entries)]
