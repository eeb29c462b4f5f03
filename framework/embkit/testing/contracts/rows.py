"""The contract of components that are given rows: awkward rows, and rows in any form."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit.data.dataset import Dataset
from embkit.data.intake.admission import Policy, admit
from embkit.data.results import Clustering
from embkit.errors import DataError, EmbkitError, PluginError
from embkit.testing.checks import checks
from embkit.testing.examples import blobs, equal_rows, few_rows
from embkit.testing.failures import CheckFailed, require
from embkit.testing.soundness import examine
from embkit.testing.subject import Subject

__all__ = ["ROWS", "sound_or_refused"]


def sound_or_refused(subject: Subject, given: Dataset | Clustering) -> Any:
    """Check that it returns something sound, or refuses in embkit's words.

    Returns
    -------
    Dataset, Artifact, Clustering, Validation, dict of Figure, or None where it refuses

    Raises
    ------
    CheckFailed
        If it does neither.
    """
    n_samples = (given.dataset if isinstance(given, Clustering) else given).n_samples
    try:
        result = subject.call(given, step=subject.step_for(n_samples))
    except PluginError as error:
        raise CheckFailed(str(error)) from error
    except EmbkitError:
        return None
    try:
        examine(result, n_samples)
    except DataError as error:
        raise CheckFailed(f"returned what cannot be used: {error}") from error
    return result


def one_row(subject: Subject) -> None:
    """One row is worked on, or refused with a DataError or ParameterError."""
    sound_or_refused(subject, few_rows(1))


def two_rows(subject: Subject) -> None:
    """Two rows are worked on, or refused with a DataError or ParameterError."""
    sound_or_refused(subject, few_rows(2))


def all_rows_equal(subject: Subject) -> None:
    """Rows that are all equal are worked on, or refused with a DataError or ParameterError."""
    sound_or_refused(subject, equal_rows())


def duplicates(subject: Subject) -> None:
    """Data in which every row stands twice is worked on; equal rows get the same cluster."""
    data = blobs()
    rows = np.tile(np.arange(data.n_samples), 2)
    doubled = Dataset(data.vectors[rows], reference=[str(data.reference[row]) for row in rows])  # type: ignore[index]
    found = sound_or_refused(subject, doubled)
    if isinstance(found, Clustering):
        labels = found.labels
        parted = int(np.count_nonzero(labels[: data.n_samples] != labels[data.n_samples :]))
        require(
            not parted, f"{parted} of {data.n_samples} pairs of equal rows are in different clusters"
        )


def float64(subject: Subject) -> None:
    """Rows of float64 are worked on as well as rows of float32."""
    data = blobs()
    found = sound_or_refused(subject, data.with_vectors(data.vectors.astype(np.float64)))
    require(found is not None, "refused rows of float64")


def any_layout(subject: Subject) -> None:
    """Float16, Fortran-ordered, strided and memory-mapped rows give what plain ones give."""
    data = blobs()
    for name, vectors in (
        ("float16 rows in Fortran order", np.asfortranarray(data.vectors.astype(np.float16))),
        ("strided rows", np.repeat(data.vectors, 2, axis=1)[:, ::2]),
        ("memory-mapped rows", _mapped(subject, data.vectors)),
    ):
        if subject.takes_clustering and not isinstance(vectors, np.memmap):
            continue  # these reach it as plain rows; one of them is enough
        changed = subject.changes(subject.call(data.with_vectors(vectors)))
        require(not changed, f"{name} gave other {', '.join(changed)}")


def _mapped(subject: Subject, vectors: NDArray[Any]) -> NDArray[np.float32]:
    path = subject.folder / "vectors.npy"
    np.save(path, vectors)
    mapped: NDArray[np.float32] = np.load(path, mmap_mode="r")
    return mapped


def input_kept(subject: Subject) -> None:
    """The bytes it is given are unchanged afterwards."""
    vectors = blobs().vectors.copy()  # writable behind the read-only view that it is handed
    given = subject.input(blobs().with_vectors(vectors))
    labels = given.labels.copy() if isinstance(given, Clustering) else None
    try:
        subject.call(given)
    finally:
        require(vectors.tobytes() == blobs().vectors.tobytes(), "changed the vectors it was given")
    if isinstance(given, Clustering):
        require(np.array_equal(given.labels, labels), "changed the labels it was given")  # type: ignore[arg-type]


def not_finite(subject: Subject) -> None:
    """Rows with NaN or infinity are refused with a DataError, as the host does for every component."""
    for value in (np.nan, np.inf):
        vectors = blobs().vectors.copy()
        vectors[3, 2] = value
        try:
            admit(blobs().with_vectors(vectors), Policy())
            subject.call(blobs().with_vectors(vectors))
        except DataError:
            continue
        raise CheckFailed(f"worked on rows that hold {value}")


ROWS = checks(one_row, two_rows, all_rows_equal, duplicates, float64, any_layout, input_kept, not_finite)
"""The checks of components that are given rows."""
