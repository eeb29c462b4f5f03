"""Exact neighbours by a k-d tree in few dimensions: those that products find."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from embkit_plugins.algorithms.distances.row_tree import RowTree
from embkit_plugins.algorithms.distances.squares import UNIT_GRID, SquaresToAll
from embkit_plugins.algorithms.neighbors import exact
from embkit_plugins.algorithms.neighbors.candidates import candidates
from embkit_plugins.algorithms.neighbors.exact import exact_neighbors


def silent(done: float) -> None:
    assert 0 <= done <= 1


def rows_of_kind(kind: str, n_features: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    rows: np.ndarray = rng.normal(size=(int(rng.integers(3, 300)), n_features))
    match kind:
        case "lattice":
            rows = np.round(rows * 2)
        case "copies":
            rows = rows[rng.integers(0, 1 + len(rows) // 5, len(rows))]
        case "float32":
            rows = rows.astype(np.float32)
        case "float16":
            rows = rows.astype(np.float16).astype(np.float32)
        case "far origin":
            rows = (rows / 100 + 1000).astype(np.float32)
        case "scales":
            rows *= 10.0 ** rng.uniform(-9, 9, size=(len(rows), 1))
        case "on a line":
            rows[:, 1:] = 0
        case "unlike columns":
            rows *= 10.0 ** rng.uniform(-6, 6, size=n_features)
    return rows


KINDS = (
    "normal",
    "lattice",
    "copies",
    "float32",
    "float16",
    "far origin",
    "scales",
    "on a line",
    "unlike columns",
)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(KINDS),
    st.integers(1, 8),
    st.integers(0, 10_000),
    st.booleans(),
    st.sampled_from((1, 2)),
)
def test_a_tree_finds_the_bytes_that_products_find(
    kind: str, n_features: int, seed: int, angles: bool, threads: int
) -> None:
    rows = rows_of_kind(kind, n_features, seed)
    if angles:
        rows = rows[np.linalg.norm(rows, axis=1) > 0]
        rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    if len(rows) < 3:
        return
    # As many neighbours as there are, at times.
    most = len(rows) - 1 if seed % 4 == 0 else min(20, len(rows) - 1)
    n_neighbors = int(np.random.default_rng(seed).integers(1, most, endpoint=True))
    grid = UNIT_GRID if angles else 0.0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exact, "_TREE_VALUES", 300)
        indices, squares, _ = exact_neighbors(rows, n_neighbors, silent, grid, threads)
    expected = exact_neighbors(rows, n_neighbors, silent, grid, search=candidates)
    assert indices.dtype == expected[0].dtype == np.int64
    assert np.array_equal(indices, expected[0])
    assert squares.tobytes() == expected[1].tobytes()


@pytest.mark.parametrize(("n_features", "by_tree"), [(1, True), (8, True), (9, False)])
def test_few_dimensions_take_a_tree(
    n_features: int, by_tree: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def multiplied(*_: object, **__: object) -> tuple[np.ndarray, np.ndarray]:
        raise AssertionError("products")

    monkeypatch.setattr(exact, "candidates", multiplied)
    rows = np.random.default_rng(0).normal(size=(100, n_features)).astype(np.float32)
    if by_tree:
        assert np.array_equal(
            exact_neighbors(rows, 5, silent)[0], np.argsort(cdist(rows, rows), axis=1)[:, 1:6]
        )
    else:
        with pytest.raises(AssertionError, match="products"):
            exact_neighbors(rows, 5, silent)


def test_squares_that_overflow_take_no_tree() -> None:
    rows = 1e160 * np.random.default_rng(0).normal(size=(50, 3))
    with np.errstate(over="ignore"):
        assert RowTree.of(SquaresToAll.of(rows)) is None


def test_progress_of_a_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exact, "_TREE_VALUES", 60)
    told: list[float] = []
    exact_neighbors(np.random.default_rng(0).normal(size=(300, 8)), 5, told.append, threads=2)
    assert told == pytest.approx(np.arange(1, 31) / 30)


@pytest.mark.parametrize("n_features", [3, 12])
def test_ties_of_angles_go_to_the_lowest_row(n_features: int) -> None:
    """Rows on a ring about the first, at distances that differ by less than the grid."""
    rng = np.random.default_rng(0)
    towards = rng.normal(size=(60, n_features - 1))
    towards /= np.linalg.norm(towards, axis=1, keepdims=True)
    angle = 0.1 * (1 + 1e-13 * rng.permutation(60))[:, None]
    ring = np.hstack([np.cos(angle), np.sin(angle) * towards])
    rows = np.vstack([np.eye(1, n_features), ring])
    squares = SquaresToAll.of(rows, UNIT_GRID).of_pairs(np.zeros(60, dtype=int), np.arange(1, 61))
    expected = 1 + np.argsort(squares, kind="stable")[:20]
    assert np.array_equal(exact_neighbors(rows, 20, silent, UNIT_GRID)[0][0], expected)
