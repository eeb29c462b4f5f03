"""Neighbours by leaves against the exact ones."""

from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from embkit.data.dataset import Dataset
from embkit.errors import EmbkitWarning
from embkit_plugins.algorithms.neighbors import hops, leaves, partition
from embkit_plugins.algorithms.neighbors.exact import exact_neighbors
from embkit_plugins.algorithms.neighbors.leaves import leaf_neighbors, needs_leaves
from embkit_plugins.reducers.umap import UMAP
from fixture_types import MakeContext


@pytest.fixture
def rows() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(900, 12)).astype(np.float32)


def exact(rows: np.ndarray, n_neighbors: int) -> tuple[np.ndarray, np.ndarray, Any]:
    return exact_neighbors(rows, n_neighbors, lambda _: None)


def recall_of(found: np.ndarray, expected: np.ndarray) -> float:
    shares = [
        len(np.intersect1d(one, other)) / found.shape[1]
        for one, other in zip(found, expected, strict=True)
    ]
    return float(np.mean(shares))


@pytest.mark.parametrize("asked", [0.5, 0.9, 0.99])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_recall_that_was_asked_for_and_told(
    small_leaves: None, rows: np.ndarray, asked: float, dtype: type[np.floating]
) -> None:
    rows = rows.astype(dtype) * 1e-6 + 3
    found = leaf_neighbors(rows, 7, recall=asked)
    expected, _, _ = exact(rows, 7)
    assert found.recall >= asked
    assert recall_of(found.indices, expected) == pytest.approx(found.recall, abs=0.03)
    assert found.n_sampled == 300


def test_more_recall_takes_more_rounds(small_leaves: None, rows: np.ndarray) -> None:
    few, many = (leaf_neighbors(rows, 7, recall=recall) for recall in (0.5, 0.995))
    assert few.rounds < many.rounds
    assert few.recall < many.recall


def test_found_rows_are_others_at_their_distances_in_order(small_leaves: None, rows: np.ndarray) -> None:
    found = leaf_neighbors(rows, 7, recall=0.8)
    own = np.arange(len(rows))[:, None]
    assert (found.indices != own).all()
    assert all(len(set(row)) == 7 for row in found.indices.tolist())
    apart = rows[found.indices].astype(np.float64) - rows[:, None]
    assert found.squares == pytest.approx((apart**2).sum(axis=2))
    assert (np.diff(found.squares, axis=1) >= 0).all()


def test_same_seed_same_bytes_on_any_number_of_threads(small_leaves: None, rows: np.ndarray) -> None:
    results = []
    for threads in (1, 2):
        with threadpool_limits(threads, user_api="blas"):
            results.append(leaf_neighbors(rows, 5, recall=0.99, seed=3, threads=2 * threads - 1))
    assert results[0].indices.tobytes() == results[1].indices.tobytes()
    assert results[0].squares.tobytes() == results[1].squares.tobytes()
    assert results[0].recall == results[1].recall


def test_equal_rows_by_the_hundred(small_leaves: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaves, "_LARGEST_LEAF", 64)
    rows = np.repeat(np.eye(4, dtype=np.float32), 200, axis=0)
    found = leaf_neighbors(rows, 5)
    assert found.recall == 1
    assert (found.squares == 0).all()
    assert (found.indices // 200 == (np.arange(800) // 200)[:, None]).all()


def test_copies_are_found_however_a_product_rounds(small_leaves: None) -> None:
    """Their distances of 0 are roundings in float32, which differ from product to product."""
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(40, 30)).astype(np.float32)[rng.integers(40, size=900)]
    assert leaf_neighbors(rows, 10, recall=0.999).recall == 1
    squares, rounding = np.full((1, 2), 4e-7, dtype=np.float32), np.full(1, 1e-6, dtype=np.float32)
    exact = np.zeros(1, dtype=np.float32)
    assert leaves._recall(squares, exact, rounding) == 1
    assert leaves._recall(squares, exact, rounding * np.float32(0.1)) == 0


