"""The parts of pages: rows, clusters, trees, maps, scores, as arrays and values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit import Name

__all__ = [
    "Band",
    "ClosestPairs",
    "Clusters",
    "Finding",
    "Floats",
    "Ints",
    "MapLayout",
    "Rows",
    "Scalar",
    "Tree",
    "Verdict",
]

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.integer[Any]]
Scalar = float | int | str | bool | None


@dataclass(frozen=True, eq=False)
class ClosestPairs:
    """The two nearest rows across each merge; -1 and NaN where they were not computed.

    Parameters
    ----------
    first, second : ndarray of int, shape (n_samples - 1,)
        One row from either child of the merge.
    distance : ndarray of float, shape (n_samples - 1,)
        How far apart they are, in the metric of the tree.
    """

    first: Ints
    second: Ints
    distance: Floats


@dataclass(frozen=True, eq=False)
class Band:
    """What was measured for the merges between two particular thresholds.

    Arrays are indexed by cluster number at `stop`: 0 to k-1 by decreasing size,
    ties by first row. NaN where a value does not exist.

    Parameters
    ----------
    start, stop : float
        The thresholds.
    silhouette_before, silhouette_after : ndarray of float, optional
        Mean silhouette of the cluster's rows at `start` and at `stop`.
    p_values : ndarray of float, optional
        Of no valley in the density between the two largest parts.
    """

    start: float
    stop: float
    silhouette_before: Floats | None = None
    silhouette_after: Floats | None = None
    p_values: Floats | None = None


@dataclass(frozen=True, eq=False)
class Tree:
    """The tree of merges that the clusters were cut from, or are nodes of.

    Parameters
    ----------
    linkage : ndarray of float64, shape (n_samples - 1, 4)
        scipy's format, the whole tree.
    metric : str
        What the heights measure, such as ``"cosine"``.
    method : str
        The linkage, such as ``"complete"``.
    thresholds : tuple of two floats, optional
        Where the two lines are to begin with; equal for a single line. None where
        the clusters are nodes of the tree at different heights, as those of
        hdbscan: there are no lines then.
    central : ndarray of int, shape (n_samples - 1,), optional
        The most central row of each merge; -1 where unknown, and its larger
        child then speaks for it.
    names : mapping of int to Name
        Names by merge index, for as many merges as have one.
    closest : ClosestPairs, optional
        The nearest rows across each merge.
    p_values : ndarray of float, shape (n_samples - 1,), optional
        Of no valley between the two children of a merge; NaN where unknown.
    band : Band, optional
        What was measured between the first pair of thresholds.
    """

    linkage: NDArray[np.float64]
    metric: str
    method: str = ""
    thresholds: tuple[float, float] | None = None
    central: Ints | None = None
    names: Mapping[int, Name] = field(default_factory=dict)
    closest: ClosestPairs | None = None
    p_values: Floats | None = None
    band: Band | None = None


@dataclass(frozen=True, eq=False)
class MapLayout:
    """A picture of the rows in two dimensions.

    Parameters
    ----------
    coordinates : ndarray of float, shape (n_samples, 2)
        Where each row is.
    trust : float, optional
        Trustworthiness, 0 to 1: how many of the neighbours on the map are
        neighbours in the data.
    note : str
        How `trust` was computed, or what else there is to know.
    """

    coordinates: Floats
    trust: float | None = None
    note: str = ""


@dataclass(frozen=True)
class Verdict:
    """Whether the data has clusters at all.

    Parameters
    ----------
    kind : {"clusters", "continuum", "undecided"}
        The verdict.
    p_value : float, optional
        Of no valley between the clusters.
    sentence : str
        What it means for this data.
    """

    kind: str
    p_value: float | None = None
    sentence: str = ""


@dataclass(frozen=True)
class Finding:
    """One score of one validator, with the validator's notes."""

    validator: str
    name: str
    value: Scalar
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Clusters:
    """A clustering of the rows, and what is known of each cluster.

    Parameters
    ----------
    labels : ndarray of int64, shape (n_samples,)
        0 to k-1 by decreasing cluster size, ties by first row; -1 is noise.
    label : str
        What made it, such as ``agglomerative(distance_threshold=0.8)``.
    names : sequence of Name
        One for each cluster, or empty.
    silhouettes : ndarray of float, shape (n_samples,), optional
        Silhouette of each row, -1 to 1; NaN where it has none.
    health : mapping of str to sequence of float or None
        Further columns of the table of clusters, one value for each cluster.
    """

    labels: Ints
    label: str = ""
    names: Sequence[Name] = ()
    silhouettes: Floats | None = None
    health: Mapping[str, Sequence[float | None]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows of the dataset.

    Parameters
    ----------
    ids : sequence of str
        One for each row.
    texts : sequence of str, optional
        One for each row.
    columns : mapping of str to sequence
        Further columns: numbers, or strings.
    named : bool
        Whether the ids tell of the rows; numbers of rows do not.
    """

    ids: Sequence[str]
    texts: Sequence[str] | None = None
    columns: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    named: bool = True

    def __len__(self) -> int:
        return len(self.ids)
