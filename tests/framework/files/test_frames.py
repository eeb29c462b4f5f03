"""Tables in memory: the column of arrays is the vectors, and nothing beside it is lost."""

import sys
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import embkit
from embkit.errors import DataError, EmbkitWarning, MissingExtraError, ParameterError
from embkit.files.tables.frames import attach_frame, dataset_of
from narrowing import present

X = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)
IDS = [f"d{row * 7 % 6}" for row in range(6)]
TEXTS = [f"text {row}" for row in range(6)]


def columns() -> dict[str, list[Any]]:
    return {"id": IDS, "n_tokens": [3, 1, 4, 1, 5, 9], "text": TEXTS, "embedding": X.tolist()}


def as_pandas() -> pd.DataFrame:
    return pd.DataFrame({**columns(), "embedding": list(X)})


def as_polars(array: bool = False) -> Any:
    polars = pytest.importorskip("polars", reason="polars is not installed")
    frame = polars.DataFrame(columns())
    return frame.cast({"embedding": polars.Array(polars.Float32, 4)}) if array else frame


MAKERS: dict[str, Callable[[], Any]] = {
    "pandas": as_pandas,
    "pandas of lists": lambda: pd.DataFrame(columns()),
    "pandas of text": lambda: pd.DataFrame({**columns(), "embedding": list(map(str, X.tolist()))}),
    "pandas of bytes": lambda: pd.DataFrame({**columns(), "embedding": [row.tobytes() for row in X]}),
    "polars": as_polars,
    "polars of arrays": lambda: as_polars(array=True),
    "pyarrow": lambda: pytest.importorskip("pyarrow").table(columns()),
    "mapping": columns,
    "mapping with a matrix": lambda: {**columns(), "embedding": X},
    "records": lambda: as_pandas().to_dict("records"),
}


@pytest.mark.parametrize("maker", MAKERS)
def test_the_column_of_arrays_is_the_vectors(maker: str) -> None:
    dataset = dataset_of(MAKERS[maker]())
    np.testing.assert_array_equal(np.asarray(dataset.vectors, dtype=np.float32), X)
    assert dataset.ids == tuple(IDS)
    assert dataset.texts == tuple(TEXTS)
    assert list(dataset.metadata["n_tokens"]) == [3, 1, 4, 1, 5, 9]
    assert "the vector is embedding" in dataset.notes


def test_columns_of_numbers_keep_texts_ids_and_labels() -> None:
    frame = pd.DataFrame(X, columns=[f"d{i}" for i in range(4)])
    frame = frame.assign(label=[0, 0, 0, 100, 100, 100], text=TEXTS, id=IDS, flag=True)
    dataset = dataset_of(frame)
    np.testing.assert_array_equal(dataset.vectors, X)
    assert dataset.reference == ("0", "0", "0", "100", "100", "100")
    assert (dataset.texts, dataset.ids) == (tuple(TEXTS), tuple(IDS))
    assert list(dataset.metadata) == ["flag"]


def test_stray_numbers_are_warned_of() -> None:
    frame = pd.DataFrame(X, columns=[f"d{i}" for i in range(4)]).assign(year=2020)
    with pytest.warns(EmbkitWarning, match="DataFrame: year are numbers too .*remove these columns"):
        dataset_of(frame)


def test_the_index() -> None:
    frame = pd.DataFrame({"embedding": list(X)}, index=IDS)
    assert dataset_of(frame).ids == tuple(IDS)
    assert dataset_of(frame.reset_index(drop=True)).ids is None
    assert dataset_of(frame.reset_index(drop=True)[2:]).ids == ("2", "3", "4", "5")
    assert dataset_of(frame.set_axis(["a"] * 6)).ids is None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        saved = pd.DataFrame(X).rename(columns=str).reset_index()
        assert dataset_of(saved).n_features == 4