@pytest.mark.parametrize("copies", [50, 100, 880])
def test_many_copies_of_one_row_among_others(
    small_leaves: None, rows: np.ndarray, copies: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Too few for a search of their own, so many, and so many that the others need no leaves."""
    rows[np.random.default_rng(1).permutation(900)[:copies]] = rows[7]
    found = leaf_neighbors(rows, 5, recall=0.9)
    expected, squares, _ = exact(rows, 5)
    assert (found.indices != np.arange(900)[:, None]).all()
    assert all(len(set(row)) == 5 for row in found.indices.tolist())
    assert recall_of(found.indices, expected) >= 0.85
    same = (rows == rows[7]).all(axis=1)
    assert (found.squares[same] == 0).all()
    assert (found.rounds == 0) == (copies == 880)
    if copies > 64:
        assert np.array_equal(found.indices[same], expected[same])
    if copies == 880:
        assert np.array_equal(found.indices, expected)
        assert np.array_equal(found.squares, squares)


def test_leaves_larger_than_a_block(
    small_leaves: None, rows: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = leaf_neighbors(rows, 7, recall=0.9)
    monkeypatch.setattr(leaves, "TILE", 16)
    blocks = leaf_neighbors(rows, 7, recall=0.9)
    assert blocks.recall == pytest.approx(whole.recall, abs=0.01)
    assert recall_of(blocks.indices, exact(rows, 7)[0]) == pytest.approx(blocks.recall, abs=0.03)
    assert (blocks.indices != np.arange(len(rows))[:, None]).all()


def test_a_row_that_finds_too_few_is_compared_to_all(
    small_leaves: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leaves, "_MOST_ROUNDS", 1)
    monkeypatch.setattr(partition, "LEAF_ROWS", 3)  # as many leaders as rows: leaves of some 3 rows
    rng = np.random.default_rng(1)
    rows = 100 * rng.normal(size=(150, 20)).repeat(4, axis=0) + rng.normal(size=(600, 20))
    found = leaf_neighbors(rows, 20, recall=0.999)
    assert (found.indices < len(rows)).all()
    assert (found.indices[:, :3] // 4 == (np.arange(600) // 4)[:, None]).all()
    assert all(len(set(row)) == 20 for row in found.indices.tolist())
    assert np.array_equal(found.indices[-1], exact(rows, 20)[0][-1])


def test_rounds_have_an_end(
    small_leaves: None, rows: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leaves, "_MOST_ROUNDS", 1)
    monkeypatch.setattr(hops, "_UNIT", 200)
    told: list[Any] = []
    found = leaf_neighbors(rows, 7, recall=0.9999, progress=lambda *what: told.append(what))
    assert found.rounds == 1
    assert found.recall < 0.9999
    assert told[-1] == (pytest.approx(0.95, abs=0.4), f"round 1, recall {found.recall:.3f}")
    for part in ("round 1, leaves", "round 1, neighbours of neighbours"):
        shares = [done for done, note in told if note == part]
        assert shares[0] == 0
        assert shares == sorted(set(shares))
        assert 0.5 < shares[-1] < 1


class TestArtifact:
    def test_of_few_rows_all_pairs_are_compared(
        self, rows: np.ndarray, make_context: MakeContext
    ) -> None:
        dataset = Dataset(rows)
        assert not needs_leaves(len(rows), 5)
        found = make_context(dataset).artifact("neighbors", n_neighbors=5, method="leaves")
        assert np.array_equal(found["indices"], exact(rows, 5)[0])
        assert "recall" not in found.facts

    def test_recall_is_recorded(
        self, small_leaves: None, rows: np.ndarray, make_context: MakeContext
    ) -> None:
        context = make_context(Dataset(rows))
        params = {"n_neighbors": 5, "metric": "cosine", "method": "leaves", "recall": 0.9}
        found = context.artifact("neighbors", **params)
        expected = context.artifact("neighbors", n_neighbors=5, metric="cosine")
        assert found.facts["recall"] >= 0.9
        assert recall_of(found["indices"], expected["indices"]) == pytest.approx(
            found.facts["recall"], abs=0.03
        )

    def test_too_little_recall_is_a_warning(
        self,
        small_leaves: None,
        rows: np.ndarray,
        make_context: MakeContext,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(leaves, "_MOST_ROUNDS", 1)
        context = make_context(Dataset(rows))
        message = r"neighbours by leaves: recall 0\.\d+ after 1 rounds, 0\.9999 was asked for"
        with pytest.warns(EmbkitWarning, match=message):
            context.artifact("neighbors", n_neighbors=5, method="leaves", recall=0.9999)

    def test_layouts_say_what_they_stand_on(
        self, small_leaves: None, rows: np.ndarray, make_context: MakeContext
    ) -> None:
        dataset = Dataset(rows)
        context = make_context(dataset)
        reduced = UMAP(neighbors="leaves", recall=0.9).reduce(dataset, context)
        assert "found in leaves with a recall of 0.9" in reduced.notes[-1]
