"""Loader npz: one array of a NumPy archive, and the columns beside it."""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit import DataError, Dataset, EmbkitError
from embkit.reading import Kind, attach_columns, choose_roles, kind_of, reading
from embkit.text import format_bytes
from embkit_plugins.loaders.reading.files import check_room, path_of, wrong_kind
from embkit_plugins.loaders.reading.members import COLUMNS, Member, choose_matrix, unread_note
from embkit_plugins.loaders.reading.npy_format import Header, check_extent, read_header
from embkit_plugins.loaders.reading.sparse import check_dense_room, dense_matrix

__all__ = ["Npz"]

# numpy.savez_compressed makes embeddings about 10 % smaller; 1000 is the most that deflate can do.
_LARGEST_RATIO = 100
_LARGEST_UNCHECKED = 1 << 28
_REDUCE = (
    "reduce it: numpy.save('x.npy', sklearn.decomposition.TruncatedSVD(100).fit_transform("
    "scipy.sparse.load_npz(FILE)))"
)


class Npz:
    """One matrix of a NumPy archive, with its ``texts``, ``labels`` and ``ids`` where it has them.

    A sparse matrix, as ``scipy.sparse.save_npz`` writes it, becomes a dense one if
    that fits in memory.

    Parameters
    ----------
    key : str, optional
        Name of the array that holds the embeddings; needed where the archive
        has several matrices and not exactly one of them is called embeddings,
        X, vectors or arr_0.

    Notes
    -----
    Strings must be of fixed width (``numpy.array(texts, dtype=str)``); arrays
    of objects are pickles, which are refused.
    """

    def __init__(self, *, key: str | None = None) -> None:
        self.key = key

    def load(self, source: str | None) -> Dataset:
        """Read the matrix and the columns of a ``.npz`` file.

        Parameters
        ----------
        source : str
            Path of the archive.

        Returns
        -------
        Dataset
            Vectors of shape (n_samples, n_features) in the archive's own dtype.

        Raises
        ------
        DataError
            If the archive is damaged, holds pickles, expands without measure,
            or has no single matrix to take.
        ParameterError
            If there is no such key.
        ResourceError
            If the arrays would not fit in memory.
        """
        path = path_of(source, "npz")
        with _archive(path) as archive:
            headers = _headers(archive, path)
            self._refuse_pickles(headers, path)
            members = {name: Member(header.shape, header.dtype) for name, header in headers.items()}
            if self.key is None and {"data", "format", "shape"} <= set(members):
                return _sparse(archive, headers, path)
            if self.key is None:
                _refuse_rows_apart(members, path)
            key, notes = choose_matrix(members, _without_suffix(self.key), str(path), "npz")
            columns = {name: member for name, member in members.items() if member.is_column}
            roles = choose_roles(columns, {}, path.name, COLUMNS)
            check_room(str(path), sum(headers[name].n_bytes for name in (key, *roles.values())))
            vectors = _read(archive, key)
            values = {name: _read(archive, name).tolist() for name in roles.values()}
            notes = notes or unread_note(members, {key, *roles.values()})
        return attach_columns(Dataset(vectors, name=path.name, notes=notes), values, roles, path.name)

    def _refuse_pickles(self, headers: dict[str, Header], path: Path) -> None:
        pickles = [name for name, header in headers.items() if header.dtype.hasobject]
        wanted = _without_suffix(self.key)
        if pickles and (wanted is None or wanted in pickles):
            raise DataError(
                f"{path}: {', '.join(pickles)} contain Python pickles (dtype object); refused",
                "unpickling can run any code",
                "save strings with numpy.array(texts, dtype=str), or name the matrix alone with key=",
            )


