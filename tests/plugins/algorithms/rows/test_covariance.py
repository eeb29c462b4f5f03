"""Principal components by blocks against scikit-learn's."""

import numpy as np
import pytest
from sklearn.decomposition import PCA

from embkit_plugins.algorithms.rows.covariance import components_by_blocks


@pytest.mark.parametrize("whiten", [False, True])
@pytest.mark.parametrize("n_components", [1, 3, 0.7])
@pytest.mark.parametrize("scale", [1, 1e-30, 1e12])
def test_scores_of_scikit_learn_but_for_signs(n_components: float, whiten: bool, scale: float) -> None:
    rng = np.random.default_rng(0)
    rows = (rng.normal(size=(300, 8)) * np.arange(1, 9) + 50) * scale
    found = components_by_blocks(rows, n_components, whiten=whiten)
    scores = found.scores
    model = PCA(n_components, whiten=whiten, svd_solver="full")
    expected = model.fit_transform(rows / scale) * (1 if whiten else scale)
    assert scores.shape == expected.shape
    signs = np.sign((scores / scale * expected).sum(axis=0))
    assert np.allclose(scores, expected * signs, rtol=1e-7, atol=1e-9 * np.abs(expected).max())
    assert np.allclose(found.shares, model.explained_variance_ratio_)
    assert np.allclose((rows - found.mean) @ found.directions.T, scores, rtol=1e-9, atol=1e-12 * scale)
