"""Genie against a brute-force reading of the paper, and labels recorded from genieclust 1.3.0."""

import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import is_monotonic, is_valid_linkage, linkage
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial.distance import pdist, squareform
from sklearn.metrics import adjusted_rand_score

from embkit.data.dataset import Dataset
from embkit_plugins.algorithms.linkage.genie import genie_linkage
from embkit_plugins.algorithms.trees.cuts import cut_into
from fixture_types import MakeContext

# zlib.crc32 of genieclust.Genie(n_clusters=k, gini_threshold=0.3).fit_predict(X), clusters numbered by
# their first row, for `random_set` of seeds 0 to 49.
RECORDED = [
    1293963115,
    3776682222,
    718040603,
    2804704742,
    702639119,
    1029798912,
    2032549265,
    3589108153,
    3330287428,
    4062672710,
    2004509154,
    2681473330,
    3584543968,
    3039183674,
    3551686285,
    1323146352,
    3187709572,
    2014114449,
    3826932008,
    4010449058,
    2940437712,
    448180538,
    1837647476,
    3059454481,
    1342864261,
    3371938804,
    764936524,
    879943551,
    1096031492,
    2092813206,
    2927239504,
    1643815857,
    613283412,
    2419749904,
    187109064,
    1478387260,
    1422273851,
    1640013293,
    2817110624,
    3871523026,
    1327862433,
    3876533870,
    654288633,
    1921674703,
    2233830947,
    3377862471,
    1429131756,
    2911261046,
    2517341586,
    3883596802,
]
# The same of genieclust.Genie(n_clusters=k, M=(2, 5, 10)[seed % 3], metric="precomputed") on pdist(X):
# of any metric but euclidean genieclust breaks ties of mutual reachability as the hdbscan package does.
RECORDED_SMOOTHED = [
    1293963115,
    3199739806,
    3893128566,
    2804704742,
    2875995894,
    1029798912,
    1757315866,
    403053307,
    3330287428,
    3180216391,
    3649183818,
    1584538319,
    4028894717,
    924582088,
    671099931,
    297322705,
    3205624245,
    1235797510,
    3826932008,
    4010449058,
    3864078695,
    448180538,
    1504019977,
    347012997,
    899430115,
    2501284026,
    3550488712,
    2398240712,
    1096031492,
    1117547643,
    3956994928,
    1307824931,
    1488058528,
    4249011717,
    3881030794,
    3419203146,
    345026604,
    1863508274,
    2289757124,
    3871523026,
    1327862433,
    2691336413,
    654288633,
    2798535220,
    406417455,
    2595856457,
    4161666881,
    2303895057,
    1520538892,
    361425151,
]


def random_set(seed: int) -> tuple[np.ndarray, int]:
    rng = np.random.default_rng(seed)
    n, d, k = int(rng.integers(20, 150)), int(rng.integers(2, 9)), int(rng.integers(2, 8))
    centres = rng.random((5, d)) * rng.integers(0, 9)
    return rng.normal(size=(n, d)) * rng.random(d) + centres[rng.integers(0, 5, n)], k


def spanning_edges(X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    tree = minimum_spanning_tree(squareform(pdist(X))).tocoo()
    order = np.argsort(tree.data, kind="stable")
    return np.column_stack([tree.row, tree.col])[order].astype(np.int64), tree.data[order]


def brute_force(edges: np.ndarray, n_samples: int, n_clusters: int, threshold: float) -> np.ndarray:
    """Labels by the definition: sizes counted and edges searched anew for every merge."""
    labels, left = np.arange(n_samples), edges.tolist()
    while len(np.unique(labels)) > n_clusters:
        sizes = np.bincount(labels)
        own = sizes[sizes > 0]
        gini = np.abs(own[:, None] - own).sum() / 2 / ((len(own) - 1) * own.sum())
        allowed = [
            edge
            for edge in left
            if gini <= threshold or min(sizes[labels[edge[0]]], sizes[labels[edge[1]]]) == own.min()
        ]
        one, two = allowed[0]
        left.remove(allowed[0])
        labels[labels == labels[one]] = labels[two]
    return labels


def checksum(labels: np.ndarray) -> int:
    numbers: dict[int, int] = {}
    return zlib.crc32(bytes(numbers.setdefault(label, len(numbers)) for label in labels.tolist()))


@pytest.mark.parametrize("seed", range(50))
def test_labels_are_genieclusts(seed: int, make_context: MakeContext) -> None:
    X, k = random_set(seed)
    tree = make_context(Dataset(X)).artifact("linkage", linkage="genie", metric="euclidean")["linkage"]
    assert checksum(cut_into(tree, k)) == RECORDED[seed]


@pytest.mark.parametrize("seed", range(50))
def test_labels_by_mutual_reachability_are_genieclusts(seed: int, make_context: MakeContext) -> None:
    X, k = random_set(seed)
    context = make_context(Dataset(X))
    tree = context.artifact("linkage", linkage="genie", min_samples=(2, 5, 10)[seed % 3])["linkage"]
    assert checksum(cut_into(tree, k)) == RECORDED_SMOOTHED[seed]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 30), st.sampled_from([0.0, 0.1, 0.3, 0.7, 1.0]))
def test_labels_follow_the_definition(seed: int, n_samples: int, threshold: float) -> None:
    X = np.random.default_rng(seed).normal(size=(n_samples, 3))
    edges, weights = spanning_edges(X)
    tree = genie_linkage(edges, weights, threshold)
    assert is_valid_linkage(tree)
    assert is_monotonic(tree)
    for k in range(1, n_samples + 1):
        expected = brute_force(edges, n_samples, k, threshold)
        assert adjusted_rand_score(expected, cut_into(tree, k)) == 1


def test_without_a_bound_it_is_single_linkage() -> None:
    X = np.random.default_rng(0).normal(size=(80, 4))
    np.testing.assert_allclose(genie_linkage(*spanning_edges(X), 1.0), linkage(X, "single"))


@pytest.mark.parametrize("metric", ["cosine", "manhattan", "precomputed"])
def test_any_metric(metric: str, make_context: MakeContext) -> None:
    rows = np.random.default_rng(0).normal(size=(60, 5)) + np.repeat([[0.0], [4.0], [9.0]], 20, axis=0)
    name = {"manhattan": "cityblock", "precomputed": "euclidean"}.get(metric, metric)
    distances = squareform(pdist(rows, name))
    context = make_context(Dataset(distances if metric == "precomputed" else rows))
    tree = context.artifact("linkage", linkage="genie", metric=metric)["linkage"]
    edges = minimum_spanning_tree(distances).tocoo()
    order = np.argsort(edges.data, kind="stable")
    pairs = np.column_stack([edges.row, edges.col])[order].astype(np.int64)
    expected = brute_force(pairs, 60, 3, 0.3)
    assert adjusted_rand_score(expected, cut_into(tree, 3)) == 1


@pytest.mark.parametrize("n_samples", [1, 2, 3])
def test_few_rows(n_samples: int, make_context: MakeContext) -> None:
    vectors = np.random.default_rng(2).normal(size=(n_samples, 4))
    tree = make_context(Dataset(vectors)).artifact("linkage", linkage="genie")["linkage"]
    assert tree.shape == (n_samples - 1, 4)
