"""Candidates by pairs of blocks against all distances, and against those of one process."""

from collections.abc import Iterator
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embkit.runs.workers.local import LocalWorkers
from embkit_plugins.algorithms.neighbors import pairs
from embkit_plugins.algorithms.neighbors.candidates import candidates
from embkit_plugins.algorithms.neighbors.exact import exact_neighbors
from embkit_plugins.algorithms.neighbors.pairs import candidates_by_pairs
from keeping import Keeps

WORKERS = LocalWorkers()


def here(keeps: Keeps | None = None) -> Any:
    """All of a context that is needed."""
    keeps = keeps or Keeps()
    return SimpleNamespace(
        map=WORKERS.map,
        scatter=WORKERS.scatter,
        unfinished_part=keeps.unfinished_part,
        keep_part=keeps.keep_part,
    )


def silent(_done: float) -> None:
    pass


@pytest.fixture(autouse=True, scope="module")
def _small_blocks() -> Iterator[None]:
    """Blocks of 20 rows, tiles of 8."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pairs, "BLOCK", 20)
        patch.setattr(pairs, "TILE", 8)
        yield


@pytest.mark.parametrize("n_samples", [2, 7, 19, 20, 21, 40, 61, 100])
@pytest.mark.parametrize("n_candidates", [1, 5, 30])
def test_as_in_one_process(n_samples: int, n_candidates: int) -> None:
    rows = np.random.default_rng(n_samples).normal(size=(n_samples, 6)).astype(np.float32)
    kept = min(n_candidates, n_samples - 1)
    done: list[float] = []
    found, squares = candidates_by_pairs(here(), rows, kept, done.append)
    expected, its_squares = candidates(rows, kept, silent)
    assert np.array_equal(found, expected)
    np.testing.assert_allclose(squares, its_squares, rtol=1e-4, atol=1e-6)
    n_blocks = -(-n_samples // 20)
    assert len(done) == n_blocks * (n_blocks + 1) // 2
    assert done == sorted(done)
    assert done[-1] == 1


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 2**32 - 1), n_pairs=st.integers(1, 35), n_candidates=st.integers(1, 12))
def test_ties_go_to_the_lowest_row(seed: int, n_pairs: int, n_candidates: int) -> None:
    """Small integers about 0, the largest a power of two: float32 is exact, and many squares are equal."""
    some = np.random.default_rng(seed).integers(-2, 3, (n_pairs, 2)).astype(np.float32)
    some[0] = 2
    rows = np.concatenate([some, -some])
    kept = min(n_candidates, len(rows) - 1)
    found, _ = candidates_by_pairs(here(), rows, kept, silent)
    squares = ((rows[:, None] - rows[None]) ** 2).sum(axis=2)
    np.fill_diagonal(squares, np.inf)
    assert np.array_equal(found, np.argsort(squares, axis=1, kind="stable")[:, :kept])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_neighbours_are_those_of_one_process(dtype: type) -> None:
    rng = np.random.default_rng(3)
    rows: np.ndarray = rng.normal(size=(90, 5)).astype(dtype)
    rows[40:70] = rows[:30]  # equal rows
    expected = exact_neighbors(rows, 7, silent)
    found = exact_neighbors(rows, 7, silent, search=partial(candidates_by_pairs, here()))
    assert np.array_equal(found[0], expected[0])
    assert found[1].tobytes() == expected[1].tobytes()


class StopError(Exception):
    pass


def test_an_interrupted_search_goes_on_to_the_same_bytes() -> None:
    rows = np.random.default_rng(0).normal(size=(130, 7)).astype(np.float32)
    expected, its_squares = candidates_by_pairs(here(), rows, 9, silent)
    keeps, reported = Keeps(), list[float]()

    def stops_half_way(done: float) -> None:
        if done > 0.5:
            raise StopError

    with pytest.raises(StopError):
        candidates_by_pairs(here(keeps), rows, 9, stops_half_way)
    found, squares = candidates_by_pairs(here(keeps), rows, 9, reported.append)
    assert found.tobytes() == expected.tobytes()
    assert squares.tobytes() == its_squares.tobytes()
    assert 0.4 < reported[0] < 0.6
