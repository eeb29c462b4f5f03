"""Check that an array is a matrix of embeddings and that ids are unique, before reading it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit.data.blocks import Blocks
from embkit.errors import DataError
from embkit.text import shorten

__all__ = ["as_matrix", "check_matrix", "checked_ids"]

_BFLOAT16 = "(numpy.load(FILE).view('u2').astype('u4') << 16).view('f4')"


def as_matrix(vectors: Any, name: str) -> Any:
    """Return vectors of any array type as a plain array; memory maps and `Blocks` as they are.

    Masked values, None and pandas' NA become NaN, for the host to refuse or drop their rows.

    Raises
    ------
    DataError
        If the matrix is sparse, or no array can be made of it.
    """
    if isinstance(vectors, np.ma.MaskedArray):
        return _unmasked(vectors)
    if isinstance(vectors, np.memmap | Blocks):
        return vectors
    if hasattr(vectors, "toarray"):
        raise DataError(
            f"{name}: the matrix is sparse ({type(vectors).__name__})",
            "embeddings are dense",
            "convert it with .toarray(), or reduce it first, for instance with "
            "sklearn.decomposition.TruncatedSVD",
        )
    try:
        array = _plain_array(vectors)
        # A column of a table: an array whose values are arrays.
        array = np.asarray(list(array)) if array.dtype == object and array.ndim == 1 else array
        return _without_objects(array) if array.dtype == object else array
    except (ValueError, TypeError, OverflowError, RuntimeError, BufferError) as error:
        raise DataError(
            f"{name}: no matrix can be made of it",
            shorten(str(error), 200),
            "give an array of shape (n_samples, n_features): all rows of one length",
        ) from None


def _plain_array(vectors: Any) -> NDArray[Any]:
    """An array of NumPy, of another library's tensor too; bfloat16 becomes float32, without loss."""
    if type(vectors).__module__.partition(".")[0] == "torch":
        tensor = vectors.detach().cpu()
        return np.asarray(tensor.float() if str(tensor.dtype) == "torch.bfloat16" else tensor)
    of_numpy = isinstance(vectors, np.ndarray) or hasattr(vectors, "__array__")
    array = np.asarray(np.from_dlpack(vectors) if _is_tensor(vectors) and not of_numpy else vectors)
    return array.astype(np.float32) if array.dtype.name == "bfloat16" else array


def _is_tensor(vectors: Any) -> bool:
    return hasattr(vectors, "__dlpack__") and hasattr(vectors, "__dlpack_device__")


def _without_objects(array: NDArray[Any]) -> NDArray[Any]:
    """Numbers among which some are missing as float64; anything else as it is."""
    missing = np.array([value is None or type(value).__name__ == "NAType" for value in array.flat])
    if not missing.any() or missing.all():
        return array
    try:
        return np.where(missing.reshape(array.shape), np.nan, array).astype(np.float64)
    except (TypeError, ValueError):
        return array


def _unmasked(vectors: np.ma.MaskedArray[Any, Any]) -> NDArray[Any]:
    if not np.ma.is_masked(vectors):
        return np.asarray(vectors.data)
    wide = vectors.data.astype(np.promote_types(vectors.dtype, np.float16))
    wide[np.ma.getmaskarray(vectors)] = np.nan
    return wide


def check_matrix(shape: tuple[int, ...], dtype: np.dtype[Any], name: str) -> None:
    """Refuse what is not a matrix of embeddings, from its shape and dtype alone.

    Raises
    ------
    DataError
        If it is empty, not two-dimensional or not of real numbers.
    """
    extents = "x".join(str(extent) for extent in shape)
    if dtype.kind not in "fiub":
        raise _wrong_dtype(dtype, name)
    if len(shape) == 1:
        raise DataError(
            f"{name}: the array has one dimension ({shape[0]} values)",
            "embkit needs a matrix, one embedding a row",
            "reshape it to (n_samples, n_features)",
        )
    if len(shape) != 2:
        raise DataError(
            f"{name}: the array has shape {extents}",
            "embkit needs a matrix, one embedding a row",
            "pool the token axis first, for instance with vectors.mean(axis=1)",
        )
    if 0 in shape:
        raise DataError(
            f"{name}: empty matrix of shape {extents}", "there is nothing to cluster", "check the source"
        )


def _wrong_dtype(dtype: np.dtype[Any], name: str) -> DataError:
    what = f"{name}: the array holds {shorten(str(dtype), 80)}, not real numbers"
    if dtype.kind == "V" and not dtype.names and dtype.itemsize <= 2:
        kind, fix = (
            ("bfloat16", f"convert it: numpy.save('float32.npy', {_BFLOAT16})")
            if dtype.itemsize == 2
            else ("float8", "convert it where it was made: array.astype('float32')")
        )
        return DataError(
            what,
            f"it is probably {kind}, which numpy saves as raw bytes of {dtype.itemsize * 8} bits",
            fix,
        )
    fixes = {
        "c": "save its real part, its absolute values, or real and imaginary parts side by side",
        "O": "make one array of all rows: numpy.stack(rows).astype('float32')",
        "U": "convert it: array.astype('float32')",
        "S": "convert it: array.astype('float32')",
    }
    return DataError(
        what,
        "embeddings are rows of integers or floating-point numbers",
        fixes.get(dtype.kind, "select or convert the numeric columns first"),
    )


def checked_ids(ids: Sequence[Any], name: str) -> tuple[str, ...]:
    """Return ids as strings, or refuse what cannot stand for a row on disk.

    Raises
    ------
    DataError
        If ids repeat, with the first repeats and their rows, or one holds a
        character that no text file can.
    """
    texts = tuple(value if type(value) is str else str(value) for value in ids)
    for row, value in enumerate(texts):
        if not value.isascii():
            _check_encodable(value, row, name)
        if "\0" in value:
            raise _bad_id(value, row, name, "it holds the character NUL")
    _check_unique(texts, name)
    return texts


def _check_encodable(value: str, row: int, name: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise _bad_id(value, row, name, "it holds half of a surrogate pair") from None


def _bad_id(value: str, row: int, name: str, reason: str) -> DataError:
    return DataError(
        f"{name}: the id of row {row}, {shorten(value, 80)!r}, cannot be used",
        f"{reason}, which text files cannot keep",
        "give the row another id",
    )


def _check_unique(ids: Sequence[str], name: str) -> None:
    if len(set(ids)) == len(ids):
        return
    first: dict[str, int] = {}
    repeats = []
    for row, value in enumerate(ids):
        if value in first:
            repeats.append(f"{shorten(value, 80)!r} in rows {first[value]} and {row}")
        first.setdefault(value, row)
    raise DataError(
        f"{name}: ids are not unique: {', '.join(repeats[:5])} ({len(repeats)} repeats in all)",
        "results are joined by id",
        "make the ids unique, or leave the column out to use row numbers",
    )
