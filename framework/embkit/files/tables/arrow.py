"""Arrow IPC files and streams: opened with errors that name them, every batch validated."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from embkit.errors import DataError, EmbkitError, MissingExtraError
from embkit.text import shorten

__all__ = ["ArrowFile", "damage_named", "is_arrow", "opened_arrow"]

_STARTS = (b"ARROW1", b"FEA1", b"\xff\xff\xff\xff")
_FEATHER_1, _STREAM = _STARTS[1:]


def is_arrow(path: Path) -> bool:
    """Whether a file begins as an Arrow file, an Arrow stream, or Feather."""
    with path.open("rb") as stream:
        return stream.read(6).startswith(_STARTS)


class ArrowFile:
    """The record batches of an open file.

    Parameters
    ----------
    open_reader : callable
        Gives a reader that stands at the first batch.
    """

    def __init__(self, open_reader: Any) -> None:
        self._open = open_reader
        with open_reader() as reader:
            self.schema_arrow = reader.schema
            self.n_rows = sum(len(batch) for batch in _batches(reader))

    def iter_batches(self, batch_size: int, columns: Sequence[str]) -> Iterator[Any]:
        """The rows of some columns, validated."""
        with self._open() as reader:
            for batch in _batches(reader):
                chosen = batch.select(list(columns))
                chosen.validate(full=True)
                for start in range(0, len(chosen), batch_size):
                    yield chosen.slice(start, batch_size)


def _batches(reader: Any) -> Iterator[Any]:
    if hasattr(reader, "num_record_batches"):
        return (reader.get_batch(number) for number in range(reader.num_record_batches))
    return iter(reader)


@contextmanager
def opened_arrow(path: Path, needed_by: str) -> Iterator[ArrowFile]:
    """Give the batches of an Arrow file, memory-mapped; what pyarrow raises names the file.

    Parameters
    ----------
    path : Path
        A file for which `is_arrow` holds.
    needed_by : str
        What needs pyarrow, such as ``loader arrow``.

    Raises
    ------
    DataError
        If it is damaged, or of the first version of Feather.
    MissingExtraError
        If pyarrow is not installed.
    """
    try:
        import pyarrow as pa
        from pyarrow import ipc
    except ImportError as error:
        raise MissingExtraError(needed_by, "pyarrow", "parquet") from error
    with path.open("rb") as stream:
        start = stream.read(4)
    if start == _FEATHER_1:
        raise DataError(
            f"{path}: it is Feather of the first version",
            "only the second one, which is Arrow's file format, is read",
            "write it again: from pyarrow import feather; "
            "feather.write_feather(feather.read_table(FILE), 'x.feather')",
        )
    with damage_named(path, "Arrow"), pa.memory_map(str(path)) as file:

        def open_reader() -> Any:
            file.seek(0)
            return ipc.open_stream(file) if start == _STREAM else ipc.open_file(file)

        yield ArrowFile(open_reader)


@contextmanager
def damage_named(path: Path, kind: str) -> Iterator[None]:
    """Name the file in whatever pyarrow, which must be installed, raises of its content.

    Raises
    ------
    DataError
        If it is damaged.
    """
    import pyarrow as pa

    try:
        yield
    except EmbkitError:
        raise
    except (pa.ArrowException, OSError, ValueError, KeyError, IndexError) as error:
        reason = shorten(str(error).partition("\n")[0], 200)
        raise DataError(
            f"{path}: the {kind} file is cut or damaged", reason, "write or copy it again"
        ) from error
