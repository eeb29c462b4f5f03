import base64
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embkit import Blocks, Dataset
from embkit.data.intake import joining
from embkit.errors import DataError, EmbkitWarning, MissingExtraError, ParameterError, ResourceError
from embkit_plugins.loaders.parquet import Parquet
from embkit_plugins.loaders.reading import arrow_rows
from embkit_plugins.loaders.reading import files as _files

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

X = np.arange(12, dtype=np.float32).reshape(4, 3) / 7


def saved(path: Path, **columns: Any) -> str:
    pq.write_table(pa.table(columns), path)
    return str(path)


@pytest.mark.parametrize("value_type", [pa.float16(), pa.float32(), pa.float64()])
@pytest.mark.parametrize("kind", [pa.list_, pa.large_list, lambda value: pa.list_(value, 3)])
def test_list_columns_of_every_kind(tmp_path: Path, value_type: Any, kind: Callable[[Any], Any]) -> None:
    dtype = value_type.to_pandas_dtype()
    path = saved(tmp_path / "a.parquet", v=pa.array(list(X.astype(dtype)), type=kind(value_type)))
    dataset = Parquet().load(path)
    assert dataset.vectors.dtype == dtype
    np.testing.assert_array_equal(dataset.vectors, X.astype(dtype))
    assert dataset.notes == ("the vector is the list column v",)


