from typing import Any

import numpy as np
import pytest
from sklearn.metrics import silhouette_score

import embkit
from embkit.data.dataset import Dataset
from embkit.data.results import Clustering
from embkit.errors import DataError, ParameterError
from embkit.plugin.registry import Registry
from embkit.runs.context import RunContext
from embkit_plugins.algorithms.trees.cuts import cut_at
from embkit_plugins.visualizers.threshold_curve import ThresholdCurve
from fixture_types import CheckLayout, Cut, Words
from narrowing import present


def draw(clustering: Clustering, **parameters: Any) -> Any:
    context = RunContext(Registry.discover(), clustering.dataset, seed=0, threads=1, memory=10**9)
    return ThresholdCurve(**parameters).draw(clustering, context)


def curves(figure: Any) -> list[Any]:
    return list(figure.findobj(lambda one: one.get_gid() == "curve"))


def test_curves_are_the_cuts_of_the_tree(spread: Dataset, cut: Cut) -> None:
    clustering = cut(spread, threshold=0.9)
    figure = draw(clustering, to=1.1)
    clusters, largest, singles, silhouette = (curve.get_ydata() for curve in curves(figure))
    thresholds = curves(figure)[0].get_xdata()
    assert {0.9, 1.1} <= set(thresholds)
    for place in range(0, len(thresholds), 5):
        labels = cut_at(present(clustering.linkage), thresholds[place])
        sizes = np.bincount(labels)
        assert clusters[place] == len(sizes)
        assert largest[place] == sizes.max() / 120
        assert singles[place] == np.count_nonzero(sizes == 1)
        if 1 < len(sizes) < 120:
            reference = silhouette_score(spread.vectors.astype(float), labels, metric="cosine")
            assert silhouette[place] == pytest.approx(reference, abs=1e-5)


def test_thresholds_plateaus_and_random_pairs_are_marked(
    spread: Dataset, cut: Cut, words: Words, check_layout: CheckLayout
) -> None:
    clustering = cut(spread, threshold=0.9)
    figure = draw(clustering, to=0.95)
    said = words(figure)
    assert {"threshold 0.9", "to 0.95", "random pairs"} <= set(said)
    assert str(clustering.n_clusters) in said
    assert len(figure.findobj(lambda one: one.get_gid() == "median pair")) == 4
    assert len(figure.findobj(lambda one: one.get_gid() == "plateau")) >= 4
    assert figure.axes[-1].get_xlabel() == "threshold, cosine distance (0 to 2)"
    check_layout(figure)


def test_well_separated_groups_show_as_a_plateau(blobs: Dataset, cut: Cut, words: Words) -> None:
    figure = draw(cut(blobs, n_clusters=3, metric="euclidean", linkage="ward"))
    assert "3" in words(figure)
    assert figure.axes[-1].get_xlabel() == "threshold, Ward height (euclidean)"


def test_two_rows_and_equal_rows(cut: Cut) -> None:
    for rows in (np.array([[1.0, 0.0], [0.0, 1.0]]), np.ones((5, 2))):
        draw(cut(Dataset(rows), n_clusters=2, metric="euclidean"), to=0.5).draw_without_rendering()


def test_what_has_no_curve_is_refused(spread: Dataset, cut: Cut) -> None:
    with pytest.raises(
        ParameterError, match="threshold-curve: there is no tree to draw; kmeans makes none"
    ):
        draw(Clustering(spread, np.zeros(120, dtype=int), clusterer="kmeans"))
    with pytest.raises(ParameterError, match="inversions"):
        draw(cut(spread, n_clusters=3, metric="euclidean", linkage="centroid"))
    honest = cut(spread, n_clusters=3)
    with pytest.raises(ParameterError, match="distances by 'chebyshev' are not known"):
        draw(Clustering(spread, honest.labels, {"metric": "chebyshev"}, honest.linkage))
    one = Clustering(spread.take(np.arange(1)), np.zeros(1, dtype=int), linkage=np.empty((0, 4)))
    with pytest.raises(DataError, match="single row"):
        draw(one)


def test_the_curve_does_not_run_through_the_name_of_random_pairs() -> None:
    # One cloud: the last clusters merge where random pairs are.
    cloud = Dataset(np.random.default_rng(0).normal(size=(150, 100)).astype(np.float32))
    asked = "agglomerative:metric=cosine,linkage=average,n_clusters=3"
    figure = draw(present(embkit.run(cloud, asked, seed=0, cache=False).clustering))
    figure.draw_without_rendering()
    (name,) = figure.findobj(lambda one: getattr(one, "get_text", str)() == "random pairs")
    box = name.get_window_extent()
    curve = curves(figure)[0]
    points = curve.axes.transData.transform(curve.get_xydata())
    along = np.linspace(points[:-1], points[1:], 50).reshape(-1, 2)
    assert not any(box.contains(x, y) for x, y in along)
