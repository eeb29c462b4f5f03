from collections.abc import Iterable
from itertools import combinations

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import cdist, squareform
from sklearn.cluster import AgglomerativeClustering
from sklearn.metrics import silhouette_samples

from embkit.data.dataset import Dataset
from embkit.errors import ParameterError
from embkit_plugins.algorithms.distances.pairs import Metric
from embkit_plugins.algorithms.ledger.merges import Ledger, Merge, Order, merge_ledger
from embkit_plugins.algorithms.trees.cuts import cut_at
from narrowing import number

NAMES = {"cosine": "cosine", "euclidean": "euclidean", "manhattan": "cityblock"}
START, STOP = 0.25, 0.6  # shares of the merges

Case = tuple[Dataset, np.ndarray, Metric, Ledger]


def square(dataset: Dataset, metric: Metric) -> np.ndarray:
    if metric == "precomputed":
        return np.asarray(dataset.vectors, dtype=np.float64)
    vectors = dataset.vectors.astype(np.float64)
    distances = np.maximum(cdist(vectors, vectors, NAMES[metric]), 0)
    return np.asarray((distances + distances.T) / 2 * (1 - np.eye(len(vectors))))


def tree_of(dataset: Dataset, metric: Metric, method: str = "complete") -> np.ndarray:
    return np.asarray(linkage(squareform(square(dataset, metric), checks=False), method))


def a_dataset(metric: Metric, n_samples: int = 200) -> Dataset:
    rng = np.random.default_rng(3)
    vectors = rng.normal(size=(n_samples, 6)).astype(np.float32)
    vectors[10] = vectors[11] = vectors[12]  # duplicates are at distance 0
    dataset = Dataset(vectors, texts=[f"word{row % 7} common" for row in range(n_samples)])
    return dataset.with_vectors(square(dataset, "euclidean")) if metric == "precomputed" else dataset


def thresholds(tree: np.ndarray) -> tuple[float, float]:
    heights = tree[:, 2]
    start, stop = (float(heights[int(share * len(heights))]) + 1e-9 for share in (START, STOP))
    return start, stop


def ledger_pairs(ledger: Ledger) -> np.ndarray:
    found = np.zeros((ledger.n_samples, ledger.n_samples), dtype=bool)
    for merge in ledger.merges:
        for left, right in combinations(merge.parts, 2):
            found[np.ix_(left.rows, right.rows)] = True
    return found | found.T


def pairs_between(lower: np.ndarray, higher: np.ndarray) -> np.ndarray:
    return np.asarray((lower[:, None] != lower) & (higher[:, None] == higher))


@pytest.fixture(params=["cosine", "euclidean", "manhattan", "precomputed"])
def case(request: pytest.FixtureRequest) -> Case:
    dataset = a_dataset(request.param)
    tree = tree_of(dataset, request.param)
    start, stop = thresholds(tree)
    return (
        dataset,
        tree,
        request.param,
        merge_ledger(dataset, tree, start=start, stop=stop, metric=request.param),
    )


