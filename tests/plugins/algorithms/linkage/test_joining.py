"""Distances of other rows to clusters, against the linkage's definition, and against scipy."""

import numpy as np
import pytest
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import cdist

from embkit.data.dataset import Dataset
from embkit_plugins.algorithms.distances.across import Vectors
from embkit_plugins.algorithms.linkage.joining import Joining, depth_weights, distances_to_clusters

RNG = np.random.default_rng(4)
ROWS = RNG.normal(size=(60, 4))
OTHERS = RNG.normal(size=(25, 4))
ALL = ("complete", "average", "single", "weighted", "ward", "centroid", "median")


def tree_and_labels(method: str) -> tuple[np.ndarray, np.ndarray]:
    tree = np.asarray(linkage(ROWS, method))
    return tree, fcluster(tree, 7, "maxclust") - 1


def by_recursion(method: str, tree: np.ndarray, labels: np.ndarray, other: np.ndarray) -> list[float]:
    """The distance by the definition: of pairs, of means, or merge by merge."""
    found = []
    children = {len(ROWS) + number: merge[:2].astype(int) for number, merge in enumerate(tree)}

    def rows_of(node: int) -> list[int]:
        return (
            [node] if node < len(ROWS) else [row for child in children[node] for row in rows_of(child)]
        )

    def halved(node: int) -> float:
        if node < len(ROWS):
            return float(np.linalg.norm(ROWS[node] - other))
        return sum(halved(child) for child in children[node]) / 2

    def middle(node: int) -> np.ndarray:
        if node < len(ROWS):
            return np.asarray(ROWS[node])
        one, two = children[node]
        return np.asarray((middle(one) + middle(two)) / 2)

    def distance(node: int, members: np.ndarray) -> float:
        away = np.linalg.norm(ROWS[members] - other, axis=1)
        mean = np.linalg.norm(ROWS[members].mean(axis=0) - other)
        match method:
            case "complete":
                return float(away.max())
            case "average":
                return float(away.mean())
            case "single":
                return float(away.min())
            case "weighted":
                return halved(node)
            case "ward":
                return float(np.sqrt(2 * len(members) / (len(members) + 1)) * mean)
            case "centroid":
                return float(mean)
        return float(np.linalg.norm(middle(node) - other))

    for label in range(labels.max() + 1):
        members = np.flatnonzero(labels == label)
        node = next(
            node for node in [*range(len(ROWS)), *children] if sorted(rows_of(node)) == members.tolist()
        )
        found.append(distance(node, members))
    return found


@pytest.mark.parametrize("method", ALL)
def test_distances_are_those_of_the_definition(method: str) -> None:
    tree, labels = tree_and_labels(method)
    weights = depth_weights(tree, labels)
    found = distances_to_clusters(
        Dataset(ROWS),
        Dataset(OTHERS),
        "euclidean",
        Joining(labels, method, weights if method in ("weighted", "median") else None),
    )
    expected = [by_recursion(method, tree, labels, other) for other in OTHERS]
    np.testing.assert_allclose(found, expected, rtol=1e-9)


@pytest.mark.parametrize("method", ALL)
def test_one_row_more_than_a_whole_tree_merges_at_that_height(method: str) -> None:
    """scipy joins a far row last, at the height that is its distance to all the others."""
    far = np.full((1, 4), 60.0)
    tree = linkage(ROWS, method)
    weights = depth_weights(tree, np.zeros(60, dtype=int))
    found = distances_to_clusters(
        Dataset(ROWS),
        Dataset(far),
        "euclidean",
        Joining(np.zeros(60, dtype=int), method, weights if method in ("weighted", "median") else None),
    )
    height = linkage(np.vstack([ROWS, far]), method)[-1, 2]
    np.testing.assert_allclose(found[0, 0], height, rtol=1e-9)


@pytest.mark.parametrize("metric", ["cosine", "manhattan"])
def test_other_metrics(metric: Vectors) -> None:
    _, labels = tree_and_labels("average")
    found = distances_to_clusters(Dataset(ROWS), Dataset(OTHERS), metric, Joining(labels, "complete"))
    pairs = cdist(OTHERS, ROWS, {"manhattan": "cityblock"}.get(metric, metric))
    expected = np.column_stack([pairs[:, labels == label].max(axis=1) for label in range(7)])
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_weights_of_a_cluster_sum_to_one() -> None:
    tree, labels = tree_and_labels("weighted")
    sums = np.bincount(labels, depth_weights(tree, labels))
    np.testing.assert_allclose(sums, 1.0)


def test_genies_distance_is_that_of_the_nearest_pair() -> None:
    labels = np.repeat([0, 1, 2], 20)
    genie, single = (
        distances_to_clusters(Dataset(ROWS), Dataset(OTHERS), "euclidean", Joining(labels, linkage))
        for linkage in ("genie", "single")
    )
    np.testing.assert_array_equal(genie, single)