def test_missing_values_are_nan_for_the_host_to_judge() -> None:
    vectors = [row if place != 2 else None for place, row in enumerate(X)]
    dataset = dataset_of(pd.DataFrame({"embedding": vectors, "text": [None, np.nan, *TEXTS[2:]]}))
    assert np.isnan(dataset.vectors[2]).all()
    assert present(dataset.texts)[:2] == ("", "")
    nullable = pd.DataFrame({"a": pd.array([1, None, 3], dtype="Int64"), "b": [1.5, 2.5, 3.5]})
    np.testing.assert_array_equal(dataset_of(nullable).vectors, [[1, 1.5], [np.nan, 2.5], [3, 3.5]])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: pd.DataFrame({"text": TEXTS}), "DataFrame: no column of numbers; its columns are text"),
        (lambda: pd.DataFrame({"u": list(X), "v": list(X)}), r"several list columns.*embkit.Dataset\("),
        (lambda: pd.DataFrame({"embedding": TEXTS, "n": 1}), "column 'embedding' holds 'text 0', which"),
        (
            lambda: pd.DataFrame({"embedding": [*X[:5], X[0, :3]]}),
            "row 5 of embedding: 3 values, expected 4",
        ),
        (
            lambda: pd.DataFrame({"embedding": [*X[:5], "x y"]}),
            "row 5 of embedding is 'x y'|not read as",
        ),
        (pd.DataFrame, "has no columns"),
        (lambda: {"embedding": 3}, "column 'embedding' is a single value"),
        (lambda: {"embedding": X, "text": ["a"]}, "texts has 1 values, the matrix has 6 rows"),
    ],
)
def test_what_cannot_be_told_is_refused(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        dataset_of(make())


def test_series_and_arrays() -> None:
    for source in (pd.Series(list(X)), pd.Series(list(X)).to_numpy(), list(X), X.tolist(), tuple(X), X):
        np.testing.assert_array_equal(np.asarray(dataset_of(source).vectors, dtype=np.float32), X)
    polars = pytest.importorskip("polars", reason="polars is not installed")
    series = polars.Series("embedding", X.tolist())
    np.testing.assert_array_equal(dataset_of(series).vectors.astype(np.float32), X)
    with pytest.raises(DataError, match=r"LazyFrame: its rows are not in memory; .*collect\(\)"):
        dataset_of(polars.DataFrame(columns()).lazy())


def test_tables_in_memory_beside_a_matrix() -> None:
    expected = tuple(TEXTS)
    for table in (TEXTS, pd.Series(TEXTS), pd.DataFrame({"text": TEXTS}), {"text": TEXTS}):
        assert embkit.load(X, table=table).texts == expected
    run = embkit.run(X, "kmeans:n_clusters=2", table=TEXTS, cache=False)
    assert run.dataset.texts == expected
    with pytest.raises(DataError, match="no column is called id, text or label; its columns are words"):
        attach_frame(embkit.load(X), pd.DataFrame({"words": TEXTS}))
    with pytest.raises(DataError, match="column .text. has 5 values, array has 6 rows") as caught:
        embkit.load(X, table=TEXTS[:5])
    assert len(str(caught.value)) < 300
    with pytest.raises(ParameterError, match="table is in memory, the source is not"):
        embkit.run("x.npy", "kmeans:n_clusters=2", table=TEXTS)


def test_numpy_integers_are_integers() -> None:
    for clusters in np.arange(2, 4):
        request = {"name": "kmeans", "n_clusters": clusters}
        numbers: dict[str, Any] = {"seed": np.int64(3), "threads": np.uint8(1)}
        run = embkit.run(X, request, **numbers, cache=False)
        assert present(run.clustering).n_clusters == clusters
        assert run.record["config"]["clusterer"]["n_clusters"] == clusters


class Stream:
    """A table of a library that only gives a stream of Arrow's batches."""

    def __init__(self, table: Any) -> None:
        self.table = table

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self.table.__arrow_c_stream__(requested_schema)


def test_a_stream_of_arrow(monkeypatch: pytest.MonkeyPatch) -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    vectors = pa.array(X.tolist(), type=pa.list_(pa.float32()))
    table = pa.table(
        {"id": [f"d{row}" for row in range(len(X))], "embedding": vectors, "n": range(len(X))}
    )
    dataset = dataset_of(Stream(table))
    np.testing.assert_array_equal(dataset.vectors, X)
    assert dataset.vectors.dtype == np.float32
    assert dataset.row_id(1) == "d1"
    assert list(dataset.metadata) == ["n"]
    if hasattr(table["embedding"], "__arrow_c_stream__"):  # of columns since pyarrow 16
        np.testing.assert_array_equal(dataset_of(Stream(table["embedding"])).vectors, X)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"Stream needs pyarrow; .*\[parquet\]'"):
        dataset_of(Stream(table))


