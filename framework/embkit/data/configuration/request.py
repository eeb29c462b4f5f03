"""A component and its parameters as a user writes them: ``kmeans:n_clusters=5``."""

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from embkit.errors import ParameterError

__all__ = [
    "Request",
    "WrittenFloat",
    "WrittenInt",
    "as_request",
    "parse_literal",
    "parse_request",
    "result_names",
]


@dataclass(frozen=True)
class Request:
    """A component as asked for: its name and the parameters that were given."""

    name: str
    params: Mapping[str, Any]

    def __str__(self) -> str:
        if not self.params:
            return self.name
        given = ",".join(f"{key}={parse_literal(value)}" for key, value in self.params.items())
        return f"{self.name}:{given}"

    @property
    def of_source(self) -> bool:
        """Whether the vectors of the source are asked for, whatever reducers made of them."""
        return bool(self.params.get("of") == "source")

    def to_mapping(self) -> dict[str, Any]:
        """The component as a table, as configurations have it."""
        return {"name": self.name, **self.params}


def result_names(requests: Iterable[Request]) -> list[str]:
    """What the results of components of one kind are called, each by a name of its own.

    The first of a name is called so. One that looks at other vectors than the first is
    ``NAME-of-source`` or ``NAME-of-reduced``; any other is ``NAME-2``, ``NAME-3`` and so on.
    """
    first: dict[str, Request] = {}
    counts: Counter[str] = Counter()
    taken: list[str] = []
    for request in requests:
        name = request.name
        counts[name] += 1
        by_space = f"{name}-of-{'source' if request.of_source else 'reduced'}"
        if name not in first:
            first[name] = request
            taken.append(name)
        elif request.of_source != first[name].of_source and by_space not in taken:
            taken.append(by_space)
        else:
            taken.append(f"{name}-{counts[name]}")
    return taken


def as_request(entry: Any, origin: str = "") -> Request:
    """A component written as ``"NAME:key=value"`` or as a table with a ``name``.

    Parameters
    ----------
    entry : str, mapping or Request
        The component.
    origin : str
        Where it comes from, for messages.

    Raises
    ------
    ParameterError
        If it is anything else.
    """
    if isinstance(entry, Request):
        return entry
    if isinstance(entry, str):
        return parse_request(entry)
    if isinstance(entry, Mapping) and isinstance(entry.get("name"), str):
        return Request(entry["name"], {key: value for key, value in entry.items() if key != "name"})
    raise ParameterError(
        f"{f'{origin}: ' if origin else ''}{parse_literal(entry)} does not name a component",
        "",
        'write "NAME:key=value", or a table with name = "NAME"',
    )


def parse_request(text: str) -> Request:
    """Read ``NAME`` or ``NAME:key=value,key=[1,2]``.

    Values are TOML literals; anything else, and dates, are taken as strings.

    Raises
    ------
    ParameterError
        If a part is not of the form ``key=value``, or a key is given twice.
    """
    name, _, rest = text.partition(":")
    params: dict[str, Any] = {}
    for part in _split(rest):
        key, equals, value = part.partition("=")
        key = key.strip()
        if not equals or not key:
            raise ParameterError(
                f"{text!r}: {part.strip()!r} is not key=value",
                "parameters are written NAME:key=value,key=value",
                f"for what {name.strip()} takes: embkit plugins show {name.strip()}",
            )
        if key in params:
            raise ParameterError(f"{text!r}: {key} is given twice", "", "leave one of them out")
        params[key] = _parse_value(value.strip())
    return Request(name.strip(), params)


def _split(text: str) -> list[str]:
    """Split at commas that stand outside brackets and quotes."""
    parts, depth, quote, current = [], 0, "", ""
    for char in text:
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        elif char in "[{":
            depth += 1
        elif char in "]}":
            depth -= 1
        if char == "," and depth == 0 and not quote:
            parts.append(current)
            current = ""
        else:
            current += char
    return [*parts, current] if current.strip() or parts else []


class WrittenInt(int):
    """An integer that remembers how it was written: where a name is meant, 007 is not 7."""

    text: str


class WrittenFloat(float):
    """A number that remembers how it was written: where a name is meant, 1.10 is not 1.1."""

    text: str


def _parse_value(text: str) -> Any:
    if "\n" in text:
        return text
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except (ValueError, KeyError, RecursionError):
        return text
    if isinstance(value, date | time):
        return text  # no component takes a date; folders and columns are called by them
    if type(value) in (int, float):
        return _written(value, text)
    return value


def _written(value: float, text: str) -> Any:
    """The number as it is, or one that remembers its text where that is written otherwise."""
    if parse_literal(value) == text:
        return value
    written = WrittenInt(value) if isinstance(value, int) else WrittenFloat(value)
    written.text = text
    return written


def parse_literal(value: Any) -> str:
    """A value as one would write it after ``key=``."""
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{key} = {parse_literal(item)}' for key, item in value.items())} }}"
    if isinstance(value, bool):
        return str(value).lower()
    if value is None:
        return "none"
    if isinstance(value, WrittenInt | WrittenFloat):
        return value.text
    if isinstance(value, list | tuple):
        return f"[{','.join(parse_literal(item) for item in value)}]"
    return str(value)
