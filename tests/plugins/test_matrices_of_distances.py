"""Runs whose dataset is a square matrix of distances: every way in takes it as one."""

from typing import Any

import numpy as np
import pytest
from scipy.spatial.distance import pdist, squareform

import embkit
from embkit import DataError, ResourceError
from narrowing import present

AVERAGE = {"name": "agglomerative", "metric": "precomputed", "linkage": "average", "n_clusters": 3}


@pytest.fixture
def matrix() -> np.ndarray:
    rng = np.random.default_rng(1)
    points = np.repeat(5 * rng.normal(size=(3, 4)), (20, 15, 10), axis=0)
    return np.asarray(squareform(pdist(points + 0.1 * rng.normal(size=points.shape))))


def sizes(run: embkit.Run) -> list[int]:
    return sorted(np.unique(present(run.labels), return_counts=True)[1].tolist(), reverse=True)


@pytest.mark.parametrize(
    "clusterer",
    [AVERAGE, {"name": "dbscan", "metric": "precomputed", "eps": 1.0}, "hdbscan:metric=precomputed"],
    ids=str,
)
def test_rounding_below_zero_is_no_reason_to_refuse(
    matrix: np.ndarray, clusterer: str | dict[str, Any]
) -> None:
    off = matrix - 1e-7
    assert sizes(embkit.run(off, clusterer)) == [20, 15, 10]


def test_a_sample_cuts_rows_and_columns(matrix: np.ndarray) -> None:
    run = embkit.run(matrix, AVERAGE, sample=30, seed=0)
    assert run.dataset.vectors.shape == (30, 30)
    assert present(run.clustering).n_clusters == 3


def test_unusable_rows_go_with_their_columns(matrix: np.ndarray) -> None:
    matrix[3], matrix[:, 3] = np.nan, np.nan
    run = embkit.run(matrix, AVERAGE, nonfinite="drop")
    assert sizes(run) == [19, 15, 10]


@pytest.mark.parametrize("component", ["validators", "visualizers"])
def test_similarities_are_refused_by_whatever_takes_distances(
    matrix: np.ndarray, component: str
) -> None:
    similarities = 1 - matrix / matrix.max()
    silhouette: dict[str, Any] = {component: ["silhouette:metric=precomputed"]}
    with pytest.raises(DataError, match="is not 0; .*1 - similarity"):
        embkit.run(similarities, "kmeans:n_clusters=3", **silhouette)
    with pytest.raises(DataError, match=r"needs a square matrix.*45x5"):
        embkit.run(matrix[:, :5], "kmeans:n_clusters=3", **silhouette)


@pytest.mark.parametrize("clusterer", ["kmeans:n_clusters=3", "hdbscan", "dbscan:eps=0.3"])
def test_distances_taken_for_embeddings_are_said_so_by_every_clusterer(
    matrix: np.ndarray, clusterer: str
) -> None:
    run = embkit.run(matrix, clusterer)
    assert any("looks like a square matrix" in str(notice) for notice in run.record["warnings"])


def test_a_refusal_for_memory_names_what_can_be_done_with_a_matrix(matrix: np.ndarray) -> None:
    large = np.tile(matrix, (20, 20))
    with pytest.raises(ResourceError, match=r"what would fit: sample=\d+$"):
        embkit.run(large, "hdbscan:metric=precomputed", memory="10MB")
    run = embkit.run(large, "hdbscan:metric=precomputed", memory="10MB", sample=400)
    assert run.dataset.vectors.shape == (400, 400)
