"""Row-aligned tables, put beside the vectors of a dataset."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from embkit.data.dataset import Dataset
from embkit.errors import DataError, ParameterError
from embkit.files.sources import check_source
from embkit.files.tables.reading import UNNAMED, Columns, TableOptions, read_columns
from embkit.files.tables.roles import ROLES, attach_columns, choose_roles
from embkit.files.text.dialect import DELIMITERS
from embkit.text import shorten, suggestion

__all__ = ["attach_table"]

_OPTIONS = ("delimiter", "header", "encoding")
_LONGEST_LABEL = 80  # characters
_TRUTH = {"true": True, "false": False}


def attach_table(dataset: Dataset, spec: str) -> Dataset:
    """Put the columns of a table beside the rows of a dataset.

    Parameters
    ----------
    dataset : Dataset
        As its loader returned it, no row dropped yet.
    spec : str
        ``FILE`` or ``FILE:text=gloss,label=lexfile``: the file, and the names
        its columns have where they are not ``id``, ``text`` and ``label``; among
        them may be ``delimiter=tab``, ``header=false`` and ``encoding=latin-1``.
        A single column without a name is labels if it consists of short values of
        which each occurs twice on average, and texts otherwise; ``FILE:text=1`` says
        that it is texts, whatever stands after the ``=``.

    Returns
    -------
    Dataset
        With ids, texts and reference labels as far as the table has them, and
        all further columns as metadata.

    Raises
    ------
    DataError
        If the file is missing or no table, has another number of rows than the
        dataset, ids other than those that the dataset came with, or no column
        of a known name and none was named.
    ParameterError
        If a rename has no such role, or no such column.
    """
    file, given = _parse_spec(spec)
    options = _options(given)
    renames = {name: value for name, value in given.items() if name not in _OPTIONS}
    path = check_source(file)
    for role in renames:
        if role not in ROLES:
            raise ParameterError(
                f"{path}: there is no role {shorten(role, 80)!r}", "", suggestion(role, ROLES)
            )
    used = list(renames.values())
    columns, notes = read_columns(path, options, n_rows=dataset.n_samples, used=used)
    n_rows = len(next(iter(columns.values()), ()))
    if n_rows != dataset.n_samples:
        raise DataError(
            f"{path}: the table has {n_rows} rows, {dataset.name} has {dataset.n_samples}",
            "a table must match the matrix row by row (its first line names the columns)",
            "give the table that was written with this matrix",
        )
    roles = _roles(path, dataset, columns, renames)
    if "id" in roles and dataset.ids is not None:
        _check_same_ids(dataset, columns[roles["id"]], path)
    if roles.get("id") != "":
        columns.pop("", None)  # row numbers that pandas wrote, beside other ids
    attached = attach_columns(dataset, columns, roles, path.name)
    if _is_unnamed(columns) and "label" in roles and not renames:
        n_values = len(set(columns[UNNAMED]))
        note = (
            f"{path.name}: one column without a name, taken as labels because its values repeat"
            f" ({n_values} distinct); if they are texts, append :text=1"
        )
        notes = (note, *notes)
    return replace(attached, notes=(*attached.notes, *notes)) if notes else attached


def _roles(path: Path, dataset: Dataset, columns: Columns, renames: Mapping[str, str]) -> dict[str, str]:
    if _is_unnamed(columns) and set(renames) <= set(ROLES):
        return {next(iter(renames), None) or _unnamed_role(path, columns[UNNAMED]): UNNAMED}
    roles = choose_roles(columns, renames, str(path))
    if "id" not in roles and "" in columns and "id" not in renames and dataset.ids is None:
        roles["id"] = ""  # row names, as pandas and R write them
    if not any(roles.values()) and not renames:
        names = [shorten(name, 60) for name in columns]
        more = f" and {len(names) - 12} others" if len(names) > 12 else ""
        raise DataError(
            f"{path}: no column is called id, text or label",
            f"its columns are {', '.join(names[:12])}{more}",
            f"say which is which: --table {path}:text={next((name for name in names if name), 'NAME')}",
        )
    return roles


def _is_unnamed(columns: Columns) -> bool:
    return list(columns) == [UNNAMED]


def _unnamed_role(path: Path, values: Sequence[str]) -> str:
    """What a column without a name is: labels if short values repeat throughout, else texts."""
    present = [value for value in values if value.strip()]
    distinct = set(present)
    if not present:
        return "text"
    if 2 * len(distinct) <= len(present) and max(map(len, distinct)) <= _LONGEST_LABEL:
        return "label"
    if all(map(_is_number, distinct)):
        raise DataError(
            f"{path}: its values are numbers that hardly repeat",
            "they are neither texts nor labels",
            f"if they are ids: --table {path}:id=1",
        )
    return "text"


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _options(given: Mapping[str, str]) -> TableOptions:
    delimiter, header = given.get("delimiter"), given.get("header")
    if delimiter is not None and delimiter not in DELIMITERS:
        raise ParameterError(
            f"delimiter={shorten(delimiter, 40)!r} is unknown", "", suggestion(delimiter, DELIMITERS)
        )
    if header is not None and header.lower() not in _TRUTH:
        raise ParameterError(
            f"header={shorten(header, 40)!r} is unknown", "", "give header=true or header=false"
        )
    return TableOptions(
        None if delimiter is None else DELIMITERS[delimiter],
        None if header is None else _TRUTH[header.lower()],
        given.get("encoding", "utf-8"),
    )


def _parse_spec(spec: str) -> tuple[str, dict[str, str]]:
    """Divide at the last colon behind which there are only renames; paths may hold colons too."""
    if not _is_file(spec):
        for end in reversed([index for index, char in enumerate(spec) if char == ":"]):
            pairs = [pair.partition("=") for pair in spec[end + 1 :].split(",")]
            if end and all(ours.strip() and equals for ours, equals, _ in pairs):
                return spec[:end], {ours.strip(): theirs.strip() for ours, _, theirs in pairs}
    return spec, {}


def _is_file(path: str) -> bool:
    try:
        return Path(path).is_file()
    except (OSError, ValueError):  # longer than the system allows
        return False


def _check_same_ids(dataset: Dataset, ids: Sequence[str], path: Path) -> None:
    pairs = zip(dataset.ids or (), ids, strict=True)
    row, (ours, theirs) = next(
        ((row, pair) for row, pair in enumerate(pairs) if pair[0] != pair[1]), (0, ("", ""))
    )
    if ours != theirs:
        raise DataError(
            f"{path}: row {row} has the id {shorten(theirs, 80)!r}, {dataset.name} has"
            f" {shorten(ours, 80)!r} there",
            "a table must match the matrix row by row",
            "bring the table into the order of the matrix, or leave its id column out",
        )
