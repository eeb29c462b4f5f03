"""Rows as k-means reads them, and where it starts."""

import numpy as np
import pytest

from embkit_plugins.algorithms.kmeans.parts import BLOCK_ROWS
from embkit_plugins.algorithms.kmeans.points import Points
from embkit_plugins.algorithms.kmeans.seeding import plus_plus, starting_rows


@pytest.mark.parametrize("n_samples", [1, BLOCK_ROWS, BLOCK_ROWS + 1])
def test_variance_by_blocks(n_samples: int) -> None:
    rows = np.random.default_rng(0).normal(size=(n_samples, 3)) * [1, 50, 0.1] + [7, 0, -1e4]
    points = Points.of(rows)
    assert points.variance == pytest.approx(rows.var(axis=0).mean(), rel=1e-9)
    assert points.total == pytest.approx(((rows - rows.mean(axis=0)) ** 2).sum(), rel=1e-9)


def test_shifting_rounds_nothing() -> None:
    rows = (np.random.default_rng(1).normal(size=(300, 4)) + 3).astype(np.float32)
    points = Points.of(rows)
    assert points.scale == 1
    assert np.array_equal(points.double(slice(0, 300)) + points.shift, rows.astype(np.float64))
    assert np.abs(points.single(slice(0, 300))).max() < 5


@pytest.mark.parametrize(("offset", "shifted"), [(0.4, False), (3.0, True)])
def test_rows_around_a_near_origin_are_taken_as_they_are(offset: float, shifted: bool) -> None:
    rows = (np.random.default_rng(1).normal(size=(300, 4)) + offset).astype(np.float32)
    points = Points.of(rows)
    assert points.shift.any() == shifted
    assert np.array_equal(points.single(slice(0, 300)) == rows, np.full(rows.shape, not shifted))


def test_plus_plus_chooses_one_row_of_each_distant_group() -> None:
    rng = np.random.default_rng(0)
    rows = np.repeat(np.eye(12) * 100, 20, axis=0) + rng.normal(size=(240, 12))
    chosen = plus_plus(rows, 12, rng)
    assert sorted(chosen // 20) == list(range(12))


def test_plus_plus_takes_equal_rows_only_when_no_others_are_left() -> None:
    rows = np.repeat(np.eye(3), 5, axis=0)
    chosen = plus_plus(rows, 6, np.random.default_rng(0))
    assert len(set(chosen.tolist())) == 6
    assert len({int(row) // 5 for row in chosen[:3]}) == 3


def test_starts_depend_on_no_order_of_summation() -> None:
    rows = np.random.default_rng(0).normal(size=(200, 16))
    columns = np.random.default_rng(1).permutation(16)
    first, second = (plus_plus(part, 30, np.random.default_rng(5)) for part in (rows, rows[:, columns]))
    assert np.array_equal(first, second)


def test_random_starts_are_different_rows() -> None:
    points = Points.of(np.zeros((30, 2)))
    chosen = starting_rows(points, 30, "random", 30, 0)
    assert sorted(chosen.tolist()) == list(range(30))


def test_a_start_of_a_sample_stays_in_it() -> None:
    points = Points.of(np.random.default_rng(0).normal(size=(500, 3)))
    chosen = starting_rows(points, 20, "k-means++", 20, 3)
    assert len(set(chosen.tolist())) == 20
    again = starting_rows(points, 20, "k-means++", 20, 3)
    assert np.array_equal(chosen, again)
