"""Choose the columns of a table that are the vector, by their names and contents."""

import re
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from embkit.errors import DataError, EmbkitWarning, ParameterError
from embkit.files.tables.forms import Column, Form
from embkit.text import shorten, suggestion

__all__ = ["VectorColumns", "choose_vector", "is_index", "unknown_column"]

_VECTOR_NAMES = frozenset(("embedding", "embeddings", "vector", "vectors", "emb", "embs"))
_VECTOR_ENDING = re.compile(r".*[_\-. ](embeddings?|vectors?|emb)", re.IGNORECASE)
# pandas' row numbers, saved as a column and read back.
_INDEX_NAME = re.compile(r"Unnamed: \d+(_level_\d+)?|__index_level_\d+__")
_COUNTING_NAMES = frozenset(("index", "level_0", "row", "row_number", "rownum", "idx"))
# Numbers that stand beside embeddings more often than they are one of their dimensions.
_BESIDE = re.compile(
    r"(n_\w+|(\w+[_\- .])?(id|ids|index|idx|key|year|month|day|date|time|timestamp|label|labels|"
    r"target|class|cluster|topic|category|group|count|num|number|score|rating|stars|rank|length|len|tokens|words|"
    r"page|row|size|weight|price|age|views|likes))",
    re.IGNORECASE,
)
_FEWEST_BARE = 4
_SHOWN = 10


@dataclass(frozen=True)
class VectorColumns:
    """The columns of the vector.

    Parameters
    ----------
    positions : tuple of int
        Where they are among the columns, in order.
    is_list : bool
        Whether each holds several values.
    notes : tuple of str
        What was decided that the names alone do not say.
    """

    positions: tuple[int, ...]
    is_list: bool
    notes: tuple[str, ...] = ()


def is_index(column: Column) -> bool:
    """Whether a column is the row numbers that pandas writes beside a table."""
    return bool(_INDEX_NAME.fullmatch(column.name)) or (
        column.counts and column.name.lower() in _COUNTING_NAMES
    )


def choose_vector(
    columns: Sequence[Column],
    source: str,
    *,
    asked: str | Sequence[str] | None = None,
    free: Sequence[int] | None = None,
    how: str | None = "column={}",
) -> VectorColumns:
    """Choose the columns that make the vector.

    A column called embedding or vector is never passed over; then come columns
    of lists, then columns of numbers. Columns of numbers that are probably none
    of the vector's are warned of.

    Parameters
    ----------
    columns : sequence of Column
        All columns.
    source : str
        What to call the table in messages.
    asked : str or sequence of str, optional
        Names or patterns that the user gave.
    free : sequence of int, optional
        Positions of the columns without another role; all if omitted.
    how : str, optional
        How to ask for columns, for remedies; ``{}`` stands for the name. None
        for what is in memory.

    Raises
    ------
    DataError
        If no column, or more than one column of lists, can be the vector, or the
        column that is called so cannot be read.
    ParameterError
        If an asked column does not exist.
    """
    candidates = list(range(len(columns))) if free is None else list(free)
    if asked is not None:
        return _asked(columns, candidates, asked, source)
    left_out = [place for place in candidates if is_index(columns[place])]
    candidates = [place for place in candidates if place not in set(left_out)] or left_out
    notes = tuple(
        f"{columns[place].name} is an index and no part of the vector"
        for place in left_out
        if place not in candidates
    )
    lists = _list_columns(columns, candidates, source, how)
    if lists is not None:
        return VectorColumns((lists,), True, notes)
    numeric = tuple(place for place in candidates if columns[place].form is Form.NUMBER)
    if not numeric:
        names = [column.name for column in columns]
        more = " and others" if len(names) > _SHOWN else ""
        raise DataError(
            f"{source}: no column of numbers",
            f"its columns are {', '.join(shorten(name, 60) for name in names[:_SHOWN])}{more}",
            "embeddings are numeric columns, or one column of lists like [0.1, 0.2]",
        )
    _warn_of_strangers([columns[place].name for place in numeric], columns, source, how)
    return VectorColumns(numeric, False, notes)


def _asked(
    columns: Sequence[Column], free: Sequence[int], asked: str | Sequence[str], source: str
) -> VectorColumns:
    wanted = [asked] if isinstance(asked, str) else list(asked)
    places: set[int] = set()
    for name in wanted:
        exact = [place for place, column in enumerate(columns) if column.name == name]
        found = exact or _matching(columns, free, name)
        if not found:
            raise unknown_column(
                source, f"column={name}", name, dict.fromkeys(column.name for column in columns)
            )
        places.update(found)
    positions = tuple(sorted(places))
    numbers = [columns[place].form in (Form.NUMBER, Form.EMPTY) for place in positions]
    if all(numbers):
        return VectorColumns(positions, False)
    if not any(columns[place].form is Form.NUMBER for place in positions):
        return VectorColumns(positions, True)
    odd = columns[next(place for place in positions if columns[place].form is not Form.NUMBER)]
    raise DataError(
        f"{source}: column {odd.name!r} holds {odd.form.value}, others of column={asked} hold numbers",
        "the vector is columns of numbers or columns of lists",
        "name only the one or the other",
    )


def _matching(columns: Sequence[Column], free: Sequence[int], pattern: str) -> list[int]:
    """The columns that a pattern means: those that can be of a vector, if there are any."""
    found = [place for place in free if fnmatchcase(columns[place].name, pattern)]
    usable = [place for place in found if columns[place].form is not Form.OTHER]
    # An index is meant by its own name alone.
    return [place for place in usable if not is_index(columns[place])] or usable or found


