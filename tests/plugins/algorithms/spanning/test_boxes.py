"""Leaves of near rows, and distances to boxes."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from embkit_plugins.algorithms.spanning import boxes
from embkit_plugins.algorithms.spanning.boxes import Boxes, Leaves


@pytest.mark.parametrize(("n_samples", "n_leaves"), [(1, 1), (7, 1), (8, 2), (37, 8), (64, 16)])
def test_leaves_hold_all_rows(n_samples: int, n_leaves: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boxes, "_LEAF_ROWS", 4)
    rows = np.random.default_rng(0).normal(size=(n_samples, 3)).astype(np.float32)
    leaves = Leaves.of(rows)
    assert len(leaves.members) == n_leaves
    assert np.array_equal(np.unique(leaves.members), np.arange(n_samples))
    assert leaves.members.size < n_samples + n_leaves
    assert np.array_equal(leaves.values, rows.T[:, leaves.members])


def test_leaves_are_no_more_than_that(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boxes, "_LEAF_ROWS", 1)
    monkeypatch.setattr(boxes, "_MOST_LEAVES", 8)
    assert Leaves.of(np.arange(100.0)[:, None]).members.shape == (8, 13)


def test_leaves_are_halved_by_the_widest_column(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boxes, "_LEAF_ROWS", 2)
    rows = np.array([[0.0, 9.0], [1.0, 0.0], [0.0, 8.0], [1.0, 1.0]])
    assert [set(leaf) for leaf in Leaves.of(rows).members] == [{1, 3}, {0, 2}]


def test_equal_rows_are_halved_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boxes, "_LEAF_ROWS", 4)
    assert Leaves.of(np.ones((64, 2))).members.shape == (16, 4)


def test_distances_to_members_are_from_differences() -> None:
    rng = np.random.default_rng(0)
    rows = 1e6 + rng.normal(size=(200, 5))
    leaves = Leaves.of(rows)
    chosen = rng.integers(0, len(leaves.members), 20)
    expected = [
        cdist(row[None], rows[leaves.members[leaf]])[0] ** 2
        for row, leaf in zip(rows, chosen, strict=False)
    ]
    assert leaves.to_members(rows[:20], chosen) == pytest.approx(np.array(expected), rel=1e-12)


def test_boxes_are_as_far_apart_as_their_nearest_points() -> None:
    found = Boxes(np.array([[0.0, 3.0], [0.0, 5.0]]), np.array([[1.0, 4.0], [1.0, 6.0]]))
    assert np.array_equal(found.between(found), [[0, 4 + 16], [4 + 16, 0]])
    assert np.array_equal(found.part(slice(1, 2)).between(found), [[4 + 16, 0]])
    rows = np.array([[0.5, 0.5], [3.5, 4.0], [0.0, 8.0]])
    assert np.array_equal(found.beside(rows, np.array([0, 1, 1])), [0, 1, 9 + 4])


def test_an_empty_box_is_infinitely_far() -> None:
    empty = Boxes(np.full((2, 1), np.inf), np.full((2, 1), -np.inf))
    other = Boxes(np.zeros((2, 1)), np.ones((2, 1)))
    assert other.between(empty) == np.inf
    assert empty.beside(np.zeros((1, 2)), np.array([0])) == np.inf
