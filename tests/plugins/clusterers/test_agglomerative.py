import re
from typing import Any, Protocol

import numpy as np
import pytest
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import pdist, squareform
from sklearn.cluster import AgglomerativeClustering
from sklearn.metrics import adjusted_rand_score

from embkit.data.dataset import Dataset
from embkit.data.results import Clustering
from embkit.errors import ParameterError
from embkit_plugins.algorithms.trees.best_cut import best_cut, candidate_plateaus
from embkit_plugins.algorithms.trees.leaf_order import optimally_ordered
from embkit_plugins.clusterers.agglomerative import Agglomerative
from embkit_plugins.drawing.subject import height_label
from fixture_types import MakeContext
from narrowing import present

PAIRS = [
    ("ward", "euclidean"),
    ("complete", "cosine"),
    ("average", "cosine"),
    ("single", "euclidean"),
    ("average", "manhattan"),
]


class Cluster(Protocol):
    """Clusters a dataset with the given parameters."""

    def __call__(self, dataset: Dataset, **params: Any) -> Clustering: ...


@pytest.fixture
def cluster(make_context: MakeContext) -> Cluster:
    def run(dataset: Dataset, **params: Any) -> Clustering:
        component = Agglomerative(**params)
        component.check()
        return component.cluster(dataset, make_context(dataset))

    return run


@pytest.mark.parametrize(("method", "metric"), PAIRS)
@pytest.mark.parametrize("n_clusters", [1, 2, 3, 7, 90])
def test_a_number_of_clusters_gives_scikit_learns(
    cluster: Cluster, blobs: Dataset, method: str, metric: str, n_clusters: int
) -> None:
    found = cluster(blobs, n_clusters=n_clusters, linkage=method, metric=metric)
    model = AgglomerativeClustering(n_clusters=n_clusters, linkage=method, metric=metric)
    assert adjusted_rand_score(model.fit_predict(blobs.vectors.astype(np.float64)), found.labels) == 1
    assert found.n_clusters == n_clusters
    assert found.parameters["distance_threshold"] is None


@pytest.mark.parametrize(("method", "metric"), PAIRS)
@pytest.mark.parametrize("share", [0, 0.1, 0.5, 1, 1.2])
def test_a_threshold_gives_scikit_learns(
    cluster: Cluster, blobs: Dataset, method: str, metric: str, share: float
) -> None:
    vectors = blobs.vectors.astype(np.float64)
    name = "cityblock" if metric == "manhattan" else metric
    threshold = float(share * linkage(pdist(vectors, name), method)[-2, 2]) + 1e-4
    found = cluster(blobs, linkage=method, metric=metric, distance_threshold=threshold)
    model = AgglomerativeClustering(
        n_clusters=None, linkage=method, metric=metric, distance_threshold=threshold
    )
    assert adjusted_rand_score(model.fit_predict(vectors), found.labels) == 1
    assert found.n_clusters == model.n_clusters_


def test_the_result_tells_how_it_was_made(cluster: Cluster, blobs: Dataset) -> None:
    found = cluster(blobs, linkage="complete", metric="cosine", distance_threshold=0.5)
    assert dict(found.parameters) == {
        "n_clusters": None,
        "metric": "cosine",
        "linkage": "complete",
        "distance_threshold": 0.5,
        "compute_full_tree": True,
        "connectivity": None,
        "n_neighbors": None,
        "min_cluster_size": None,
        "deep_split": None,
        "optimal_ordering": False,
        "min_samples": None,
        "neighbors": "exact",
        "recall": None,
    }
    assert present(found.linkage).shape == (89, 4)
    assert any("nearest to the threshold 0.5" in note for note in found.notes)


@pytest.mark.parametrize(("method", "metric"), PAIRS)
def test_auto_finds_the_groups_that_are_there(
    cluster: Cluster, blobs: Dataset, method: str, metric: str
) -> None:
    found = cluster(blobs, linkage=method, metric=metric)
    assert adjusted_rand_score(blobs.reference, found.labels) == 1
    assert found.notes[0].startswith(
        f"chosen: distance_threshold={found.parameters['distance_threshold']:.10g}, 3 clusters"
    )
    assert found.notes[1].startswith("runner-up: ")


