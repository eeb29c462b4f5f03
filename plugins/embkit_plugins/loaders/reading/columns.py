"""Which columns of a delimited text are the vector, and which stand beside it."""

import json
import re
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from embkit import DataError, EmbkitWarning
from embkit.reading import choose_roles, is_number, looks_like_list, unknown_column

__all__ = ["ColumnPlan", "plan_columns"]

Rows = Sequence[Sequence[str]]


@dataclass(frozen=True)
class ColumnPlan:
    """What each column is for.

    Parameters
    ----------
    vector : tuple of int
        Positions of the columns that make the vector.
    is_list : bool
        Whether the vector is one column of lists.
    others : tuple of int
        Positions of the columns kept as text.
    roles : mapping of str to str
        Role (id, text, label) to column name.
    notes : tuple of str
        The decisions, for the summary.
    """

    vector: tuple[int, ...]
    is_list: bool
    others: tuple[int, ...]
    roles: Mapping[str, str]
    notes: tuple[str, ...]


def plan_columns(
    names: Sequence[str],
    rows: Rows,
    *,
    column: str | None,
    asked: Mapping[str, str | None],
    source: str,
) -> ColumnPlan:
    """Decide from the names and the first rows what each column is for.

    Parameters
    ----------
    names : sequence of str
        One a column; a first column without a name holds row names, as pandas
        and R write them.
    rows : sequence of sequence of str
        The first rows, each as long as `names`.
    column : str or None
        Name or pattern of the vector's columns, where the user gave one.
    asked : mapping of str to str or None
        The column each role is to have, as `choose_roles` takes it.
    source : str
        What to call the file in messages.

    Raises
    ------
    DataError
        If no column, or more than one list column, can be the vector.
    ParameterError
        If an asked column does not exist.
    """
    roles = choose_roles(dict.fromkeys(names), asked, source)
    has_row_names = names[0] == ""
    if has_row_names and "id" not in roles and asked.get("id") is None:
        roles["id"] = ""
    taken = {index for index, name in enumerate(names) if name in roles.values()}
    free = [
        index for index in range(len(names)) if index not in taken and not (has_row_names and index == 0)
    ]
    vector, is_list = _vector_columns(names, rows, free, column, source)
    others = tuple(sorted(taken | set(free).difference(vector)))
    _check_names([names[index] for index in others], source)
    chosen = [names[index] for index in vector]
    if not is_list and column is None:
        _warn_of_strangers(chosen, source)
    span = f"{chosen[0]} to {chosen[-1]}" if len(chosen) > 1 else chosen[0]
    note = (
        f"the vector is the list column {span}"
        if is_list
        else f"the vector is {len(chosen)} columns, {span}"
    )
    return ColumnPlan(vector, is_list, others, roles, (note,))


def _vector_columns(
    names: Sequence[str], rows: Rows, free: Sequence[int], column: str | None, source: str
) -> tuple[tuple[int, ...], bool]:
    lists = [index for index in free if _is_list([row[index] for row in rows])]
    if column is not None:
        exact = [index for index, name in enumerate(names) if name == column]
        matched = exact or [index for index in free if fnmatchcase(names[index], column)]
        if not matched:
            raise unknown_column(source, f"column={column}", column, dict.fromkeys(names))
        return tuple(matched), len(matched) == 1 and matched[0] in lists
    if len(lists) > 1:
        lengths = ", ".join(f"{names[index]} ({_list_length(rows[0][index])} values)" for index in lists)
        raise DataError(
            f"{source}: several list columns: {lengths}",
            "which one holds the embeddings cannot be told",
            f"name it: column={names[lists[0]]}",
        )
    if lists:
        return (lists[0],), True
    for index in free:
        if all(
            cell.lstrip()[:1] == "[" and is_number(cell.lstrip()[1:])
            for cell in (row[index] for row in rows)
        ):
            raise DataError(
                f"{source}: column {names[index]!r} holds {rows[0][index]!r}, the beginning of a list",
                "the delimiter divides the list",
                "enclose each list in double quotes",
            )
    numeric = tuple(index for index in free if _is_numeric([row[index] for row in rows]))
    if not numeric:
        raise DataError(
            f"{source}: no column of numbers",
            f"its columns are {', '.join(names[:10])}{' and others' if len(names) > 10 else ''}",
            "embeddings are numeric columns, or one column of lists like [0.1, 0.2]",
        )
    return numeric, False


def _is_list(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if cell.strip()]
    return bool(filled) and all(map(looks_like_list, filled))


def _is_numeric(cells: Sequence[str]) -> bool:
    """Whether most cells are numbers: a wrong one must be an error, not cost a dimension."""
    filled = [cell for cell in cells if cell.strip()]
    return bool(filled) and 2 * sum(is_number(cell, ",") for cell in filled) >= len(filled)


def _list_length(cell: str) -> str:
    try:
        return str(len(json.loads(cell)))
    except (ValueError, RecursionError):
        return "unreadable"


def _check_names(names: Sequence[str], source: str) -> None:
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        raise DataError(
            f"{source}: the column {repeated[0]!r} occurs more than once",
            "the header names the columns",
            "give each column its own name",
        )


def _warn_of_strangers(names: Sequence[str], source: str) -> None:
    """Say where a few numeric columns are called unlike the numbered rest of the vector."""
    stems = [re.sub(r"\d+$", "", name) if re.search(r"\d$", name) else None for name in names]
    numbered = Counter(stem for stem in stems if stem is not None)
    if not numbered:
        return
    stem, count = numbered.most_common(1)[0]
    strangers = [name for name, other in zip(names, stems, strict=True) if other != stem]
    if strangers and count > 2 * len(strangers):
        warnings.warn(
            f"{source}: {', '.join(strangers[:5])} are numbers too and became part of the vector;"
            f" column={stem}* leaves them out",
            EmbkitWarning,
            stacklevel=2,
        )
