"""Clusterers of embkit as scikit-learn's estimators."""

import pickle
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.cluster import AgglomerativeClustering
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, ParameterGrid
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer
from sklearn.utils.estimator_checks import parametrize_with_checks

import embkit
from embkit.errors import ParameterError
from narrowing import present

BOTH = "the check sets n_clusters beside distance_threshold, and each alone says where to cut"
CUT = dict.fromkeys(
    (
        "check_dont_overwrite_parameters",
        "check_clustering",
        "check_methods_sample_order_invariance",
        "check_methods_subset_invariance",
        "check_fit2d_1sample",
        "check_fit2d_1feature",
        "check_fit2d_predict1d",
    ),
    BOTH,
)
EXPECTED_FAILURES: dict[str, dict[str, str]] = {
    "Agglomerative": {},
    "Hdbscan": {"check_fit2d_1sample": "the message names min_cluster_size and the rows in other words"},
    "Kmeans": {},
}


def _expected(estimator: Any) -> dict[str, str]:
    threshold = getattr(estimator, "distance_threshold", None)
    return CUT if isinstance(threshold, float) else EXPECTED_FAILURES[type(estimator).__name__]


CHECKS: pytest.MarkDecorator = parametrize_with_checks(
    [
        embkit.as_estimator("agglomerative"),
        embkit.as_estimator("agglomerative", distance_threshold=0.2),
        embkit.as_estimator("kmeans", n_clusters=3),
        embkit.as_estimator("hdbscan"),
    ],
    expected_failed_checks=_expected,
)


@pytest.mark.filterwarnings("ignore")
@CHECKS
def test_scikit_learns_own_checks(estimator: Any, check: Any) -> None:
    check(estimator)


def test_in_a_pipeline(blobs: embkit.Dataset) -> None:
    pipeline = make_pipeline(Normalizer(), embkit.as_estimator("agglomerative", distance_threshold=0.5))
    labels = pipeline.fit_predict(blobs.vectors)
    direct = embkit.run(
        blobs, "agglomerative:distance_threshold=0.5", reducers=["normalize"], cache=False
    )
    assert np.array_equal(labels, present(direct.labels))
    pipeline.set_params(agglomerative__distance_threshold=None, agglomerative__n_clusters=3)
    assert len(set(pipeline.fit_predict(blobs.vectors))) == 3


def test_parameters_are_the_clusterers_own_and_survive_clone_and_pickle(blobs: embkit.Dataset) -> None:
    estimator = embkit.as_estimator("kmeans", n_clusters=3, random_state=1)
    assert estimator.get_params()["n_clusters"] == 3
    assert estimator.get_params()["max_iter"] == 300
    assert repr(estimator) == "Kmeans(n_clusters=3, random_state=1)"
    for copy in (clone(estimator), pickle.loads(pickle.dumps(estimator))):
        assert copy.get_params() == estimator.get_params()
    fitted = estimator.fit(blobs.vectors)
    again = pickle.loads(pickle.dumps(fitted))
    assert np.array_equal(again.labels_, fitted.labels_)
    assert fitted.parameters_["metric"] == "euclidean"


def test_a_search_over_its_parameters(blobs: embkit.Dataset) -> None:
    found = {}
    for params in ParameterGrid({"n_clusters": [2, 3]}):
        estimator = clone(embkit.as_estimator("kmeans", random_state=0)).set_params(**params)
        found[params["n_clusters"]] = len(set(estimator.fit_predict(blobs.vectors)))
    assert found == {2: 2, 3: 3}


def test_wrong_names_and_parameters_are_refused_at_once() -> None:
    with pytest.raises(ParameterError, match="did you mean 'kmeans'"):
        embkit.as_estimator("kmean")
    with pytest.raises(ParameterError, match=r"no parameter 'clusters'.*n_clusters"):
        embkit.as_estimator("kmeans", clusters=3)
    with pytest.raises(ParameterError, match="n_clusters=0 is not valid"):
        embkit.as_estimator("kmeans", n_clusters=0)


