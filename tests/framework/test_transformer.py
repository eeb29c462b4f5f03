"""Reducers as scikit-learn transformers."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.pipeline import make_pipeline

import embkit
from embkit.errors import ParameterError

ROWS = np.random.default_rng(0).normal(size=(60, 8))


def test_pca_is_that_of_scikit_learn_up_to_signs() -> None:
    made = clone(embkit.as_transformer("pca", n_components=3))
    expected = PCA(3).fit(ROWS[:40])
    found = made.fit_transform(ROWS[:40])
    np.testing.assert_allclose(np.abs(found), np.abs(expected.transform(ROWS[:40])), atol=1e-5)
    later = pickle.loads(pickle.dumps(made)).transform(ROWS[40:])
    np.testing.assert_allclose(np.abs(later), np.abs(expected.transform(ROWS[40:])), atol=1e-5)
    assert made.get_feature_names_out().tolist() == ["pca0", "pca1", "pca2"]
    assert made.get_params()["n_components"] == 3


def test_a_layout_stands_in_a_pipeline_and_places_no_later_rows() -> None:
    layout = embkit.as_transformer("umap", n_neighbors=5, random_state=0)
    labels = make_pipeline(layout, KMeans(2, n_init=1, random_state=0)).fit_predict(ROWS)
    assert labels.shape == (60,)
    np.testing.assert_array_equal(layout.embedding_, clone(layout).fit_transform(ROWS))
    with pytest.raises(ParameterError, match="reducer umap places all rows together"):
        layout.transform(ROWS)


def test_what_a_transformer_refuses() -> None:
    with pytest.raises(ParameterError, match="there is no reducer 'pac'; did you mean 'pca'"):
        embkit.as_transformer("pac")
    with pytest.raises(ParameterError, match="has no parameter 'n_component'"):
        embkit.as_transformer("pca", n_component=3)
    with pytest.raises(ValueError, match="X has 7 features, but Pca is expecting 8 features"):
        embkit.as_transformer("pca", n_components=2).fit(ROWS).transform(ROWS[:, :7])