def test_a_tree_may_end_at_the_threshold(cluster: Cluster, blobs: Dataset) -> None:
    whole = cluster(blobs, linkage="complete", metric="cosine", distance_threshold=0.5)
    part = cluster(
        blobs, linkage="complete", metric="cosine", distance_threshold=0.5, compute_full_tree=False
    )
    np.testing.assert_array_equal(part.labels, whole.labels)
    assert whole.linkage is not None
    assert part.linkage is None


def test_auto_on_a_matrix_of_distances(cluster: Cluster, blobs: Dataset) -> None:
    matrix = Dataset(squareform(pdist(blobs.vectors)))
    found = cluster(matrix, linkage="average", metric="precomputed")
    assert adjusted_rand_score(blobs.reference, found.labels) == 1


def test_auto_without_structure_says_so_and_stays_readable(cluster: Cluster) -> None:
    noise = Dataset(np.random.default_rng(0).normal(size=(400, 30)))
    found = cluster(noise)
    assert found.n_clusters <= 20
    assert any("no cut separates the rows well" in note for note in found.notes)


def test_auto_scores_a_sample_where_there_are_many_rows(
    monkeypatch: pytest.MonkeyPatch, cluster: Cluster, blobs: Dataset
) -> None:
    monkeypatch.setattr("embkit_plugins.algorithms.trees.best_cut._MOST_SCORED", 30)
    found = cluster(blobs)
    assert adjusted_rand_score(blobs.reference, found.labels) == 1
    assert "of 30 rows drawn at random" in found.notes[0]


@pytest.mark.parametrize("n", [1, 2, 5])
def test_auto_where_all_rows_are_equal(cluster: Cluster, n: int) -> None:
    found = cluster(Dataset(np.ones((n, 3))))
    assert found.n_clusters == 1
    assert found.notes[0] == "all rows in one cluster: all rows are equal"


def test_auto_on_three_rows(cluster: Cluster) -> None:
    found = cluster(Dataset(np.array([[0.0, 0], [0, 1], [9, 9]])))
    assert found.n_clusters == 2


def test_the_chosen_threshold_is_short_and_inside_its_plateau() -> None:
    tree = np.column_stack([np.zeros((5, 2)), [0.1, 0.11, 0.12, 0.4, 0.7], np.ones(5)])
    plateaus = candidate_plateaus(tree)
    assert [plateau.n_clusters for plateau in plateaus] == [2, 3]
    dataset = Dataset(np.array([[0.0], [0.1], [0.21], [5], [5.3], [9]]))
    choice = best_cut(linkage(dataset.vectors, "single"), dataset, "euclidean", seed=0)
    assert choice.threshold == 2


def test_ties_at_the_threshold_are_said(cluster: Cluster) -> None:
    grid = np.stack(np.meshgrid(np.arange(5.0), np.arange(5.0)), axis=-1).reshape(-1, 2)
    found = cluster(Dataset(grid), linkage="single", distance_threshold=1.0)
    assert found.n_clusters == 25
    assert (
        found.notes[0] == "24 merges lie at the threshold 1 itself, up to rounding; a tie does not merge"
    )
    assert cluster(Dataset(grid), linkage="single", distance_threshold=1.01).n_clusters == 1


def test_ties_at_a_number_of_clusters_are_said(cluster: Cluster) -> None:
    grid = np.stack(np.meshgrid(np.arange(5.0), np.arange(5.0)), axis=-1).reshape(-1, 2)
    found = cluster(Dataset(grid), linkage="single", n_clusters=4)
    assert found.notes[0] == "4 clusters exist only by the order of merges that tie at height 1"


def test_opposite_vectors(cluster: Cluster) -> None:
    dataset = Dataset(np.array([[1.0, 0], [-1, 0]]))
    assert cluster(dataset, linkage="complete", metric="cosine", distance_threshold=2.0).n_clusters == 2
    assert cluster(dataset, linkage="complete", metric="cosine", distance_threshold=1.0).n_clusters == 2


def test_inverted_trees_are_cut_into_a_number(cluster: Cluster, blobs: Dataset) -> None:
    found = cluster(blobs, linkage="centroid", n_clusters=3)
    assert adjusted_rand_score(blobs.reference, found.labels) == 1


