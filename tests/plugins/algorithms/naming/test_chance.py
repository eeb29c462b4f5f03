"""Tail probabilities against scipy, and the corrections by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control, hypergeom

from embkit_plugins.algorithms.naming.chance import discoveries, log_tail, n_testable


@given(st.data())
def test_tail_is_that_of_scipy(data: st.DataObject) -> None:
    n = data.draw(st.integers(2, 400))
    size, frequency = data.draw(st.integers(1, n)), data.draw(st.integers(1, n))
    count = data.draw(st.integers(max(0, size + frequency - n), min(size, frequency)))
    got = np.exp(log_tail(np.array([count]), np.array([size]), np.array([frequency]), n))[0]
    exact = hypergeom.sf(count - 1, n, frequency, size)
    assert got == pytest.approx(exact if count * n > size * frequency else 1.0, rel=1e-6, abs=1e-12)


def test_tail_far_out() -> None:
    got = log_tail(np.array([500]), np.array([1000]), np.array([600]), 1_000_000)[0]
    assert got == pytest.approx(hypergeom.logsf(499, 1_000_000, 600, 1000), rel=1e-6)
    assert got < -2000


def slow_testable(size: int, frequencies: list[int], n: int, alpha: float) -> int:
    smallest = [hypergeom.pmf(min(f, size), n, f, size) for f in frequencies]
    k = 1
    while sum(p <= alpha / k for p in smallest) > k:
        k += 1
    return k


@given(st.integers(5, 60), st.lists(st.integers(2, 20), max_size=30), st.integers(1, 20))
def test_number_of_testable_terms(n: int, frequencies: list[int], size: int) -> None:
    capped = [min(f, n) for f in frequencies]
    size = min(size, n)
    got = n_testable(np.array([size]), np.array(capped, dtype=np.int64), n, 0.05)
    assert got.tolist() == [slow_testable(size, capped, n, 0.05)]


@given(st.lists(st.floats(0, 1), max_size=30))
def test_discoveries(p_values: list[float]) -> None:
    expected = int((false_discovery_control(p_values) <= 0.05).sum()) if p_values else 0
    assert discoveries(np.array(p_values), 0.05) == expected