class TestEvidence:
    """Every figure of the ledger against brute force, under every metric."""

    def test_pairs_are_those_apart_before_and_together_after(self, case: Case) -> None:
        dataset, _, metric, ledger = case
        lower, higher = (
            AgglomerativeClustering(
                n_clusters=None, metric="precomputed", linkage="complete", distance_threshold=threshold
            ).fit_predict(square(dataset, metric))
            for threshold in (ledger.start, ledger.stop)
        )
        assert_array_equal(ledger_pairs(ledger), pairs_between(lower, higher))
        assert ledger.n_clusters == (len(set(lower)), len(set(higher)))

    def test_closest_pairs(self, case: Case) -> None:
        dataset, _, metric, ledger = case
        distances = square(dataset, metric)
        for merge in ledger.merges:
            best = min(
                distances[np.ix_(left.rows, right.rows)].min()
                for left, right in combinations(merge.parts, 2)
            )
            assert merge.closest.distance == pytest.approx(best, abs=2e-6)
            assert distances[merge.closest.first, merge.closest.second] == pytest.approx(best, abs=2e-6)
            owners = [
                {index for index, part in enumerate(merge.parts) if row in part.rows}
                for row in (merge.closest.first, merge.closest.second)
            ]
            assert not owners[0] & owners[1]
            assert all(owners)

    def test_silhouettes(self, case: Case) -> None:
        dataset, _, metric, ledger = case
        for labels, which in zip(ledger.labels, (0, 1), strict=True):
            expected = silhouette_samples(square(dataset, metric), labels, metric="precomputed")
            for merge in ledger.merges:
                rows = np.concatenate([part.rows for part in merge.parts])
                assert merge.silhouette[which] == pytest.approx(expected[rows].mean(), abs=1e-5)

    def test_heights(self, case: Case) -> None:
        _, _, _, ledger = case
        for merge in ledger.merges:
            assert len(merge.heights) == len(merge.parts) - 1
            assert list(merge.heights) == sorted(merge.heights)
            assert all(ledger.start <= height < ledger.stop for height in merge.heights)
            assert {part.joined_at for part in merge.parts} <= set(merge.heights)

    def test_parts_are_clusters_of_the_lower_cut_largest_first(self, case: Case) -> None:
        _, _, _, ledger = case
        lower, higher = ledger.labels
        for merge in ledger.merges:
            sizes = [part.size for part in merge.parts]
            assert sizes == sorted(sizes, reverse=True)
            for part in merge.parts:
                assert_array_equal(part.rows, np.flatnonzero(lower == part.cluster))
                assert set(higher[part.rows]) == {merge.cluster}
                assert part.representative in part.rows

    def test_representatives_are_central(self, case: Case) -> None:
        dataset, _, metric, ledger = case
        distances = square(dataset, metric)
        vectors = dataset.vectors.astype(np.float64)
        for part in (part for merge in ledger.merges for part in merge.parts):
            if metric in {"cosine", "precomputed"}:
                away = distances[np.ix_(part.rows, part.rows)].sum(axis=1)
            else:
                away = ((vectors[part.rows] - vectors[part.rows].mean(axis=0)) ** 2).sum(axis=1)
            chosen = away[list(part.rows).index(part.representative)]
            assert chosen <= away.min() + 1e-4 * max(away.max(), 1e-6)


def test_counts_and_joining_heights_of_a_small_tree() -> None:
    dataset = Dataset(np.array([[0.0], [1.0], [3.0], [10.0], [20.0], [20.5]]), texts=list("abcdef"))
    tree = linkage(dataset.vectors, "single")  # heights 0.5, 1, 2, 7, 9.5
    ledger = merge_ledger(dataset, tree, start=1.5, stop=8.0, metric="euclidean")
    (merge,) = ledger.merges
    assert [part.rows.tolist() for part in merge.parts] == [[0, 1], [2], [3]]
    assert [part.joined_at for part in merge.parts] == [2.0, 2.0, 7.0]
    assert merge.heights == (2.0, 7.0)
    assert (merge.size, merge.n_moved) == (4, 2)
    assert (merge.closest.first, merge.closest.second) == (1, 2)
    assert merge.closest.distance == pytest.approx(2.0)
    assert ledger.n_clusters == (4, 2)
    assert (ledger.n_untouched, ledger.n_rows, ledger.n_moved) == (1, 4, 2)


def test_a_tie_at_a_threshold_does_not_merge() -> None:
    dataset = Dataset(np.array([[0.0], [1.0], [3.0]]))
    tree = linkage(dataset.vectors, "single")  # heights 1, 2
    at_the_lower = merge_ledger(dataset, tree, start=1.0, stop=1.5, metric="euclidean")
    assert [merge.heights for merge in at_the_lower.merges] == [(1.0,)]
    at_the_higher = merge_ledger(dataset, tree, start=1.5, stop=2.0, metric="euclidean")
    assert at_the_higher.merges == ()
    assert at_the_higher.n_untouched == 2


def test_all_in_one_cluster_has_no_silhouette_after() -> None:
    dataset = a_dataset("euclidean", 30)
    tree = tree_of(dataset, "euclidean")
    (merge,) = merge_ledger(dataset, tree, start=2.0, stop=1000.0, metric="euclidean").merges
    assert merge.size == 30
    assert merge.silhouette[0] is not None
    assert merge.silhouette[1] is None


def test_from_single_rows_at_threshold_zero() -> None:
    dataset = Dataset(np.array([[0.0], [0.0], [5.0]]))
    tree = linkage(dataset.vectors, "average")
    (merge,) = merge_ledger(dataset, tree, start=0.0, stop=1.0, metric="euclidean").merges
    assert [part.rows.tolist() for part in merge.parts] == [[0], [1]]
    assert merge.heights == (0.0,)


def test_two_rows() -> None:
    dataset = Dataset(np.array([[0.0, 1.0], [1.0, 0.0]]))
    tree = np.array([[0.0, 1.0, 1.0, 2.0]])
    (merge,) = merge_ledger(dataset, tree, start=0.5, stop=1.5, metric="cosine").merges
    assert merge.closest.distance == pytest.approx(1.0)
    assert merge.silhouette == (0.0, None)


