"""Lloyd's iteration against the plain one: same labels from the same start, whatever is spared."""

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from embkit_plugins.algorithms.kmeans.lloyd import lloyd
from embkit_plugins.algorithms.kmeans.parts import BLOCK_ROWS, FOLD, Parts
from embkit_plugins.algorithms.kmeans.points import Points
from embkit_plugins.algorithms.kmeans.starts import best_of_starts

DTYPES = [np.float16, np.float32, np.float64, np.int8]


def plain(
    rows: np.ndarray,
    centres: np.ndarray,
    max_iter: int = 300,
    seen: Callable[[np.ndarray, np.ndarray], None] = lambda _squares, _centres: None,
) -> tuple[np.ndarray, int]:
    """The iteration of the textbook, in float64, all differences taken."""
    labels = None
    for number in range(1, max_iter + 1):
        squares = ((rows[:, None] - centres[None]) ** 2).sum(axis=2)
        seen(squares, centres)
        found = squares.argmin(axis=1)
        if labels is not None and np.array_equal(found, labels):
            return labels, number
        labels = found
        filled = [np.flatnonzero(labels == label) for label in range(len(centres))]
        centres = np.stack(
            [rows[group].mean(axis=0) if len(group) else centres[i] for i, group in enumerate(filled)]
        )
    return ((rows[:, None] - centres[None]) ** 2).sum(axis=2).argmin(axis=1), max_iter


def assume_no_tie_by_rounding(squares: np.ndarray, centres: np.ndarray) -> None:
    """No row is as far from two centres of which one, a mean in thirds, say, is rounded itself.

    Which of the two is nearer then is rounding's choice, and another one from another origin.
    """
    rounded = (centres * 1024 % 1 != 0).any(axis=1)
    tied = squares <= squares.min(axis=1, keepdims=True) + 1e-9
    assume(not (tied & rounded)[tied.sum(axis=1) > 1].any())


def sum_of_squares(rows: np.ndarray, labels: np.ndarray) -> float:
    groups = [rows[labels == label] for label in np.unique(labels)]
    return float(sum(((group - group.mean(axis=0)) ** 2).sum() for group in groups))


@pytest.fixture
def rows() -> np.ndarray:
    rng = np.random.default_rng(3)
    centres = rng.normal(size=(30, 12)) * 0.4
    return (centres[rng.integers(30, size=400)] + rng.normal(size=(400, 12)) * 0.5).astype(np.float16)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n_clusters", [1, 2, 9, 70])
@pytest.mark.parametrize("group_size", [1, 16, 128])
def test_labels_and_iterations_of_the_plain_one(
    rows: np.ndarray, dtype: type, n_clusters: int, group_size: int
) -> None:
    rows = (rows * 20).astype(dtype) if dtype is np.int8 else rows.astype(dtype)
    points = Points.of(rows)
    chosen = np.arange(n_clusters) * 5
    fit = lloyd(points, points.double(chosen), tol=0, group_size=group_size)
    labels, n_iter = plain(rows.astype(float), rows[chosen].astype(float))
    assert np.array_equal(fit.labels, labels)
    assert fit.n_iter == n_iter
    assert fit.converged
    assert fit.inertia == pytest.approx(sum_of_squares(rows.astype(float), labels), rel=1e-9)


@pytest.mark.parametrize("max_iter", [1, 2, 3, 5])
def test_labels_after_few_iterations_are_those_of_the_last_centres(
    rows: np.ndarray, max_iter: int
) -> None:
    points = Points.of(rows)
    fit = lloyd(points, points.double(np.arange(20)), tol=0, max_iter=max_iter)
    labels, _ = plain(rows.astype(float), rows[:20].astype(float), max_iter)
    assert np.array_equal(fit.labels, labels)
    assert not fit.converged
    centres = fit.centres
    squares = ((rows.astype(float) - centres[labels]) ** 2).sum()
    assert fit.inertia == pytest.approx(squares, rel=1e-9)


def test_far_fewer_distances_than_all() -> None:
    rng = np.random.default_rng(0)
    rows = (rng.normal(size=(50, 20))[rng.integers(50, size=3000)] * 2).astype(np.float32)
    rows += rng.normal(size=rows.shape).astype(np.float32)
    points = Points.of(rows)
    fits = [lloyd(points, points.double(np.arange(150)), tol=0, group_size=size) for size in (1, 8, 150)]
    assert all(np.array_equal(fit.labels, fits[0].labels) for fit in fits)
    shares = [fit.n_distances / (fit.n_iter * 150 * len(rows)) for fit in fits]
    assert shares[0] < shares[1] < shares[2] < 1.05
    assert shares[0] < 0.3
    assert shares[1] < 0.5


