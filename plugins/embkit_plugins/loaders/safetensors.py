"""Loader safetensors: one matrix of a safetensors file, and the columns beside it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit import DataError, Dataset, EmbkitError, MissingExtraError
from embkit.reading import Kind, attach_columns, choose_roles, kind_of, reading
from embkit.text import shorten
from embkit_plugins.loaders.reading.files import check_room, path_of, wrong_kind
from embkit_plugins.loaders.reading.members import COLUMNS, Member, choose_matrix

__all__ = ["Safetensors"]

_DTYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1",
    "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "u1", "BOOL": "?",
}  # fmt: skip
_BFLOAT16 = "BF16"


class Safetensors:
    """One matrix of a safetensors file, with ``ids`` and ``labels`` of numbers where it has them.

    Matrices are memory-mapped in their own dtype; bfloat16, which NumPy lacks,
    becomes float32, without loss.

    Parameters
    ----------
    key : str, optional
        Name of the tensor that holds the embeddings; needed where the file has
        several matrices and not exactly one of them is called embeddings, X,
        vectors or the like.

    Notes
    -----
    Needs safetensors, which the extra ``safetensors`` brings.
    """

    def __init__(self, *, key: str | None = None) -> None:
        self.key = key

    def load(self, source: str | None) -> Dataset:
        """Map the matrix of a ``.safetensors`` file.

        Parameters
        ----------
        source : str
            Path of the file.

        Returns
        -------
        Dataset
            Vectors of shape (n_samples, n_features) in the file's own dtype.

        Raises
        ------
        DataError
            If the file is damaged, or has no single matrix to take.
        MissingExtraError
            If safetensors is not installed.
        ParameterError
            If there is no such key.
        ResourceError
            If a matrix in bfloat16 would not fit in memory.
        """
        path = path_of(source, "safetensors")
        with reading(path), _opened(path) as file:
            header = _header(path)
            names = list(file.keys())
            members = {name: Member(_shape(file, name), _dtype(file, name)) for name in names}
            key, notes = choose_matrix(members, self.key, str(path), "safetensors")
            columns = {
                name: member
                for name, member in members.items()
                if member.is_column and member.shape[0] == members[key].shape[0]
            }
            roles = choose_roles(columns, {}, path.name, COLUMNS)
            values = {name: file.get_tensor(name).tolist() for name in roles.values()}
            is_bfloat16 = file.get_slice(key).get_dtype() == _BFLOAT16
        vectors = _mapped(path, header, key, members[key], is_bfloat16=is_bfloat16)
        notes = (*notes, "bfloat16, read as float32") if is_bfloat16 else notes
        return attach_columns(Dataset(vectors, name=path.name, notes=notes), values, roles, path.name)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """The file, opened by its format's own library, which checks the header against the size."""
    try:
        from safetensors import SafetensorError, safe_open
    except ImportError as error:
        raise MissingExtraError("loader safetensors", "safetensors", "safetensors") from error
    if kind_of(path) != Kind.SAFETENSORS:
        raise wrong_kind(path, "a safetensors file")
    try:
        with safe_open(str(path), "numpy") as file:
            yield file
    except EmbkitError:
        raise
    except (SafetensorError, OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"{path}: the safetensors file is cut or damaged",
            shorten(str(error), 200),
            "write or copy it again",
        ) from error


def _header(path: Path) -> tuple[int, dict[str, Any]]:
    """Where the data begin, and the header, which the library has checked."""
    with path.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        header: dict[str, Any] = json.loads(stream.read(length))
    return 8 + length, header


def _shape(file: Any, name: str) -> tuple[int, ...]:
    return tuple(map(int, file.get_slice(name).get_shape()))


def _dtype(file: Any, name: str) -> np.dtype[Any]:
    stated = str(file.get_slice(name).get_dtype())
    # What NumPy has no type for (float8, complex) is bytes, which the chooser does not take for numbers.
    return np.dtype("<f4" if stated == _BFLOAT16 else _DTYPES.get(stated, "V1"))


def _mapped(
    path: Path, header: tuple[int, dict[str, Any]], key: str, member: Member, *, is_bfloat16: bool
) -> NDArray[Any]:
    start, tensors = header
    offset = start + int(tensors[key]["data_offsets"][0])
    if not is_bfloat16:
        return np.memmap(path, member.dtype, "r", offset, member.shape)
    check_room(str(path), 4 * member.shape[0] * member.shape[1])
    bits = np.memmap(path, "<u2", "r", offset, member.shape)
    # bfloat16 is the upper half of a float32.
    wide: NDArray[Any] = (bits.astype(np.uint32) << 16).view(np.float32)
    return wide
