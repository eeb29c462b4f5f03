"""The tables of a run's folder, read back: the rows with their labels, and what validators found."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from embkit.data.dataset import Floats, IntArray, Table
from embkit.data.intake.sourceless import Sourceless
from embkit.data.labels import MEMBERSHIP
from embkit.errors import DataError, EmbkitError
from embkit.text import csv_unsafe

__all__ = ["RecordedRows", "read_table", "recorded_rows"]

_DROPPED = "dropped: "


@dataclass(frozen=True, eq=False)
class RecordedRows:
    """What ``labels.csv`` of a run says of the rows that were clustered, and of those left out.

    Parameters
    ----------
    rows : tuple of int
        The row numbers in the source.
    ids : tuple of str
        Of the rows.
    labels : ndarray of int64, shape (n_samples,)
        Their clusters.
    probabilities, memberships : ndarray of float64, optional
        As in the clustering.
    dropped, dropped_ids : mapping of int to str
        Rows that were left out, why, and their ids.
    """

    rows: tuple[int, ...]
    ids: tuple[str, ...]
    labels: IntArray
    probabilities: Floats | None
    memberships: Floats | None
    dropped: Mapping[int, str]
    dropped_ids: Mapping[int, str]

    def without_source(self, error: EmbkitError, record: Mapping[str, Any]) -> Sourceless:
        """The rows as a dataset without vectors."""
        reason = error if isinstance(error, DataError) else DataError(error.what, error.why, error.fix)
        return Sourceless(reason, record, self.rows, self.ids, self.dropped, self.dropped_ids)


def recorded_rows(folder: Path) -> RecordedRows:
    """Read ``labels.csv`` of a run.

    Raises
    ------
    DataError
        If it is missing or damaged.
    """
    file = folder / "labels.csv"
    table = read_table(file, texts=("id", "status"))
    if not {"row", "id", "label"} <= set(table):
        raise DataError(f"{file} has no columns row, id and label", "", "run again")
    status = table.get("status", ["ok"] * len(table["row"]))
    kept = [place for place, state in enumerate(status) if not state.startswith(_DROPPED)]
    out = [place for place, state in enumerate(status) if state.startswith(_DROPPED)]

    def numbers(name: str, kind: type) -> Any:
        return np.array([table[name][place] for place in kept], dtype=kind)

    soft = [name for name in table if name.startswith(MEMBERSHIP)]
    try:
        return RecordedRows(
            tuple(numbers("row", int).tolist()),
            tuple(table["id"][place] for place in kept),
            numbers("label", np.int64),
            numbers("probability", float) if "probability" in table else None,
            np.column_stack([numbers(name, float) for name in soft]) if soft else None,
            {int(table["row"][place]): status[place].removeprefix(_DROPPED) for place in out},
            {int(table["row"][place]): table["id"][place] for place in out if table["id"][place]},
        )
    except (TypeError, ValueError) as error:
        raise DataError(f"{file} is damaged", str(error), "run again") from error


def read_table(path: Path, texts: Sequence[str] = ()) -> Table:
    """A table as embkit writes it.

    Parameters
    ----------
    path : Path
        The file.
    texts : sequence of str
        Columns that are texts even where they look like numbers.

    Raises
    ------
    DataError
        If it cannot be read.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            header, *rows = list(csv.reader(file)) or [[]]
        columns = list(zip(*rows, strict=True)) if rows else [() for _ in header]
        named = dict(zip(map(csv_unsafe, header), columns, strict=True))
    except (OSError, ValueError, csv.Error) as error:
        raise DataError(f"{path} cannot be read", str(error), "run again") from error
    return {
        name: [*map(csv_unsafe, cells)] if name in texts else _column(cells)
        for name, cells in named.items()
    }


def _column(cells: Sequence[str]) -> Sequence[Any]:
    """Numbers where all cells are numbers or empty, else texts."""
    for convert in (int, float):
        try:
            return [convert(cell) if cell else None for cell in cells]
        except ValueError:
            continue
    return [csv_unsafe(cell) for cell in cells]
