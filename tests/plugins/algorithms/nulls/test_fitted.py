import numpy as np
import pytest

from embkit_plugins.algorithms.nulls.fitted import FittedNull, Null, noise_variance, soft_threshold


@pytest.fixture
def vectors() -> np.ndarray:
    rng = np.random.default_rng(0)
    stretched = rng.normal(size=(400, 6)) * [4, 2, 1, 1, 1, 1]
    return np.asarray(5 + stretched @ np.linalg.qr(rng.normal(size=(6, 6)))[0])


@pytest.mark.parametrize("null", ["gaussian", "permuted"])
def test_mean_and_covariance_are_kept(null: Null, vectors: np.ndarray) -> None:
    model, rng = FittedNull.fit(vectors), np.random.default_rng(1)
    draws = np.concatenate([model.draw(null, rng) for _ in range(30)])
    assert np.allclose(draws.mean(axis=0), vectors.mean(axis=0), atol=0.15)
    assert np.trace(np.cov(draws.T)) == pytest.approx(np.trace(np.cov(vectors.T)), rel=0.03)
    assert np.allclose(np.cov(draws.T), np.cov(vectors.T), atol=1.0)


def test_permuted_keeps_the_values_along_each_axis(vectors: np.ndarray) -> None:
    model = FittedNull.fit(vectors)
    scores = (model.draw("permuted", np.random.default_rng(0)) - model.mean) @ model.axes.T
    assert np.allclose(np.sort(scores, axis=0), np.sort(model.scores, axis=0))


def test_uniform_stays_in_the_box(vectors: np.ndarray) -> None:
    model = FittedNull.fit(vectors)
    scores = (model.draw("uniform", np.random.default_rng(0)) - model.mean) @ model.axes.T
    assert (scores >= model.scores.min(axis=0) - 1e-9).all()
    assert (scores <= model.scores.max(axis=0) + 1e-9).all()


def test_more_columns_than_rows() -> None:
    vectors = np.random.default_rng(0).normal(size=(20, 60))
    draw = FittedNull.fit(vectors).draw("gaussian", np.random.default_rng(1))
    assert draw.shape == (20, 60)
    assert draw.var() == pytest.approx(vectors.var(), rel=0.2)


def test_equal_rows() -> None:
    draw = FittedNull.fit(np.ones((10, 3))).draw("gaussian", np.random.default_rng(0))
    assert np.allclose(draw, 1)


def test_soft_threshold_keeps_the_sum_and_the_floor() -> None:
    spectrum = np.array([9.0, 4.0, 1.0, 0.5, 0.2])
    lowered = soft_threshold(spectrum, 0.8)
    assert lowered.sum() == pytest.approx(spectrum.sum())
    assert lowered.min() == pytest.approx(0.8)
    assert (np.diff(lowered) <= 0).all()
    assert np.allclose(soft_threshold(spectrum, 100.0), spectrum.mean())


@pytest.mark.parametrize("shape", [(500, 50), (100, 100), (50, 400)])
def test_variance_of_pure_noise(shape: tuple[int, int]) -> None:
    vectors = 3 * np.random.default_rng(0).normal(size=shape)
    spectrum = np.linalg.svd(vectors - vectors.mean(axis=0), compute_uv=False) ** 2 / (shape[0] - 1)
    known = spectrum[: min(shape[0] - 1, shape[1])]
    assert noise_variance(known, *shape) == pytest.approx(9.0, rel=0.1)
