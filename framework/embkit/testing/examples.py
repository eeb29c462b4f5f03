"""The data that components are tried with: small, of known structure, and awkward."""

import numpy as np
from numpy.typing import NDArray

from embkit.data.dataset import Dataset
from embkit.data.results import Clustering

__all__ = ["AWKWARD_TEXTS", "blobs", "clustering_of", "equal_rows", "few_rows", "many_groups", "tree_of"]

AWKWARD_TEXTS = ("", "a$b_1$ \\frac", "two\nlines\tand a tab", "<b>&amp;</b>", "Ω≠ß ñandú", "w" * 300)
"""Texts that break what takes them for markup, for mathematics, or for short."""


def blobs(sizes: tuple[int, ...] = (30, 20, 10), n_features: int = 8) -> Dataset:
    """Well separated groups, one along each axis, with ids, texts and reference labels.

    The values are float32 and exact in float16 too.
    """
    rng = np.random.default_rng(20)
    groups = np.repeat(np.arange(len(sizes)), sizes)
    vectors = rng.normal(scale=0.25, size=(len(groups), n_features))
    vectors += 4.0 * np.eye(len(sizes), n_features)[groups]
    shuffled = rng.permutation(len(groups))
    names = [f"group {group}" for group in groups[shuffled]]
    return Dataset(
        vectors[shuffled].astype(np.float16).astype(np.float32),
        ids=[f"id-{row}" for row in range(len(groups))],
        texts=[f"{name} sentence {row}" for row, name in enumerate(names)],
        reference=names,
        name="blobs",
    )


def few_rows(n_samples: int) -> Dataset:
    """The first rows of `blobs`."""
    return blobs().take(np.arange(n_samples))


def equal_rows(n_samples: int = 20) -> Dataset:
    """One row again and again: no variance, no direction to prefer."""
    return Dataset(np.full((n_samples, 8), 0.5, dtype=np.float32), name="equal rows")


def many_groups(n_groups: int) -> Dataset:
    """Groups of three rows around random centres, with a text a row; float32."""
    rng = np.random.default_rng(21)
    groups = np.repeat(np.arange(n_groups), 3)
    vectors = rng.normal(scale=3.0, size=(n_groups, 16))[groups]
    vectors += rng.normal(scale=0.1, size=vectors.shape)
    names = [f"group {group}" for group in groups]
    texts = [f"sentence {row} about subject {group}" for row, group in enumerate(groups)]
    return Dataset(vectors.astype(np.float32), texts=texts, reference=names, name=f"{n_groups} groups")


def clustering_of(dataset: Dataset, *, noise: int = 0) -> Clustering:
    """The clustering by reference labels, the first `noise` rows left out; with a tree if small.

    Groups are numbered by falling size as the host does; without reference
    labels all rows are one cluster.
    """
    names = np.asarray(dataset.reference if dataset.reference is not None else [""] * dataset.n_samples)
    labels = np.full(dataset.n_samples, -1, dtype=np.int64)
    kept = np.arange(noise, dataset.n_samples)
    if len(kept):
        _, first, inverse, counts = np.unique(
            names[kept], return_index=True, return_inverse=True, return_counts=True
        )
        rank = np.empty(len(first), dtype=np.int64)
        rank[np.lexsort((first, -counts))] = np.arange(len(first))
        labels[kept] = rank[inverse]
    tree = tree_of(dataset.vectors)
    n_clusters = int(labels.max()) + 1
    heights = np.concatenate([[0.0], tree[:, 2], [tree[-1, 2] * 2 if len(tree) else 1.0]])
    cut = min(max(n_clusters, 1), len(heights) - 1)
    return Clustering(
        dataset,
        labels,
        {
            "metric": "euclidean",
            "linkage": "complete",
            "n_clusters": None,
            "distance_threshold": float(heights[-cut - 1] + heights[-cut]) / 2,
        },
        linkage=tree if len(tree) else None,
        probabilities=np.where(labels >= 0, 1.0, 0.0),
        clusterer="example",
    )


def tree_of(vectors: NDArray[np.floating]) -> NDArray[np.float64]:
    """Complete linkage in scipy's format, merging the two nearest at a time; for small data only.

    Cost: O(n^3) time, O(n^2) memory.
    """
    points = vectors.astype(np.float64)
    distances = np.sqrt(((points[:, None] - points[None]) ** 2).sum(axis=2))
    np.fill_diagonal(distances, np.inf)
    n_samples = len(points)
    number, size = np.arange(n_samples), np.ones(n_samples)
    merges = np.empty((n_samples - 1, 4))
    for step in range(n_samples - 1):
        one, two = np.unravel_index(int(distances.argmin()), distances.shape)
        pair = sorted((number[one], number[two]))
        size[one] += size[two]
        merges[step] = [*pair, distances[one, two], size[one]]
        distances[one] = distances[:, one] = np.maximum(distances[one], distances[two])
        distances[two] = distances[:, two] = distances[one, one] = np.inf
        number[one] = n_samples + step
    return merges
