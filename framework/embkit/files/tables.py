"""Row-aligned columns: read from a table file, and put beside the vectors of a dataset."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from embkit.data.dataset import Dataset
from embkit.errors import DataError, ParameterError
from embkit.files.delimited import read_records, sniff_dialect
from embkit.files.jsonlines import json_objects
from embkit.files.kinds import Kind, kind_of
from embkit.files.sources import check_source
from embkit.text import suggestion

__all__ = [
    "ROLES",
    "as_text",
    "attach_columns",
    "attach_table",
    "choose_roles",
    "read_columns",
    "unknown_column",
]

ROLES = {"id": ("id",), "text": ("text",), "label": ("label",)}
"""The roles a column can have, and the names by which it has one unasked, the first one first."""

_FIELDS = {"id": "ids", "text": "texts", "label": "reference"}
_ABSENT = frozenset({"", "nan", "NaN", "None", "<NA>"})
_READABLE = (Kind.TEXT, Kind.JSON_LINES, Kind.GZIP, None)


def read_columns(path: Path) -> dict[str, tuple[str, ...]]:
    """Read a delimited text with a header, or JSON lines (by its suffix), as columns of strings.

    Parameters
    ----------
    path : Path
        Comma-, semicolon-, tab- or pipe-separated, or ``.jsonl``; UTF-8, with
        or without a byte order mark, plain or gzip-compressed.

    Returns
    -------
    dict of str to tuple of str
        The columns in their order, all of one length. Of JSON objects, the
        fields that are neither lists nor objects.

    Raises
    ------
    DataError
        If the file is not such a table; names the line.
    """
    kind = kind_of(path)
    if kind not in _READABLE:
        raise DataError(
            f"{path}: no table: it is {kind}",
            "a table is delimited text or JSON lines",
            "export it as CSV",
        )
    if path.name.lower().removesuffix(".gz").endswith((".jsonl", ".ndjson")):
        return _json_columns(path)
    layout = sniff_dialect(path, header=True)
    return read_records(path, layout, lambda records: _columns(path, records))


def _columns(path: Path, records: Iterator[tuple[int, list[str]]]) -> dict[str, tuple[str, ...]]:
    _, header = next(records)
    names = [name.strip() for name in header]
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        raise DataError(
            f"{path}: line 1 names the column {repeated[0]!r} more than once",
            "a table's first line names its columns",
            "give each column its own name",
        )
    rows = []
    for number, cells in records:
        if len(cells) != len(names):
            raise DataError(
                f"{path}: line {number}: {len(cells)} columns, expected {len(names)} (from line 1)",
                "every line must have all columns",
                "repair the line, or enclose cells that hold the delimiter in quotes",
            )
        rows.append(cells)
    columns = zip(*rows, strict=True) if rows else ((),) * len(names)
    return dict(zip(names, columns, strict=True))


def _json_columns(path: Path) -> dict[str, tuple[str, ...]]:
    rows = [record for _, record in json_objects(path)]
    names = dict.fromkeys(
        name for row in rows for name, value in row.items() if not isinstance(value, list | dict)
    )
    return {name: tuple(as_text(row.get(name)) for row in rows) for name in names}


def attach_table(dataset: Dataset, spec: str) -> Dataset:
    """Put the columns of a table beside the rows of a dataset.

    Parameters
    ----------
    dataset : Dataset
        As its loader returned it, no row dropped yet.
    spec : str
        ``FILE`` or ``FILE:text=gloss,label=lexfile``: the file, and the names
        its columns have where they are not ``id``, ``text`` and ``label``.

    Returns
    -------
    Dataset
        With ids, texts and reference labels as far as the table has them, and
        all further columns as metadata.

    Raises
    ------
    DataError
        If the file is missing or no table, has another number of rows than the
        dataset, or ids other than those that the dataset came with.
    ParameterError
        If a rename has no such role, or no such column.
    """
    file, renames = _parse_spec(spec)
    path = check_source(file)
    columns = read_columns(path)
    roles = choose_roles(columns, renames, str(path))
    n_rows = len(next(iter(columns.values()), ()))
    if n_rows != dataset.n_samples:
        raise DataError(
            f"{path}: the table has {n_rows} rows, {dataset.name} has {dataset.n_samples}",
            "a table must match the matrix row by row (its first line names the columns)",
            "give the table that was written with this matrix",
        )
    if "id" in roles and dataset.ids is not None:
        _check_same_ids(dataset, columns[roles["id"]], path)
    return attach_columns(dataset, columns, roles, path.name)


def _parse_spec(spec: str) -> tuple[str, dict[str, str]]:
    """Divide at the last colon behind which there are only renames; paths may hold colons too."""
    if not Path(spec).is_file():
        for end in reversed([index for index, char in enumerate(spec) if char == ":"]):
            pairs = [pair.partition("=") for pair in spec[end + 1 :].split(",")]
            if end and all(ours.strip() and equals for ours, equals, _ in pairs):
                return spec[:end], {ours.strip(): theirs.strip() for ours, _, theirs in pairs}
    return spec, {}


def _check_same_ids(dataset: Dataset, ids: Sequence[str], path: Path) -> None:
    pairs = zip(dataset.ids or (), ids, strict=True)
    row, (ours, theirs) = next(
        ((row, pair) for row, pair in enumerate(pairs) if pair[0] != pair[1]), (0, ("", ""))
    )
    if ours != theirs:
        raise DataError(
            f"{path}: row {row} has the id {theirs!r}, {dataset.name} has {ours!r} there",
            "a table must match the matrix row by row",
            "bring the table into the order of the matrix, or leave its id column out",
        )


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


def unknown_column(source: str, given: str, wrong: str, names: Mapping[str, Any]) -> ParameterError:
    """Return the error for a column that does not exist, with what is close."""
    hint = suggestion(wrong, names)
    if len(names) > 20:
        hint = (
            hint.partition(" available:")[0].partition("available:")[0] or f"it has {len(names)} columns"
        )
    return ParameterError(f"{source}: there is no column {wrong!r}", f"{given} was given", hint)


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
        What to call the table in notes and messages.

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
    fields: dict[str, Any] = {}
    for role, column in roles.items():
        values = [as_text(value) for value in columns[column]]
        if role != "id":
            absent = sum(value.strip() in _ABSENT for value in values)
            values = ["" if value.strip() in _ABSENT else value for value in values]
            if absent:
                notes.append(f"{source}: {absent} of {len(values)} {role}s are missing")
        fields[_FIELDS[role]] = values
    others = {name: values for name, values in columns.items() if name not in roles.values()}
    return replace(
        dataset, **fields, metadata={**dataset.metadata, **others}, notes=(*dataset.notes, *notes)
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
