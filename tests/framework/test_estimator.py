"""Clusterers of embkit as scikit-learn's estimators."""

import pickle
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import ParameterGrid
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
    "Kmeans": {"check_non_transformer_estimators_n_iter": "a clustering has no number of iterations"},
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
