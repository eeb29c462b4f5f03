"""Clusterings to draw, and what to ask of a figure."""

import numpy as np
import pytest
from scipy.cluster.hierarchy import linkage as scipy_linkage

from embkit.data.dataset import Dataset
from embkit.data.results import Clustering
from embkit_plugins.algorithms.trees.cuts import cut_at, cut_into
from fixture_types import Cut


@pytest.fixture
def cut() -> Cut:
    """Cluster a dataset as agglomerative would: ``cut(dataset, threshold=0.5)`` or ``n_clusters=3``."""

    def make(
        dataset: Dataset,
        *,
        threshold: float | None = None,
        n_clusters: int | None = None,
        metric: str = "cosine",
        linkage: str = "complete",
    ) -> Clustering:
        tree = scipy_linkage(dataset.vectors.astype(np.float64), linkage, metric)
        labels = cut_at(tree, threshold) if threshold is not None else cut_into(tree, n_clusters or 2)
        parameters = {"metric": metric, "linkage": linkage, "distance_threshold": threshold}
        return Clustering(dataset, labels, parameters, tree, clusterer="agglomerative")

    return make


@pytest.fixture
def spread() -> Dataset:
    """120 rows in 12 dimensions without much structure, with texts."""
    rng = np.random.default_rng(3)
    vectors = rng.normal(size=(120, 12)).astype(np.float32)
    return Dataset(vectors, texts=[f"sentence number {row}" for row in range(120)], name="spread")
