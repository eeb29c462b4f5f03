"""Rows unpacked into a temporary file, for formats whose rows cannot be read where they lie."""

import os
import tempfile
import weakref
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit.data.blocks import ArrayRows
from embkit.errors import ResourceError
from embkit.text import format_bytes

__all__ = ["SpooledRows"]


class SpooledRows:
    """A `RowSource` in a temporary file without a name, which ends with the process however that ends.

    Parameters
    ----------
    shape : tuple of int
        Numbers of rows and of columns; the rows are given to `append`.
    dtype : dtype
        Type of the values.

    Raises
    ------
    ResourceError
        If no temporary file can be made.
    """

    def __init__(self, shape: tuple[int, int], dtype: np.dtype[Any]) -> None:
        self.shape = shape
        self.dtype = np.dtype(dtype)
        self.n_written = 0
        try:
            self._file = tempfile.TemporaryFile(prefix="embkit-", buffering=0)  # noqa: SIM115 - ends with this
        except OSError as error:
            raise self._no_room(error) from error
        weakref.finalize(self, self._file.close)

    def append(self, rows: NDArray[Any]) -> None:
        """Write the next rows.

        Raises
        ------
        ResourceError
            If the disk is full.
        """
        content = np.ascontiguousarray(rows, dtype=self.dtype).reshape(-1).view(np.uint8).data
        try:
            while content:
                content = content[self._file.write(content) :]
        except OSError as error:
            raise self._no_room(error) from error
        self.n_written += len(rows)

    def read(self, start: int, stop: int) -> NDArray[Any]:
        """Consecutive rows."""
        rows = np.empty((stop - start, self.shape[1]), dtype=self.dtype)
        content = rows.reshape(-1).view(np.uint8).data
        place = start * self.shape[1] * self.dtype.itemsize
        while content:
            n_read = os.preadv(self._file.fileno(), [content], place)
            content, place = content[n_read:], place + n_read
        return rows

    def pick(self, rows: NDArray[np.int64]) -> NDArray[Any]:
        """Rows by their numbers, in the order given."""
        mapped = np.memmap(self._file, self.dtype, "r", shape=self.shape)
        return np.array(mapped[rows])

    def __reduce__(self) -> tuple[type[ArrayRows], tuple[NDArray[Any]]]:
        # A file without a name cannot be opened by whoever reads the pickle.
        return ArrayRows, (self.read(0, self.shape[0]),)

    def _no_room(self, error: OSError) -> ResourceError:
        size = self.shape[0] * self.shape[1] * self.dtype.itemsize
        return ResourceError(
            f"no room for {format_bytes(size)} of vectors in {tempfile.gettempdir()}",
            error.strerror or str(error),
            "set TMPDIR to a folder with more room, or save the matrix as .npy, which is read in place",
        )
