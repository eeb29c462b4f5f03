"""JSON values, one a line, read strictly: no NaN, no repeated keys."""

import json
from collections import Counter
from pathlib import Path
from typing import Any, NoReturn

from embkit.errors import DataError
from embkit.text import shorten

__all__ = ["decode_line", "json_decoder"]


def json_decoder() -> json.JSONDecoder:
    """Return a decoder of JSON as RFC 8259 defines it, which refuses repeated keys too."""
    return json.JSONDecoder(object_pairs_hook=_without_repeats, parse_constant=_refuse_constant)


def decode_line(decoder: json.JSONDecoder, path: Path, number: int, line: str) -> Any:
    """Return the value of a line.

    Raises
    ------
    DataError
        If it is not strict JSON; names line and column.
    """
    try:
        return decoder.decode(line)
    except (ValueError, RecursionError) as error:
        raise _bad_line(path, number, line, error) from None


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        repeated, _ = Counter(key for key, _ in pairs).most_common(1)[0]
        raise ValueError(f"the key {shorten(repeated, 80)!r} is repeated")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _bad_line(path: Path, number: int, line: str, error: ValueError | RecursionError) -> DataError:
    place = f"{path}: line {number}"
    fix = "repair the line"
    if isinstance(error, json.JSONDecodeError):
        place += f", column {error.pos + 1}"
        reason = error.msg[:1].lower() + error.msg[1:]
    else:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        if "int_max_str_digits" in reason:
            reason, fix = "it holds an integer of more than 4300 digits", "write it as a string"
    if line.lstrip()[:1] == "[":
        fix = "an array of objects becomes lines by: jq -c '.[]'"
    return DataError(f"{place} is not strict JSON", reason, fix)
