"""Far outliers, and rows that follow one another."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embkit_plugins.algorithms.valleys.order import order_correlation
from embkit_plugins.algorithms.valleys.outliers import far_out


def test_scattered_rows_are_far_out() -> None:
    rng = np.random.default_rng(0)
    points = rng.normal(size=(500, 8))
    far = rng.normal(size=(10, 8))
    points[:10] = 30 * far / np.linalg.norm(far, axis=1, keepdims=True)
    assert np.flatnonzero(far_out(points)).tolist() == list(range(10))


def test_a_small_group_is_not_far_out() -> None:
    points = np.random.default_rng(1).normal(size=(500, 8))
    points[:6] += 1e4
    assert not far_out(points).any()
    points[5] -= 1e4
    assert far_out(points)[:5].all()


def test_a_wide_group_of_a_tenth_is_not_far_out() -> None:
    points = np.random.default_rng(2).normal(size=(400, 4))
    points[:40] *= 50
    assert far_out(points).sum() <= 20


@pytest.mark.parametrize("points", [np.ones((1, 2)), np.zeros((30, 3)), np.repeat(np.eye(3), 9, axis=0)])
def test_equal_rows_are_not_far_out(points: np.ndarray) -> None:
    assert not far_out(points).any()


@given(st.integers(0, 1000), st.floats(1e-3, 1e3))
def test_far_out_does_not_depend_on_shift_scale_and_order(seed: int, scale: float) -> None:
    rng = np.random.default_rng(seed)
    points = rng.standard_t(1.5, size=(60, 2))
    order = rng.permutation(60)
    assert np.array_equal(far_out(scale * (points[order] + 3.0)), far_out(points)[order])


def test_a_series_follows_itself() -> None:
    rng = np.random.default_rng(3)
    noise = rng.normal(size=(400, 5))
    series = np.zeros_like(noise)
    for step in range(1, 400):
        series[step] = 0.9 * series[step - 1] + noise[step]
    correlation, z = order_correlation(series)
    assert correlation == pytest.approx(0.9, abs=0.05)
    assert z > 20


def test_one_column_is_the_usual_autocorrelation() -> None:
    x = np.random.default_rng(4).random(50)
    y = x - x.mean()
    assert order_correlation(x[:, None])[0] == pytest.approx((y[1:] * y[:-1]).sum() / (y * y).sum())


def test_rows_in_random_order_do_not_follow_one_another() -> None:
    rng = np.random.default_rng(5)
    z = [order_correlation(rng.normal(size=(200, 6)) * [5, 3, 1, 1, 1, 1])[1] for _ in range(200)]
    assert abs(np.mean(z)) < 0.25
    assert 0.8 < np.std(z) < 1.2


@pytest.mark.parametrize("points", [np.ones((10, 2)), np.zeros((2, 2)), np.array([[0.0], [1.0]])])
def test_no_order_without_variance(points: np.ndarray) -> None:
    assert order_correlation(points) == (0.0, 0.0)