class Tensor:
    """An array of a library that gives it by DLPack alone."""

    def __init__(self, array: Any, error: Exception | None = None) -> None:
        self.array, self.error = array, error

    def __dlpack_device__(self) -> Any:
        return self.array.__dlpack_device__()

    def __dlpack__(self, **options: Any) -> Any:
        if self.error is not None:
            raise self.error
        return self.array.__dlpack__(**options)


def test_tensors() -> None:
    vectors = X.astype(np.float32)
    dataset = dataset_of(Tensor(vectors))
    np.testing.assert_array_equal(dataset.vectors, vectors)
    assert dataset.vectors.dtype == np.float32
    with pytest.raises(DataError, match="no matrix can be made of it; it is on a GPU"):
        dataset_of(Tensor(vectors, BufferError("it is on a GPU")))


class FakeTorch:
    """What of torch's tensors is asked for; torch itself is too large for the tests."""

    __module__ = "torch"

    def __init__(self, array: Any, dtype: str = "torch.float32", steps: tuple[str, ...] = ()) -> None:
        self.array, self.dtype, self.steps = array, dtype, steps

    def _then(self, step: str, dtype: str | None = None) -> "FakeTorch":
        return FakeTorch(self.array, dtype or self.dtype, (*self.steps, step))

    def detach(self) -> "FakeTorch":
        return self._then("detach")

    def cpu(self) -> "FakeTorch":
        return self._then("cpu")

    def float(self) -> "FakeTorch":
        return self._then("float", "torch.float32")

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        if self.steps[:2] != ("detach", "cpu"):
            raise RuntimeError("Can't call numpy() on Tensor that requires grad.")
        if self.dtype == "torch.bfloat16":
            raise TypeError("Got unsupported ScalarType BFloat16")
        return self.array


@pytest.mark.parametrize("dtype", ["torch.float32", "torch.bfloat16"])
def test_tensors_of_torch_with_a_gradient_elsewhere_in_bfloat16(dtype: str) -> None:
    np.testing.assert_array_equal(dataset_of(FakeTorch(X, dtype)).vectors, X)


@pytest.mark.parametrize("names", [range(4), ["a", "b", "c", "d"], [(0, "x"), (1, "x"), 2, 3.5]])
def test_names_of_columns_of_any_type(names: Any) -> None:
    vectors = np.random.default_rng(0).normal(size=(6, 4))
    frame = pd.DataFrame(vectors)
    frame.columns = pd.Index(list(names), tupleize_cols=False)
    np.testing.assert_array_equal(embkit.load(frame).vectors, vectors.astype(np.float64))
    assert embkit.load(frame.iloc[[4, 1]]).ids == ("4", "1")


def test_columns_as_pandas_to_dict_gives_them() -> None:
    vectors = np.eye(3)
    columns: Any = {"texts": {7: "a", 8: "b", 9: "c"}, "labels": {7: 0, 8: 0, 9: 1}}
    dataset = embkit.load(vectors, **columns)
    assert dataset.texts == ("a", "b", "c")
    assert dataset.reference == ("0", "0", "1")
    frame = pd.DataFrame({"x": [1.0, 2.0], "y": [3.0, 4.0], "text": ["a", "b"]})
    dataset = embkit.load(frame.to_dict())
    assert dataset.vectors.tolist() == [[1, 3], [2, 4]]
    assert dataset.texts == ("a", "b")


