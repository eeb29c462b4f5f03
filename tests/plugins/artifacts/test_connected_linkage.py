"""Trees along the graph of neighbours against scikit-learn's with the same graph."""

import warnings
from typing import Literal

import numpy as np
import pytest
from sklearn.cluster import AgglomerativeClustering, linkage_tree, ward_tree
from sklearn.neighbors import kneighbors_graph

from embkit.data.dataset import Dataset
from embkit.errors import ParameterError
from embkit_plugins.algorithms.linkage.connected import Connected
from embkit_plugins.algorithms.trees.cuts import cut_into
from embkit_plugins.artifacts.connected_linkage import ConnectedLinkage
from fixture_types import MakeContext

Metric = Literal["cosine", "correlation", "euclidean"]
PAIRS: list[tuple[Connected, Metric]] = [
    ("ward", "euclidean"),
    ("complete", "cosine"),
    ("average", "cosine"),
    ("average", "euclidean"),
    ("single", "cosine"),
    ("average", "correlation"),
]


def rows(seed: int, n_samples: int = 150) -> np.ndarray:
    """Groups that five neighbours leave apart."""
    rng = np.random.default_rng(seed)
    return 6 * rng.normal(size=(5, 6))[np.arange(n_samples) % 5] + rng.normal(size=(n_samples, 6))


def sklearns(vectors: np.ndarray, linkage: str, metric: str, n_neighbors: int) -> np.ndarray:
    """Heights of scikit-learn's tree."""
    if metric == "correlation":
        vectors, metric = vectors - vectors.mean(axis=1, keepdims=True), "cosine"
    graph = kneighbors_graph(vectors, n_neighbors, metric=metric, include_self=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it joins components
        if linkage == "ward":
            return np.asarray(ward_tree(vectors, connectivity=graph, return_distance=True)[-1])
        found = linkage_tree(
            vectors, connectivity=graph, linkage=linkage, affinity=metric, return_distance=True
        )
    return np.asarray(found[-1])


def same_partition(one: np.ndarray, two: np.ndarray) -> bool:
    pairs = set(zip(one.tolist(), two.tolist(), strict=True))
    return len(pairs) == len(set(one.tolist())) == len(set(two.tolist()))


@pytest.mark.parametrize("n_neighbors", [3, 10])
@pytest.mark.parametrize(("linkage", "metric"), PAIRS)
def test_is_scikit_learns(
    linkage: Connected, metric: Metric, n_neighbors: int, make_context: MakeContext
) -> None:
    vectors = rows(0)
    dataset = Dataset(vectors)
    component = ConnectedLinkage(linkage=linkage, metric=metric, n_neighbors=n_neighbors)
    found = component.compute(dataset, make_context(dataset))
    heights = sklearns(vectors, linkage, metric, n_neighbors)
    np.testing.assert_allclose(np.sort(found["linkage"][:, 2]), np.sort(heights), atol=1e-9)
    assert found.facts["components"] > 1
    graph_rows = vectors - vectors.mean(axis=1, keepdims=True) if metric == "correlation" else vectors
    plain = "cosine" if metric == "correlation" else metric
    graph = kneighbors_graph(graph_rows, n_neighbors, metric=plain, include_self=False)
    for n_clusters in (2, 5, 17):
        model = AgglomerativeClustering(n_clusters, metric=plain, linkage=linkage, connectivity=graph)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected = model.fit_predict(graph_rows)
        assert same_partition(cut_into(found["linkage"], n_clusters), expected)


@pytest.mark.parametrize("linkage", ["complete", "average", "single"])
def test_all_neighbours_are_no_constraint(linkage: Connected, make_context: MakeContext) -> None:
    vectors = rows(1, 40)
    dataset = Dataset(vectors)
    found = ConnectedLinkage(linkage=linkage, n_neighbors=99).compute(dataset, make_context(dataset))
    free = make_context(dataset).artifact("linkage", linkage=linkage)["linkage"]
    np.testing.assert_allclose(found["linkage"], free, atol=1e-6)
    assert found.facts == {"components": 1, "monotone": True}


def test_equal_rows_and_a_single_row(make_context: MakeContext) -> None:
    vectors = np.repeat([[0.0, 0.0], [3.0, 4.0]], [6, 5], axis=0)
    dataset = Dataset(vectors)
    found = ConnectedLinkage(linkage="average", n_neighbors=2).compute(dataset, make_context(dataset))
    assert found["linkage"][:, 2].tolist() == [0.0] * 9 + [5.0]
    assert found["linkage"][-1, 3] == 11
    alone = Dataset(vectors[:1])
    assert ConnectedLinkage().compute(alone, make_context(alone))["linkage"].shape == (0, 4)


def test_ward_is_refused_of_other_distances() -> None:
    with pytest.raises(ParameterError, match="linkage=ward with metric=cosine"):
        ConnectedLinkage(metric="cosine").check()


def test_needs_no_matrix() -> None:
    estimate = ConnectedLinkage(linkage="average").memory(200_000, 384, 8 * 10**9)
    assert estimate.peak < 4 * 10**9
