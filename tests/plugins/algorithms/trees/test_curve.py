import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import cdist, squareform
from sklearn.metrics import silhouette_samples

from embkit.data.dataset import Dataset
from embkit.errors import ParameterError
from embkit_plugins.algorithms.distances.pairs import Metric
from embkit_plugins.algorithms.trees.curve import CurvePoints, threshold_curve
from embkit_plugins.algorithms.trees.cuts import cut_at

NAMES = {"cosine": "cosine", "euclidean": "euclidean", "manhattan": "cityblock"}


def case(metric: Metric, n_samples: int = 120) -> tuple[Dataset, np.ndarray, np.ndarray]:
    vectors = np.random.default_rng(1).normal(size=(n_samples, 5))
    distances = cdist(vectors, vectors, NAMES.get(metric, "euclidean"))
    distances = (distances + distances.T) / 2 * (1 - np.eye(n_samples))
    dataset = Dataset(distances if metric == "precomputed" else vectors.astype(np.float32))
    return dataset, distances, linkage(squareform(distances, checks=False), "average")


def expected_silhouette(distances: np.ndarray, labels: np.ndarray) -> np.ndarray | None:
    if not 1 < labels.max() + 1 < len(labels):
        return None
    return np.asarray(silhouette_samples(distances, labels, metric="precomputed"))


@pytest.mark.parametrize("metric", ["cosine", "euclidean", "manhattan", "precomputed"])
def test_every_figure_is_that_of_the_cut(metric: Metric) -> None:
    dataset, distances, tree = case(metric)
    curve = threshold_curve(tree, dataset, metric, marks=(0.35,))
    assert 0.35 in curve.thresholds
    assert (np.diff(curve.thresholds) > 0).all()
    for index, threshold in enumerate(curve.thresholds):
        labels = cut_at(tree, threshold)
        sizes = np.bincount(labels)
        assert curve.n_clusters[index] == len(sizes)
        assert curve.largest[index] == sizes.max()
        assert curve.singletons[index] == np.count_nonzero(sizes == 1)
        expected = expected_silhouette(distances, labels)
        if expected is None:
            assert np.isnan(curve.silhouette[index])
        else:
            assert curve.silhouette[index] == pytest.approx(expected.mean(), abs=1e-5)


@pytest.mark.parametrize("metric", ["cosine", "euclidean", "precomputed"])
def test_a_sample_scores_its_rows_exactly(metric: Metric) -> None:
    dataset, _, tree = case(metric)
    curve = threshold_curve(tree, dataset, metric, sample_size=50, seed=3)
    assert curve.n_scored == 50
    whole = threshold_curve(tree, dataset, metric)
    assert whole.n_scored == 120
    defined = ~np.isnan(whole.silhouette)
    assert_array_equal(defined, ~np.isnan(curve.silhouette))
    away = np.abs(curve.silhouette - whole.silhouette)[defined]
    assert (away < 2 * curve.margin[defined] + 0.02).all()
    assert (whole.margin[defined] == 0).all()
    again = threshold_curve(tree, dataset, metric, sample_size=50, seed=3)
    assert_array_equal(again.silhouette, curve.silhouette)


def test_plateaus_hold_at_most_half_as_many_clusters_as_rows() -> None:
    dataset, _, tree = case("euclidean")
    curve = threshold_curve(tree, dataset, "euclidean")
    for plateau in curve.plateaus:
        assert plateau.n_clusters <= 60
        assert cut_at(tree, plateau.middle).max() + 1 == plateau.n_clusters
        assert plateau.middle in curve.thresholds


def test_random_pairs_are_quantiles_of_all_distances_where_these_are_few() -> None:
    dataset, distances, tree = case("euclidean")
    curve = threshold_curve(tree, dataset, "euclidean")
    every = distances[np.triu_indices(120, 1)]
    for quantile, distance in curve.random_pairs.items():
        assert distance == pytest.approx(np.quantile(every, quantile), rel=1e-5)


def test_the_table_has_no_nan() -> None:
    dataset, _, tree = case("cosine")
    table = threshold_curve(tree, dataset, "cosine").table()
    assert list(table) == [
        "threshold",
        "n_clusters",
        "largest",
        "singletons",
        "silhouette",
        "silhouette_margin",
    ]
    assert None in table["silhouette"]
    assert not any(value is not None and np.isnan(value) for value in table["silhouette"])


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
def test_thresholds_follow_the_scale_of_the_heights(scale: float) -> None:
    vectors = np.random.default_rng(0).normal(size=(40, 3)) * scale
    curve = threshold_curve(linkage(vectors, "ward"), Dataset(vectors), "euclidean")
    assert 40 < len(curve.thresholds) <= 80
    assert curve.n_clusters[0] > 35
    assert curve.n_clusters[-1] == 1


def curve_of(vectors: np.ndarray, tree: np.ndarray) -> CurvePoints:
    return threshold_curve(tree, Dataset(vectors), "euclidean", marks=(0.5,))


def test_equal_rows() -> None:
    curve = curve_of(np.ones((6, 2)), linkage(np.ones((6, 2)), "average"))
    assert 1 in curve.n_clusters
    assert np.isnan(curve.silhouette).all()


def test_one_row_and_two() -> None:
    assert_array_equal(curve_of(np.ones((1, 2)), np.empty((0, 4))).n_clusters, [1])
    pair = curve_of(np.array([[0.0], [1.0]]), np.array([[0, 1, 1.0, 2]]))
    assert set(pair.n_clusters) == {1, 2}
    assert np.isnan(pair.silhouette).all()


def test_inversions_are_refused() -> None:
    tree = np.array([[0, 1, 2, 2], [2, 3, 1.9, 3]])
    with pytest.raises(ParameterError, match="inversions"):
        curve_of(np.eye(3), tree)