def test_labels_that_are_missing_are_counted_without_a_name_of_a_table() -> None:
    assert embkit.load(np.eye(3), labels=[None, "a", "b"]).notes == ("1 of 3 labels are missing",)


@pytest.mark.parametrize("given", [{"texts": {"a", "b", "c"}}, {"table": frozenset("abc")}])
def test_what_has_no_order_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(DataError, match="its values have no order; values are matched with the vectors"):
        embkit.load(np.eye(3), **given)


WORDS = [f"word {letter}" for letter in "abcdefgh"]
UNIT = np.linalg.qr(np.random.default_rng(3).normal(size=(30, 8)))[0].T


@pytest.mark.parametrize(
    "vectors",
    [
        pytest.param(np.arange(40.0).reshape(8, 5), id="more words than dimensions"),
        pytest.param(UNIT.astype(np.float32), id="float32"),
        pytest.param(3 * UNIT.astype(np.float16), id="float16"),
        pytest.param(UNIT.round(3).tolist(), id="lists of unit length"),
    ],
)
def test_words_with_their_vectors_are_rows(vectors: Any) -> None:
    dataset = embkit.load(dict(zip(WORDS, vectors, strict=True)))
    assert dataset.ids == tuple(WORDS)
    assert dataset.texts == tuple(WORDS)
    np.testing.assert_allclose(dataset.vectors, np.asarray(vectors, dtype=np.float32), rtol=1e-6)
    assert dataset.notes == (
        "the vectors are the values of the mapping, the keys are the ids and texts",
    )


def test_numbers_with_their_vectors_are_rows_that_have_no_text() -> None:
    dataset = embkit.load(dict(zip([17, 4, 99], np.eye(3), strict=True)))
    assert dataset.ids == ("17", "4", "99")
    assert dataset.texts is None


def test_a_vocabulary_may_have_the_words_id_and_vector() -> None:
    vectors = np.random.default_rng(0).normal(size=(6, 4))
    words = ["id", "vector", "label", "x", "text", "x2"]
    dataset = embkit.load(dict(zip(words, vectors, strict=True)))
    assert dataset.ids == tuple(words)


@pytest.mark.parametrize(
    "names",
    [
        ("x", "y"),
        ("X", "Y", "z"),
        ("dim_0", "dim_1", "dim_2"),
        ("0", "1"),
        (0, 1, 2),
        ("UMAP 1", "UMAP 2"),
    ],
)
@pytest.mark.parametrize("n_rows", [2, 5])
def test_names_of_dimensions_are_columns(names: tuple[Any, ...], n_rows: int) -> None:
    columns = np.random.default_rng(0).normal(size=(len(names), n_rows)).astype(np.float32)
    dataset = embkit.load(dict(zip(names, columns, strict=True)))
    np.testing.assert_array_equal(dataset.vectors, columns.T)


def test_columns_with_numbers_as_ids_or_labels_are_columns() -> None:
    columns = {"east": [1.0, 2.0], "north": [3.0, 5.0], "up": [8.0, 9.0], "label": [1, 2]}
    dataset = embkit.load(columns)
    assert dataset.vectors.tolist() == [[1, 3, 8], [2, 5, 9]]
    assert dataset.reference == ("1", "2")


def test_names_with_numbers_that_may_be_rows_or_columns_are_refused() -> None:
    columns = {"height": [150, 160, 170], "weight": [50, 60, 71]}
    with pytest.raises(DataError) as caught:
        embkit.load(columns)
    assert str(caught.value) == (
        "the source maps 2 names to 3 numbers each; it is unclear whether these are the vectors of rows "
        "or the columns of a table; of rows: numpy.stack(list(source.values())) with ids=list(source); "
        "of columns: numpy.column_stack(list(source.values()))"
    )
