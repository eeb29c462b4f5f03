"""Merge reciprocal nearest clusters, all at once, round by round.

Under a reducible linkage (complete, average, Ward's, single) a merge brings no
cluster nearer to another than the nearer of its parts was. So two clusters that
are each other's nearest will be merged whatever happens elsewhere, and all such
pairs can be merged in one round (Bruynooghe 1977; Murtagh 1983). Here no round
searches all clusters for the nearest: every cluster keeps a short list of near
ones with a reach, a distance that no cluster missing in the list comes below, and
both are carried through the merges. Only where a list does not settle which
cluster is nearest are its distances to all clusters taken again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from embkit import Dataset, FloatArray, Floats, IntArray
from embkit_plugins.algorithms.linkage.forest import Forest
from embkit_plugins.algorithms.linkage.lists import Lists
from embkit_plugins.algorithms.rows.prepare import first_equal

__all__ = ["Clusters", "Start", "merge_rounds", "start_from_neighbors"]


class Clusters(Protocol):
    """Clusters that know their distances, as one linkage defines them."""

    def __len__(self) -> int:
        """How many are left."""
        ...

    def scan(self, chosen: IntArray) -> Lists:
        """Fresh lists of the chosen clusters, from their distances to all."""
        ...

    def merge(self, first: IntArray, second: IntArray, lists: Lists) -> Lists:
        """Merge pairs into their first; the lists that follow, before the second leave."""
        ...

    def drop(self, places: IntArray) -> None:
        """Take the given places out of those left."""
        ...

    def heights(self, distances: Floats) -> Floats:
        """The height in the tree that belongs to a distance in the lists."""
        ...


@dataclass(frozen=True, eq=False)
class Start:
    """The distinct rows as clusters, before anything but equal rows is merged.

    Parameters
    ----------
    forest : Forest
        The merges of equal rows, and what is left.
    rows : ndarray of int64, shape (n_clusters,)
        The row that stands for each cluster.
    ids, distances : ndarray of shape (n_clusters, width)
        The nearest other clusters and how far they are; -1 and infinite for none.
    reach : ndarray of float64, shape (n_clusters,)
        The distance of the last neighbour that was asked for; infinite where all are known.
    """

    forest: Forest
    rows: IntArray
    ids: IntArray
    distances: Floats
    reach: Floats


@dataclass(frozen=True, eq=False)
class Nearest:
    """The nearest other rows of each row, as artifact ``neighbors`` holds them.

    Parameters
    ----------
    indices : ndarray of int64, shape (n_samples, n_neighbors)
        Nearest first; no columns for a single row.
    distances : ndarray of float32, shape (n_samples, n_neighbors)
        In the units of the metric.
    """

    indices: IntArray
    distances: FloatArray


def start_from_neighbors(dataset: Dataset, nearest: Nearest) -> Start:
    """Make a cluster of each distinct row, with the neighbours that are known of it.

    Parameters
    ----------
    dataset : Dataset
        The rows.
    nearest : Nearest
        The neighbours of every row.
    """
    first = first_equal(dataset.vectors)
    rows = np.flatnonzero(first == np.arange(len(first)))
    n_neighbors = nearest.indices.shape[1]
    if n_neighbors == 0:
        nothing = np.full((1, 1), np.inf)
        return Start(Forest(first), rows, np.full((1, 1), -1), nothing, nothing[0])
    number = np.cumsum(first == np.arange(len(first))) - 1
    ids = number[first[nearest.indices[rows]]]
    distances = nearest.distances[rows].astype(np.float64)
    reach = (
        distances[:, -1].copy() if n_neighbors < dataset.n_samples - 1 else np.full(len(rows), np.inf)
    )
    equal = ids == np.arange(len(rows))[:, None]
    ids[equal], distances[equal] = -1, np.inf
    return Start(Forest(first), rows, ids, distances, reach)


def merge_rounds(
    clusters: Clusters,
    lists: Lists,
    forest: Forest,
    *,
    until: int = 1,
    below: float = np.inf,
    progress: Callable[[float], None] | None = None,
) -> dict[str, int]:
    """Merge until few clusters or only distant ones are left.

    Parameters
    ----------
    clusters : Clusters
        What is merged, changed in place.
    lists : Lists
        What is known of the distances at the start.
    forest : Forest
        Receives the merges.
    until : int
        Stop when no more clusters are left.
    below : float
        Merge what is nearer only, in the unit of the lists.
    progress : callable, optional
        Told the share of merges made.

    Returns
    -------
    dict of str to int
        ``rounds``, and ``scans``: how often a cluster's distances to all were taken again.
    """
    n_start = len(clusters)
    rounds = scans = 0
    while len(clusters) > max(until, 1):
        stale = np.flatnonzero(lists.stale(below))
        if len(stale):
            lists.put(stale, clusters.scan(stale))
            scans += len(stale)
        first, second, distances = _reciprocal(lists, below)
        if not len(first):
            break
        forest.merge(first, second, clusters.heights(distances))
        lists = clusters.merge(first, second, lists).without(second)
        clusters.drop(second)
        forest.drop(second)
        rounds += 1
        if progress is not None:
            progress(1 - len(clusters) / n_start)
    return {"rounds": rounds, "scans": scans}


def _reciprocal(lists: Lists, below: float) -> tuple[IntArray, IntArray, Floats]:
    """Disjoint pairs of clusters with no nearer cluster to either: lower, higher, distance."""
    nearest, distances = lists.ids[:, 0], lists.distances[:, 0]
    bound = np.minimum(distances, lists.reach)
    place = np.flatnonzero((distances <= lists.reach) & (distances < below))
    place = place[distances[place] <= bound[nearest[place]]]
    partner = nearest[place]
    pairs, chosen = np.unique(
        np.minimum(place, partner) * len(lists) + np.maximum(place, partner), return_index=True
    )
    first, second = np.divmod(pairs, len(lists))
    distances = distances[place[chosen]]
    # Where a cluster has several at one distance, pairs overlap. A fixed shuffle decides: by
    # lowest number, a row of equal gaps would be merged from its end, one pair a round.
    shuffle = np.random.default_rng(0).permutation(len(pairs))
    rank = np.empty(len(pairs), dtype=np.int64)
    rank[np.lexsort((shuffle, distances))] = np.arange(len(pairs))
    best = np.full(len(lists), len(pairs))
    np.minimum.at(best, first, rank)
    np.minimum.at(best, second, rank)
    alone = (best[first] == rank) & (best[second] == rank)
    return first[alone], second[alone], distances[alone]