def test_inversions_are_said(cluster: Cluster) -> None:
    height = 0.9 * np.sqrt(3)
    found = cluster(
        Dataset(np.array([[-1.0, 0], [1, 0], [0, height]])), linkage="centroid", n_clusters=2
    )
    assert found.notes[0].startswith("1 merge is lower than one inside it (an inversion)")


@pytest.mark.parametrize(
    ("params", "message"),
    [
        (
            {"n_clusters": 3, "distance_threshold": 0.5},
            "both n_clusters=3 and distance_threshold=0.5 are given",
        ),
        (
            {"n_clusters": 3, "compute_full_tree": False},
            "compute_full_tree=false without a distance_thr",
        ),
        ({"distance_threshold": None}, "neither n_clusters nor distance_threshold is given"),
        ({"linkage": "ward", "metric": "cosine"}, "linkage=ward with metric=cosine"),
        ({"linkage": "centroid"}, "distance_threshold with linkage=centroid; .* give n_clusters"),
        ({"linkage": "median", "distance_threshold": 1.0}, "distance_threshold with linkage=median"),
        (
            {"linkage": "average", "metric": "cosine", "distance_threshold": 45},
            "distance_threshold=45 with metric=cosine; .* 0 to 2",
        ),
    ],
)
def test_contradictions_are_refused_before_anything_is_read(
    params: dict[str, Any], message: str
) -> None:
    with pytest.raises(ParameterError, match=message):
        Agglomerative(**params).check()


def test_more_clusters_than_rows(cluster: Cluster, blobs: Dataset) -> None:
    with pytest.raises(ParameterError, match=r"n_clusters=91 for blobs of 90 rows; .* at most 90"):
        cluster(blobs, n_clusters=91)


def _two_groups(n_features: int, noise: float = 0.0, copies: int = 2) -> Dataset:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(200, n_features))
    rows[:100, 0] += 9
    every = np.concatenate([rows] * copies)
    return Dataset(every + noise * rng.normal(size=every.shape))


@pytest.mark.parametrize("n_features", [2, 8, 32])
@pytest.mark.parametrize(("copies", "noise"), [(2, 0), (2, 1e-3), (2, 0.05), (2, 0.2), (5, 1e-3)])
def test_auto_of_rows_that_come_twice(
    cluster: Cluster, n_features: int, copies: int, noise: float
) -> None:
    found = cluster(_two_groups(n_features, noise, copies))
    assert found.n_clusters == 2
    said = any("rows are copies of others" in note for note in found.notes)
    assert said == (noise < 0.01) or noise == 0.05


@pytest.mark.parametrize("scale", [1e-3, 0.1, 0.5], ids=["copies", "near copies", "pairs"])
@pytest.mark.parametrize(
    ("linkage", "metric"), [("ward", "euclidean"), ("average", "cosine"), ("complete", "cosine")]
)
def test_auto_of_texts_with_near_copies(
    cluster: Cluster, glosses: Dataset, linkage: str, metric: str, scale: float
) -> None:
    """2,000 rows of length 1, of which 400 are others moved by `scale`."""
    rng = np.random.default_rng(0)
    rows = glosses.vectors[rng.permutation(glosses.n_samples)[:2000]].astype(np.float64)
    moves = rng.normal(scale=scale / np.sqrt(rows.shape[1]), size=rows[:400].shape)
    rows[:400] = rows[400:800] + moves
    found = cluster(Dataset(rows), linkage=linkage, metric=metric)
    assert 2 <= found.n_clusters <= 60
    assert any("no cut separates the rows well" in note for note in found.notes)


