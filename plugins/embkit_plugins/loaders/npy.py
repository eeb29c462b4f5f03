"""Loader npy: one NumPy array file, read where it is."""

import warnings
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from annotated_types import Ge
from numpy.typing import NDArray

from embkit import DataError, Dataset, EmbkitWarning, FileRows, check_matrix, stacked
from embkit.reading import reading
from embkit.text import format_bytes
from embkit_plugins.loaders.reading.files import is_large, path_of, wrong_kind
from embkit_plugins.loaders.reading.npy_format import MAGIC, Header, check_extent, read_header

__all__ = ["Npy"]


class Npy:
    """A NumPy array file: what is not used is not read.

    Floats of more than 256 MB stay in the file for components that read them by blocks.

    Parameters
    ----------
    dim : int, optional
        Length of a row, for a file with all vectors end to end in one
        dimension.

    Notes
    -----
    Files that hold Python pickles are refused.
    """

    def __init__(self, *, dim: Annotated[int, Ge(1)] | None = None) -> None:
        self.dim = dim

    def load(self, source: str | None) -> Dataset:
        """Map the matrix of a ``.npy`` file.

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
            If the file is of another kind, cut off, or does not hold a matrix of real numbers.
        """
        path = path_of(source, "npy")
        with reading(path):
            header = _header_of(path)
            _check_size(path, header)
            shape = self._matrix_shape(header, str(path))
            check_matrix(shape, header.dtype, str(path))
            if is_large(shape, header.dtype) and not header.fortran:
                part = FileRows(path, header.offset, shape, header.dtype)
                return Dataset(stacked([part]), name=path.name)
            # check_extent has found all bytes, so that the mapping cannot run over the end.
            flat: NDArray[Any] = np.memmap(
                path, header.dtype, "r", header.offset, shape, "F" if header.fortran else "C"
            )
        notes = ("the file is column by column (Fortran order)",) if header.fortran else ()
        return Dataset(flat, name=path.name, notes=notes)

    def _matrix_shape(self, header: Header, name: str) -> tuple[int, ...]:
        shape, dim = header.shape, self.dim
        if len(shape) == 1 and dim is None:
            raise DataError(
                f"{name}: the array has one dimension ({shape[0]} values)",
                "embkit needs a matrix with one embedding per row",
                "if the rows lie end to end, give their length: --loader npy:dim=LENGTH",
            )
        if len(shape) == 1 and dim is not None:
            if shape[0] % dim:
                raise DataError(
                    f"{name}: {shape[0]} values do not divide into rows of {dim}",
                    f"dim={dim} was given",
                    "give the length of a row",
                )
            return (shape[0] // dim, dim)
        if len(shape) == 2 and dim not in (None, shape[1]):
            raise DataError(
                f"{name}: its rows have {shape[1]} values", f"dim={dim} was given", "leave dim out"
            )
        return shape


def _header_of(path: Path) -> Header:
    with path.open("rb") as stream:
        start = stream.read(len(MAGIC))
        if not start or not MAGIC.startswith(start):
            raise wrong_kind(path, "a NumPy array (.npy)")
        stream.seek(0)
        header = read_header(stream, str(path))
    if header.dtype.hasobject:
        raise DataError(
            f"{path}: it contains a Python pickle (dtype object); refused",
            "unpickling can run arbitrary code",
            "save plain numbers: numpy.save(path, numpy.stack(array).astype('float32'))",
        )
    if header.fields:
        raise DataError(
            f"{path}: a structured array with the fields {', '.join(header.fields)}",
            "embkit needs a matrix of numbers",
            "save only the field that holds the vectors",
        )
    return header


def _check_size(path: Path, header: Header) -> None:
    present = path.stat().st_size - header.offset
    check_extent(header, present, str(path))
    excess = present - header.n_bytes
    if excess:
        warnings.warn(
            f"{path}: {excess} bytes ({format_bytes(excess)}) follow the array and are not read",
            EmbkitWarning,
            stacklevel=3,
        )
