"""Labels that an earlier run left, or that come from elsewhere, joined to a dataset's rows."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from embkit.data import Dataset, IntArray
from embkit.errors import DataError
from embkit.text import csv_unsafe

__all__ = ["RecordedLabels", "read_labels"]


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
    """

    path: Path
    ids: tuple[str, ...]
    labels: tuple[int, ...]

    def of(self, dataset: Dataset) -> IntArray:
        """The label of each row of a dataset, joined by id, shape (n_samples,).

        Raises
        ------
        DataError
            If a row has no label, with the first of them.
        """
        known = dict(zip(self.ids, self.labels, strict=True))
        ids = [dataset.row_id(row) for row in range(dataset.n_samples)]
        missing = [value for value in ids if value not in known]
        if missing:
            raise DataError(
                f"{self.path}: no label for {len(missing)} of {len(ids)} rows: {', '.join(missing[:5])}",
                "labels are joined to rows by id",
                "give the labels of the same dataset",
            )
        return np.array([known[value] for value in ids], dtype=np.int64)


def read_labels(path: str | Path) -> RecordedLabels:
    """Read ``labels.csv`` as a run writes it, or a file with the columns ``id`` and ``label``.

    Parameters
    ----------
    path : path
        The file, or the folder of a run.

    Raises
    ------
    DataError
        If it cannot be read, lacks a column, or a label is no integer.
    """
    file = Path(path) / "labels.csv" if Path(path).is_dir() else Path(path)
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
    except OSError as error:
        raise DataError(f"{file} cannot be read", error.strerror or "", "give a run's folder") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{file} is no table of labels", str(error), "give a run's folder") from None
    if not rows or not {"id", "label"} <= set(rows[0]):
        raise DataError(f"{file} has no columns id and label", "", "give a run's folder or such a table")
    try:
        labels = tuple(int(row["label"]) for row in rows)
    except (TypeError, ValueError):
        line = next(number for number, row in enumerate(rows, 2) if not _is_integer(row["label"]))
        raise DataError(
            f"{file}: line {line}: label {rows[line - 2]['label']!r} is no integer", "", "-1 is noise"
        ) from None
    return RecordedLabels(file, tuple(csv_unsafe(row["id"]) for row in rows), labels)


def _is_integer(text: str | None) -> bool:
    try:
        int(text or "")
    except ValueError:
        return False
    return True