@pytest.mark.parametrize("place", ["within one another", "beside one another", "touching"])
def test_auto_of_four_rings(cluster: Cluster, place: str) -> None:
    rng = np.random.default_rng(0)
    angle = rng.uniform(0, 2 * np.pi, 400)
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    ring = np.arange(400) % 4
    if place == "within one another":
        rows = circle * (1 + ring[:, None])
    else:
        apart = 3 if place == "beside one another" else 1.2
        rows = circle + apart * np.stack([ring // 2, ring % 2], axis=1)
    found = cluster(Dataset(rows + 0.05 * rng.normal(size=(400, 2))))
    assert found.n_clusters <= 4
    says = "the density says continuum" if place == "touching" else "the density has valleys between"
    assert any(says in note for note in found.notes)


def test_auto_of_chains_takes_the_gap_of_the_tree(cluster: Cluster) -> None:
    rng = np.random.default_rng(0)
    angle, ring = rng.uniform(0, 2 * np.pi, 1200), np.arange(1200) % 3
    rows = np.stack([np.cos(angle), np.sin(angle)], axis=1) * (1 + ring[:, None])
    found = cluster(Dataset(rows + 0.05 * rng.normal(size=rows.shape)), linkage="single")
    assert adjusted_rand_score(ring, found.labels) == 1
    assert any(
        "the tree has a gap at 3 clusters, and the density valleys" in note for note in found.notes
    )


@pytest.mark.parametrize(("n_clusters", "size"), [(100, 5), (9, 9)])
def test_auto_of_many_groups_that_are_there(cluster: Cluster, n_clusters: int, size: int) -> None:
    rng = np.random.default_rng(0)
    truth = np.repeat(np.arange(n_clusters), size)
    rows = rng.random((n_clusters, 32))[truth] + 0.1 * rng.normal(size=(len(truth), 32))
    assert adjusted_rand_score(truth, cluster(Dataset(rows)).labels) == 1


def test_auto_believes_no_peak_that_the_density_denies(cluster: Cluster) -> None:
    rng = np.random.default_rng(0)
    angle, ring = rng.uniform(0, 2 * np.pi, 800), np.arange(800) % 4
    rows = 0.05 * rng.normal(size=(800, 16))
    rows[:, :2] += np.stack([np.cos(angle), np.sin(angle)], axis=1) * 2 * (1 + ring[:, None])
    found = cluster(Dataset(rows), linkage="average")
    assert found.n_clusters <= 5
    assert any("the density has valleys between" in note for note in found.notes)


def test_auto_agrees_with_two_groups_that_silhouettes_hardly_show(cluster: Cluster) -> None:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(600, 32))
    rows[:300, 0] += 4.7
    assert cluster(Dataset(rows)).n_clusters == 2


def test_auto_without_a_verdict_takes_few(cluster: Cluster) -> None:
    rows = np.random.default_rng(0).random((200, 2))
    found = cluster(Dataset(squareform(pdist(rows))), linkage="average", metric="precomputed")
    assert found.n_clusters <= 4
    assert any("nothing else is known" in note for note in found.notes)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"linkage": "centroid", "n_clusters": 3}, "linkage=centroid; along a graph there are ward, "),
        ({"linkage": "average", "metric": "manhattan"}, "metric=manhattan; nearest neighbours are by "),
        ({"distance_threshold": 1.0, "compute_full_tree": False}, "compute_full_tree=false; along a "),
        (
            {"linkage": "single", "neighbors": "leaves"},
            "neighbors=leaves; the graph is that of the exact",
        ),
        (
            {"linkage": "single", "min_samples": 5},
            "min_samples=5; along a graph clusters merge by the distances of their rows; leave one",
        ),
    ],
)
def test_what_cannot_be_done_along_a_graph_is_refused(params: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=f"connectivity=neighbors with {message}"):
        Agglomerative(connectivity="neighbors", **params).check()


def test_along_the_graph_of_neighbours(cluster: Cluster) -> None:
    """Two rings, which no linkage of all pairs but single finds; parameters say what was used."""
    angles = np.linspace(0, 2 * np.pi, 80, endpoint=False)
    ring = np.column_stack([np.cos(angles), np.sin(angles)])
    dataset = Dataset(np.vstack([ring, 3 * ring]))
    found = cluster(dataset, connectivity="neighbors", n_neighbors=2, linkage="average", n_clusters=2)
    assert found.labels.tolist() == [0] * 80 + [1] * 80
    assert found.parameters["n_neighbors"] == 2
    assert found.parameters["min_cluster_size"] is found.parameters["deep_split"] is None
    assert cluster(dataset, n_clusters=2).parameters["n_neighbors"] is None
    assert Agglomerative(connectivity="neighbors").assign(found, dataset, None) is None  # type: ignore[arg-type]
    small, large = (
        Agglomerative(connectivity=connectivity, linkage="average", metric="euclidean").memory(
            60_000, 384, 10**12
        )
        for connectivity in ("neighbors", None)
    )
    assert small.peak < large.peak / 4


