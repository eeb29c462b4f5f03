"""JSON objects, one a line, read strictly: no NaN, no repeated keys."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from embkit.errors import DataError
from embkit.files.lines import text_lines

__all__ = ["json_objects"]


def json_objects(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the line number and the object of each line that is not blank.

    Raises
    ------
    DataError
        If a line is no JSON object as RFC 8259 defines it, in UTF-8, or
        repeats a key.
    """
    decoder = json.JSONDecoder(object_pairs_hook=_without_repeats, parse_constant=_refuse_constant)
    for number, line in enumerate(text_lines(path), 1):
        if not line.strip():
            continue
        try:
            value = decoder.decode(line)
        except (ValueError, RecursionError) as error:
            raise _bad_line(path, number, line, error) from None
        if not isinstance(value, dict):
            raise DataError(
                f"{path}: line {number} is not a JSON object but a {type(value).__name__}",
                "each line must be one object with a vector in it",
                "an array of objects becomes lines by: jq -c '.[]'",
            )
        yield number, value


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        repeated = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {repeated!r} is repeated")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _bad_line(path: Path, number: int, line: str, error: ValueError | RecursionError) -> DataError:
    place = f"{path}: line {number}"
    if isinstance(error, json.JSONDecodeError):
        place += f", column {error.pos + 1}"
        reason = error.msg[:1].lower() + error.msg[1:]
    else:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
    fix = (
        "an array of objects becomes lines by: jq -c '.[]'"
        if line.lstrip()[:1] == "["
        else "repair the line"
    )
    return DataError(f"{place} is not strict JSON", reason, fix)
