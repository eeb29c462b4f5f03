"""Candidates by pairs of tiles."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from embkit import Artifact
from embkit_plugins.algorithms.neighbors import candidates as _candidates
from embkit_plugins.algorithms.neighbors.candidates import candidates
from embkit_plugins.algorithms.neighbors.search import schedule
from keeping import Keeps


@pytest.mark.parametrize("n_tiles", [1, 2, 8, 9, 20])
def test_every_pair_of_tiles_is_multiplied_once(n_tiles: int) -> None:
    pairs = [pair for portion in schedule(n_tiles) for pair in portion]
    assert sorted(pairs) == [(i, j) for i in range(n_tiles) for j in range(i, n_tiles)]


@pytest.mark.parametrize("n_samples", [2, 31, 32, 33, 300])
def test_the_nearest_are_found_and_the_bytes_are_the_same_on_any_number_of_threads(
    n_samples: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_candidates, "TILE", 32)
    rows = np.random.default_rng(0).normal(size=(n_samples, 7)).astype(np.float32)
    n_kept = min(9, n_samples - 1)
    reported: list[float] = []
    indices, squares = candidates(rows, n_kept, reported.append)
    distances = cdist(rows, rows, "sqeuclidean") + np.diag(np.full(n_samples, np.inf))
    nearest = np.argsort(distances, axis=1)[:, :n_kept]
    assert np.array_equal(indices, nearest)
    np.testing.assert_allclose(squares, np.take_along_axis(distances, nearest, axis=1), rtol=1e-5)
    assert reported == sorted(reported)
    assert reported[-1] == 1
    for threads in (2, 5):
        again, its_squares = candidates(rows, n_kept, lambda _: None, threads)
        assert again.tobytes() == indices.tobytes()
        assert its_squares.tobytes() == squares.tobytes()


class StopError(Exception):
    pass


def test_an_interrupted_search_goes_on_to_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_candidates, "TILE", 32)
    rows = np.random.default_rng(0).normal(size=(500, 7)).astype(np.float32)
    expected, its_squares = candidates(rows, 9, lambda _: None)
    keeps, reported = Keeps(), list[float]()

    def stops_half_way(done: float) -> None:
        if done > 0.5:
            raise StopError

    with pytest.raises(StopError):
        candidates(rows, 9, stops_half_way, keeper=keeps)
    found, squares = candidates(rows, 9, reported.append, threads=2, keeper=keeps)
    assert found.tobytes() == expected.tobytes()
    assert squares.tobytes() == its_squares.tobytes()
    assert 0.3 < reported[0] <= 0.5


@pytest.mark.parametrize("other", ["kind", "shape"])
def test_what_another_search_kept_is_not_gone_on_from(other: str) -> None:
    rows = np.random.default_rng(0).normal(size=(50, 7)).astype(np.float32)
    keys = np.zeros((50, 9 if other == "kind" else 8), dtype=np.uint64)
    kind = "int8" if other == "kind" else "float32"
    keeps = Keeps(Artifact({"keys": keys}, {"kind": kind, "portions": 1}))
    expected = candidates(rows, 9, lambda _: None)[0]
    assert np.array_equal(candidates(rows, 9, lambda _: None, keeper=keeps)[0], expected)
