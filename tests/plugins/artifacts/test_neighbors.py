import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import pairwise_distances

from embkit.data.dataset import Dataset
from embkit.errors import DataError, ParameterError
from embkit_plugins.algorithms.distances.squares import SquaresToAll, pair_squares
from embkit_plugins.algorithms.neighbors import candidates as _candidates
from embkit_plugins.algorithms.neighbors.candidates import candidates
from embkit_plugins.algorithms.neighbors.exact import Search, exact_neighbors
from embkit_plugins.artifacts import neighbors
from embkit_plugins.artifacts.neighbors import Neighbors, nearest_neighbors
from fixture_types import MakeContext


def silent(done: float) -> None:
    assert 0 <= done <= 1


def brute_force(rows: np.ndarray, n_neighbors: int) -> tuple[np.ndarray, np.ndarray]:
    rows = rows.astype(np.float64)
    squares = ((rows[:, None] - rows[None]) ** 2).sum(axis=2)
    np.fill_diagonal(squares, np.inf)
    order = np.argsort(squares, axis=1, kind="stable")[:, :n_neighbors]
    return order, np.take_along_axis(squares, order, axis=1)


def kinds_of_rows() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(1)
    centers = rng.normal(size=(3, 6)).repeat(100, axis=0)
    return {
        "noise": rng.normal(size=(300, 8)).astype(np.float32),
        "float64": rng.normal(size=(300, 8)),
        "one column": rng.normal(size=(120, 1)),
        "grid": rng.integers(0, 4, size=(300, 3)).astype(np.float32),
        "repeats": rng.normal(size=(40, 5)).repeat(rng.integers(1, 14, 40), axis=0),
        "half alike": np.where(np.arange(200)[:, None] % 2, rng.normal(size=(200, 4)), 0.5),
        "all alike": np.ones((200, 4), dtype=np.float32),
        "two values": (np.arange(150)[:, None] % 3 == 0).astype(np.float32),
        "far origin": (1000 + 1e-3 * rng.normal(size=(300, 4))).astype(np.float32),
        "tight": centers + 1e-5 * rng.normal(size=(300, 6)),
        "two scales": 1e3 * centers + 1e-4 * rng.normal(size=(300, 6)),
        "huge": 1e20 * rng.normal(size=(200, 4)).astype(np.float32),
        "tiny": 1e-25 * rng.normal(size=(200, 4)),
    }


@pytest.mark.parametrize("kind", kinds_of_rows())
@pytest.mark.parametrize(("n_neighbors", "tile"), [(1, 64), (7, 1024), (40, 64)])
@pytest.mark.parametrize("search", [None, candidates], ids=["tree", "products"])
def test_exact_is_brute_force_ties_included(
    kind: str, n_neighbors: int, tile: int, search: Search | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_candidates, "TILE", tile)
    rows = kinds_of_rows()[kind]
    indices, squares, _ = exact_neighbors(rows, n_neighbors, silent, search=search)
    expected, expected_squares = brute_force(rows, n_neighbors)
    assert np.array_equal(indices, expected)
    assert squares == pytest.approx(expected_squares, rel=1e-9, abs=0)


@pytest.mark.parametrize("n_samples", [2, 3, 9, 10, 11])
def test_few_rows(n_samples: int) -> None:
    rows = np.random.default_rng(0).normal(size=(n_samples, 2))
    indices, squares, _ = exact_neighbors(rows, n_samples - 1, silent)
    expected, expected_squares = brute_force(rows, n_samples - 1)
    assert np.array_equal(indices, expected)
    assert squares == pytest.approx(expected_squares)


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 60), st.integers(1, 4), st.integers(2, 5), st.integers(0, 10_000))
def test_small_grids(n_samples: int, n_features: int, n_values: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = rng.integers(0, n_values, size=(n_samples, n_features)).astype(np.float32)
    n_neighbors = int(rng.integers(1, n_samples))
    indices, squares, _ = exact_neighbors(rows, n_neighbors, silent)
    expected, expected_squares = brute_force(rows, n_neighbors)
    assert np.array_equal(indices, expected)
    assert np.array_equal(squares, expected_squares)


def test_blocks_of_settled_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbors, "block_rows", lambda n_samples: 7)
    rows = kinds_of_rows()["tight"]
    indices, _, settled = exact_neighbors(rows, 5, silent, search=candidates)
    assert settled > 200
    assert np.array_equal(indices, brute_force(rows, 5)[0])


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_artifact(metric: str, make_context: MakeContext) -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(200, 10)) * rng.uniform(0.01, 100, size=(200, 1))
    dataset = Dataset(vectors)
    found = make_context(dataset).artifact("neighbors", n_neighbors=6, metric=metric)
    distances = pairwise_distances(vectors, metric=metric)
    np.fill_diagonal(distances, np.inf)
    expected = np.argsort(distances, axis=1)[:, :6]
    assert found["indices"].dtype == np.int64
    assert found["distances"].dtype == np.float32
    assert np.array_equal(found["indices"], expected)
    assert found["distances"] == pytest.approx(np.take_along_axis(distances, expected, 1), rel=1e-5)
    assert found.facts["method"] == "exact"


