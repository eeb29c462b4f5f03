import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embkit_plugins.algorithms.valleys.bends import Ways, slant
from embkit_plugins.algorithms.valleys.cells import Cells, nested_cells, squared_distances
from embkit_plugins.algorithms.valleys.valleys import (
    components,
    deepest_cut,
    find_valleys,
    neighbouring_cells,
)
from narrowing import present


def test_squared_distances() -> None:
    rng = np.random.default_rng(0)
    points, centres = rng.normal(size=(30, 4)), rng.normal(size=(5, 4))
    expected = ((points[:, None] - centres) ** 2).sum(axis=2)
    assert np.allclose(squared_distances(points, centres), expected)


@given(st.integers(0, 2**32 - 1), st.integers(1, 64), st.floats(-6, 6))
def test_equal_rows_are_at_distance_zero_whatever_the_product_leaves(
    seed: int, n_features: int, exponent: float
) -> None:
    points = 10.0**exponent * np.random.default_rng(seed).normal(size=(5, n_features)) + 1.0
    distances = squared_distances(np.repeat(points, 3, axis=0), points)
    assert not distances[np.arange(15), np.arange(15) // 3].any()


def test_equal_rows_are_one_cell() -> None:
    points = np.repeat(np.random.default_rng(0).normal(size=(3, 7)), 20, axis=0)
    fine, coarser = nested_cells(points, (2,), 12, np.random.default_rng(0))
    assert sorted(fine.sizes) == [20, 20, 20]
    assert sorted(coarser[0].sizes) == [20, 40]


def test_nested_cells_are_means_of_their_points() -> None:
    points = np.random.default_rng(0).normal(size=(300, 3))
    fine, coarser = nested_cells(points, (2, 5), 20, np.random.default_rng(1))
    assert len(fine.sizes) == 20
    assert [len(cells.sizes) for cells in coarser] == [5, 2]
    for cells in [fine, *coarser]:
        assert cells.sizes.sum() == 300
        assert np.allclose(cells.sizes @ cells.centres / 300, points.mean(axis=0))


def test_neighbours_are_those_with_an_empty_ball_between() -> None:
    centres = np.random.default_rng(0).normal(size=(12, 2))
    first, second, gap = neighbouring_cells(centres)
    expected = [
        (i, j)
        for i in range(12)
        for j in range(i + 1, 12)
        if all(
            np.linalg.norm(centres[other] - (centres[i] + centres[j]) / 2)
            > np.linalg.norm(centres[i] - centres[j]) / 2
            for other in set(range(12)) - {i, j}
        )
    ]
    assert list(zip(first.tolist(), second.tolist(), strict=True)) == expected
    assert np.allclose(gap, np.linalg.norm(centres[first] - centres[second], axis=1))


@given(st.floats(0, 2 * np.pi), st.floats(-3, 3))
def test_a_centre_on_the_ball_is_between_however_it_is_rounded(angle: float, exponent: float) -> None:
    lattice = np.stack(np.divmod(np.arange(25), 5), axis=1).astype(float)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    first, second, _ = neighbouring_cells(10.0**exponent * lattice @ turn)
    assert len(first) == 40  # the sides of the squares and no diagonal, which meets two centres
    assert (np.abs(lattice[first] - lattice[second]).sum(axis=1) == 1).all()


def test_valleys_groups_and_cut_of_three_blobs() -> None:
    rng = np.random.default_rng(0)
    points = np.repeat([[0.0, 0.0], [9.0, 0.0], [0.0, 9.0]], 200, axis=0) + rng.normal(size=(600, 2))
    cells = nested_cells(points, (9,), 18, rng)[1][0]
    valleys = find_valleys(cells, squared_distances(points, cells.centres), None, 0.8)
    assert components(9, valleys, 1.8).max() + 1 == 3
    strength, side = present(deepest_cut(9, valleys))
    assert strength > 3
    assert cells.sizes[side].sum() in (200, 400)


@given(st.integers(0, 2**32 - 1), st.integers(2, 7))
def test_points_of_both_cells_are_projected_on_the_line_between_centres(seed: int, n_cells: int) -> None:
    rng = np.random.default_rng(seed)
    points, centres = rng.normal(size=(60, 3)), rng.normal(size=(n_cells, 3))
    cells = Cells(centres, np.ones(n_cells))
    distances = squared_distances(points, centres)
    valleys = find_valleys(cells, distances, None, 0.8)
    found = valleys.profile(distances)
    nearest = ((points[:, None] - centres) ** 2).sum(axis=2).argmin(axis=1)
    for pair, (one, other) in enumerate(zip(valleys.first, valleys.second, strict=True)):
        here = found.pair == pair
        rows = found.point[here]
        assert sorted(rows) == np.flatnonzero((nearest == one) | (nearest == other)).tolist()
        half = (centres[other] - centres[one]) / 2
        along = (points[rows] - centres[one] - half) @ half / (half @ half)
        np.testing.assert_allclose(found.position[here], along, atol=1e-6)


def test_no_valley_in_a_square() -> None:
    points = np.random.default_rng(0).random((600, 2))
    cells = nested_cells(points, (9,), 18, np.random.default_rng(0))[1][0]
    strength, _ = present(
        deepest_cut(9, find_valleys(cells, squared_distances(points, cells.centres), None, 0.8))
    )
    assert strength < 1.6


def test_the_way_around_a_ring_is_bent() -> None:
    angle = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    ways = Ways(np.stack([np.cos(angle), np.sin(angle)], axis=1))
    assert ways.bend(np.array([-1.0, 0.0]), np.array([1.0, 0.0])) == pytest.approx(np.pi / 2, rel=0.01)
    assert ways.bend(np.array([1.0, 0.0]), np.array([1.0, 0.1])) == pytest.approx(1.0, abs=0.01)


def test_equal_centres_are_nowhere_bent() -> None:
    centres = np.ones((4, 3))
    assert Ways(centres).bend(centres[0], centres[1]) == 1.0


def test_no_way_across_a_gap_is_not_bent() -> None:
    line = np.linspace(0, 1, 10)
    centres = np.stack([np.r_[line, line + 9], np.zeros(20)], axis=1)
    assert Ways(centres).bend(centres[0], centres[-1]) == 1.0


def test_slant_is_the_length_of_a_line_per_unit_of_the_axis() -> None:
    rng = np.random.default_rng(0)
    along = rng.random(200)
    points = np.stack([along, along], axis=1) + 0.001 * rng.normal(size=(200, 2))
    assert slant(points, points[:, 0]) == pytest.approx(np.sqrt(2), rel=0.01)
    noise = np.stack([along, 0.3 * rng.normal(size=200)], axis=1)
    assert slant(noise, along) == 1.0
    assert slant(points[:5], points[:5, 0]) == 1.0