@given(
    st.integers(1, 40),
    st.integers(1, 3),
    st.integers(1, 6),
    st.sampled_from([1, 2, 64]),
    st.randoms(use_true_random=False),
)
@settings(deadline=None, max_examples=60)
def test_ties_and_equal_rows_as_in_the_plain_one(
    n_rows: int, n_features: int, n_clusters: int, group_size: int, random: random.Random
) -> None:
    rows = np.array([[random.randint(-2, 2) for _ in range(n_features)] for _ in range(n_rows)])
    chosen = np.array([random.randrange(n_rows) for _ in range(n_clusters)])
    distinct = len(np.unique(rows[chosen], axis=0))
    if distinct < n_clusters:
        chosen = np.unique(rows, axis=0, return_index=True)[1][:n_clusters]
    points = Points.of(rows)
    fit = lloyd(points, points.double(chosen), tol=0, group_size=group_size)
    labels, _ = plain(rows.astype(float), rows[chosen].astype(float), seen=assume_no_tie_by_rounding)
    if len(np.unique(labels)) == len(chosen):  # else an empty cluster has taken a row
        assert np.array_equal(fit.labels, labels)


def test_far_origin_and_tiny_spread() -> None:
    rng = np.random.default_rng(1)
    rows = 1e6 + np.repeat(np.arange(4), 30)[:, None] + rng.normal(scale=0.1, size=(120, 5))
    for scaled in (rows, rows.astype(np.float32), (rows - 1e6) * 1e-120, (rows - 1e6) * 1e120):
        points = Points.of(scaled)
        fit = lloyd(points, points.double(np.arange(4) * 30))
        assert np.array_equal(fit.labels, np.repeat(np.arange(4), 30))


def test_blocks_on_threads_change_nothing() -> None:
    rng = np.random.default_rng(2)
    rows = rng.normal(size=(3 * BLOCK_ROWS + 5, 6)).astype(np.float16)
    one, four = (
        best_of_starts(rows, 40, n_init=2, max_iter=15, threads=threads, seed=4) for threads in (1, 4)
    )
    assert np.array_equal(one.labels, four.labels)
    assert one.centres.tobytes() == four.centres.tobytes()
    assert one.inertia == four.inertia
    assert one.n_distances == four.n_distances


def test_an_empty_cluster_takes_the_farthest_row() -> None:
    rows = np.array([[0.0], [0.1], [0.2], [10.0], [10.4], [30.0]])
    points = Points.of(rows)
    # The last centre is nearest to no row; 30 is farthest from its own.
    start = points.double(np.array([0, 3, 3]))
    fit = lloyd(points, start, tol=0)
    assert fit.labels.tolist() == [0, 0, 0, 1, 1, 2]
    assert fit.inertia == pytest.approx(0.02 + 0.08)


@pytest.mark.parametrize("scale", [1, 1e-30])
@pytest.mark.parametrize("spherical", [False, True])
def test_centres_are_in_the_coordinates_of_the_vectors(spherical: bool, scale: float) -> None:
    rows = np.random.default_rng(0).normal(size=(200, 3)) * scale + 5 * scale
    fit = best_of_starts(rows, 4, spherical=spherical, tol=0)
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True) if spherical else rows
    means = np.stack([rows[fit.labels == label].mean(axis=0) for label in range(4)])
    means = means / np.linalg.norm(means, axis=1, keepdims=True) if spherical else means
    assert np.allclose(fit.centres, means, rtol=1e-9, atol=0)


def test_equal_rows_leave_clusters_empty() -> None:
    fit = best_of_starts(np.ones((50, 3), dtype=np.float32), 4)
    assert fit.n_clusters == 1
    assert fit.inertia == 0
    assert fit.converged


def test_more_starts_are_no_worse(rows: np.ndarray) -> None:
    one, many = (best_of_starts(rows, 12, init="random", n_init=n, seed=7) for n in (1, 6))
    assert many.inertia <= one.inertia
    singles = [best_of_starts(rows, 12, init="random", seed=7 + number).inertia for number in range(6)]
    assert many.inertia == min(singles)


def test_progress_tells_of_all_starts(rows: np.ndarray) -> None:
    told = []
    best_of_starts(rows, 3, n_init=3, max_iter=4, progress=lambda done, note: told.append((done, note)))
    shares = [done for done, _ in told]
    assert shares == sorted(shares)
    assert shares[-1] <= 1
    assert told[0][1] == "iteration 1, 400 rows moved"


@pytest.mark.parametrize("n_samples", [1, 2])
def test_opposite_unit_rows_keep_their_centre(n_samples: int) -> None:
    rows = np.array([[1.0, 0], [-1, 0]])[:n_samples]
    fit = best_of_starts(rows, 1, spherical=True)
    assert fit.labels.tolist() == [0] * n_samples
    assert np.isfinite(fit.inertia)


@pytest.mark.parametrize("folds", [1, 2])
@pytest.mark.parametrize("spherical", [False, True])
def test_parts_change_nothing(folds: int, spherical: bool) -> None:
    rng = np.random.default_rng(5)
    rows = rng.normal(size=(3 * FOLD * BLOCK_ROWS + 5, 3)) + 2
    size = folds * FOLD * BLOCK_ROWS
    cut = tuple(rows[start : start + size] for start in range(0, len(rows), size))
    parts = Parts(cut, size, 2, map)
    options: dict[str, Any] = {"spherical": spherical, "max_iter": 4}
    whole = best_of_starts(rows, 6, **options)
    apart = best_of_starts(rows, 6, **options, parts=parts)
    assert np.array_equal(whole.labels, apart.labels)
    assert whole.centres.tobytes() == apart.centres.tobytes()
    assert (whole.inertia, whole.n_distances) == (apart.inertia, apart.n_distances)
