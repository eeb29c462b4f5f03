"""Fitted estimators as arrays, and back."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.cluster import Birch, BisectingKMeans, KMeans, MeanShift, MiniBatchKMeans
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.mixture import GaussianMixture
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import QuantileTransformer, StandardScaler

from embkit.plugin.restored import learned_by, restored

RNG = np.random.default_rng(2)
ROWS = np.vstack([RNG.normal(size=(60, 5)), RNG.normal(loc=4, size=(60, 5))]).astype(np.float32)
OTHERS = RNG.normal(loc=2, scale=2, size=(40, 5)).astype(np.float32)


@pytest.mark.parametrize(
    ("estimator", "method"),
    [
        (KMeans(3, n_init=1, random_state=0), "predict"),
        (MiniBatchKMeans(3, n_init=1, random_state=0), "predict"),
        (GaussianMixture(2, random_state=0), "predict"),
        (Birch(n_clusters=2, threshold=0.5), "predict"),
        (MeanShift(bandwidth=3), "predict"),
        (PCA(2, random_state=0), "transform"),
        (TruncatedSVD(2, random_state=0), "transform"),
        (StandardScaler(), "transform"),
        (QuantileTransformer(n_quantiles=20, random_state=0), "transform"),
    ],
    ids=str,
)
def test_an_estimator_of_arrays_does_the_same(estimator: Any, method: str, tmp_path: Path) -> None:
    fresh = type(estimator)(**estimator.get_params())
    estimator.fit(ROWS)
    learned: dict[str, Any] = dict(learned_by(estimator, method, ROWS))
    np.savez(tmp_path / "learned.npz", **learned)
    with np.load(tmp_path / "learned.npz", allow_pickle=False) as read:
        model = restored(fresh, dict(read))
    np.testing.assert_array_equal(getattr(model, method)(OTHERS), getattr(estimator, method)(OTHERS))
    if method == "predict" and hasattr(estimator, "predict_proba"):
        np.testing.assert_array_equal(model.predict_proba(OTHERS), estimator.predict_proba(OTHERS))


@pytest.mark.parametrize(
    "estimator",
    [BisectingKMeans(3, random_state=0), make_pipeline(StandardScaler(), KMeans(2, n_init=1))],
    ids=["a tree inside", "estimators among the parameters"],
)
def test_what_cannot_be_restored_is_not_kept(
    estimator: Any,
) -> None:
    estimator.fit(ROWS)
    assert learned_by(estimator, "predict", ROWS) == {}


def test_an_estimator_without_the_method() -> None:
    assert learned_by(StandardScaler().fit(ROWS), "predict", ROWS) == {}


def test_large_arrays_that_are_not_needed_are_left_out() -> None:
    rows = RNG.normal(size=(20_000, 2)).astype(np.float32)
    model = MiniBatchKMeans(3, n_init=1, random_state=0).fit(rows)
    assert model.labels_.nbytes > 1 << 16
    assert "labels_" not in learned_by(model, "predict", rows)