def _list_columns(
    columns: Sequence[Column], free: Sequence[int], source: str, how: str | None
) -> int | None:
    """The one column of lists, or None where the vector is columns of numbers."""
    numeric = [place for place in free if columns[place].form is Form.NUMBER]
    named = [place for place in free if columns[place].name.strip().lower() in _VECTOR_NAMES]
    for place in named:
        column = columns[place]
        if column.form is Form.OTHER or (column.form is Form.NUMBER and len(numeric) > 1):
            holds = f" holds {shorten(column.sample, 60)!r}, which" if column.sample else ""
            raise DataError(
                f"{source}: column {column.name!r}{holds} is not read as a vector",
                f"a column of that name is taken to hold the embeddings; it holds {column.form.value}",
                f"write each vector as a list like [0.1, 0.2], or {_name(how, 'NAME_OR_PATTERN')}",
            )
    named = [place for place in named if columns[place].form is not Form.NUMBER]
    lists = [place for place in free if columns[place].form is Form.LIST]
    bare = [
        place
        for place in free
        if columns[place].form is Form.BARE
        and (not numeric or columns[place].length >= max(_FEWEST_BARE, len(numeric) + 1))
    ]
    for found in (named, lists, bare):
        ending = [place for place in found if _VECTOR_ENDING.fullmatch(columns[place].name)]
        if len(found) > 1 and len(ending) != 1:
            raise _several(columns, found, source, how)
        if found:
            return ending[0] if len(found) > 1 else found[0]
    return None


def _several(
    columns: Sequence[Column], places: Sequence[int], source: str, how: str | None
) -> DataError:
    found = [columns[place] for place in places]
    lengths = ", ".join(
        f"{shorten(column.name, 60)} ({column.length} values)" for column in found[:_SHOWN]
    )
    names = [column.name for column in found]
    pattern = _pattern(names, [column.name for column in columns])
    together = f"; {how.format(pattern)} joins them" if pattern is not None and how else ""
    return DataError(
        f"{source}: several list columns: {lengths}",
        "which one holds the embeddings is unclear",
        f"{_name(how, found[0].name)}{together}",
    )


def _name(how: str | None, name: str) -> str:
    if how is None:
        return "say what is what: embkit.Dataset(vectors, texts=..., ids=...)"
    return f"name it: {how.format(name)}"


def _warn_of_strangers(
    names: Sequence[str], columns: Sequence[Column], source: str, how: str | None
) -> None:
    """Say which numeric columns are called unlike the rest, and how to leave them out."""
    numbered = _numbered(names)
    if len(numbered) > len(names) / 2:
        members = set(numbered)
        strangers = [name for name in names if name not in members]
    else:
        strangers = [name for name in names if _BESIDE.fullmatch(name)]
    if not strangers:
        return
    if len(strangers) == len(names):
        warnings.warn(
            f"{source}: {', '.join(shorten(name, 60) for name in names[:5])} are its only numbers, and"
            " became the vector; if the embeddings are elsewhere, give that file or column",
            EmbkitWarning,
            stacklevel=2,
        )
        return
    chosen = [name for name in names if name not in set(strangers)]
    pattern = _pattern(chosen, [column.name for column in columns])
    fix = (
        f"{how.format(pattern)} leaves them out"
        if pattern is not None and how is not None
        else "remove these columns from the table, or call them id, text or label"
    )
    more = f" and {len(strangers) - 5} others" if len(strangers) > 5 else ""
    shown = ", ".join(shorten(name, 60) for name in strangers[:5])
    warnings.warn(
        f"{source}: {shown}{more} are numbers too and became part of the vector; {fix}",
        EmbkitWarning,
        stacklevel=2,
    )


def _numbered(names: Sequence[str]) -> list[str]:
    """The largest set of names that are one stem and consecutive numbers."""
    groups: dict[str, dict[int, str]] = {}
    for name in names:
        if match := re.search(r"(?<!\d)(\d{1,9})$", name):
            groups.setdefault(name[: match.start()], {})[int(match.group(1))] = name
    runs = [run for group in groups.values() for run in _runs(group)]
    return max(runs, key=len, default=[])


def _runs(group: Mapping[int, str]) -> list[list[str]]:
    runs: list[list[str]] = []
    for number in sorted(group):
        if number - 1 not in group:
            runs.append([])
        runs[-1].append(group[number])
    return runs


def _pattern(chosen: Sequence[str], names: Sequence[str]) -> str | None:
    """What to ask for to get exactly the chosen of the names: a pattern, or a short list."""
    stems = Counter(re.sub(r"(?<!\d)\d+$", "", name) for name in chosen)
    if len(stems) == 1:
        stem = next(iter(stems))
        escaped = re.sub(r"([*?[])", r"[\1]", stem)
        for pattern in (f"{escaped}*", f"{escaped}[0-9]*"):
            if [name for name in names if fnmatchcase(name, pattern)] == list(chosen):
                return pattern
    plain = all(re.fullmatch(r"[A-Za-z_][\w-]*", name) for name in chosen)
    if plain and len(chosen) <= _SHOWN and len(set(names)) == len(names):
        return f"[{','.join(chosen)}]"
    return None


def unknown_column(source: str, given: str, wrong: str, names: Mapping[str, object]) -> ParameterError:
    """Return the error for a column that does not exist, with what is close."""
    hint = suggestion(wrong, names) if len(names) <= 1000 else ""
    if len(names) > 20:
        hint = (
            hint.partition(" available:")[0].partition("available:")[0] or f"it has {len(names)} columns"
        )
    return ParameterError(
        f"{source}: there is no column {shorten(wrong, 80)!r}",
        f"{shorten(given, 100)} was given",
        shorten(hint, 1000),
    )
