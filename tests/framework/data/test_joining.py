"""Datasets put one after the other."""

import numpy as np
import pytest

from embkit.data.dataset import Dataset
from embkit.data.intake.joining import joined_datasets
from embkit.errors import DataError

X = np.arange(12, dtype=np.float32).reshape(6, 2)


def test_rows_and_columns() -> None:
    parts = [
        Dataset(X[:2], ids=["a", "b"], texts=["x", "y"], metadata={"n": [1, 2]}, notes=("same",)),
        Dataset(X[2:3].astype(np.float64), ids=["c"], reference=["r"], notes=("same", "other")),
        Dataset(X[3:], ids=["d", "e", "f"], metadata={"m": [3, 4, 5]}),
    ]
    sizes: list[int] = []
    whole = joined_datasets(parts, "all", ("3 files",), sizes.append)
    np.testing.assert_array_equal(whole.vectors, X)
    assert whole.vectors.dtype == np.float64
    assert sizes == [6 * 2 * 8]
    assert whole.ids == tuple("abcdef")
    assert whole.texts == ("x", "y", "", "", "", "")
    assert whole.reference == ("", "", "r", "", "", "")
    assert dict(whole.metadata) == {"n": [1, 2, None, None, None, None], "m": [None] * 3 + [3, 4, 5]}
    assert whole.notes == ("3 files", "same", "other")
    assert whole.name == "all"
    assert whole.rows is None


def test_rows_that_parts_left_out_keep_their_numbers() -> None:
    first = Dataset(X[:2], rows=np.array([0, 2]), dropped={1: "odd"}, dropped_ids={1: "q"})
    whole = joined_datasets([first, Dataset(X[2:4])], "all")
    assert whole.source_rows.tolist() == [0, 2, 3, 4]
    second = joined_datasets([Dataset(X[2:4]), first], "all")
    assert second.source_rows.tolist() == [0, 1, 2, 4]
    assert dict(second.dropped) == {3: "odd"}
    assert dict(second.dropped_ids) == {3: "q"}


def test_ids_of_some_parts_alone_are_none() -> None:
    assert joined_datasets([Dataset(X[:1], ids=["a"]), Dataset(X[1:])], "all").ids is None
    with pytest.raises(DataError, match="all: ids are not unique: 'a' in rows 0 and 1"):
        joined_datasets([Dataset(X[:1], ids=["a"]), Dataset(X[1:2], ids=["a"])], "all")


def test_other_lengths() -> None:
    parts = [Dataset(X, name="a.npy"), Dataset(X[:, :1], name="b.npy")]
    with pytest.raises(DataError, match="all: b.npy has 1 columns, a.npy 2; all rows"):
        joined_datasets(parts, "all")
