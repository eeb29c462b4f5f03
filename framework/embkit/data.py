"""What passes between components: datasets, clusterings, validations, artifacts.

All of them are frozen, and every array in them is read-only: a component that
wants other values makes a new object.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit.errors import DataError
from embkit.fingerprint import array_fingerprint
from embkit.matrix import check_matrix, check_unique

__all__ = [
    "Artifact",
    "Clustering",
    "Dataset",
    "FloatArray",
    "IntArray",
    "Table",
    "Validation",
]

FloatArray = NDArray[np.floating[Any]]
IntArray = NDArray[np.int64]
Table = Mapping[str, Sequence[Any] | NDArray[Any]]
"""Named columns of equal length, in the order in which they are shown."""


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    """Return a view of `array` that cannot be written through."""
    view = array.view()
    view.flags.writeable = False
    return view


@dataclass(frozen=True, eq=False)
class Dataset:
    """A matrix of embeddings and what is known of its rows.

    Parameters
    ----------
    vectors : ndarray of shape (n_samples, n_features)
        One embedding a row; any integer or floating dtype until the host has
        admitted the dataset, C-contiguous float32 or float64 from then on.
    ids : sequence of str, optional
        One unique id a row; the row numbers where not given.
    texts : sequence of str, optional
        One text a row; empty where a row has none.
    reference : sequence of str, optional
        One reference label a row, for external validation; empty where unknown.
    metadata : mapping of str to sequence, optional
        Further row-aligned columns.
    name : str
        What to call it in titles and records.
    rows : ndarray of int64, optional
        The row numbers in the source, where rows were dropped or sampled.
    dropped : mapping of int to str
        Source rows left out, each with the reason.
    notes : tuple of str
        What the loader decided or noticed, shown in the summary.

    Raises
    ------
    DataError
        If the matrix is empty, not two-dimensional or not of real numbers, or
        if a row-aligned column has another length, or if ids are not unique.
    """

    vectors: NDArray[Any]
    ids: Sequence[str] | None = None
    texts: Sequence[str] | None = None
    reference: Sequence[str] | None = None
    metadata: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    name: str = "dataset"
    rows: IntArray | None = None
    dropped: Mapping[int, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        vectors = np.asanyarray(self.vectors)
        check_matrix(vectors.shape, vectors.dtype, self.name)
        object.__setattr__(self, "vectors", read_only(vectors))
        for column in ("ids", "texts", "reference"):
            values = getattr(self, column)
            if values is not None:
                object.__setattr__(self, column, tuple(values))
                self._check_length(column, len(values))
        for column, values in self.metadata.items():
            self._check_length(column, len(values))
        object.__setattr__(self, "metadata", MappingProxyType(dict(self.metadata)))
        object.__setattr__(self, "dropped", MappingProxyType(dict(self.dropped)))
        if self.rows is not None:
            self._check_length("rows", len(self.rows))
            object.__setattr__(self, "rows", read_only(np.asarray(self.rows, dtype=np.int64)))
        if self.ids is not None:
            check_unique(self.ids, self.name)

    def _check_length(self, column: str, length: int) -> None:
        if length != self.n_samples:
            raise DataError(
                f"{self.name}: {column} has {length} values, the matrix has {self.n_samples} rows",
                "every column must match the matrix row by row",
                "give a table with one line for each row of the matrix",
            )

    @property
    def n_samples(self) -> int:
        """Number of rows."""
        return int(self.vectors.shape[0])

    @property
    def n_features(self) -> int:
        """Number of dimensions of each embedding."""
        return int(self.vectors.shape[1])

    @cached_property
    def fingerprint(self) -> str:
        """Hexadecimal digest of dtype, shape and content of the vectors.

        Cost: one pass over the matrix, O(n d).
        """
        return array_fingerprint(self.vectors)

    @cached_property
    def source_rows(self) -> IntArray:
        """Row number in the source for each row, shape (n_samples,)."""
        if self.rows is not None:
            return self.rows
        return np.arange(self.n_samples, dtype=np.int64)

    def row_id(self, row: int) -> str:
        """The id of a row: as given, or its row number in the source."""
        return self.ids[row] if self.ids is not None else str(self.source_rows[row])

    def describe_row(self, row: int) -> str:
        """What to show a person for a row: its text where there is one, else its id."""
        text = self.texts[row] if self.texts is not None else ""
        return text or self.row_id(row)

    def with_vectors(self, vectors: NDArray[Any]) -> "Dataset":
        """The same rows with other vectors."""
        return replace(self, vectors=vectors)

    def take(self, rows: NDArray[Any]) -> "Dataset":
        """The dataset of the given row positions, in the order given."""

        def pick(values: Sequence[Any] | None) -> tuple[Any, ...] | None:
            return None if values is None else tuple(values[row] for row in rows)

        return replace(
            self,
            vectors=self.vectors[rows],
            ids=pick(self.ids),
            texts=pick(self.texts),
            reference=pick(self.reference),
            metadata={
                name: tuple(values[row] for row in rows) for name, values in self.metadata.items()
            },
            rows=self.source_rows[rows],
        )


@dataclass(frozen=True, eq=False)
class Clustering:
    """Which cluster each row of a dataset belongs to.

    Parameters
    ----------
    dataset : Dataset
        What was clustered; its vectors are those the clusterer saw.
    labels : ndarray of int64, shape (n_samples,)
        0 to k-1 by falling cluster size (ties by first row); -1 is noise. The
        host puts the labels a clusterer returns into this form.
    parameters : mapping of str to value
        The clusterer's parameters as resolved: defaults filled in, and what was
        ``"auto"`` replaced by what was chosen. ``metric`` and
        ``distance_threshold`` are read from here by validators and visualizers.
    linkage : ndarray of float64, shape (n_samples - 1, 4), optional
        The whole tree in scipy's format, where there is one.
    probabilities : ndarray of float64, shape (n_samples,), optional
        Strength of each row's membership, 0 to 1.
    notes : tuple of str
        What the clusterer decided or noticed, shown in the summary.
    clusterer : str
        Name of the component; filled in by the host.
    """

    dataset: Dataset
    labels: IntArray
    parameters: Mapping[str, Any] = field(default_factory=dict)
    linkage: NDArray[np.float64] | None = None
    probabilities: NDArray[np.float64] | None = None
    notes: tuple[str, ...] = ()
    clusterer: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "labels", read_only(np.asarray(self.labels)))
        object.__setattr__(self, "parameters", MappingProxyType(dict(self.parameters)))
        for column in ("linkage", "probabilities"):
            values = getattr(self, column)
            if values is not None:
                object.__setattr__(self, column, read_only(np.asarray(values, dtype=np.float64)))

    @cached_property
    def sizes(self) -> IntArray:
        """Number of rows in each cluster, shape (n_clusters,), noise left out."""
        return np.bincount(self.labels[self.labels >= 0]).astype(np.int64)

    @property
    def n_clusters(self) -> int:
        """Number of clusters; noise is not one."""
        return len(self.sizes)

    @property
    def n_noise(self) -> int:
        """Number of rows labelled -1."""
        return int(np.count_nonzero(self.labels < 0))

    @cached_property
    def representatives(self) -> IntArray:
        """For each cluster, the row nearest to its mean, shape (n_clusters,).

        Nearest by euclidean distance, ties by lowest row. Cost: O(n d).
        """
        vectors = self.dataset.vectors
        chosen = np.empty(self.n_clusters, dtype=np.int64)
        order = np.argsort(self.labels, kind="stable")[self.n_noise :]
        groups = np.split(order, np.cumsum(self.sizes)[:-1])[
            : self.n_clusters
        ]  # none where all is noise
        for cluster, rows in enumerate(groups):
            members = vectors[rows].astype(np.float64)
            away = ((members - members.mean(axis=0)) ** 2).sum(axis=1)
            chosen[cluster] = rows[np.argmin(away)]
        return read_only(chosen)


@dataclass(frozen=True, eq=False)
class Validation:
    """What a validator found.

    Parameters
    ----------
    scores : mapping of str to float, int, str, bool or None
        Named results. A score that cannot be computed is None, with the reason
        in `notes`; never NaN.
    tables : mapping of str to Table
        Row-wise results, each written to ``tables/NAME.csv``.
    notes : tuple of str
        Sentences for the reader: coverage, samples used, caveats.
    skipped : str, optional
        Why nothing could be computed.
    """

    scores: Mapping[str, float | int | str | bool | None] = field(default_factory=dict)
    tables: Mapping[str, Table] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    skipped: str | None = None

    @classmethod
    def skip(cls, reason: str) -> "Validation":
        """A validation that could not be made, and why."""
        return cls(skipped=reason)


@dataclass(frozen=True, eq=False)
class Artifact:
    """Something dear that was computed once from a dataset.

    Parameters
    ----------
    arrays : mapping of str to ndarray
        The result; kept on disk as one ``.npy`` each.
    facts : mapping of str to JSON value
        How it came about (the route taken, iterations); written to ``run.json``.
    """

    arrays: Mapping[str, NDArray[Any]]
    facts: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        arrays = {name: read_only(array) for name, array in self.arrays.items()}
        object.__setattr__(self, "arrays", MappingProxyType(arrays))
        object.__setattr__(self, "facts", MappingProxyType(dict(self.facts)))

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.arrays[name]