def test_a_parameter_set_later_is_refused_at_fit(blobs: embkit.Dataset) -> None:
    estimator = embkit.as_estimator("kmeans").set_params(n_clusters="three")
    with pytest.raises(ParameterError, match="n_clusters=three is not valid"):
        estimator.fit(blobs.vectors)


def test_scikit_learn_is_not_imported_before_it_is_asked_for() -> None:
    code = "import sys, embkit; embkit.run; assert 'sklearn' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_attributes_of_a_tree_are_scikit_learns(blobs: embkit.Dataset) -> None:
    X = blobs.vectors.astype(np.float64)
    ours = embkit.as_estimator("agglomerative", n_clusters=3).fit(X)
    theirs = AgglomerativeClustering(n_clusters=3, compute_distances=True).fit(X)
    assert (ours.n_clusters_, ours.n_leaves_, ours.n_connected_components_) == (3, 90, 1)
    np.testing.assert_allclose(ours.distances_, theirs.distances_)
    np.testing.assert_array_equal(ours.children_, ours.linkage_[:, :2])
    assert ours.children_.shape == theirs.children_.shape


def test_attributes_of_kmeans_are_scikit_learns(blobs: embkit.Dataset) -> None:
    ours = embkit.as_estimator("kmeans", n_clusters=3, random_state=0).fit(blobs.vectors)
    means = [blobs.vectors[ours.labels_ == label].mean(axis=0) for label in range(3)]
    np.testing.assert_allclose(ours.cluster_centers_, means, rtol=1e-5)
    squares = ((blobs.vectors - ours.cluster_centers_[ours.labels_]) ** 2).sum()
    assert ours.inertia_ == pytest.approx(squares, rel=1e-5)
    assert isinstance(ours.n_iter_, int)
    assert ours.n_iter_ >= 1


def test_predict_assigns_rows_that_come_later(blobs: embkit.Dataset) -> None:
    for name, params in (("kmeans", {"n_clusters": 3}), ("hdbscan", {}), ("agglomerative", {})):
        estimator = embkit.as_estimator(name, **params).fit(blobs.vectors)
        later = estimator.predict(blobs.vectors[:20] + 1e-3)
        assert later.tolist() == estimator.labels_[:20].tolist()
        again = pickle.loads(pickle.dumps(estimator))
        assert again.predict(blobs.vectors[:20] + 1e-3).tolist() == later.tolist()
    with pytest.raises(NotFittedError):
        embkit.as_estimator("kmeans").predict(blobs.vectors)


def test_nothing_is_left_of_an_earlier_fit(blobs: embkit.Dataset) -> None:
    estimator = embkit.as_estimator("agglomerative", distance_threshold=2.0).fit(blobs.vectors)
    assert hasattr(estimator, "linkage_")
    estimator.set_params(compute_full_tree=False).fit(blobs.vectors)
    for name in ("linkage_", "children_", "distances_", "n_leaves_"):
        assert not hasattr(estimator, name)


def test_numbers_of_numpy_are_numbers(blobs: embkit.Dataset) -> None:
    for params in (
        {"n_clusters": np.int64(3)},
        {"distance_threshold": np.float32(2), "compute_full_tree": np.True_},
    ):
        found = embkit.as_estimator("agglomerative", **params).fit(blobs.vectors)
        plain = {key: value.item() for key, value in params.items()}
        expected = embkit.as_estimator("agglomerative", **plain).fit(blobs.vectors)
        assert found.labels_.tolist() == expected.labels_.tolist()
    search = GridSearchCV(
        embkit.as_estimator("kmeans"), {"n_clusters": np.arange(2, 4)}, scoring=_n_clusters, cv=2
    )
    assert search.fit(blobs.vectors).best_params_ == {"n_clusters": 3}


def _n_clusters(estimator: Any, X: Any, y: Any = None) -> int:
    return int(estimator.n_clusters_)
