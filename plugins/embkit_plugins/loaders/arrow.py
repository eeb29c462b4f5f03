"""Loader arrow: a list column, or the numeric columns, of an Arrow IPC or Feather file."""

from collections.abc import Collection
from pathlib import Path

from embkit import Dataset
from embkit.reading import ArrowFile, is_arrow, opened_arrow, reading
from embkit_plugins.loaders.reading.arrow_rows import read_table
from embkit_plugins.loaders.reading.files import check_room, path_of, wrong_kind
from embkit_plugins.loaders.reading.store import TEXT_BYTES

__all__ = ["Arrow"]


class Arrow:
    """An Arrow IPC file or stream, such as Feather: its one list column is the vector.

    What the loader parquet reads of a Parquet file, this one reads of an Arrow
    file: a column of lists, else the numeric columns, with ids, texts and labels
    by name. Hugging Face datasets keep theirs as such files.

    Parameters
    ----------
    column : str or tuple of str, optional
        The column of the vector, or a pattern such as ``dim_*`` of its columns,
        or a list of such.
    id : str, optional
        The column of the ids, where it is not called id; empty for none.
    text : str, optional
        The column of the texts; text, document or content if omitted, empty for none.
    label : str, optional
        The column of the reference labels, where it is not called label; empty for none.

    Notes
    -----
    Needs pyarrow, which the extra ``parquet`` brings. Files are memory-mapped,
    and every batch is validated before its values are used.
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
        """Read an Arrow file batch by batch.

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
            If the file is damaged or of the first version of Feather, a vector is
            missing, incomplete or of another length (naming its row), or there is
            no single column to take.
        MissingExtraError
            If pyarrow is not installed.
        ParameterError
            If an asked column does not exist.
        ResourceError
            If the matrix would not fit in memory.
        """
        path = path_of(source, "arrow")
        asked = {"id": self.id, "text": self.text, "label": self.label}
        with reading(path):
            if not is_arrow(path):
                raise wrong_kind(path, "an Arrow or Feather file")
            with opened_arrow(path, "loader arrow") as file:
                return read_table(path, _Rows(file, path.stat().st_size), self.column, asked, "arrow")


class _Rows:
    """An Arrow file as `read_table` reads it."""

    def __init__(self, file: ArrowFile, n_bytes: int) -> None:
        self._n_bytes = n_bytes
        self.schema_arrow = file.schema_arrow
        self.n_rows = file.n_rows
        self.iter_batches = file.iter_batches

    def check_room(self, path: Path, names: Collection[str]) -> None:
        """Refuse columns of single values that would not fit in memory."""
        cells = self.n_rows * TEXT_BYTES * len(names)
        check_room(str(path), cells + (self._n_bytes if names else 0))