def test_tensor_column(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.parquet", v=pa.FixedShapeTensorArray.from_numpy_ndarray(X))
    np.testing.assert_array_equal(Parquet().load(path).vectors, X)


def test_slices_and_row_groups(tmp_path: Path) -> None:
    """A sliced array has an offset that only flatten() respects; batches cut through row groups."""
    long = np.random.default_rng(0).normal(size=(20_000, 3)).astype(np.float32)
    table = pa.table({"v": pa.array(list(long)), "n": range(20_000)}).slice(100, 19_000)
    pq.write_table(table, tmp_path / "a.parquet", row_group_size=777)
    dataset = Parquet().load(str(tmp_path / "a.parquet"))
    np.testing.assert_array_equal(dataset.vectors, long[100:19_100])
    assert list(dataset.metadata["n"][:2]) == [100, 101]


def test_roles_and_metadata(tmp_path: Path) -> None:
    path = saved(
        tmp_path / "a.parquet",
        id=[4, 5, 6, 7],
        content=["a", None, "c", "nan"],
        label=pa.array(["u", "v", "u", None]).dictionary_encode(),
        v=list(X),
        year=[1, 2, 3, 4],
        image=[b"\xff"] * 4,
        tags=[["x"], [], ["y"], None],
    )
    dataset = Parquet().load(path)
    assert dataset.ids == ("4", "5", "6", "7")
    assert dataset.texts == ("a", "", "c", "")
    assert dataset.reference == ("u", "v", "u", "")
    assert dict(dataset.metadata) == {"year": [1, 2, 3, 4]}
    assert Parquet(id="year", text="", label="content").load(path).ids == ("1", "2", "3", "4")


def test_numeric_columns(tmp_path: Path) -> None:
    columns = {f"e{index}": X[:, index] for index in range(3)}
    path = saved(tmp_path / "a.parquet", id=list("abcd"), **columns, year=[1, 2, 3, 4])
    dataset = Parquet(column="e*").load(path)
    np.testing.assert_array_equal(dataset.vectors, X)
    assert dataset.vectors.dtype == np.float32
    with pytest.warns(EmbkitWarning, match=r"year are numbers too .*--loader parquet:column=e\* leaves"):
        assert Parquet().load(path).n_features == 4
    assert Parquet(column="year").load(path).n_features == 1
    with pytest.raises(
        ParameterError, match=r"no column 'yeer'; column=yeer was given; did you mean 'year'"
    ):
        Parquet(column="yeer").load(path)


def test_index_of_pandas_is_no_coordinate(tmp_path: Path) -> None:
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(X, columns=list("abc"), index=[3, 5, 7, 9])
    frame.to_parquet(tmp_path / "a.parquet")
    np.testing.assert_array_equal(Parquet().load(str(tmp_path / "a.parquet")).vectors, X)


def test_several_list_columns(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.parquet", u=list(X), v=list(X[:, :2]))
    with pytest.raises(
        DataError, match=r"several list columns: u \(3 values\), v \(2 values\); .*parquet:column=u"
    ):
        Parquet().load(path)
    assert Parquet(column="v").load(path).n_features == 2


def test_ragged_and_null(tmp_path: Path) -> None:
    ragged = saved(tmp_path / "a.parquet", v=[[1.0, 2.0], None, [1.0]])
    with pytest.raises(
        DataError, match=r"a.parquet: row 2: 1 values, expected 2 \(as in the first row\)"
    ):
        Parquet().load(ragged)
    nan = np.nan
    holes = saved(tmp_path / "b.parquet", v=[None, [1.0, 2.0], [None, 3.0], None])
    np.testing.assert_array_equal(
        Parquet().load(holes).vectors, [[nan, nan], [1, 2], [nan, 3], [nan, nan]]
    )
    columns = saved(tmp_path / "d.parquet", x=[1.0, None], y=[2.0, 3.0])
    np.testing.assert_array_equal(Parquet().load(columns).vectors, [[1, 2], [nan, 3]])
    integers = saved(tmp_path / "e.parquet", v=[[1, 2], [None, 3]])
    with pytest.raises(DataError, match=r"1 values are null in the list column v; int64 has no NaN"):
        Parquet().load(integers)


@pytest.mark.skipif(
    int(pa.__version__.split(".")[0]) < 23, reason="pyarrow before 23 cannot read nulls of such lists"
)
def test_nulls_among_lists_of_one_length(tmp_path: Path) -> None:
    fixed = pa.array([None, [1, 2]], type=pa.list_(pa.float32(), 2))
    np.testing.assert_array_equal(
        Parquet().load(saved(tmp_path / "c.parquet", v=fixed)).vectors, [[np.nan, np.nan], [1, 2]]
    )


def test_nothing_to_take(tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match=r"no column of vectors; its columns are text \(string\), s \(list"
    ):
        Parquet().load(saved(tmp_path / "a.parquet", text=["a"], s=[["x"]]))
    with pytest.raises(DataError, match=r"empty matrix of shape 0x3"):
        Parquet().load(saved(tmp_path / "b.parquet", v=pa.array([], type=pa.list_(pa.float32(), 3))))
    with pytest.raises(DataError, match=r"empty matrix of shape 1x0"):
        Parquet().load(saved(tmp_path / "c.parquet", v=pa.array([[]], type=pa.list_(pa.float32()))))
    with pytest.raises(
        DataError, match=r"row 0: the vector in 'text' is 'a'; it is not a list of numbers"
    ):
        Parquet(column="text").load(saved(tmp_path / "d.parquet", text=["a"], x=[1.0], y=[2.0]))
    pq.write_table(pa.table([pa.array([1.0])] * 2, names=["a", "a"]), tmp_path / "e.parquet")
    with pytest.raises(DataError, match=r"two columns have the same name"):
        Parquet().load(str(tmp_path / "e.parquet"))


def test_damage_memory_and_other_kinds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.parquet"
    saved(path, v=list(X))
    whole = path.read_bytes()
    path.write_bytes(whole[:-10])
    with pytest.raises(DataError, match=r"a.parquet: the Parquet file is cut or damaged"):
        Parquet().load(str(path))
    path.write_bytes(b"a,b\n1,2\n")
    with pytest.raises(DataError, match=r"not a Parquet file; it is plain text; use --loader csv"):
        Parquet().load(str(path))
    path.write_bytes(whole)
    monkeypatch.setattr(_files, "available_memory", lambda: 10)
    with pytest.raises(ResourceError, match=r"reading it takes 48 B"):
        Parquet().load(str(path))


def test_without_pyarrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(
        MissingExtraError, match=r"loader parquet needs pyarrow; .*'embkit-framework\[parquet\]'"
    ):
        Parquet().load(saved(tmp_path / "a.parquet", v=list(X)))


@pytest.mark.parametrize("name", ["embedding", "vectors"])
@pytest.mark.parametrize(
    "encode",
    [
        lambda row: json.dumps(row.tolist()),
        lambda row: json.dumps(row.tolist()).encode(),
        lambda row: row.tobytes(),
        lambda row: base64.b64encode(row.tobytes()).decode(),
        lambda row: " ".join(map(repr, row.tolist())),
    ],
)
def test_an_embedding_in_text_or_bytes_is_never_passed_over(
    tmp_path: Path, name: str, encode: Callable[[np.ndarray], str | bytes]
) -> None:
    values = (np.arange(12, dtype=np.float32).reshape(4, 3) + 1) / 7
    columns = {"n_tokens": [1, 2, 3, 4], "score": [0.5, 1, 2, 3], "text": list("abcd")}
    path = saved(tmp_path / "a.parquet", **columns, **{name: list(map(encode, values))})
    dataset = Parquet().load(path)
    np.testing.assert_array_equal(dataset.vectors, values)
    assert list(dataset.metadata) == ["n_tokens", "score"]
    with pytest.raises(DataError, match=f"column '{name}' .*is not read as a vector"):
        Parquet().load(saved(tmp_path / "b.parquet", **columns, **{name: ["see file"] * 4}))


def test_an_embedding_beside_other_lists(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.parquet", tags=[[1], [2], [3], [4]], embedding=list(X))
    np.testing.assert_array_equal(Parquet().load(path).vectors, X)
    both = saved(tmp_path / "b.parquet", u1=list(X), u2=list(X))
    with pytest.raises(DataError, match=r"--loader parquet:column=u1; .*column=u\* joins them"):
        Parquet().load(both)
    np.testing.assert_array_equal(Parquet(column="u*").load(both).vectors, np.hstack([X, X]))
    np.testing.assert_array_equal(Parquet(column=("u1", "u2")).load(both).vectors, np.hstack([X, X]))


def test_many_rows_go_into_a_temporary_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrow_rows, "_HELD_OF_A_FILE", 20)
    monkeypatch.setattr(joining, "_MANY", 10)
    one = Parquet().load(saved(tmp_path / "a.parquet", v=list(X), id=list("abcd")))
    vectors: Any = one.vectors
    assert isinstance(vectors, Blocks)
    assert np.array_equal(np.asarray(one.vectors), X)
    monkeypatch.setattr(arrow_rows, "_HELD_OF_A_FILE", 100)
    rest = Parquet().load(saved(tmp_path / "b.parquet", v=list(X[:2]), id=list("ef")))
    vectors = rest.vectors
    assert not isinstance(vectors, Blocks)
    whole = joining.joined_datasets([one, rest], "all")  # the last of many files is often small
    vectors = whole.vectors
    assert isinstance(vectors, Blocks)
    assert np.array_equal(np.asarray(whole.vectors), np.concatenate([X, X[:2]]))
    assert whole.ids == tuple("abcdef")
    plain = Dataset(np.concatenate([X, X[:2]]), ids=list("abcdef"))
    assert whole.fingerprint == plain.fingerprint
