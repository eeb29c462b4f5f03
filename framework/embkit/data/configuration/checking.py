"""Mappings that users write, checked against annotated types with every mistake in one report."""

from collections.abc import Mapping, Sequence
from datetime import date, time
from functools import cache
from numbers import Number
from typing import Annotated, Any, TypeVar, cast

from annotated_types import Ge, Gt, Le
from pydantic import BeforeValidator, StrictInt, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from embkit.data.configuration.request import parse_literal
from embkit.errors import ParameterError
from embkit.resources import parse_bytes
from embkit.text import shorten, suggestion

__all__ = ["LARGEST_SEED", "Bytes", "Count", "Seed", "Threads", "check_mapping", "mistake"]

LARGEST_SEED = 2**32 - 1
"""What every random generator below accepts: numpy's legacy seeding takes 32 bits."""

_WIDTH = 60

Checked = TypeVar("Checked")


def mistake(reason: object) -> PydanticCustomError:
    """An error to raise in a validator, with a message of our own."""
    return PydanticCustomError("embkit", "{reason}", {"reason": str(reason)})


def _as_int(value: Any) -> Any:
    """Integers of numpy as Python's."""
    return int(value) if hasattr(value, "dtype") and value.dtype.kind in "iu" else value


def _as_bytes(value: Any) -> Any:
    """An amount of memory as a number of bytes."""
    try:
        return parse_bytes(str(value)) if isinstance(value, str | float) else _as_int(value)
    except ParameterError as error:
        raise mistake(error) from None


Seed = Annotated[StrictInt, Ge(0), Le(LARGEST_SEED), BeforeValidator(_as_int)]
Count = Annotated[StrictInt, Ge(1), Le(2**63 - 1), BeforeValidator(_as_int)]
Threads = Annotated[StrictInt, Ge(1), Le(1024), BeforeValidator(_as_int)]
Bytes = Annotated[StrictInt, Gt(0), BeforeValidator(_as_bytes)]
"""A number of bytes, which users may write like ``4GB``."""


def check_mapping(
    kind: type[Checked], mapping: Any, origin: str, known: Mapping[str, Sequence[str]]
) -> Checked:
    """Make a dataclass or model of a mapping.

    Parameters
    ----------
    kind : type
        Its annotations say what fits.
    mapping : mapping
        As read from a file, or as given in Python.
    origin : str
        Where it comes from, for messages.
    known : mapping of str to sequence of str
        Keys there are, by the section they stand in; ``""`` is the mapping itself.

    Raises
    ------
    ParameterError
        With every mistake in one message.
    """
    try:
        checked: Checked = _adapter(cast("Any", kind)).validate_python(mapping)
    except ValidationError as error:
        found = dict.fromkeys(_message(item, known) for item in error.errors(include_url=False))
    else:
        return checked
    count = f"{len(found)} mistakes: " if len(found) > 1 else ""
    raise ParameterError(f"{origin}: {count}{' | '.join(found)}")


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _message(error: ErrorDetails, known: Mapping[str, Sequence[str]]) -> str:
    kind, path = error["type"], error["loc"]
    if kind in ("extra_forbidden", "unexpected_keyword_argument"):
        *parents, key = path
        unknown = f"unknown key {key!r}; {suggestion(str(key), known[_section(parents)])}"
        return ": ".join([*filter(None, [_place(parents)]), unknown])
    if kind in ("list_type", "tuple_type") and len(path) == 1 and isinstance(error["input"], Mapping):
        kind = "one_table"
    place, reason = _place(path), error["msg"].replace("Input", "it", 1)
    value = shorten(_literal(error["input"]), _WIDTH)
    template = _TEMPLATES.get(kind, "{place}={value} is not valid; {reason}")
    expected = error.get("ctx", {}).get("expected", "")
    return template.format(place=place, value=value, reason=reason, expected=expected).removeprefix(": ")


_TEMPLATES = {
    "embkit": "{place}: {reason}",
    "missing": "{place} is missing; write at least one [[{place}]]",
    "too_short": "{place} is empty",
    "list_type": "{place} is not a list; write [{value}]",
    "one_table": "{place} is a single table, not a list; write [[{place}]]",
    "tuple_type": "{place} is not a list; write [{value}]",
    "literal_error": "{place}={value} is unknown; give {expected}",
    "string_type": "{place}={value} is not valid; it should be text",
}


def _place(path: Sequence[str | int]) -> str:
    """Where something stands, such as ``datasets 2: sample``; those of a grid are one place."""
    words: list[str] = []
    for before, part in zip(["", *path], path, strict=False):
        if isinstance(part, str):
            words.append(part)
        elif isinstance(before, str):
            words[-1] += f" {part + 1}"
    return ": ".join(words)


def _section(path: Sequence[str | int]) -> str:
    return str(path[0]) if path else ""


def _literal(value: Any) -> str:
    """The value as TOML has it, so that what is proposed can be pasted."""
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{key} = {_literal(item)}' for key, item in value.items())} }}"
    if isinstance(value, str):
        return repr(value)
    known = value is None or isinstance(value, Number | list | tuple | date | time)
    return parse_literal(value) if known else f"<{type(value).__name__}>"
