"""The ledger of merges: which clusters of one cut of a tree are one cluster at a higher cut.

    ledger = merge_ledger(dataset, linkage, start=0.20, stop=0.25, metric="cosine")
    ledger.merges[0].parts[0].rows

Two rows are in one merge and in different parts of it exactly when they are
apart at `start` and together at `stop`. Clusters merge when their distance is
below a threshold, never at it.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from embkit import Dataset, Name, ParameterError
from embkit_plugins.algorithms.distances.pairs import Metric
from embkit_plugins.algorithms.ledger.evidence import (
    ClosestPair,
    closest_pairs,
    typical_rows,
    valleys_between,
)
from embkit_plugins.algorithms.ledger.names import merge_names
from embkit_plugins.algorithms.ledger.structure import MergeStructure, merge_structure
from embkit_plugins.algorithms.silhouettes.nested import nested_silhouettes, pairs_in_order
from embkit_plugins.algorithms.trees.cuts import cut_at

__all__ = ["Ledger", "Merge", "Order", "Part", "merge_ledger"]

Order = Literal["moved", "size", "height", "closest", "silhouette"]


@dataclass(frozen=True, eq=False)
class Part:
    """A cluster of the lower cut that became part of a larger one.

    Parameters
    ----------
    cluster : int
        Its number at the lower cut, from the largest down.
    rows : ndarray of int64, shape (size,)
        Its members, ascending.
    joined_at : float
        The height at which it was first merged with another part.
    representative : int
        The member nearest to its mean direction (cosine: the exact medoid), to
        its mean (euclidean, manhattan), or its medoid (precomputed).
    name : Name, optional
        What sets it apart from the other parts; None for a single row and without texts.
    """

    cluster: int
    rows: NDArray[np.int64]
    joined_at: float
    representative: int
    name: Name | None = None

    @property
    def size(self) -> int:
        """Number of members."""
        return len(self.rows)


@dataclass(frozen=True, eq=False)
class Merge:
    """A cluster of the higher cut that holds two or more clusters of the lower one.

    Parameters
    ----------
    cluster : int
        Its number at the higher cut, from the largest down.
    parts : tuple of Part
        What it was before, largest first.
    heights : tuple of float
        The heights of the merges between the two cuts, ascending; one fewer than parts.
    closest : ClosestPair
        The nearest two members of different parts.
    name : Name, optional
        What sets all its parts together apart from other rows; None without texts.
    silhouette : tuple of (float or None)
        Mean silhouette of the members before and after; None where there is a
        single cluster.
    p_value : float or None
        Of no valley in the density between its two largest parts: where it is
        small, groups merged that are apart. None where one of them has fewer
        than ten rows, and for precomputed distances. See `split_support`; it is
        not corrected for the number of merges.
    """

    cluster: int
    parts: tuple[Part, ...]
    heights: tuple[float, ...]
    closest: ClosestPair
    name: Name | None = None
    silhouette: tuple[float | None, float | None] = (None, None)
    p_value: float | None = None

    @property
    def size(self) -> int:
        """Number of members."""
        return sum(part.size for part in self.parts)

    @property
    def n_moved(self) -> int:
        """Members outside the largest part: those that joined something larger than they were."""
        return self.size - self.parts[0].size


@dataclass(frozen=True, eq=False)
class Ledger:
    """Everything that happens between two cuts of one tree.

    Parameters
    ----------
    start, stop : float
        The two thresholds, start below stop.
    metric : str
        What the heights measure.
    labels : tuple of two ndarray of int64, shape (n_samples,)
        Labels at the two thresholds, numbered from the largest down.
    merges : tuple of Merge
        In the order asked for.
    """

    start: float
    stop: float
    metric: str
    labels: tuple[NDArray[np.int64], NDArray[np.int64]]
    merges: tuple[Merge, ...]

    @property
    def n_samples(self) -> int:
        """Number of rows of the dataset."""
        return len(self.labels[0])

    @property
    def n_clusters(self) -> tuple[int, int]:
        """Number of clusters at the two thresholds."""
        return int(self.labels[0].max()) + 1, int(self.labels[1].max()) + 1

    @property
    def n_untouched(self) -> int:
        """Clusters that are the same at both thresholds."""
        return self.n_clusters[1] - len(self.merges)

    @property
    def n_rows(self) -> int:
        """Rows in merged clusters."""
        return sum(merge.size for merge in self.merges)

    @property
    def n_moved(self) -> int:
        """Rows that joined something larger than what they were in."""
        return sum(merge.n_moved for merge in self.merges)


def merge_ledger(
    dataset: Dataset,
    linkage: NDArray[np.float64],
    *,
    start: float,
    stop: float,
    metric: Metric,
    sort: Order = "moved",
) -> Ledger:
    """Find what merges between two thresholds, and what there is to say about it.

    Parameters
    ----------
    dataset : Dataset
        What the tree was made from.
    linkage : ndarray of shape (n_samples - 1, 4)
        The whole tree in scipy's format.
    start, stop : float
        The thresholds, `start` below `stop`.
    metric : {"cosine", "euclidean", "manhattan", "precomputed"}
        What the tree was made with.
    sort : {"moved", "size", "height", "closest", "silhouette"}
        What comes first: merges that moved most rows, the largest, the lowest,
        those with the closest pair, or those that cost most silhouette.

    Returns
    -------
    Ledger
        Cost: O(n log n) for the structure; one distance for each row outside
        the largest part of its merge to each row of the merge; silhouettes as in
        `nested_silhouettes`; names as in `name_groups`.

    Raises
    ------
    ParameterError
        If `start` is not below `stop`, or the tree has inversions.
    """
    if not start < stop:
        raise ParameterError(
            f"thresholds {start:g} and {stop:g}",
            "the first must be below the second",
            "give two that differ",
        )
    lower, higher = cut_at(linkage, start), cut_at(linkage, stop)
    structure = merge_structure(linkage, lower, higher, start, stop)
    pairs = pairs_in_order(dataset, metric, structure.order)
    ordered = (lower[structure.order], higher[structure.order])
    silhouettes = nested_silhouettes(
        pairs,
        ordered,
        metric=metric,
        members=slice(0, len(lower)),
        scored=slice(0, structure.n_rows),
        places=np.arange(structure.n_rows),
    )
    of_merges, of_parts = merge_names(dataset, structure, metric)
    parts = _parts(structure, typical_rows(pairs, structure, metric), of_parts)
    merges = [
        Merge(
            cluster=int(structure.merge_clusters[index]),
            parts=tuple(parts[first:last]),
            heights=tuple(structure.heights[index].tolist()),
            closest=closest,
            name=of_merges[index],
            silhouette=(_mean(silhouettes[0, begin:end]), _mean(silhouettes[1, begin:end])),
            p_value=p_value,
        )
        for index, (closest, p_value, (first, last), (begin, end)) in enumerate(
            zip(
                closest_pairs(pairs, structure),
                valleys_between(pairs, structure, metric),
                pairwise(structure.merge_bounds),
                pairwise(structure.row_bounds),
                strict=True,
            )
        )
    ]
    return Ledger(start, stop, metric, (lower, higher), tuple(sorted(merges, key=_KEYS[sort])))


def _parts(
    structure: MergeStructure, typical: NDArray[np.int64], names: list[Name | None]
) -> list[Part]:
    return [
        Part(
            cluster=int(structure.part_clusters[index]),
            rows=structure.order[begin:end],
            joined_at=float(structure.joined_at[index]),
            representative=int(typical[index]),
            name=names[index],
        )
        for index, (begin, end) in enumerate(pairwise(structure.part_bounds))
    ]


def _mean(values: NDArray[np.float64]) -> float | None:
    mean = float(values.mean())
    return None if np.isnan(mean) else mean


def _silhouette_change(merge: Merge) -> float:
    before, after = merge.silhouette
    return 0.0 if before is None or after is None else after - before


_KEYS = {
    "moved": lambda merge: (-merge.n_moved, merge.heights[0], merge.cluster),
    "size": lambda merge: (-merge.size, merge.cluster),
    "height": lambda merge: (merge.heights[0], merge.cluster),
    "closest": lambda merge: (merge.closest.distance, merge.cluster),
    "silhouette": lambda merge: (_silhouette_change(merge), merge.cluster),
}
