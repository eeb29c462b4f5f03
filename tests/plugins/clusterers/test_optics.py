"""OPTICS with many equal rows: what scikit-learn makes of all of them, from the distinct ones."""

from typing import Any

import numpy as np
import pytest
from sklearn.cluster import OPTICS as SKLEARN_OPTICS

from embkit_plugins.clusterers import optics
from embkit_plugins.clusterers.optics import OPTICS

SETTINGS: list[dict[str, Any]] = [
    {},
    {"metric": "cosine"},
    {"max_eps": 1.0},
    {"min_samples": 3, "cluster_method": "dbscan", "eps": 0.8},
    {"metric": "minkowski", "p": 3},
    {"metric": "cityblock", "min_cluster_size": 12},
]


@pytest.mark.filterwarnings("ignore:divide by zero", "ignore:All reachability")
@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_the_result_is_that_of_all_rows(settings: dict[str, Any]) -> None:
    rng = np.random.default_rng(1)
    points = rng.normal(size=(20, 3))
    copies = np.append(rng.integers(5, 12, 8), rng.integers(1, 4, 12))  # crowds, pairs, single rows
    X = points[rng.permutation(np.repeat(np.arange(20), copies))]
    found, expected = OPTICS(**settings).fit(X), SKLEARN_OPTICS(**settings).fit(X)
    assert np.array_equal(found.ordering_, expected.ordering_)
    assert found.core_distances_ == pytest.approx(expected.core_distances_, abs=1e-12)
    assert found.reachability_ == pytest.approx(expected.reachability_, abs=1e-12)
    assert np.array_equal(found.predecessor_, expected.predecessor_)
    assert np.array_equal(found.labels_, expected.labels_)
    assert found.memory is None


def test_a_share_of_the_rows_as_min_samples() -> None:
    X = np.random.default_rng(0).normal(size=(4, 2))[np.repeat(np.arange(4), [30, 3, 30, 37])]
    settings: dict[str, Any] = {"min_samples": 0.25, "cluster_method": "dbscan", "eps": 1e-3}
    assert np.array_equal(OPTICS(**settings).fit(X).labels_, SKLEARN_OPTICS(**settings).fit(X).labels_)


def test_only_distinct_rows_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(optics, "compute_optics_graph", None)  # what compares all rows
    rng = np.random.default_rng(0)
    group = rng.integers(0, 3, 100_000)
    labels = OPTICS().fit_predict(rng.normal(size=(3, 8))[group])
    assert len(np.unique(labels)) == len({*zip(labels, group, strict=True)}) == 3


def test_too_few_rows_are_refused_as_ever() -> None:
    with pytest.raises(ValueError, match="min_samples must be no greater than the number of samples"):
        OPTICS(min_samples=9).fit(np.ones((8, 2)))
