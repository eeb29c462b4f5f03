import numpy as np
import pytest
from hdbscan._hdbscan_linkage import mst_linkage_core
from hdbscan._hdbscan_reachability import mutual_reachability
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import pdist
from sklearn.metrics import pairwise_distances

from embkit.data.dataset import Dataset
from embkit.errors import DataError, ParameterError
from embkit_plugins.algorithms.distances.pairs import Metric
from embkit_plugins.algorithms.neighbors import candidates as _candidates
from embkit_plugins.algorithms.spanning import reachability as _reachability
from embkit_plugins.algorithms.spanning.prim import prim
from embkit_plugins.artifacts.spanning_tree import SpanningTree
from fixture_types import MakeContext


def kinds_of_rows() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(2)
    apart = 50 * rng.normal(size=(5, 6)).repeat(50, axis=0)
    return {
        "noise": rng.normal(size=(250, 8)).astype(np.float32),
        "groups": (apart + rng.normal(size=(250, 6))).astype(np.float32),
        "tight groups": apart + 1e-6 * rng.normal(size=(250, 6)),
        "repeats": 1 + rng.normal(size=(40, 5)).repeat(rng.integers(1, 25, 40), axis=0),
        "grid": rng.integers(1, 5, size=(300, 3)).astype(np.float64),
        "all alike": np.ones((60, 4), dtype=np.float32),
        "line": np.arange(1, 101, dtype=np.float64)[:, None] ** 1.5,
    }


def reference(
    rows: np.ndarray, min_samples: int, metric: str, alpha: float = 1.0
) -> tuple[np.ndarray, np.ndarray]:
    """Mutual reachability, whole, and the tree the hdbscan package makes of it."""
    if metric == "euclidean":  # from differences, as sklearn's does not
        distances = np.sqrt(((rows[:, None].astype(np.float64) - rows[None]) ** 2).sum(axis=2))
    else:
        distances = pairwise_distances(rows.astype(np.float64), metric=metric)
    reach = mutual_reachability(distances, min_samples, alpha)
    return reach, mst_linkage_core(reach)


def is_spanning_tree(edges: np.ndarray, n_samples: int) -> bool:
    parent = list(range(n_samples))

    def root(node: int) -> int:
        while parent[node] != node:
            node = parent[node]
        return node

    for a, b in edges.tolist():
        if root(a) == root(b):
            return False
        parent[root(a)] = root(b)
    return len(edges) == n_samples - 1


@pytest.mark.parametrize("kind", kinds_of_rows())
@pytest.mark.parametrize("metric", ["euclidean", "cosine", "manhattan"])
@pytest.mark.parametrize(("min_samples", "alpha"), [(1, 1.0), (5, 1.0), (20, 1.0), (5, 1.4), (5, 0.7)])
def test_weights_of_the_whole_matrix(
    kind: str,
    metric: str,
    min_samples: int,
    alpha: float,
    make_context: MakeContext,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_candidates, "TILE", 100)
    monkeypatch.setattr(_reachability, "block_rows", lambda n_samples: 20)
    rows = kinds_of_rows()[kind]
    if kind == "line" and metric == "cosine":
        pytest.skip("rows of one column have but two directions")
    dataset = Dataset(rows)
    context = make_context(dataset)
    tree = context.artifact("spanning-tree", min_samples=min_samples, metric=metric, alpha=alpha)
    reach, expected = reference(rows, min_samples, metric, alpha)
    edges, weights = tree["edges"], tree["weights"]
    scale = max(1.0, float(np.abs(rows).max())) if metric != "cosine" else 1.0
    assert is_spanning_tree(edges, len(rows))
    assert np.all(np.diff(weights) >= 0)
    assert weights == pytest.approx(np.sort(expected[:, 2]), abs=1e-7 * scale)
    assert weights == pytest.approx(reach[edges[:, 0], edges[:, 1]], abs=1e-7 * scale)


@pytest.mark.parametrize("kind", ["noise", "groups"])
@pytest.mark.parametrize("min_samples", [1, 3, 15])
def test_edges_and_their_order_are_those_of_the_hdbscan_package(
    kind: str, min_samples: int, make_context: MakeContext
) -> None:
    rows = kinds_of_rows()[kind]
    dataset = Dataset(rows)
    tree = make_context(dataset).artifact("spanning-tree", min_samples=min_samples)
    expected = reference(rows, min_samples, "euclidean")[1]
    expected = expected[np.argsort(expected[:, 2])]
    assert np.array_equal(np.sort(tree["edges"], axis=1), np.sort(expected[:, :2].astype(int), axis=1))


