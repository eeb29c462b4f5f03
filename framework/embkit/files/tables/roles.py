"""The roles that columns play beside the vectors: ids, texts, reference labels, metadata."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from embkit.data.dataset import Dataset
from embkit.errors import DataError, ParameterError
from embkit.files.tables.columns import unknown_column
from embkit.text import suggestion

__all__ = ["ROLES", "as_text", "attach_columns", "choose_roles"]

ROLES = {"id": ("id",), "text": ("text",), "label": ("label",)}
"""The roles a column can have, and the names by which it has one unasked, the first one first."""

_FIELDS = {"id": "ids", "text": "texts", "label": "reference"}
_ABSENT = frozenset({"", "nan", "NaN", "None", "<NA>", "NaT"})


def choose_roles(
    names: Mapping[str, Any],
    asked: Mapping[str, str | None],
    source: str,
    known: Mapping[str, Sequence[str]] = ROLES,
) -> dict[str, str]:
    """Decide which columns are ids, texts and labels.

    Parameters
    ----------
    names : mapping
        The columns there are, by name.
    asked : mapping of str to str or None
        The column a role is to have; None: by its name; empty: none.
    source : str
        What to call the table in messages.
    known : mapping of str to sequence of str
        For each role the names by which a column has it, compared without case.

    Returns
    -------
    dict of str to str
        Role to column, for the roles that are filled.

    Raises
    ------
    ParameterError
        If a role or an asked column does not exist.
    """
    for role in asked:
        if role not in ROLES:
            raise ParameterError(f"{source}: there is no role {role!r}", "", suggestion(role, ROLES))
    lower = {name.lower(): name for name in reversed(list(names))}
    roles = {}
    for role, usual in known.items():
        column = asked.get(role)
        if column is None:
            column = next((lower[name] for name in usual if name in lower), "")
        elif column and column not in names:
            raise unknown_column(source, f"{role}={column}", column, names)
        if column:
            roles[role] = column
    return roles


def attach_columns(
    dataset: Dataset, columns: Mapping[str, Sequence[Any]], roles: Mapping[str, str], source: str
) -> Dataset:
    """Put columns beside the rows: those with a role as strings, the others as metadata.

    Parameters
    ----------
    dataset : Dataset
        The rows.
    columns : mapping of str to sequence
        Row-aligned values.
    roles : mapping of str to str
        Role to column, as `choose_roles` returns it.
    source : str
        What to call the table in notes and messages; empty for columns that were given alone.

    Returns
    -------
    Dataset
        Texts and labels that are missing (None, ``nan``) are empty, and their
        number is in the notes.

    Raises
    ------
    DataError
        If a column has another length than the dataset, or ids repeat.
    """
    notes = []
    place = f"{source}: " if source else ""
    fields: dict[str, Any] = {}
    for role, column in roles.items():
        values = [as_text(value) for value in columns[column]]
        if role == "id":
            _refuse_gaps(values, column, place)
        else:
            absent = sum(value.strip() in _ABSENT for value in values)
            values = ["" if value.strip() in _ABSENT else value for value in values]
            if absent:
                notes.append(f"{place}{absent} of {len(values)} {role}s are missing")
        fields[_FIELDS[role]] = values
    others = {name: values for name, values in columns.items() if name not in roles.values()}
    return replace(
        dataset, **fields, metadata={**dataset.metadata, **others}, notes=(*dataset.notes, *notes)
    )


def _refuse_gaps(ids: Sequence[str], column: str, place: str) -> None:
    """Refuse a row without an id among rows that have one."""
    absent = [row for row, value in enumerate(ids) if not value.strip()]
    if absent and (len(absent) < len(ids) or len(ids) == 1):
        raise DataError(
            f"{place}{column} is missing in {len(absent)} of {len(ids)} rows (row {absent[0]})",
            "results are joined by id",
            "fill it in, or leave the column out to use row numbers",
        )


def as_text(value: Any) -> str:
    """Write a single value as a string: None and NaN empty, unpaired surrogates replaced."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    text = str(value)
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
