"""Loader parquet: a list column, or the numeric columns, of a Parquet file."""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

from embkit import Dataset
from embkit.reading import Kind, check_parquet_room, kind_of, opened_parquet, reading
from embkit_plugins.loaders.reading.arrow_rows import read_table
from embkit_plugins.loaders.reading.files import path_of, wrong_kind

__all__ = ["Parquet"]


class _Rows:
    """A Parquet file as `read_table` reads it."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self.schema_arrow = file.schema_arrow
        self.n_rows = int(file.metadata.num_rows)

    def iter_batches(self, batch_size: int, columns: Sequence[str]) -> Iterator[Any]:
        """The rows in pieces."""
        yield from self._file.iter_batches(batch_size=batch_size, columns=columns)

    def check_room(self, path: Path, names: Collection[str]) -> None:
        """Refuse columns of single values that would not fit in memory."""
        check_parquet_room(path, self._file, names)


class Parquet:
    """A Parquet file: its one list column is the vector, or its numeric columns are.

    A column called embedding or vector is the vector whatever else there is; it
    may hold lists, lists in text (as JSON, for instance), or the bytes of float32.

    Columns called id, text and label are the rows' ids, texts and reference
    labels; other columns of single values become metadata.

    Parameters
    ----------
    column : str or tuple of str, optional
        The column of the vector, or a pattern such as ``dim_*`` of its columns,
        or a list of such; needed where there are several list columns, which
        are joined if several are asked for.
    id : str, optional
        The column of the ids, where it is not called id; empty for none.
    text : str, optional
        The column of the texts; text, document or content if omitted, empty for none.
    label : str, optional
        The column of the reference labels, where it is not called label; empty for none.

    Notes
    -----
    Needs pyarrow, which the extra ``parquet`` brings.
    """

    def __init__(
        self,
        *,
        column: str | tuple[str, ...] | None = None,
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
        with reading(path):
            if kind_of(path) != Kind.PARQUET:
                raise wrong_kind(path, "a Parquet file")
            asked = {"id": self.id, "text": self.text, "label": self.label}
            with opened_parquet(path, "loader parquet") as file:
                return read_table(path, _Rows(file), self.column, asked, "parquet")
