"""Labels that an earlier run left, or that come from elsewhere, joined to a dataset's rows."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from embkit.data.dataset import Dataset, IntArray
from embkit.errors import DataError
from embkit.files.kinds import Kind, kind_of
from embkit.files.sources import check_source
from embkit.files.tables.reading import TableOptions, read_columns
from embkit.text import csv_unsafe, shorten

__all__ = ["RecordedLabels", "read_labels"]

_NOISE = ("", "-1")
_OWN = b"row,id,label"
_LARGEST = np.iinfo(np.int64).max


@dataclass(frozen=True)
class RecordedLabels:
    """The labels of a file.

    Parameters
    ----------
    path : Path
        Where they were read.
    ids : tuple of str
        The row's id, or its number in the source.
    labels : tuple of int
        Its cluster; -1 is noise.
    dropped : tuple of str
        Ids of rows that the earlier run left out; they are noise where they
        are asked for.
    names : tuple of str
        What each label from 0 on is called, where labels are not integers.
    by_row : bool
        Whether they are joined to rows by the row number in the source, as the file
        has no ids.
    """

    path: Path
    ids: tuple[str, ...]
    labels: tuple[int, ...]
    dropped: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    by_row: bool = False

    def __repr__(self) -> str:
        return f"RecordedLabels({str(self.path)!r}: {len(self.ids)} rows)"

    def of(self, dataset: Dataset) -> IntArray:
        """The label of each row of a dataset, joined by id or row number, shape (n_samples,).

        Raises
        ------
        DataError
            If a row has no label, with the first of them.
        """
        known = self._known()
        ids = self._keys(dataset)
        missing = [value for value in ids if value not in known]
        if missing:
            shown = ", ".join(shorten(value, 80) for value in missing[:5])
            raise DataError(
                f"{self.path}: no label for {len(missing)} of {len(ids)} rows: {shown}",
                f"labels are joined to rows by {'row number' if self.by_row else 'id'}",
                "give the labels of the same dataset",
            )
        return np.array([known[value] for value in ids], dtype=np.int64)

    def rows_of(self, dataset: Dataset) -> IntArray:
        """The rows of a dataset that have a label, shape (any,), ascending."""
        known = self._known()
        rows = [row for row, key in enumerate(self._keys(dataset)) if key in known]
        return np.array(rows, dtype=np.int64)

    def _keys(self, dataset: Dataset) -> list[str]:
        if self.by_row:
            return list(map(str, dataset.source_rows.tolist()))
        return [dataset.row_id(row) for row in range(dataset.n_samples)]

    def _known(self) -> dict[str, int]:
        known = dict.fromkeys(self.dropped, -1) | dict(zip(self.ids, self.labels, strict=True))
        # Another program may have written the cells of a labels.csv, quoted against formulas, anew.
        return {csv_unsafe(value): label for value, label in known.items()} | known


def read_labels(path: str | Path) -> RecordedLabels:
    """Read ``labels.csv`` as a run writes it, or a table with the columns ``id`` and ``label``.

    Parameters
    ----------
    path : path
        The file, or the folder of a run. Any table that can stand beside a
        matrix: delimited by commas, tabs or others, JSON, Parquet; or a one-dimensional
        NumPy array (``.npy``), whose labels are in the order of the rows.

    Returns
    -------
    RecordedLabels
        Labels that are not all integers are names, numbered as they come; empty
        ones and ``-1`` are noise among them.

    Raises
    ------
    DataError
        If it cannot be read, lacks a column, two rows have the same id and
        different labels, or an integer label is missing.
    """
    file = Path(path) / "labels.csv" if _is_folder(path) else Path(path)
    file = check_source(file)
    own = _is_own(file)
    columns, _ = read_columns(file, TableOptions(",", True, quoted=True) if own else TableOptions())
    by_row = kind_of(file) is Kind.NPY
    if by_row:
        (values,) = columns.values()
        columns = {"id": tuple(map(str, range(len(values)))), "label": values}
    if not {"id", "label"} <= set(columns):
        shown = ", ".join(shorten(name, 60) for name in list(columns)[:8]) or "none"
        raise DataError(
            f"{file} has no columns id and label",
            f"its columns are {shown}",
            "give a run's folder, a table that has both, or an .npy file of labels in the order of rows",
        )
    ids = tuple(map(csv_unsafe, columns["id"])) if own else columns["id"]
    labels, names = _numbered(file, columns["label"])
    status = columns.get("status", ("",) * len(ids))
    is_dropped = [state.startswith("dropped") for state in status]
    kept = [(name, label) for name, label, out in zip(ids, labels, is_dropped, strict=True) if not out]
    _check_repeats(file, kept)
    return RecordedLabels(
        file,
        tuple(name for name, _ in kept),
        tuple(label for _, label in kept),
        tuple(name for name, out in zip(ids, is_dropped, strict=True) if out),
        names,
        by_row,
    )


def _is_folder(path: str | Path) -> bool:
    try:
        return Path(path).is_dir()
    except (OSError, ValueError):  # no such path is possible
        return False


def _is_own(file: Path) -> bool:
    """Whether a run wrote it: the cells are quoted as CSV says, and against formulas."""
    with file.open("rb") as stream:
        return stream.read(len(_OWN)) == _OWN


def _numbered(file: Path, cells: Sequence[str]) -> tuple[list[int], tuple[str, ...]]:
    numbers = [_integer(cell) for cell in cells]
    wrong = [row for row, number in enumerate(numbers) if number is None]
    if not wrong:
        return [number for number in numbers if number is not None], ()
    named = [row for row in wrong if cells[row].strip()]
    if not named:
        raise DataError(
            f"{file}: row {wrong[0]}: label {cells[wrong[0]]!r} is not an integer",
            f"{len(wrong)} of {len(cells)} labels are missing",
            "write -1 for noise, or leave the rows out",
        )
    texts = [cell.strip() for cell in cells]
    names = dict.fromkeys(text for text in texts if text not in _NOISE)
    place = {name: index for index, name in enumerate(names)}
    return [place.get(text, -1) for text in texts], tuple(names)


def _integer(cell: str) -> int | None:
    """The integer that a label is, as 3 or as pandas writes it beside missing ones: 3.0."""
    text = cell.strip().removesuffix(".0")
    if len(text) > 20:
        return None
    try:
        number = int(text)
    except ValueError:
        return None
    return number if abs(number) <= _LARGEST and "_" not in text else None


def _check_repeats(file: Path, rows: list[tuple[str, int]]) -> None:
    counts = Counter(name for name, _ in set(rows))
    repeated = [name for name, count in counts.items() if count > 1]
    if repeated:
        raise DataError(
            f"{file}: {len(repeated)} ids have several labels, the first is"
            f" {shorten(repeated[0], 80)!r}",
            "labels are joined to rows by id",
            "give each id one label",
        )
