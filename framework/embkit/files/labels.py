"""Labels that an earlier run left, or that come from elsewhere, joined to a dataset's rows."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from embkit.data.dataset import Dataset, IntArray
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
            header, *rows = [row for row in csv.reader(stream) if row] or [[]]
    except OSError as error:
        raise DataError(f"{file} cannot be read", error.strerror or "", "give a run's folder") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{file} is no table of labels", str(error), "give a run's folder") from None
    if not rows or not {"id", "label"} <= set(header):
        raise DataError(f"{file} has no columns id and label", "", "give a run's folder or such a table")
    place, stated = header.index("id"), header.index("label")
    whole = max(place, stated) + 1
    cells = [(row[place], row[stated]) if len(row) >= whole else ("", "") for row in rows]
    try:
        labels = tuple(int(label) for _, label in cells)
    except ValueError:
        wrong = ((line, label) for line, (_, label) in enumerate(cells, 2) if not _is_integer(label))
        line, label = next(wrong)
        raise DataError(
            f"{file}: line {line}: label {label!r} is no integer", "", "-1 is noise"
        ) from None
    return RecordedLabels(file, tuple(csv_unsafe(name) for name, _ in cells), labels)


def _is_integer(text: str) -> bool:
    try:
        int(text)
    except ValueError:
        return False
    return True
