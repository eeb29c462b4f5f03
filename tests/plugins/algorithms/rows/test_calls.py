"""Functions of a few rows at a time, in threads and as workers call them."""

import pickle
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pytest

from embkit.data.blocks import ArrayRows, stacked
from embkit_plugins.algorithms.rows.calls import Calls, read_once


class Elsewhere:
    """A context that makes calls of what it has pickled, and counts them."""

    distributed = True

    def __init__(self) -> None:
        self.n_calls = 0

    def map(self, function: Any, items: Iterable[Any]) -> Iterator[Any]:
        for item in items:
            self.n_calls += 1
            sent, content = pickle.loads(pickle.dumps((function, item)))
            yield sent(content)

    def scatter(self, vectors: Any, n_rows: int) -> tuple[Any, ...]:
        assert n_rows == len(vectors)
        return (vectors,)


def doubled(rows: np.ndarray) -> np.ndarray:
    return 2 * rows


def total(rows: np.ndarray, shift: np.ndarray, unit: slice) -> float:
    return float(rows[unit].sum() + shift.sum())


@pytest.mark.parametrize("together", [1, 3, 100])
def test_the_same_results_in_order(together: int) -> None:
    rows, shift = np.arange(60.0).reshape(30, 2), np.array([0.5])
    units = [slice(start, start + 4) for start in range(0, 30, 4)]
    expected = [total(2 * rows, shift, unit) for unit in units]
    context: Any = Elsewhere()
    there = Calls.on_workers(context, 2 * rows, rows, doubled)
    for calls in (Calls.here(2 * rows, 1), Calls.here(2 * rows, 3), there):
        assert list(calls.map(total, units, calls.share(shift), together=together)) == expected
    assert context.n_calls == -(-8 // together)


def test_calls_on_workers_leave_blas_one_thread() -> None:
    context: Any = Elsewhere()
    rows = np.eye(2)
    calls = Calls.on_workers(context, rows, rows, doubled)
    assert list(calls.map(threads_of_blas, [0], together=1)) == [{1}]


def threads_of_blas(_rows: Any, _unit: int) -> set[int]:
    from threadpoolctl import threadpool_info

    return {each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"}


def test_rows_in_memory_stay_where_they_are() -> None:
    rows, numbers = np.eye(5), np.array([3, 1])
    array, places = read_once(rows, numbers)
    assert array is rows
    assert np.array_equal(places(numbers), numbers)


def test_what_came_by_wire_is_copied_where_it_is_wanted() -> None:
    rows = np.random.default_rng(0).normal(size=(50, 3))
    sent = np.frombuffer(b"?" + rows.tobytes(), offset=1).reshape(50, 3)
    numbers = np.array([3, 1])
    array, places = read_once(sent, numbers)
    assert len(array) == 2
    assert array.flags.aligned
    assert np.array_equal(array[places(numbers)], rows[numbers])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_other_rows_are_read_once(dtype: type[np.floating]) -> None:
    rows = np.random.default_rng(0).normal(size=(500, 600)).astype(dtype)
    one, other = np.array([499, 3, 3]), np.random.default_rng(1).integers(500, size=(20, 30))
    array, places = read_once(stacked([ArrayRows(rows[:7]), ArrayRows(rows[7:])]), one, other)
    assert array.dtype == dtype
    assert len(array) == len(np.union1d(one, other))
    assert np.array_equal(array[places(one)], rows[one])
    assert np.array_equal(array[places(other)], rows[other])
