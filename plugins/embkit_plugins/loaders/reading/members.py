"""Choose among the arrays of a file: the matrix, its texts, labels and ids."""

import math
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from embkit import DataError, ParameterError, check_matrix
from embkit.text import suggestion

__all__ = ["COLUMNS", "CONVENTIONAL", "Member", "choose_matrix", "unread_note"]

CONVENTIONAL = ("embeddings", "embedding", "X", "vectors", "arr_0", "train")
"""Names by which a matrix is taken where there are several; ``train`` is that of ann-benchmarks."""

COLUMNS = {"id": ("ids", "id"), "text": ("texts", "text"), "label": ("labels", "label")}

_SHOWN = 12


@dataclass(frozen=True)
class Member:
    """An array in a file, unread."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    @property
    def n_bytes(self) -> int:
        """Size of its values."""
        return math.prod(self.shape) * self.dtype.itemsize

    @property
    def is_matrix(self) -> bool:
        """Whether it can be a dataset's vectors."""
        return len(self.shape) == 2 and 0 not in self.shape and self.dtype.kind in "fiub"

    @property
    def is_column(self) -> bool:
        """Whether it can be a dataset's texts, labels or ids."""
        return len(self.shape) == 1 and self.dtype.kind in "USiubf"

    def __str__(self) -> str:
        return f"{'x'.join(map(str, self.shape)) or 'scalar'} {self.dtype}"


def unread_note(members: Iterable[str], read: Container[str]) -> tuple[str, ...]:
    """What of a file is not read, for the notes of a dataset; nothing where all is."""
    others = [name for name in members if name not in read]
    return (f"not read: {', '.join(others[:_SHOWN])}",) if others else ()


def choose_matrix(
    members: Mapping[str, Member], key: str | None, source: str, loader: str
) -> tuple[str, tuple[str, ...]]:
    """Choose the matrix of a file that holds named arrays.

    Parameters
    ----------
    members : mapping of str to Member
        All arrays by name.
    key : str or None
        What the user asked for.
    source, loader : str
        What to call the file in messages, and the loader in remedies.

    Returns
    -------
    key : str
        The only matrix, or the only one of a conventional name.
    notes : tuple of str
        What was chosen where there was a choice.

    Raises
    ------
    ParameterError
        If there is no such key.
    DataError
        If there is no matrix, or several and no key.
    """
    if key is not None:
        if key not in members:
            raise ParameterError(f"{source}: there is no array {key!r}", "", suggestion(key, members))
        check_matrix(members[key].shape, members[key].dtype, f"{source}[{key}]")
        return key, ()
    matrices = [name for name, member in members.items() if member.is_matrix]
    usual = [name for name in matrices if name.rpartition("/")[2] in CONVENTIONAL]
    if len(matrices) == 1:
        return matrices[0], ()
    if len(usual) == 1:
        others = [name for name in matrices if name != usual[0]]
        return usual[0], (f"the matrix is {usual[0]}; not read: {', '.join(others[:_SHOWN])}",)
    if not matrices:
        raise DataError(
            f"{source}: it holds no matrix of real numbers",
            f"it holds {_listing(members)}",
            "store the embeddings as one array of two dimensions",
        )
    raise DataError(
        f"{source}: it holds several matrices: {_listing({name: members[name] for name in matrices})}",
        "which one holds the embeddings is unclear",
        f"name it: --loader {loader}:key={(usual or matrices)[0]}",
    )


def _listing(members: Mapping[str, Member]) -> str:
    shown = [f"{name} ({member})" for name, member in list(members.items())[:_SHOWN]]
    more = [f"{len(members) - _SHOWN} more"] if len(members) > _SHOWN else []
    return ", ".join(shown + more) or "no array at all"
