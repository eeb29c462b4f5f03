"""Neighbours by 8-bit integers: those that float32 and brute force find."""

import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from embkit_plugins.algorithms.distances import integer_products
from embkit_plugins.algorithms.distances.integer_products import IntegerProducts, has_integer_products
from embkit_plugins.algorithms.neighbors import exact
from embkit_plugins.algorithms.neighbors.exact import exact_neighbors
from embkit_plugins.algorithms.neighbors.integers import Codes, codes_of

Rows = NDArray[np.floating[Any]]


def silent(done: float) -> None:
    assert 0 <= done <= 1


def embeddings(n_samples: int, n_features: int, seed: int = 0) -> Rows:
    """Unit rows around some centres."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(12, n_features))
    rows = centres[rng.integers(0, 12, n_samples)] + rng.normal(size=(n_samples, n_features))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


KINDS = {
    "embeddings": embeddings(700, 40),
    "float32": embeddings(300, 40).astype(np.float32),
    "grid": np.random.default_rng(1).integers(0, 4, size=(300, 5)).astype(np.float32),
    "far origin": 1000 + embeddings(300, 20),
    "two scales": embeddings(300, 20) * np.where(np.arange(300) % 2, 1e-3, 1e3)[:, None],
    "one far row": np.vstack([embeddings(299, 20), np.full(20, 1e4)]),
    "huge": 1e150 * embeddings(200, 20),
    "tiny": 1e-150 * embeddings(200, 20),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n_neighbors", [1, 15])
@pytest.mark.usefixtures("integers")
def test_every_bit_is_that_of_floats(
    kind: str, n_neighbors: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    indices, squares, _ = exact_neighbors(KINDS[kind], n_neighbors, silent, threads=2)
    monkeypatch.setattr(exact, "has_integer_products", lambda: False)
    expected, expected_squares, _ = exact_neighbors(KINDS[kind], n_neighbors, silent)
    assert np.array_equal(indices, expected)
    assert np.array_equal(squares, expected_squares)


@settings(max_examples=50, deadline=None)
@given(st.integers(2, 40), st.integers(1, 20), st.integers(0, 10_000), st.floats(-3, 3))
def test_the_error_is_a_bound(n_samples: int, n_features: int, seed: int, size: float) -> None:
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(n_samples, n_features)) + 10**size * rng.normal(size=n_features)
    codes = codes_of(rows, 16, slack=0.0)
    back = np.argsort(codes.order)
    values = codes.codes[back].astype(np.float64) * codes.scale
    squares, of_codes = (
        ((points[:, None] - points[None]) ** 2).sum(axis=2) for points in (rows, values)
    )
    largest = of_codes.max(axis=1)
    assert np.all(np.abs(squares - of_codes) <= codes.errors(largest)[:, None])
    assert np.array_equal(codes.norms[back], (codes.codes[back].astype(np.int64) ** 2).sum(axis=1))
    assert np.all(np.diff(codes.norms) >= 0)


def test_products_are_those_of_integers() -> None:
    codes = np.random.default_rng(0).integers(-127, 128, size=(70, 33)).astype(np.int8)
    codes[0], codes[1] = 127, -127
    products = IntegerProducts(codes, 32)
    buffer = np.empty(32 * 32, dtype=np.int32)
    assert [(tile.start, tile.stop) for tile in products.tiles] == [(0, 32), (32, 64), (64, 70)]
    for tile in products.tiles:
        for number, other in enumerate(products.tiles):
            expected = codes[tile].astype(np.int32) @ codes[other].astype(np.int32).T
            assert np.array_equal(products.of(codes[tile], number, buffer), expected)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_candidates_are_the_nearest_codes_whatever_the_threads(threads: int) -> None:
    rows = embeddings(400, 24)
    codes = codes_of(rows, 16, slack=0.0)
    found, squares = codes.nearest(20, threads, silent)
    values = codes.codes[np.argsort(codes.order)].astype(np.int64)
    of_codes = ((values[:, None] - values[None]) ** 2).sum(axis=2)
    np.fill_diagonal(of_codes, 2**60)
    assert np.allclose(squares, np.sort(of_codes, axis=1)[:, :20] * codes.scale**2, rtol=1e-12)
    assert np.allclose(squares, np.take_along_axis(of_codes, found, 1) * codes.scale**2, rtol=1e-12)
    assert all(len(set(row)) == 20 for row in found.tolist())


def test_rows_that_can_be_as_near() -> None:
    rows = embeddings(300, 24)
    codes = codes_of(rows, 16, slack=0.0)
    distances = np.sqrt(((rows[:, None] - rows[None]) ** 2).sum(axis=2))
    chosen = np.arange(0, 300, 7)
    radii = np.sort(distances[chosen], axis=1)[:, 9]
    found = codes.within(chosen, radii**2)
    for row, radius, others in zip(chosen, radii, found, strict=True):
        near = set(np.flatnonzero(distances[row] <= radius)) - {row}
        assert near <= set(others.tolist())
        assert row not in others
        assert np.all(np.diff(others) > 0)
        assert len(others) < 60


def test_as_many_candidates_as_settle_nearly_all_rows() -> None:
    rows = embeddings(600, 40)
    codes = codes_of(rows, 16, slack=0.0)
    n_candidates = codes.n_needed(15)
    assert 16 <= n_candidates < 200
    distances = np.sqrt(((rows[:, None] - rows[None]) ** 2).sum(axis=2))
    np.fill_diagonal(distances, np.inf)
    distances.sort(axis=1)
    settled = distances[:, n_candidates - 1] > distances[:, 14] + 2 * codes.lost.mean()
    assert settled.mean() > 0.9


@pytest.mark.usefixtures("integers")
def test_rows_that_integers_cannot_tell_apart_are_left_to_floats(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unused(*_: object) -> None:
        raise AssertionError("multiplied as integers")

    monkeypatch.setattr(exact, "_MOST_CANDIDATES", 3)
    monkeypatch.setattr(Codes, "nearest", unused)
    indices, _, _ = exact_neighbors(KINDS["one far row"], 5, silent)
    assert indices.shape == (300, 5)
    with pytest.raises(AssertionError, match="multiplied"):
        exact_neighbors(KINDS["embeddings"], 5, silent)


@pytest.mark.parametrize(
    ("capabilities", "seconds", "fast"),
    [
        ({"haswell": True, "icelake": False}, (0.1, 1.0), False),
        ({"alder": True}, (0.1, 1.0), True),
        ({"neonsdot": True}, (0.3, 1.0), True),
        ({"icelake": True}, (0.5, 1.0), False),
    ],
)
def test_integers_are_for_processors_that_multiply_them_fast(
    capabilities: dict[str, bool],
    seconds: tuple[float, float],
    fast: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stand_in = SimpleNamespace(get_capabilities=lambda: capabilities, dots_pack=lambda *_: None)
    monkeypatch.setitem(sys.modules, "numkong", stand_in)
    taken = iter(seconds)
    monkeypatch.setattr(integer_products, "_least_time", lambda _call: next(taken))
    has_integer_products.cache_clear()
    assert has_integer_products() is fast
    monkeypatch.setitem(sys.modules, "numkong", None)
    has_integer_products.cache_clear()
    assert has_integer_products() is False
    monkeypatch.undo()
    has_integer_products.cache_clear()


def test_the_time_of_a_product_is_the_least_of_some() -> None:
    calls: list[int] = []
    assert integer_products._least_time(lambda: calls.append(1)) >= 0
    assert len(calls) == 3
