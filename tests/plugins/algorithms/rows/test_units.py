"""Rows of length 1 that are made when they are read."""

import pickle

import numpy as np
import pytest

from embkit.data.blocks import ArrayRows, Blocks, stacked
from embkit.data.dataset import Dataset
from embkit.errors import DataError
from embkit_plugins.algorithms.rows.prepare import rows_of_metric
from embkit_plugins.algorithms.rows.units import apart, picked_rows, view_of_metric


@pytest.mark.parametrize("metric", ["cosine", "correlation", "euclidean"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("scale", [1.0, 1e-30, 1e30])
def test_the_bytes_of_a_matrix_of_them(metric: str, dtype: type[np.floating], scale: float) -> None:
    rows = np.random.default_rng(0).normal(size=(500, 7)).astype(dtype) * dtype(scale)
    dataset = Dataset(rows)
    view, matrix = view_of_metric(dataset, metric), rows_of_metric(dataset, metric, np.float64)
    assert view.shape == matrix.shape
    assert len(view) == 500
    assert view.dtype == matrix.dtype
    chosen = np.array([499, 3, 3, 0])
    assert view[chosen].tobytes() == matrix[chosen].tobytes()
    assert view[100:300].tobytes() == matrix[100:300].tobytes()


def test_some_of_the_rows() -> None:
    view = view_of_metric(Dataset(np.random.default_rng(0).normal(size=(50, 3))), "cosine")
    chosen = np.array([4, 9, 30, 31])
    some = picked_rows(view, chosen)
    assert len(some) == 4
    assert some.shape == (4, 3)
    assert some.dtype == np.dtype(np.float64)
    assert np.array_equal(some[:], view[chosen])
    assert np.array_equal(some[1:3], view[chosen[1:3]])
    assert np.array_equal(some[np.array([3, 0, 3])], view[chosen[[3, 0, 3]]])


@pytest.mark.parametrize("metric", ["cosine", "correlation", "euclidean"])
@pytest.mark.parametrize("kind", ["array", "blocks"])
@pytest.mark.parametrize("width", [7, 9000])
def test_made_anew_of_the_vectors(metric: str, kind: str, width: int) -> None:
    rows = np.random.default_rng(0).normal(size=(90, width)) * 1e-200
    dataset = Dataset(rows if kind == "array" else stacked([ArrayRows(rows[:9]), ArrayRows(rows[9:])]))
    view = view_of_metric(dataset, metric)
    chosen, places = np.array([4, 9, 30, 31]), np.array([3, 0, 3])
    for expected in (view, picked_rows(view, chosen)):
        vectors, made_of = apart(expected)
        anew = pickle.loads(pickle.dumps(made_of))(vectors)
        assert (anew.shape, len(anew)) == (expected.shape, len(expected))
        assert anew[places].tobytes() == expected[places].tobytes()
        assert anew[0:3].tobytes() == expected[0:3].tobytes()
    assert isinstance(vectors, Blocks) == (kind == "blocks" and metric != "correlation")


def test_squares_beyond_float64() -> None:
    dataset = Dataset(np.array([[3e200, 4e200], [3e-200, 4e-200]]))
    assert view_of_metric(dataset, "cosine")[0:2] == pytest.approx(np.array([[0.6, 0.8]] * 2))


@pytest.mark.parametrize(
    ("metric", "rows", "message"),
    [
        ("cosine", [[1.0, 2.0], [0.0, 0.0]], "zero vector in row 1"),
        ("correlation", [[1.0, 2.0], [3.0, 3.0]], "all values are equal in row 1"),
    ],
)
def test_rows_without_direction(metric: str, rows: list[list[float]], message: str) -> None:
    with pytest.raises(DataError, match=message):
        view_of_metric(Dataset(np.array(rows)), metric)
