"""Loader arrow: a list column, or the numeric columns, of an Arrow IPC or Feather file."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from embkit import DataError, Dataset, EmbkitError, MissingExtraError
from embkit.reading import Kind, kind_of, reading
from embkit.text import shorten
from embkit_plugins.loaders.reading.arrow_rows import read_table
from embkit_plugins.loaders.reading.files import check_room, path_of, wrong_kind

__all__ = ["Arrow"]

_FEATHER_1 = b"FEA1"
_STREAM = b"\xff\xff\xff\xff"
_CELL_BYTES = 64  # what a value takes at least as an object of Python, with its place in a list


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
        The column of the texts; text, document or content where not given, empty for none.
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
            with path.open("rb") as stream:
                start = stream.read(4)
            if start != _STREAM and kind_of(path) != Kind.ARROW:
                raise wrong_kind(path, "an Arrow or Feather file")
            if start == _FEATHER_1:
                raise DataError(
                    f"{path}: it is Feather of the first version",
                    "only the second one, which is Arrow's file format, is read",
                    "write it again: from pyarrow import feather; "
                    "feather.write_feather(feather.read_table(FILE), 'x.feather')",
                )
            with _opened(path, is_stream=start == _STREAM) as rows:
                return read_table(path, rows, self.column, asked, "arrow")


class _Rows:
    """The batches of an open file, as `read_table` reads them."""

    def __init__(self, open_reader: Any, n_bytes: int) -> None:
        self._open = open_reader
        self._n_bytes = n_bytes
        with open_reader() as reader:
            self.schema_arrow = reader.schema
            self.n_rows = sum(len(batch) for batch in self._batches(reader))

    def iter_batches(self, batch_size: int, columns: Sequence[str]) -> Iterator[Any]:
        """The rows of some columns, validated."""
        with self._open() as reader:
            for batch in self._batches(reader):
                chosen = batch.select(list(columns))
                chosen.validate(full=True)
                for start in range(0, len(chosen), batch_size):
                    yield chosen.slice(start, batch_size)

    def check_room(self, path: Path, names: Collection[str]) -> None:
        """Refuse columns of single values that would not fit in memory."""
        check_room(str(path), self.n_rows * _CELL_BYTES * len(names) + (self._n_bytes if names else 0))

    @staticmethod
    def _batches(reader: Any) -> Iterator[Any]:
        if hasattr(reader, "num_record_batches"):
            return (reader.get_batch(number) for number in range(reader.num_record_batches))
        return iter(reader)


@contextmanager
def _opened(path: Path, *, is_stream: bool) -> Iterator[_Rows]:
    try:
        import pyarrow as pa
    except ImportError as error:
        raise MissingExtraError("loader arrow", "pyarrow", "parquet") from error
    from pyarrow import ipc

    try:
        with pa.memory_map(str(path)) as file:

            def open_reader() -> Any:
                file.seek(0)
                return ipc.open_stream(file) if is_stream else ipc.open_file(file)

            yield _Rows(open_reader, path.stat().st_size)
    except EmbkitError:
        raise
    except (pa.ArrowException, OSError, ValueError, KeyError, IndexError) as error:
        reason = shorten(str(error).partition("\n")[0], 200)
        raise DataError(
            f"{path}: the Arrow file is cut or damaged", reason, "write or copy it again"
        ) from error