def test_directions_that_are_equal_are_at_distance_zero(make_context: MakeContext) -> None:
    vectors = np.random.default_rng(0).normal(size=(5, 7)).repeat(4, axis=0)
    dataset = Dataset(vectors * 2.0 ** np.arange(20)[:, None])
    found = make_context(dataset).artifact("neighbors", n_neighbors=3, metric="cosine")
    assert np.all(found["distances"] < 1e-12)
    assert np.array_equal(found["indices"] // 4, np.arange(20).repeat(3).reshape(20, 3) // 4)


def test_any_memory_layout(tmp_path: Path) -> None:
    rows = kinds_of_rows()["noise"]
    expected = exact_neighbors(rows, 5, silent)[0]
    np.save(tmp_path / "rows.npy", rows)
    wide = np.zeros((600, 16), dtype=np.float32)
    wide[::2, ::2] = rows
    mapped = np.load(tmp_path / "rows.npy", mmap_mode="r")
    for same in (np.asfortranarray(rows), wide[::2, ::2], mapped):
        assert np.array_equal(exact_neighbors(same, 5, silent)[0], expected)


def test_opposite_rows_are_at_cosine_distance_two(make_context: MakeContext) -> None:
    dataset = Dataset(np.array([[1.0, 2.0], [-2.0, -4.0]]))
    found = make_context(dataset).artifact("neighbors", n_neighbors=1, metric="cosine")
    assert found["distances"] == pytest.approx(np.array([[2.0], [2.0]]))


def test_approximate_neighbors_by_name(
    blobs: Dataset, make_context: MakeContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What pynndescent gives is put into order; the thing itself compiles for half a minute."""
    asked = {}

    class NNDescent:
        def __init__(self, rows: np.ndarray, **params: Any) -> None:
            asked.update(params)
            found = brute_force(rows, 5)[0]
            itself = np.arange(len(rows))[:, None]
            found = np.concatenate([found, itself], axis=1)
            found[0] = [1, 2, 3, 4, 5, 6]  # an approximation may miss the row itself
            self.neighbor_graph = (found[:, ::-1].astype(np.int32), None)

    monkeypatch.setitem(sys.modules, "pynndescent", SimpleNamespace(NNDescent=NNDescent))
    context = make_context(blobs)
    found = context.artifact("neighbors", n_neighbors=5, method="nn-descent", random_state=3)
    exact = context.artifact("neighbors", n_neighbors=5)
    assert found.facts["method"] == "nn-descent"
    assert (asked["n_neighbors"], asked["random_state"], asked["n_jobs"]) == (6, 3, 2)
    assert np.array_equal(found["indices"][1:], exact["indices"][1:])
    assert np.array_equal(found["distances"][1:], exact["distances"][1:])
    assert sorted(found["indices"][0]) == [2, 3, 4, 5, 6]
    assert np.all(np.diff(found["distances"][0]) >= 0)


@pytest.mark.parametrize("n_samples", [1, 5])
def test_more_neighbours_than_rows(n_samples: int, make_context: MakeContext) -> None:
    dataset = Dataset(np.eye(5)[:n_samples])
    message = f"n_neighbors=5 for {n_samples} rows.*at most {n_samples - 1}"
    with pytest.raises(ParameterError, match=message):
        Neighbors(n_neighbors=5).compute(dataset, make_context(dataset))


def test_a_zero_row_has_no_cosine(make_context: MakeContext) -> None:
    dataset = Dataset(np.array([[1.0, 0], [0, 0], [0, 1]]))
    with pytest.raises(DataError, match="zero vector in row 1"):
        Neighbors(n_neighbors=1, metric="cosine").compute(dataset, make_context(dataset))


def test_memory_grows_with_the_rows_not_with_their_square() -> None:
    first, second = (Neighbors().memory(n, 384, 10**9).peak for n in (100_000, 200_000))
    assert second <= 2 * first
    assert first < 1.5e9


def test_memory_counts_a_tile_for_each_thread_that_can_be_busy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def peak(n_processors: int) -> int:
        monkeypatch.setattr("os.cpu_count", lambda: n_processors)
        return Neighbors().memory(5_000, 384, 10**9).peak

    assert peak(1) == peak(3)
    assert peak(16) - peak(8) == 8 * 10 * 1024**2
    assert peak(16) == peak(256)


def test_squares_of_pairs_and_of_rows() -> None:
    rows = np.random.default_rng(0).normal(size=(70, 9)).astype(np.float32)
    expected = ((rows[:, None].astype(float) - rows[None]) ** 2).sum(axis=2)
    left, right = np.divmod(np.arange(4900), 70)
    assert pair_squares(rows, left, right).reshape(70, 70) == pytest.approx(expected)
    found = SquaresToAll.of(rows).of_rows(np.array([3, 1]))
    assert found == pytest.approx(expected[[3, 1]], abs=1e-13)


def test_one_search_serves_all_who_ask_for_few(blobs: Dataset, make_context: MakeContext) -> None:
    context = make_context(blobs)
    fifteen = context.artifact("neighbors", n_neighbors=15, metric="cosine")
    context.artifact("spanning-tree", metric="cosine", min_samples=3)
    context.artifact("projection", method="umap", metric="cosine", n_neighbors=15)
    searches = [
        use for use in context.shared.uses if use.name == "neighbors" and use.origin == "computed"
    ]
    assert len(searches) == 1
    few = nearest_neighbors(context, 90, 4, "cosine")
    np.testing.assert_array_equal(few.indices, fifteen["indices"][:, :4])
    np.testing.assert_array_equal(few.squares, fifteen["squares"][:, :4])