def test_inversions_of_ward_along_a_graph_are_cut_by_number_only(cluster: Cluster) -> None:
    """Two groups near one another, with no neighbours but a row far from both."""
    group = np.array([[10.0, 1.0], [10.2, 1.1], [10.2, 1.2]])
    dataset = Dataset(np.vstack([group, group * [1, -1], [[0.0, 0.0]]]))
    params = {"connectivity": "neighbors", "n_neighbors": 2}
    found = cluster(dataset, n_clusters=2, **params)
    assert found.labels.tolist() in ([0, 0, 0, 1, 1, 1, 0], [1, 1, 1, 0, 0, 0, 0])
    assert any("1 merge is lower than one inside it" in note for note in found.notes)
    for threshold in (1.0, "auto", "dynamic"):
        with pytest.raises(ParameterError, match=r"inversions.*ward along a graph.*give n_clusters"):
            cluster(dataset, distance_threshold=threshold, **params)


@pytest.mark.parametrize("metric", ["cosine", "euclidean", "precomputed"])
def test_a_dynamic_cut(cluster: Cluster, metric: str) -> None:
    """Groups of different widths: no height cuts them all off, branch by branch they are found."""
    rng = np.random.default_rng(3)
    labels = np.repeat([0, 1, 2], [60, 50, 40])
    widths = np.array([0.02, 0.3, 0.08])[labels][:, None]
    vectors = np.eye(8)[labels] * 2 + widths * rng.normal(size=(150, 8))
    if metric == "precomputed":
        vectors = squareform(pdist(vectors))
    params = {"linkage": "average", "metric": metric, "distance_threshold": "dynamic"}
    found = cluster(Dataset(vectors), **params, min_cluster_size=15)
    assert found.n_clusters == 3
    inside = found.labels >= 0
    assert adjusted_rand_score(labels[inside], found.labels[inside]) == 1
    assert inside.mean() > 0.9
    assert found.threshold is None
    assert found.parameters["distance_threshold"] == "dynamic"
    assert found.parameters["deep_split"] == 1
    assert re.match(
        r"branches end at heights of their own, below \S+; \d+ rows are outside", found.notes[0]
    )
    assert cluster(Dataset(vectors), **params, min_cluster_size=140).notes[1] == "no clusters"


def test_a_dynamic_cut_leaves_nothing_to_a_number_or_a_part_of_the_tree() -> None:
    with pytest.raises(ParameterError, match="both n_clusters=3 and distance_threshold=dynamic"):
        Agglomerative(n_clusters=3, distance_threshold="dynamic").check()
    with pytest.raises(ParameterError, match="compute_full_tree=false without a distance_threshold"):
        Agglomerative(distance_threshold="dynamic", compute_full_tree=False).check()


@pytest.mark.parametrize("metric", ["cosine", "precomputed"])
def test_leaves_in_optimal_order(cluster: Cluster, metric: str) -> None:
    """The labels do not change; the order is that of its own module, which has tests."""
    vectors = np.random.default_rng(4).normal(size=(9, 3))
    distances = squareform(pdist(vectors, "cosine"))
    dataset = Dataset(distances if metric == "precomputed" else vectors)
    params = {"metric": metric, "linkage": "average", "n_clusters": 3}
    plain, found = cluster(dataset, **params), cluster(dataset, **params, optimal_ordering=True)
    assert found.labels.tolist() == plain.labels.tolist()
    expected = optimally_ordered(present(plain.linkage), distances)
    np.testing.assert_allclose(present(found.linkage), expected, atol=1e-9)


def test_optimal_order_is_for_few_rows_and_whole_trees(cluster: Cluster) -> None:
    component = Agglomerative(n_clusters=2, optimal_ordering=True)
    assert component.memory(100_000, 2, 10**9).peak > 20 * 3000**2
    with pytest.raises(
        ParameterError, match="optimal_ordering for 3,001 rows; its time grows with .* 3,000"
    ):
        cluster(Dataset(np.ones((3001, 2))), n_clusters=2, optimal_ordering=True)
    with pytest.raises(ParameterError, match="optimal_ordering=true with compute_full_tree=false"):
        Agglomerative(distance_threshold=1.0, compute_full_tree=False, optimal_ordering=True).check()
    assert cluster(Dataset(np.ones((1, 2))), n_clusters=1, optimal_ordering=True).n_clusters == 1


