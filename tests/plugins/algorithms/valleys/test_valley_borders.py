"""Whether the density falls where two sides meet: on sheets and curves it does not, between groups it does."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from embkit_plugins.algorithms.valleys.borders import BORDER_SCALES, border_evidence, bridges
from embkit_plugins.algorithms.valleys.cells import squared_distances
from embkit_plugins.algorithms.valleys.local import N_SCALES, combined_z, local_evidence, local_z
from embkit_plugins.algorithms.valleys.peaks import PEAK_SCALES, peak_evidence

Floats = NDArray[np.float64]


def judged(points: Floats, side: NDArray[np.bool_], seed: int = 0, value: Floats | None = None) -> float:
    """`local_z` of a division in two cells, five folds counted."""
    rng = np.random.default_rng(seed)
    reference = rng.standard_normal(points.shape) * points.std(axis=0)
    centres = np.stack([points[~side].mean(axis=0), points[side].mean(axis=0)])
    near = squared_distances(reference, centres).argmin(axis=1)
    if value is not None:
        reference, near = reference[:0], near[:0]
    fold = rng.permutation(len(points)) % 5
    sums = np.zeros((2, N_SCALES, 2))
    for held in range(5):
        found = local_evidence(
            points,
            side.astype(np.int64),
            np.array([False, True]),
            fold == held,
            (reference, near),
            value,
        )
        sums += [found.deficit, found.variance]
    return local_z(sums[0], sums[1])


def ring(rng: np.random.Generator, n: int) -> Floats:
    angle = rng.uniform(0, 2 * np.pi, n)
    points = np.zeros((n, 16))
    points[:, :2] = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return points + 0.05 * rng.normal(size=points.shape)


def star(rng: np.random.Generator, n: int) -> Floats:
    arms = rng.random((n, 1)) * np.eye(16)[rng.integers(0, 3, n)]
    return arms + 0.05 * rng.normal(size=arms.shape)


def sheet(rng: np.random.Generator, n: int) -> Floats:
    u = rng.random((n, 2)) * [6, 2]
    return np.stack([np.sin(u[:, 0]), np.cos(u[:, 0]), u[:, 1]], axis=1)


Draw = Callable[[np.random.Generator, int], Floats]
Side = Callable[[Floats], NDArray[np.bool_]]

CONTINUA: dict[str, tuple[Draw, Side]] = {
    "ring": (ring, lambda points: points[:, 0] > 0.1),
    "three arms": (star, lambda points: points[:, 0] > 0.3),
    "bent sheet": (sheet, lambda points: points[:, 0] > 0),
    "cube": (lambda rng, n: rng.random((n, 8)), lambda points: points[:, 0] > 0.5),
}


@pytest.mark.parametrize("shape", CONTINUA)
def test_no_valley_close_to_the_border_of_a_continuum(shape: str) -> None:
    draw, side = CONTINUA[shape]
    points = draw(np.random.default_rng(1), 800)
    assert judged(points, side(points)) < 0.5


@pytest.mark.parametrize("n_features", [2, 8, 32])
def test_a_valley_between_overlapping_normal_groups(n_features: int) -> None:
    points = np.random.default_rng(2).normal(size=(800, n_features))
    points[:400, 0] += 5.0
    assert judged(points, points[:, 0] > 2.5) > 1.645


def test_a_gap_between_bent_groups() -> None:
    rng = np.random.default_rng(3)
    points = np.concatenate([ring(rng, 400), 2.0 * ring(rng, 400)])
    assert judged(points, np.arange(800) >= 400) > 5.0


def test_by_distance_from_the_mean() -> None:
    rng = np.random.default_rng(4)
    points = rng.normal(size=(600, 16)) * np.where(np.arange(600) < 300, 1.0, 4.0)[:, None]
    value = np.log(np.linalg.norm(points, axis=1))
    assert judged(points, value > np.log(8.0), value=value) > 3.0
    even = rng.normal(size=(600, 2))
    value = np.log(np.linalg.norm(even, axis=1))
    assert judged(even, value > 0.0, value=value) < 0.0


def test_bridges_are_mutual_nearest_neighbours_where_the_sides_touch() -> None:
    rng = np.random.default_rng(5)
    points = rng.random((120, 2))
    side = points[:, 0] > 0.5
    distances = ((points[:, None] - points) ** 2).sum(axis=2)
    found = bridges(side, distances)
    assert len(found.first)
    for one, other in zip(found.first, found.second, strict=True):
        assert side[one]
        assert not side[other]
        assert distances[one, other] == distances[one, ~side].min() == distances[side, other].min()
        scale = [np.sort(distances[row])[5] for row in (one, other)]
        assert distances[one, other] <= np.sqrt(scale[0] * scale[1]) * (1 + 1e-9)


def test_the_ends_of_a_horseshoe_are_no_border() -> None:
    angle = np.linspace(0.3, 2 * np.pi - 0.3, 200)
    points = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    side = angle < np.pi
    found = bridges(side, ((points[:, None] - points) ** 2).sum(axis=2))
    assert found.first.tolist() == [99]
    assert found.second.tolist() == [100]


def test_equal_rows_on_both_sides_touch() -> None:
    points = np.repeat(np.arange(3.0)[:, None], 8, axis=0)
    side = np.arange(24) % 2 == 0
    found = bridges(side, (points - points.T) ** 2)
    assert len(found.first)
    assert (points[found.first] == points[found.second]).all()
    assert np.isfinite(judged(np.repeat(points, 2, axis=1), side))


def test_counts_in_windows_of_one_way() -> None:
    # 16 and 32 rows on either side of 0: means at -1 and 1, windows a third to each side of -1, 0 and 1
    offsets = np.linspace(-0.5, 0.5, 16)
    train = np.concatenate([-1 + offsets, 1 + offsets])[:, None] @ np.ones((1, 1))
    cells = (np.arange(32) >= 16).astype(np.int64)
    held = np.array([-1.2, -1.0, -0.8, -0.2, 0.9, 1.1])[:, None]
    side = cells == 1
    found = bridges(side, (train - train.T) ** 2)
    no_reference = np.zeros((0, 1)), np.zeros(0, dtype=np.int64)
    evidence = border_evidence(
        (train, cells, None), (held, (held[:, 0] > 0).astype(np.int64), None), no_reference, found
    )
    share = 0.6 / 1.6
    # two and three rows at the sides, one between: each is its own observation
    expected = sorted([share * 3 - 1, share * 4 - 1])
    assert np.allclose(np.sort(evidence.deficit, axis=1), [expected] * len(BORDER_SCALES))
    variance = share * (1 - share)
    assert np.allclose(np.sort(evidence.variance, axis=1), [[3 * variance, 4 * variance]] * 2)


def test_peaks_count_a_ball_that_holds_as_many_rows_at_the_peak() -> None:
    rng = np.random.default_rng(6)
    train = np.concatenate([rng.normal(size=(300, 2)), rng.normal(size=(300, 2)) + np.array([7, 0])])
    held = np.concatenate([rng.normal(size=(300, 2)), rng.normal(size=(300, 2)) + np.array([7, 0])])
    side = np.arange(600) >= 300
    distances = squared_distances(train, train)
    evidence = peak_evidence(train, side, distances, held, bridges(side, distances))
    assert evidence.deficit.shape == (len(PEAK_SCALES), 2)
    assert (evidence.deficit > 0).all()
    # each ball around a peak holds about as many of the held-out rows, none where the groups meet
    assert evidence.deficit[0].min() > 24 / 3 * 0.5


def test_a_side_smaller_than_a_ball_shows_nothing() -> None:
    train = np.random.default_rng(7).normal(size=(60, 2))
    side = np.arange(60) < 10
    distances = squared_distances(train, train)
    evidence = peak_evidence(train, side, distances, train, bridges(side, distances))
    assert not evidence.deficit.any()
    assert not evidence.variance.any()


def test_no_evidence_without_a_second_side() -> None:
    points = np.random.default_rng(8).normal(size=(40, 3))
    cells = np.zeros(40, dtype=np.int64)
    found = local_evidence(points, cells, np.array([True]), np.arange(40) < 8, (points, cells))
    assert not found.deficit.any()


def test_the_close_look_bounds_the_evidence_on_straight_lines() -> None:
    assert combined_z(9.0, -1.0) == pytest.approx(-0.2)  # a bend
    assert combined_z(3.0, 5.0) == 4.0
    assert combined_z(3.0, 2.5) == 3.0
    assert combined_z(-1.0, 0.0) == -0.5
