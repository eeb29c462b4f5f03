"""A component's parameters: read from its signature, given as text, checked against both.

The keyword arguments of a component's factory are the single truth. What is
annotated is validated here (type, bounds through ``Annotated``, choices through
``Literal``); what is not, as in scikit-learn's own classes, is left to the
component. Meanings come from the numpydoc docstring.
"""

import inspect
import json
import re
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from embkit.data.configuration.request import WrittenFloat, WrittenInt, parse_literal
from embkit.errors import ParameterError, PluginError
from embkit.text import shorten, suggestion

__all__ = ["Parameter", "describe_type", "parameters_of", "resolve"]

REQUIRED = inspect.Parameter.empty

# scikit-learn's and others' names for a folder where joblib keeps pickles: whoever can name one in
# a configuration or a study would have code run, when they are read.
_CACHES = frozenset({"memory", "cachedir", "cache_dir", "cache_location"})


@dataclass(frozen=True)
class Parameter:
    """One parameter of a component.

    Parameters
    ----------
    name : str
        As written in ``NAME:key=value``.
    annotation : object
        The annotation, or ``inspect.Parameter.empty`` where there is none.
    default : object
        The default, or ``inspect.Parameter.empty`` where one must be given.
    type : str
        The annotation in words with bounds, or the docstring's words.
    meaning : str
        First sentence of its docstring entry.
    """

    name: str
    annotation: Any
    default: Any
    type: str
    meaning: str


def parameters_of(factory: Callable[..., Any]) -> tuple[Parameter, ...]:
    """The keyword parameters of a component's class or factory function.

    Parameters that name a cache of pickles, such as scikit-learn's ``memory``, are left
    out: they can be neither given nor seen.

    Raises
    ------
    PluginError
        If the signature takes ``*args`` or ``**kwargs``, which nobody can list
        (``**kwargs`` of a scikit-learn estimator is passed over).
    """
    target = factory.__init__ if inspect.isclass(factory) else factory
    if target is object.__init__:
        return ()
    meanings = _documented(inspect.getdoc(factory) or "")
    hints = _type_hints(target)
    found = []
    for name, parameter in inspect.signature(target).parameters.items():
        if name == "self" or (name in _CACHES and hasattr(factory, "get_params")):
            continue
        if parameter.kind is parameter.VAR_KEYWORD and hasattr(factory, "get_params"):
            continue  # scikit-learn's own get_params leaves it out as well
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise PluginError(
                f"{factory!r} takes *{name}", "a component's parameters must be listed by name", ""
            )
        stated, meaning = meanings.get(name, ("", ""))
        annotation = hints.get(name, parameter.annotation)
        words = stated if annotation is REQUIRED else describe_type(annotation)
        found.append(Parameter(name, annotation, parameter.default, words, meaning))
    return tuple(found)


def _type_hints(target: Callable[..., Any]) -> dict[str, Any]:
    try:
        return typing.get_type_hints(target, include_extras=True)
    except (NameError, TypeError):  # annotations under TYPE_CHECKING cannot be validated
        return {}


_ENTRY = re.compile(r"^(\w+(?:, \w+)*) : (.+)$")


def _documented(doc: str) -> dict[str, tuple[str, str]]:
    """Type text and first sentence of each entry under numpydoc's ``Parameters``."""
    section = re.search(r"^Parameters\n-+\n(.*?)(?=^\S[^\n]*\n-+$|\Z)", doc, re.DOTALL | re.MULTILINE)
    found: dict[str, tuple[str, str]] = {}
    names: list[str] = []
    for line in section.group(1).splitlines() if section else ():
        entry = _ENTRY.match(line)
        if entry:
            names = entry.group(1).split(", ")
            stated = re.sub(r",?\s*default\s*=.*$", "", entry.group(2))
            found.update(dict.fromkeys(names, (stated, "")))
        elif line.strip() and names:
            for name in names:
                found[name] = (found[name][0], f"{found[name][1]} {line.strip()}".strip())
        elif not line.strip():
            names = []
    return {name: (stated, _first_sentence(words)) for name, (stated, words) in found.items()}


def _first_sentence(words: str) -> str:
    return re.split(r"(?<=\.)\s(?=[A-Z`])", words, maxsplit=1)[0]


_BOUNDS = {"ge": ">=", "gt": ">", "le": "<=", "lt": "<"}


def describe_type(annotation: Any) -> str:
    """An annotation in words: ``int >= 2``, ``one of eom, leaf``, ``float or none``."""
    origin = get_origin(annotation)
    if origin is Annotated:
        base, *metadata = get_args(annotation)
        bounds = [
            f"{sign} {getattr(item, attribute)}"
            for item in metadata
            for attribute, sign in _BOUNDS.items()
            if getattr(item, attribute, None) is not None
        ]
        return " ".join([describe_type(base), " and ".join(bounds)]).strip()
    if origin is Literal:
        return f"one of {', '.join(parse_literal(choice) for choice in get_args(annotation))}"
    if origin in (Union, types.UnionType):
        return " or ".join(describe_type(part) for part in get_args(annotation))
    if annotation in (None, type(None)):
        return "none"
    if origin is not None:
        inner = ", ".join(describe_type(part) for part in get_args(annotation) if part is not Ellipsis)
        return f"{origin.__name__} of {inner}"
    return getattr(annotation, "__name__", str(annotation))


