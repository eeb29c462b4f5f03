"""Values that are swept: ``{ grid = [1, 2, 3] }`` anywhere in a table, so that a list stays a list."""

import itertools
import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

from embkit.errors import ParameterError

__all__ = ["MOST_CHOICES", "expanded"]

MOST_CHOICES = 10_000


def expanded(entry: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Every choice of the swept values: the table with them, and the values chosen by their key.

    Raises
    ------
    ParameterError
        If a grid is empty, not a list or not that of a parameter, or there are too many choices.
    """
    swept = entry.get("grid")
    if isinstance(swept, Mapping):
        name, values = next(iter(swept.items()), ("PARAMETER", []))
        raise ParameterError(
            "a grid belongs to one parameter", "", f"write {name} = {{ grid = {json.dumps(values)} }}"
        )
    axes = dict(_axes(entry, ()))
    for path, values in axes.items():
        if not isinstance(values, list) or not values:
            wrong = "is empty" if values == [] else "is not a list"
            example = f"write the values in a list: {path[-1]} = {{ grid = [VALUE, VALUE] }}"
            raise ParameterError(f"the grid of {'.'.join(path)} {wrong}", "", example)
    count = math.prod(map(len, axes.values()))
    if count > MOST_CHOICES:
        raise ParameterError(f"its grids have {count} choices", f"at most {MOST_CHOICES} are made", "")
    for chosen in itertools.product(*axes.values()):
        picks = dict(zip(axes, chosen, strict=True))
        yield _replaced(entry, (), picks), {path[-1]: value for path, value in picks.items()}


def _axes(entry: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, value in entry.items():
        if isinstance(value, Mapping) and set(value) == {"grid"}:
            yield (*path, key), value["grid"]
        elif isinstance(value, Mapping):
            yield from _axes(value, (*path, key))


def _replaced(
    entry: Mapping[str, Any], path: tuple[str, ...], picks: Mapping[tuple[str, ...], Any]
) -> dict[str, Any]:
    return {
        key: picks[*path, key]
        if (*path, key) in picks
        else _replaced(value, (*path, key), picks)
        if isinstance(value, Mapping)
        else value
        for key, value in entry.items()
    }