def test_one_sample_is_single_linkage(make_context: MakeContext) -> None:
    rows = kinds_of_rows()["noise"]
    dataset = Dataset(rows)
    tree = make_context(dataset).artifact("spanning-tree", min_samples=1)
    expected = linkage(pdist(rows.astype(np.float64)), "single")[:, 2]
    assert tree["weights"] == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize(("alpha", "largest"), [(1.0, 2.0), (0.5, 4.0)])
def test_opposite_rows_are_at_cosine_distance_two(
    alpha: float, largest: float, make_context: MakeContext
) -> None:
    rows = np.random.default_rng(1).normal(size=(1, 50)).astype(np.float32)
    dataset = Dataset(np.concatenate([rows, -3 * rows]))
    tree = make_context(dataset).artifact("spanning-tree", min_samples=1, metric="cosine", alpha=alpha)
    assert tree["weights"][0] <= largest
    assert tree["weights"][0] == pytest.approx(largest)


def test_precomputed_distances(make_context: MakeContext) -> None:
    matrix = pairwise_distances(kinds_of_rows()["noise"].astype(np.float64), metric="cosine")
    np.fill_diagonal(matrix, 0)
    dataset = Dataset((matrix + matrix.T) / 2)
    before = dataset.vectors.copy()
    tree = make_context(dataset).artifact("spanning-tree", min_samples=4, metric="precomputed")
    expected = mst_linkage_core(mutual_reachability(dataset.vectors.copy(), 4))
    assert tree["weights"] == pytest.approx(np.sort(expected[:, 2]))
    assert np.array_equal(dataset.vectors, before)
    assert tree.facts["route"] == "full matrix"


def test_precomputed_must_be_distances(make_context: MakeContext) -> None:
    dataset = Dataset(np.ones((4, 3)))
    with pytest.raises(DataError, match="square matrix"):
        make_context(dataset).artifact("spanning-tree", min_samples=1, metric="precomputed")


@pytest.mark.parametrize("n_samples", [2, 3, 17])
def test_few_rows(n_samples: int, make_context: MakeContext) -> None:
    rows = np.random.default_rng(0).normal(size=(n_samples, 2))
    dataset = Dataset(rows)
    for min_samples in {1, n_samples - 1}:
        tree = make_context(dataset).artifact("spanning-tree", min_samples=min_samples)
        expected = reference(rows, min_samples, "euclidean")[1]
        assert tree["weights"] == pytest.approx(np.sort(expected[:, 2]))


@pytest.mark.parametrize("n_samples", [1, 5])
@pytest.mark.parametrize("metric", ["euclidean", "manhattan"])
def test_more_samples_than_rows(n_samples: int, metric: Metric, make_context: MakeContext) -> None:
    dataset = Dataset(np.eye(5)[:n_samples])
    message = f"min_samples=5 for {n_samples} rows.*at most {n_samples - 1}"
    with pytest.raises(ParameterError, match=message):
        SpanningTree(min_samples=5, metric=metric).compute(dataset, make_context(dataset))


def test_groups_far_apart_are_scanned_and_the_facts_say_so(make_context: MakeContext) -> None:
    dataset = Dataset(kinds_of_rows()["groups"])
    tree = make_context(dataset).artifact("spanning-tree", min_samples=5)
    assert tree.facts["route"] == "neighbours and rounds"
    assert tree.facts["rows_scanned"] > 0


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 40), st.integers(0, 10_000))
def test_prim_on_every_edge_is_prim_on_the_matrix(n_samples: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    matrix = rng.integers(1, 6, size=(n_samples, n_samples)).astype(np.float64)
    matrix = np.minimum(matrix, matrix.T)
    left, right = np.triu_indices(n_samples, 1)
    swap = rng.random(len(left)) < 0.5
    left, right = np.where(swap, right, left), np.where(swap, left, right)
    order = rng.permutation(len(left))
    left, right = left[order], right[order]
    tree = prim(n_samples, left, right, matrix[left, right])
    expected = mst_linkage_core(matrix)
    ends = np.sort(np.column_stack([left, right])[tree], axis=1)
    assert np.array_equal(ends, np.sort(expected[:, :2].astype(int), axis=1))


def test_memory_grows_with_the_rows_not_with_their_square() -> None:
    first, second = (SpanningTree().memory(n, 384, 10**9).peak for n in (100_000, 200_000))
    assert second <= 2 * first
    assert SpanningTree(metric="manhattan").memory(100_000, 384, 10**9).peak > 1e11
