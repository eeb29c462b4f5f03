"""Assign the columns of a delimited text: vector, ids, texts, labels, metadata."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from embkit import DataError
from embkit.reading import (
    Column,
    Form,
    choose_roles,
    choose_vector,
    form_of,
    is_number,
)
from embkit.text import plural, shorten

__all__ = ["ColumnPlan", "plan_columns"]

Rows = Sequence[Sequence[str]]


@dataclass(frozen=True)
class ColumnPlan:
    """The purpose of each column.

    Parameters
    ----------
    vector : tuple of int
        Positions of the columns that make the vector.
    is_list : bool
        Whether each of them holds several values.
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
    column: str | Sequence[str] | None,
    asked: Mapping[str, str | None],
    source: str,
    loader: str = "csv",
) -> ColumnPlan:
    """Decide from the names and the first rows what each column is for.

    Parameters
    ----------
    names : sequence of str
        One a column; a first column without a name holds row names, as pandas
        and R write them.
    rows : sequence of sequence of str
        The first rows, each as long as `names`.
    column : str, sequence of str or None
        Names or patterns of the vector's columns, where the user gave any.
    asked : mapping of str to str or None
        The column each role is to have, as `choose_roles` takes it.
    source, loader : str
        What to call the file in messages, and the loader in remedies.

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
    columns = [
        form_of(name, [row[index] for row in rows]) if index not in taken else Column(name, Form.OTHER)
        for index, name in enumerate(names)
    ]
    if column is None:
        _refuse_divided_lists(columns, free, source)
    how = f"--loader {loader}:column={{}}"
    chosen = choose_vector(columns, source, asked=column, free=free, how=how)
    others = tuple(sorted(taken | set(free).difference(chosen.positions)))
    _check_names([names[index] for index in others], source)
    picked = [names[index] for index in chosen.positions]
    span = " to ".join(shorten(name, 60) for name in dict.fromkeys((picked[0], picked[-1])))
    kind = (
        "the list column" if chosen.is_list and len(picked) == 1 else f"{plural(len(picked), 'column')},"
    )
    joined = " of lists, joined" if chosen.is_list and len(picked) > 1 else ""
    notes = (f"the vector is {kind} {span}{joined}", *chosen.notes)
    return ColumnPlan(chosen.positions, chosen.is_list, others, roles, notes)


def _refuse_divided_lists(columns: Sequence[Column], free: Sequence[int], source: str) -> None:
    for index in free:
        column = columns[index]
        start = column.sample.lstrip()
        if column.form is Form.OTHER and start[:1] == "[" and is_number(start[1:]):
            raise DataError(
                f"{source}: column {column.name!r} holds {column.sample!r}, the beginning of a list",
                "the delimiter divides the list",
                "enclose each list in double quotes",
            )


def _check_names(names: Sequence[str], source: str) -> None:
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        raise DataError(
            f"{source}: the column {shorten(repeated[0], 80)!r} occurs more than once",
            "the header names the columns",
            "give each column its own name",
        )
