"""Better neighbours from those that are known."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from embkit_plugins.algorithms.neighbors import hops
from embkit_plugins.algorithms.neighbors.candidates import augmented
from embkit_plugins.algorithms.neighbors.hops import hop, reciprocate
from embkit_plugins.algorithms.neighbors.keys import (
    Keys,
    no_candidates,
    numbers_of,
    sortable,
    values_of,
)
from embkit_plugins.algorithms.rows.calls import Calls


@pytest.fixture
def points() -> np.ndarray:
    return augmented(np.random.default_rng(0).normal(size=(300, 5)))[0]


def random_keys(points: np.ndarray, n_kept: int) -> tuple[Keys, np.ndarray]:
    """Some other rows for each, and all squares."""
    apart = cdist(points[:, :-2], points[:, :-2], "sqeuclidean").astype(np.float32)
    rng = np.random.default_rng(1)
    near = np.array([rng.choice(np.delete(np.arange(300), row), n_kept, False) for row in range(300)])
    keys = sortable(np.take_along_axis(apart, near, axis=1), near)
    return np.sort(keys, axis=1), apart


@pytest.mark.parametrize("block", [7, 4096])
def test_rows_learn_who_knows_them(
    points: np.ndarray, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hops, "_BLOCK", block)
    monkeypatch.setattr(hops, "_AT_ONCE", block)
    best, apart = random_keys(points, 6)
    before = numbers_of(best)
    reciprocate(best)
    for row in range(300):
        knowing = np.flatnonzero((before == row).any(axis=1))
        together = np.union1d(before[row], knowing)
        expected = together[np.argsort(apart[row, together])][:6]
        assert numbers_of(best)[row].tolist() == expected.tolist()
        assert values_of(best)[row] == pytest.approx(apart[row, expected])


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("unit", [7, 1024])
def test_rows_look_at_the_neighbours_of_their_neighbours(
    points: np.ndarray, threads: int, unit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hops, "_UNIT", unit)
    best, apart = random_keys(points, 6)
    before = numbers_of(best)
    order = np.random.default_rng(2).permutation(300)
    hop(Calls.here(points, threads), best, order, lambda _: None)
    for row in range(300):
        together = np.union1d(before[row], before[before[row]])
        together = together[together != row]
        expected = together[np.argsort(apart[row, together])][:6]
        assert numbers_of(best)[row].tolist() == expected.tolist()


def test_a_row_without_others_looks_at_what_one_row_knows(points: np.ndarray) -> None:
    best, _ = random_keys(points, 6)
    best[5] = no_candidates(1, 6)
    hop(Calls.here(points, 1), best, np.arange(300), lambda _: None)
    assert 5 not in numbers_of(best[5])
    assert (numbers_of(best[5]) < 300).all()