def _sparse(archive: zipfile.ZipFile, headers: dict[str, Header], path: Path) -> Dataset:
    """A sparse matrix, as scipy saves it, made dense if that fits in memory."""
    small = {name: headers[name].n_bytes for name in ("format", "shape")}
    shape = _read(archive, "shape") if small["shape"] <= 64 else np.empty(0)
    if small["format"] > 64 or shape.shape != (2,) or shape.dtype.kind not in "iu" or (shape <= 0).any():
        raise DataError(
            f"{path}: a sparse matrix without a shape", "the file is damaged", "write it again"
        )
    layout = _read(archive, "format")
    extents = (int(shape[0]), int(shape[1]))
    check_dense_room(extents, headers["data"].dtype.itemsize, str(path), _REDUCE)
    check_room(str(path), sum(header.n_bytes for header in headers.values()))
    parts = {name: _read(archive, name) for name in headers if name not in small}
    text = layout.item()
    text = text.decode("ascii", "replace") if isinstance(text, bytes) else str(text)
    vectors, note = dense_matrix(text, parts, extents, str(path))
    return Dataset(vectors, name=path.name, notes=(note,))


def _refuse_rows_apart(members: dict[str, Member], path: Path) -> None:
    """Name what is plain: one array a row."""
    shapes = {member.shape for member in members.values()}
    real = all(member.dtype.kind == "f" for member in members.values())
    if len(members) > 1 and len(shapes) == 1 and len(*shapes) == 1 and real:
        raise DataError(
            f"{path}: it holds {len(members)} arrays of {next(iter(shapes))[0]} values, one a row",
            "embkit reads one matrix",
            "stack them: a = dict(numpy.load(FILE)); "
            "numpy.savez('x.npz', embeddings=numpy.stack(list(a.values())), ids=list(a))",
        )


@contextmanager
def _archive(path: Path) -> Iterator[zipfile.ZipFile]:
    if kind_of(path) != Kind.ZIP:
        raise wrong_kind(path, "a NumPy archive (.npz)")
    with reading(path):
        try:
            with zipfile.ZipFile(path) as archive:
                yield archive
        except EmbkitError:
            raise
        except (zipfile.BadZipFile, zlib.error, RuntimeError, ValueError) as error:
            raise DataError(
                f"{path}: the archive is cut, damaged or encrypted",
                str(error),
                "write it again with numpy.savez",
            ) from error


def _headers(archive: zipfile.ZipFile, path: Path) -> dict[str, Header]:
    infos = {info.filename: info for info in archive.infolist() if info.filename.endswith(".npy")}
    if not infos:
        raise DataError(
            f"{path}: a zip archive without NumPy arrays",
            f"it holds {', '.join(archive.namelist()[:5]) or 'nothing'}",
            "write it with numpy.savez; export a spreadsheet as CSV",
        )
    if len(set(archive.namelist())) < len(archive.namelist()):
        raise DataError(
            f"{path}: two members have the same name",
            "which one is meant is unclear",
            "write it again",
        )
    headers = {}
    for filename, info in infos.items():
        name = filename.removesuffix(".npy")
        _refuse_bomb(info, f"{path}[{name}]")
        with archive.open(info) as stream:
            header = read_header(stream, f"{path}[{name}]")
        if not header.dtype.hasobject and not header.fields:
            check_extent(header, info.file_size - header.offset, f"{path}[{name}]")
        headers[name] = header
    return headers


def _refuse_bomb(info: zipfile.ZipInfo, name: str) -> None:
    ratio = info.file_size / max(1, info.compress_size)
    if ratio > _LARGEST_RATIO and info.file_size > _LARGEST_UNCHECKED:
        raise DataError(
            f"{name}: {format_bytes(info.compress_size)} expand to {format_bytes(info.file_size)}",
            f"{ratio:.0f} times the size, which no embeddings do",
            "if it is meant, save it as .npy",
        )


def _read(archive: zipfile.ZipFile, name: str) -> NDArray[Any]:
    with archive.open(f"{name}.npy") as stream:
        array: NDArray[Any] = np.lib.format.read_array(stream, allow_pickle=False)
    return array


def _without_suffix(key: str | None) -> str | None:
    return key if key is None else key.removesuffix(".npy")