@pytest.mark.parametrize("linkage", ["single", "genie"])
@pytest.mark.parametrize("cut", [{"n_clusters": 5}, {"distance_threshold": "dynamic"}], ids=str)
def test_neighbours_by_leaves(
    small_leaves: None,
    cluster: Cluster,
    linkage: str,
    cut: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("embkit_plugins.artifacts.linkage.routes._QUICK", {"spanning tree": 50})
    rng = np.random.default_rng(0)
    places = rng.normal(size=(5, 8)).repeat(80, axis=0)
    dataset = Dataset(places + 0.1 * rng.normal(size=places.shape))
    exact = cluster(dataset, linkage=linkage, **cut)
    found = cluster(dataset, linkage=linkage, neighbors="leaves", recall=0.99, **cut)
    assert adjusted_rand_score(exact.labels, found.labels) > 0.95
    assert found.notes[-1].startswith("approximate: neighbours by leaves with a recall of ")
    assert (found.parameters["neighbors"], found.parameters["recall"]) == ("leaves", 0.99)
    assert not any("approximate" in note for note in exact.notes)


def test_leaves_are_for_single_linkage_and_genie() -> None:
    with pytest.raises(ParameterError, match="neighbors=leaves with linkage=ward,metric=euclidean"):
        Agglomerative(n_clusters=2, neighbors="leaves").check()


def test_memory_of_leaves() -> None:
    exact, leaves = (
        Agglomerative(n_clusters=2, linkage="single", neighbors=how).memory(10**6, 384, 10**10)
        for how in ("exact", "leaves")
    )
    assert leaves.peak < exact.peak


def bridged() -> Dataset:
    """Two squares of 20 x 20 rows and a line of 30 between them, at steps a little shorter."""
    square = np.stack(np.meshgrid(np.arange(20.0), np.arange(20.0)), axis=-1).reshape(-1, 2)
    line = np.column_stack([np.linspace(19.9, 47.1, 30), np.full(30, 9.5)])
    rows = np.vstack([square, square + np.array([48, 0]), line])
    return Dataset(rows + np.random.default_rng(0).normal(scale=0.05, size=rows.shape))


def test_robust_single_linkage_does_not_follow_a_line_of_rows(cluster: Cluster) -> None:
    chained = cluster(bridged(), linkage="single", distance_threshold=1.15)
    assert chained.sizes[0] == 830
    robust = cluster(bridged(), linkage="single", min_samples=3, distance_threshold=1.65)
    assert robust.parameters["min_samples"] == 3
    assert set(robust.labels[:400]) == {robust.labels[0]}
    assert set(robust.labels[400:800]) == {robust.labels[400]} != {robust.labels[0]}
    assert height_label(robust) == "mutual reachability, euclidean distance"
    assert height_label(chained) == "euclidean distance"


@pytest.mark.parametrize("linkage", ["single", "genie"])
def test_rows_that_come_later_have_no_core_distance(cluster: Cluster, linkage: Any) -> None:
    component = Agglomerative(linkage=linkage, n_clusters=3, min_samples=2)
    found = cluster(bridged(), linkage=linkage, n_clusters=3, min_samples=2)
    assert component.assign(found, found.dataset, None) is None  # type: ignore[arg-type]


def test_mutual_reachability_is_for_single_linkage_and_genie() -> None:
    message = (
        "min_samples=5 with linkage=ward; only single linkage and genie are made of a spanning tree, "
        ".*; use linkage=single or genie, or leave min_samples out"
    )
    with pytest.raises(ParameterError, match=message):
        Agglomerative(n_clusters=2, min_samples=5).check()


def test_few_rows_need_little_memory() -> None:
    assert Agglomerative(linkage="average").memory(300, 384, 10**9).peak < 50 * 10**6
    assert Agglomerative(linkage="average").memory(20_000, 384, 10**10).peak > 400 * 10**6
