"""Near rows of other groups against the nearest of all."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from embkit_plugins.algorithms.neighbors import outside as _outside
from embkit_plugins.algorithms.neighbors import partition
from embkit_plugins.algorithms.neighbors.outside import Outside


def nearest_of_all(rows: np.ndarray, group: np.ndarray, floor: np.ndarray) -> np.ndarray:
    apart: np.ndarray = np.maximum(cdist(rows, rows, "sqeuclidean"), floor)
    apart[group[:, None] == group] = np.inf
    return np.asarray(apart.argmin(axis=1))


@pytest.fixture
def rows() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(600, 6)) * 1e3 + 5


@pytest.mark.parametrize("n_groups", [2, 7])
def test_in_all_leaves_they_are_the_nearest(
    small_leaves: None, rows: np.ndarray, n_groups: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_outside, "_LEAVES", 1000)
    rng = np.random.default_rng(1)
    group = rng.integers(n_groups, size=len(rows))
    floor = rng.uniform(0, 4e6, len(rows))
    found = Outside.of(rows, floor).nearest(np.arange(len(rows)), group)
    assert np.array_equal(found, nearest_of_all(rows, group, floor))


def test_in_the_nearest_leaves_they_mostly_are(small_leaves: None, rows: np.ndarray) -> None:
    group = np.random.default_rng(1).integers(5, size=len(rows))
    chosen = np.arange(0, len(rows), 3)
    found = Outside.of(rows, np.zeros(len(rows))).nearest(chosen, group)
    expected = nearest_of_all(rows, group, np.zeros(len(rows)))[chosen]
    assert (group[found] != group[chosen]).all()
    assert (found == expected).mean() > 0.8


def test_leaves_of_the_own_group_are_passed_over(
    small_leaves: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partition, "LEAF_ROWS", 10)
    rng = np.random.default_rng(2)
    group = np.repeat([0, 1, 2], [400, 150, 50])
    rows = 1e4 * np.array([[0.0, 0], [1, 0], [9, 0]])[group] + rng.normal(size=(600, 2))
    found = Outside.of(rows, np.zeros(600)).nearest(np.arange(600), group)
    assert (group[found[:400]] == 1).all()
    assert (group[found[400:550]] == 0).all()
    assert (group[found[550:]] == 1).all()


def test_equal_rows_leave_leaders_without_a_leaf(small_leaves: None) -> None:
    rows = np.repeat(np.eye(3), 100, axis=0)
    group = np.repeat([0, 1, 2], 100)
    found = Outside.of(rows, np.zeros(300)).nearest(np.arange(300), group)
    assert (group[found] != group).all()


def test_the_same_on_any_number_of_threads(small_leaves: None, rows: np.ndarray) -> None:
    group = np.arange(len(rows)) % 3
    one, three = (
        Outside.of(rows, np.zeros(len(rows)), threads=threads).nearest(np.arange(len(rows)), group)
        for threads in (1, 3)
    )
    assert np.array_equal(one, three)


def test_the_same_in_parts_of_any_size(
    small_leaves: None, rows: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = np.arange(len(rows)) % 3
    whole = Outside.of(rows, np.zeros(len(rows))).nearest(np.arange(len(rows)), group)
    monkeypatch.setattr(_outside, "_VALUES", 100)
    parts = Outside.of(rows, np.zeros(len(rows))).nearest(np.arange(len(rows)), group)
    assert np.array_equal(whole, parts)
