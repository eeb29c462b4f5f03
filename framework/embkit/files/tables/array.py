"""A column in a NumPy array file: labels or texts, one a row."""

from pathlib import Path

import numpy as np

from embkit.errors import DataError
from embkit.files.tables.roles import as_text

__all__ = ["array_values"]


def array_values(path: Path) -> tuple[str, ...]:
    """Read a one-dimensional ``.npy`` file as strings.

    Parameters
    ----------
    path : Path
        Strings, bytes, integers, floats or truth values, of shape (n_samples,) or
        (n_samples, 1). Nothing is unpickled.

    Raises
    ------
    DataError
        If it holds anything else, or is cut off.
    """
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, EOFError) as error:
        if "Python objects" in str(error) or "allow_pickle" in str(error):
            raise DataError(
                f"{path}: it contains a Python pickle (dtype object); refused",
                "unpickling can run arbitrary code",
                "save plain strings: numpy.save(path, numpy.asarray(values, dtype=str))",
            ) from None
        raise DataError(
            f"{path}: not a NumPy array that can be read", str(error), "save it again with numpy.save"
        ) from None
    if array.ndim != 1 and array.shape[1:] != (1,):
        raise DataError(
            f"{path}: the array has the shape {array.shape}",
            "a table has one value a row",
            "give an array of labels or texts; a matrix is a source, not a table",
        )
    if array.dtype.kind not in "USiufb":
        raise DataError(
            f"{path}: the array holds {array.dtype}", "", "give an array of strings or real numbers"
        )
    return tuple(map(as_text, array.ravel().tolist()))
