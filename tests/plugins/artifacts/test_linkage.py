import numpy as np
import pytest
from scipy.cluster.hierarchy import is_valid_linkage, linkage
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import pdist, squareform
from sklearn.metrics import adjusted_rand_score

from embkit.data.dataset import Dataset
from embkit.errors import DataError, ParameterError
from embkit_plugins.algorithms.distances.pairs import Metric
from embkit_plugins.algorithms.trees.cuts import cut_at, cut_into
from embkit_plugins.artifacts.linkage import Linkage, Method
from fixture_types import MakeContext

METHODS = ("ward", "complete", "average", "single", "centroid", "median", "weighted")
EUCLIDEAN_ONLY = ("ward", "centroid", "median")
CASES = [(method, "euclidean") for method in METHODS] + [
    (method, metric) for method in METHODS[1:4] + METHODS[6:] for metric in ("cosine", "manhattan")
]


@pytest.mark.parametrize(("method", "metric"), CASES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_heights_are_scipys(
    make_context: MakeContext, method: str, metric: str, dtype: type[np.floating]
) -> None:
    vectors = np.random.default_rng(0).normal(size=(150, 20)).astype(dtype)
    artifact = make_context(Dataset(vectors)).artifact("linkage", linkage=method, metric=metric)
    tree = artifact["linkage"]
    name = "cityblock" if metric == "manhattan" else metric
    expected = linkage(pdist(vectors.astype(np.float64), name), method)
    np.testing.assert_allclose(tree[:, 2], expected[:, 2], atol=1e-9)
    assert is_valid_linkage(tree)
    assert adjusted_rand_score(cut_into(tree, 20), cut_into(expected, 20)) == 1


@pytest.mark.parametrize("method", METHODS)
def test_precomputed_distances(make_context: MakeContext, method: str) -> None:
    vectors = np.random.default_rng(1).normal(size=(60, 5))
    context = make_context(Dataset(squareform(pdist(vectors))))
    if method in EUCLIDEAN_ONLY:
        with pytest.raises(
            ParameterError, match=f"linkage={method} with metric=precomputed; .* linkage=average"
        ):
            context.artifact("linkage", linkage=method, metric="precomputed")
    else:
        tree = context.artifact("linkage", linkage=method, metric="precomputed")["linkage"]
        np.testing.assert_allclose(tree, linkage(vectors, method))


@pytest.mark.parametrize(("method", "metric"), CASES)
@pytest.mark.parametrize("n", [1, 2, 3])
def test_few_rows(make_context: MakeContext, method: str, metric: str, n: int) -> None:
    vectors = np.random.default_rng(2).normal(size=(n, 4))
    tree = make_context(Dataset(vectors)).artifact("linkage", linkage=method, metric=metric)["linkage"]
    assert tree.shape == (n - 1, 4)


@pytest.mark.parametrize(("method", "metric"), CASES)
def test_equal_rows_join_at_zero(make_context: MakeContext, method: str, metric: str) -> None:
    vectors = np.random.default_rng(3).normal(size=(30, 6)).astype(np.float32)
    dataset = Dataset(np.concatenate([vectors, vectors, vectors]))
    tree = make_context(dataset).artifact("linkage", linkage=method, metric=metric)["linkage"]
    np.testing.assert_array_equal(tree[:60, 2], 0)
    assert (tree[60:, 2] > 0).all()


@pytest.mark.parametrize(("method", "metric"), CASES)
def test_the_order_of_the_rows_does_not_matter(
    make_context: MakeContext, method: str, metric: str
) -> None:
    vectors = np.random.default_rng(4).normal(size=(120, 8))
    order = np.random.default_rng(5).permutation(120)
    trees = [
        make_context(Dataset(rows)).artifact("linkage", linkage=method, metric=metric)["linkage"]
        for rows in (vectors, vectors[order])
    ]
    np.testing.assert_allclose(trees[0][:, 2], trees[1][:, 2], atol=1e-9)
    assert adjusted_rand_score(cut_into(trees[0], 15)[order], cut_into(trees[1], 15)) == 1


def test_a_grid_is_all_ties(make_context: MakeContext) -> None:
    grid = np.stack(np.meshgrid(np.arange(9.0), np.arange(9.0)), axis=-1).reshape(-1, 2)
    for method in ("single", "complete", "average", "ward"):
        tree = make_context(Dataset(grid)).artifact("linkage", linkage=method)["linkage"]
        assert is_valid_linkage(tree)
        assert cut_at(tree, 1.0).max() + 1 == 81
        if method == "single":
            np.testing.assert_array_equal(tree[:, 2], 1)


def test_opposite_vectors_are_two_apart(make_context: MakeContext) -> None:
    dataset = Dataset(np.array([[1.0, 0], [-1, 0], [1, 1e-3]], dtype=np.float32))
    tree = make_context(dataset).artifact("linkage", linkage="complete", metric="cosine")["linkage"]
    assert tree[-1, 2] == 2


def test_the_artifact_says_how_it_came_about(make_context: MakeContext, blobs: Dataset) -> None:
    facts = make_context(blobs).artifact("linkage", linkage="centroid").facts
    assert facts["route"] == "condensed matrix"
    assert facts["monotone"] in (True, False)


@pytest.mark.parametrize("method", EUCLIDEAN_ONLY)
def test_means_need_euclidean_distance(method: Method) -> None:
    with pytest.raises(
        ParameterError, match=f"linkage={method} with metric=cosine; .* --reducer normalize"
    ):
        Linkage(linkage=method, metric="cosine").check()


def test_zero_rows_have_no_cosine(make_context: MakeContext) -> None:
    context = make_context(Dataset(np.array([[0.0, 0], [1, 0]])))
    with pytest.raises(DataError, match="zero vector in row 0"):
        context.artifact("linkage", linkage="complete", metric="cosine")


def test_real_sentences_match_scipy(make_context: MakeContext, glosses: Dataset) -> None:
    vectors = np.asarray(glosses.vectors[:1200], dtype=np.float32)
    expected = linkage(pdist(vectors.astype(np.float64), "cosine"), "complete")
    tree = make_context(Dataset(vectors)).artifact("linkage", linkage="complete", metric="cosine")[
        "linkage"
    ]
    np.testing.assert_allclose(tree[:, 2], expected[:, 2], atol=1e-9)
    for threshold in (0.2, 0.5, 0.8, 1.1):
        assert adjusted_rand_score(cut_at(tree, threshold), cut_at(expected, threshold)) == 1


@pytest.mark.parametrize("method", ["single", "genie"])
@pytest.mark.parametrize("metric", ["cosine", "correlation", "euclidean"])
def test_of_neighbours_by_leaves(
    small_leaves: None,
    method: Method,
    metric: Metric,
    make_context: MakeContext,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("embkit_plugins.artifacts.linkage.routes._QUICK", {"spanning tree": 50})
    rng = np.random.default_rng(0)
    places = rng.normal(size=(5, 8)).repeat(80, axis=0)
    context = make_context(Dataset(places + 0.1 * rng.normal(size=places.shape)))
    exact = context.artifact("linkage", linkage=method, metric=metric)
    params = {"linkage": method, "metric": metric, "neighbors": "leaves", "recall": 0.99}
    found = context.artifact("linkage", **params)
    assert found.facts["route"] == "spanning tree"
    assert found.facts["recall"] >= 0.99
    assert found.facts["components"] == 5
    assert is_valid_linkage(found["linkage"])
    assert adjusted_rand_score(cut_into(found["linkage"], 5), cut_into(exact["linkage"], 5)) == 1
    assert "recall" not in exact.facts


@pytest.mark.parametrize(
    ("method", "metric"), [("average", "cosine"), ("ward", "euclidean"), ("single", "manhattan")]
)
def test_leaves_for_what_is_not_made_of_neighbours_alone(method: Method, metric: Metric) -> None:
    message = f"neighbors=leaves with linkage={method},metric={metric}.*only single linkage and genie"
    with pytest.raises(ParameterError, match=message):
        Linkage(linkage=method, metric=metric, neighbors="leaves").check()


@pytest.mark.parametrize("method", ["single", "genie"])
def test_memory_of_leaves(method: Method) -> None:
    exact, leaves = (
        Linkage(linkage=method, metric="cosine", neighbors=how).memory(10**6, 384, 10**10)
        for how in ("exact", "leaves")
    )
    assert leaves.peak < exact.peak
    way = f"--clusterer agglomerative:linkage={method},metric=cosine,neighbors=leaves"
    assert exact.alternatives[0] == way
    assert way not in leaves.alternatives


@pytest.mark.parametrize(
    "metric", ["cosine", "correlation", "euclidean", "hamming", "manhattan", "precomputed"]
)
@pytest.mark.parametrize("min_samples", [2, 7])
def test_robust_single_linkage(make_context: MakeContext, metric: str, min_samples: int) -> None:
    """Chaudhuri and Dasgupta's definition: components of rows that are dense, and near, at each scale."""
    vectors = np.random.default_rng(0).normal(size=(120, 12)).round(1 if metric == "hamming" else 9)
    name = {"manhattan": "cityblock", "precomputed": "euclidean"}.get(metric, metric)
    distances = squareform(pdist(vectors, name))
    context = make_context(Dataset(distances if metric == "precomputed" else vectors))
    artifact = context.artifact("linkage", linkage="single", metric=metric, min_samples=min_samples)
    tree = artifact["linkage"]
    assert artifact.facts["route"] == "spanning tree"
    assert is_valid_linkage(tree)
    cores = np.sort(distances, axis=1)[:, min_samples]
    for scale in np.quantile(tree[:, 2], [0.05, 0.3, 0.6, 0.95]) + 1e-9:
        dense = cores <= scale
        near = (distances <= scale) & dense & dense[:, None]
        expected = connected_components(near, directed=False)[1]
        assert adjusted_rand_score(expected, cut_at(tree, scale)) == 1


def test_mutual_reachability_needs_more_rows_than_min_samples(make_context: MakeContext) -> None:
    context = make_context(Dataset(np.eye(5)))
    message = "min_samples=5 for 5 rows; .*; give min_samples of at most 4"
    with pytest.raises(ParameterError, match=message):
        context.artifact("linkage", linkage="single", min_samples=5)


def test_mutual_reachability_says_what_would_need_less() -> None:
    exact = Linkage(linkage="single", min_samples=9).memory(10**6, 384, 10**10)
    way = "linkage=single,metric=euclidean,neighbors=leaves,min_samples=9"
    assert exact.alternatives[0] == f"--clusterer agglomerative:{way}"
