"""Cluster distinct rows once, and give copies the cluster of their original."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from embkit.data.dataset import Dataset, IntArray
from embkit.data.labels import canonical_labels
from embkit.data.results import Clustering
from embkit.text import plural

__all__ = ["distinct_rows", "with_copies"]


def distinct_rows(dataset: Dataset) -> tuple[IntArray, IntArray]:
    """The first row of each value, ascending, and for every row the place of its original in these."""
    vectors = np.ascontiguousarray(dataset.vectors) + np.zeros(1, dataset.vectors.dtype)  # no -0.0
    as_bytes = vectors.view(np.dtype((np.void, vectors.itemsize * vectors.shape[1]))).ravel()
    _, first, copy_of = np.unique(as_bytes, return_index=True, return_inverse=True)
    order = np.argsort(first)
    place = np.empty(len(first), dtype=np.int64)
    place[order] = np.arange(len(first))
    return first[order].astype(np.int64), place[copy_of.ravel()]


def with_copies(found: Clustering, dataset: Dataset, copy_of: IntArray, source: str) -> Clustering:
    """The clustering of all rows that follows from that of the distinct ones.

    In a tree, copies merge with their original at height 0. What the clusterer learned is kept
    only where copies do not change the order of the clusters by size.

    Parameters
    ----------
    found : Clustering
        Of the distinct rows.
    dataset : Dataset
        All rows.
    copy_of : ndarray of int64, shape (n_samples,)
        For each row the place of its original among the distinct ones.
    source : str
        Whose clustering it is, for messages.
    """
    old = found.labels[copy_of]
    labels = canonical_labels(old, dataset.n_samples, source)
    numbers = np.zeros(found.n_clusters, dtype=np.int64)
    numbers[old[old >= 0]] = labels[old >= 0]
    memberships = found.memberships
    if memberships is not None:
        memberships = memberships[copy_of][:, np.argsort(numbers)]
    same = bool(np.array_equal(numbers, np.arange(found.n_clusters)))
    n_copies = dataset.n_samples - found.dataset.n_samples
    note = f"{plural(found.dataset.n_samples, 'distinct row')} clustered, {n_copies} copies with them"
    return replace(
        found,
        dataset=dataset,
        labels=labels,
        linkage=None if found.linkage is None else _tree_of_all(found.linkage, copy_of),
        probabilities=None if found.probabilities is None else found.probabilities[copy_of],
        memberships=memberships,
        fitted=found.fitted if same else {},
        notes=(*found.notes, note),
    )


def _tree_of_all(linkage: NDArray[np.float64], copy_of: IntArray) -> NDArray[np.float64]:
    """A tree of distinct rows, in scipy's format, with their copies below them."""
    n_samples, n_distinct = len(copy_of), len(linkage) + 1
    node = np.full(n_distinct, -1, dtype=np.int64)
    sizes = np.ones(2 * n_samples - 1)
    merges: list[tuple[float, float, float, float]] = []

    def merge(one: int, other: int, height: float) -> int:
        new = n_samples + len(merges)
        sizes[new] = sizes[one] + sizes[other]
        merges.append((min(one, other), max(one, other), height, sizes[new]))
        return new

    for row, place in enumerate(copy_of.tolist()):
        node[place] = row if node[place] < 0 else merge(int(node[place]), row, 0.0)
    n_copies = len(merges)

    def below(child: float) -> int:
        if child < n_distinct:
            return int(node[int(child)])
        return n_samples + n_copies + int(child) - n_distinct

    for one, other, height, _ in linkage.tolist():
        merge(below(one), below(other), height)
    return np.array(merges).reshape(-1, 4)