def test_a_chain_of_many_rows_joins_in_one_merge() -> None:
    n_samples = 3000
    dataset = Dataset(np.cumsum(np.linspace(1, 2, n_samples))[:, None])
    tree = linkage(dataset.vectors, "single")
    (merge,) = merge_ledger(dataset, tree, start=1.2, stop=3.0, metric="euclidean").merges
    assert merge.size == n_samples
    assert merge.closest.distance == pytest.approx(merge.heights[0])


def test_sorting() -> None:
    dataset = a_dataset("euclidean")
    tree = tree_of(dataset, "euclidean")
    start, stop = thresholds(tree)

    def merges(sort: Order) -> tuple[Merge, ...]:
        return merge_ledger(dataset, tree, start=start, stop=stop, metric="euclidean", sort=sort).merges

    def rises(values: Iterable[float]) -> bool:
        found = list(values)
        return found == sorted(found)

    assert rises(-merge.n_moved for merge in merges("moved"))
    assert rises(-merge.size for merge in merges("size"))
    assert rises(merge.heights[0] for merge in merges("height"))
    assert rises(merge.closest.distance for merge in merges("closest"))
    assert rises(
        number(merge.silhouette[1]) - number(merge.silhouette[0]) for merge in merges("silhouette")
    )


def test_thresholds_must_rise() -> None:
    dataset = a_dataset("euclidean", 20)
    with pytest.raises(ParameterError, match="the first must be below the second"):
        merge_ledger(dataset, tree_of(dataset, "euclidean"), start=1.0, stop=1.0, metric="euclidean")


def test_inversions_are_refused() -> None:
    tree = np.array([[0.0, 1.0, 2.0, 2.0], [2.0, 3.0, 1.9, 3.0]])
    with pytest.raises(ParameterError, match="inversions"):
        merge_ledger(Dataset(np.eye(3)), tree, start=1.0, stop=3.0, metric="euclidean")


def test_numbers_are_those_of_the_cuts() -> None:
    dataset = a_dataset("cosine")
    tree = tree_of(dataset, "cosine", "average")
    start, stop = thresholds(tree)
    ledger = merge_ledger(dataset, tree, start=start, stop=stop, metric="cosine")
    assert_array_equal(ledger.labels[0], cut_at(tree, start))
    assert_array_equal(ledger.labels[1], cut_at(tree, stop))


def two_groups(distance: float) -> Dataset:
    """Two normal groups of 60 rows so far apart, seen from far away."""
    rows = np.random.default_rng(5).normal(size=(120, 4))
    rows[:60, 0] += distance
    return Dataset(rows + np.array([30, 0, 0, 0]))


@pytest.mark.parametrize("metric", ["cosine", "euclidean", "manhattan"])
def test_a_merge_of_groups_that_are_apart_is_told_from_one_that_are_not(metric: Metric) -> None:
    for distance, apart in ((9.0, True), (0.0, False)):
        dataset = two_groups(distance) if metric != "cosine" else on_an_arc(distance)
        tree = tree_of(dataset, metric, "ward" if metric == "euclidean" else "average")
        below_the_last = float(np.nextafter(tree[-1, 2], 0))
        (merge,) = merge_ledger(
            dataset, tree, start=below_the_last, stop=2 * below_the_last, metric=metric
        ).merges
        assert merge.p_value is None or (merge.p_value < 1e-3) == apart
        assert merge.p_value is not None or not apart


def on_an_arc(distance: float) -> Dataset:
    """Two groups in directions that differ."""
    rows = two_groups(distance).vectors
    return Dataset(np.hstack([np.ones((len(rows), 1)) * 8, rows - np.array([30, 0, 0, 0])]))


def test_groups_of_a_few_rows_and_distances_without_rows_have_no_p_value() -> None:
    dataset = a_dataset("cosine", 40)
    tree = tree_of(dataset, "cosine")
    start, stop = thresholds(tree)
    merges = merge_ledger(dataset, tree, start=start, stop=stop, metric="cosine").merges
    few = [merge.p_value for merge in merges if merge.parts[1].size < 10]
    assert few
    assert set(few) == {None}
    square_ = a_dataset("precomputed", 40)
    tree = tree_of(square_, "precomputed")
    ledger = merge_ledger(square_, tree, start=0.01, stop=float(tree[-1, 2]) * 2, metric="precomputed")
    assert {merge.p_value for merge in ledger.merges} == {None}