def resolve(label: str, parameters: Sequence[Parameter], given: Mapping[str, Any]) -> dict[str, Any]:
    """Check the given parameters and fill in the defaults.

    Parameters
    ----------
    label : str
        What to call the component in messages, such as ``clusterer kmeans``.
    parameters : sequence of Parameter
        What it takes.
    given : mapping
        What was asked for.

    Returns
    -------
    dict
        A value for every parameter, in the order of the signature.

    Raises
    ------
    ParameterError
        If a name is unknown, a value does not fit, or a required one is missing.
    """
    known = {parameter.name: parameter for parameter in parameters}
    for name in given:
        if name not in known:
            takes = ", ".join(known) or "no parameters"
            close = suggestion(name, known).partition("?")
            hint = f"{close[0]}? " if close[1] else ""
            raise ParameterError(f"{label} has no parameter {name!r}", "", f"{hint}it takes: {takes}")
    values = {}
    for name, parameter in known.items():
        if name in given:
            values[name] = _checked(label, parameter, given[name])
        elif parameter.default is REQUIRED:
            raise ParameterError(
                f"{label} needs the parameter {name}",
                f"{parameter.meaning[:1].lower()}{parameter.meaning[1:].rstrip('.')}",
                f"write {label.rpartition(' ')[2]}:{name}={name.upper()}, of type {parameter.type}",
            )
        else:
            values[name] = parameter.default
    return values


def _checked(label: str, parameter: Parameter, value: Any) -> Any:
    value = as_plain(value)
    if parameter.annotation is REQUIRED:
        return None if _is_none_word(value) else _bounded(label, parameter, _unwritten(value))
    from pydantic import ConfigDict, TypeAdapter, ValidationError

    adapter: TypeAdapter[Any] = TypeAdapter(
        parameter.annotation, config=ConfigDict(allow_inf_nan=False, arbitrary_types_allowed=True)
    )
    last: ValidationError | None = None
    for candidate, strict in _readings(value):
        try:
            found = adapter.validate_python(_unwritten(candidate), strict=strict)
            return _bounded(label, parameter, found)
        except ValidationError as error:
            last = last or error
    reason = last.errors()[0]["msg"] if last is not None else "it does not fit"
    default = ""
    if parameter.default is not REQUIRED:
        default = f", the default is {shorten(parse_literal(parameter.default), 100)}"
    usual = f"give {parameter.name} as {parameter.type}{default}"
    if isinstance(value, str) and value.startswith("["):
        usual += f', and quote texts in a list: {parameter.name}=["a","b"]'
    raise ParameterError(
        f"{label}: {parameter.name}={shorten(_shown(value), 100)} is not valid",
        shorten(reason[0].lower() + reason[1:], 200),
        shorten(_sweep(parameter, value, adapter), 300) or usual,
    ) from None


def _shown(value: Any) -> str:
    """The value as it was given: a text that looks like a number in quotes."""
    try:
        float(value if isinstance(value, str) else "text")
    except ValueError:
        return parse_literal(value)
    return json.dumps(value)


def _bounded(label: str, parameter: Parameter, value: Any) -> Any:
    """The value itself, if every integer in it fits the 64 bits that libraries have for one."""
    for item in value if isinstance(value, list | tuple) else (value,):
        if isinstance(item, int) and not -(2**63) <= item < 2**63:
            raise ParameterError(
                f"{label}: {parameter.name}={shorten(parse_literal(value), 100)} is not valid",
                "integers have at most 64 bits",
                "write a float, such as 1e25, where one is meant",
            )
    return value


def _sweep(parameter: Parameter, value: Any, adapter: Any) -> str:
    """How to try several values, for those who gave a list of them."""
    if isinstance(value, Mapping) and set(value) == {"grid"}:
        return "a run takes one value; values are swept in the file of a study"
    if not isinstance(value, list | tuple) or not value:
        return ""
    try:
        for item in value:
            adapter.validate_python(item)
    except ValueError:
        return ""
    return f"to sweep them in a study, write {parameter.name} = {{ grid = {json.dumps(value)} }}"


def _readings(value: Any) -> list[tuple[Any, bool]]:
    """The ways to read a value without losing anything: as it is first."""
    readings: list[tuple[Any, bool]] = [(value, True)]
    if isinstance(value, list | tuple):
        readings.append((value, False))
    if isinstance(value, float) and value.is_integer():
        readings.append((int(value), True))
    if _is_none_word(value):
        readings.append((None, True))
    if isinstance(value, bool | int | float):
        # What looks like a number, where a name is meant: a column 2020, a folder 1.10.
        readings.append((_as_written(value), True))
    if isinstance(value, list | tuple) and value:
        readings.append(([_as_written(item) for item in value], False))
    return readings


def _as_written(value: Any) -> str:
    return parse_literal(value)


def _unwritten(value: Any) -> Any:
    """The number itself, without the memory of how it was written."""
    if isinstance(value, WrittenInt):
        return int(value)
    return float(value) if isinstance(value, WrittenFloat) else value


def as_plain(value: Any) -> Any:
    """NumPy's scalars as Python's, which annotations name; in lists too."""
    if isinstance(value, list | tuple):
        return type(value)(as_plain(item) for item in value)
    if type(value).__module__ == "numpy" and getattr(value, "ndim", None) == 0:
        return value.item()
    return value


def _is_none_word(value: Any) -> bool:
    """Whether the text stands for None where there is no literal for it (TOML, the shell)."""
    return isinstance(value, str) and value in ("none", "None")
