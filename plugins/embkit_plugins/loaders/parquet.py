"""Loader parquet: a list column, or the numeric columns, of a Parquet file."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit import DataError, Dataset, check_matrix
from embkit.reading import attach_columns, choose_roles, reading
from embkit_plugins.loaders.reading.arrow import Vector, choose_vector, is_single, opened
from embkit_plugins.loaders.reading.files import check_room, path_of

__all__ = ["Parquet"]

_COLUMNS = {
    "id": ("id", "ids"),
    "text": ("text", "texts", "document", "content"),
    "label": ("label", "labels"),
}
_BATCH_ROWS = 8192


class Parquet:
    """A Parquet file: its one list column is the vector, or its numeric columns are.

    Columns called id, text and label are the rows' ids, texts and reference
    labels; other columns of single values become metadata.

    Parameters
    ----------
    column : str, optional
        The column of the vector, or a pattern such as ``dim_*`` of its numeric
        columns; needed where there are several list columns.
    id : str, optional
        The column of the ids, where it is not called id; empty for none.
    text : str, optional
        The column of the texts; text, document or content where not given, empty for none.
    label : str, optional
        The column of the reference labels, where it is not called label; empty for none.

    Notes
    -----
    Needs pyarrow, which the extra ``parquet`` brings.
    """

    def __init__(
        self,
        *,
        column: str | None = None,
        id: str | None = None,  # noqa: A002 - as users type it
        text: str | None = None,
        label: str | None = None,
    ) -> None:
        self.column = column
        self.id = id
        self.text = text
        self.label = label

    def load(self, source: str | None) -> Dataset:
        """Read a Parquet file batch by batch.

        Parameters
        ----------
        source : str
            Path of the file.

        Returns
        -------
        Dataset
            Vectors of shape (n_samples, n_features) in the column's own dtype.

        Raises
        ------
        DataError
            If the file is damaged, a vector is missing, incomplete or of another
            length (naming its row), or there is no single column to take.
        MissingExtraError
            If pyarrow is not installed.
        ParameterError
            If an asked column does not exist.
        ResourceError
            If the matrix would not fit in memory.
        """
        path = path_of(source, "parquet")
        with reading(path), opened(path) as file:
            names = [name for name in file.schema_arrow.names if not name.startswith("__index_level_")]
            asked = {"id": self.id, "text": self.text, "label": self.label}
            roles = choose_roles(dict.fromkeys(names), asked, str(path), _COLUMNS)
            free = [name for name in names if name not in roles.values()]
            vector = choose_vector(file, free, self.column, path)
            others = [
                *roles.values(),
                *(name for name in free if is_single(file.schema_arrow.field(name).type)),
            ]
            others = [name for name in others if name not in vector.columns]
            vectors, columns = _read(file, vector, others, path)
        notes = (f"the vector is {vector}",)
        return attach_columns(Dataset(vectors, name=path.name, notes=notes), columns, roles, path.name)


def _read(
    file: Any, vector: Vector, others: Sequence[str], path: Path
) -> tuple[NDArray[Any], dict[str, list[Any]]]:
    n_rows = file.metadata.num_rows
    check_matrix((n_rows, vector.length), vector.dtype, str(path))
    check_room(str(path), n_rows * vector.length * vector.dtype.itemsize)
    vectors = np.empty((n_rows, vector.length), dtype=vector.dtype)
    columns: dict[str, list[Any]] = {name: [] for name in others}
    row = 0
    for batch in file.iter_batches(batch_size=_BATCH_ROWS, columns=[*vector.columns, *others]):
        vectors[row : row + len(batch)] = vector.matrix(batch, row, path)
        for name in others:
            columns[name] += batch.column(name).to_pylist()
        row += len(batch)
    if row != n_rows:
        raise DataError(f"{path}: it holds {row} rows, its footer says {n_rows}", "", "write it again")
    return vectors, columns
