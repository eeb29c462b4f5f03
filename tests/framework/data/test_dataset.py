"""Datasets and clusterings: aligned, read-only, fingerprinted."""

from typing import Any

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st

from embkit.data.blocks import ArrayRows, Blocks
from embkit.data.dataset import Dataset
from embkit.data.names import Name, Names
from embkit.data.results import Artifact, Clustering, Validation
from embkit.errors import DataError, ExitCode
from narrowing import untyped


@pytest.mark.parametrize(
    ("vectors", "message"),
    [
        (
            np.zeros(6),
            r"the array has one dimension \(6 values\); .* reshape it to \(n_samples, n_features\)",
        ),
        (np.zeros((2, 3, 4)), r"the array has shape 2x3x4; .* vectors.mean\(axis=1\)"),
        (np.zeros((0, 4)), "empty matrix of shape 0x4"),
        (np.zeros((4, 0)), "empty matrix of shape 4x0"),
        (np.zeros((2, 2), dtype=complex), "the array holds complex128, not real numbers"),
        (np.array([["a", "b"]]), "the array holds <U1, not real numbers"),
        (np.zeros(2, dtype=[("x", "f4")]), "not real numbers"),
        (np.array([[object()]]), "the array holds object"),
        (np.zeros((2, 2), "V2"), r"holds \|V2, .* probably bfloat16, .* 16 bits; .*view\('f4'\)"),
        (np.zeros((2, 2), "V1"), r"holds \|V1, .* probably float8"),
        (scipy.sparse.eye_array(3), r"the matrix is sparse .*toarray\(\)"),
        ([[1.0, 2.0], [3.0]], "no matrix can be made of it; .*all rows of one length"),
        ([[10**400, 1]], "not real numbers|no matrix"),
    ],
)
def test_what_is_no_matrix_is_refused(vectors: Any, message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        Dataset(vectors)
    assert caught.value.exit_code is ExitCode.DATA


@pytest.mark.parametrize("column", ["ids", "texts", "reference"])
def test_a_column_of_another_length_is_refused(column: str) -> None:
    too_short: dict[str, Any] = {column: ["a", "b"]}
    with pytest.raises(DataError, match=f"{column} has 2 values, the matrix has 3 rows"):
        Dataset(np.eye(3), **too_short)
    with pytest.raises(DataError, match="extra has 2 values"):
        Dataset(np.eye(3), metadata={"extra": [1, 2]})


def test_repeated_ids_are_named_with_their_rows() -> None:
    with pytest.raises(DataError, match=r"ids are not unique: 'a' in rows 0 and 2 \(1 repeats in all\)"):
        Dataset(np.eye(3), ids=["a", "b", "a"])


def test_vectors_cannot_be_written_through() -> None:
    original = np.eye(3)
    dataset = Dataset(original)
    with pytest.raises(ValueError, match="read-only"):
        dataset.vectors[0, 0] = 5
    original[0, 0] = 5  # what the caller owns stays the caller's
    clustering = Clustering(dataset, np.zeros(3, dtype=np.int64))
    with pytest.raises(ValueError, match="read-only"):
        clustering.labels[0] = 1
    with pytest.raises(ValueError, match="read-only"):
        Artifact({"a": np.zeros(2)})["a"][0] = 1


def test_rows_keep_what_belongs_to_them() -> None:
    dataset = Dataset(
        np.arange(8).reshape(4, 2), ids="abcd", texts=["A", "", "C", "D"], metadata={"n": [0, 1, 2, 3]}
    )
    taken = dataset.take(np.array([3, 1]))
    assert taken.ids == ("d", "b")
    assert taken.metadata["n"] == (3, 1)
    assert taken.source_rows.tolist() == [3, 1]
    assert taken.take(np.array([1])).source_rows.tolist() == [1]
    assert [taken.describe_row(row) for row in range(2)] == ["D", "b"]
    assert Dataset(np.eye(2)).describe_row(1) == "1"


@given(st.integers(0, 2**32 - 1))
def test_the_fingerprint_is_of_the_values_not_of_the_layout(seed: int) -> None:
    values = np.random.default_rng(seed).normal(size=(5, 3)).astype(np.float32)
    fingerprint = Dataset(values).fingerprint
    assert Dataset(np.asfortranarray(values)).fingerprint == fingerprint
    assert Dataset(np.repeat(values, 2, axis=1)[:, ::2]).fingerprint == fingerprint
    assert Dataset(values.astype(np.float64)).fingerprint != fingerprint
    assert Dataset(values[::-1]).fingerprint != fingerprint
    assert Dataset(values.reshape(3, 5)).fingerprint != fingerprint


def test_sizes_noise_and_representatives() -> None:
    vectors = np.array([[0.0], [1.0], [2.0], [10.0], [50.0]])
    clustering = Clustering(Dataset(vectors), np.array([0, 0, 0, 1, -1]))
    assert clustering.sizes.tolist() == [3, 1]
    assert (clustering.n_clusters, clustering.n_noise) == (2, 1)
    assert clustering.representatives.tolist() == [1, 3]
    nothing = Clustering(Dataset(vectors), np.full(5, -1))
    assert (nothing.n_clusters, nothing.representatives.tolist()) == (0, [])


def test_masked_values_are_nan_so_that_they_are_refused_or_dropped() -> None:
    masked = np.ma.masked_equal(np.arange(6).reshape(3, 2), 3)
    vectors = Dataset(masked).vectors
    assert type(vectors) is np.ndarray
    np.testing.assert_array_equal(vectors, [[0, 1], [2, np.nan], [4, 5]])
    unmasked = Dataset(np.ma.array(np.eye(3, dtype=np.float32))).vectors
    assert type(unmasked) is np.ndarray
    assert unmasked.dtype == np.float32


def test_a_column_of_arrays_is_a_matrix() -> None:
    column = np.empty(3, dtype=object)
    column[:] = list(np.eye(3))
    np.testing.assert_array_equal(Dataset(column).vectors, np.eye(3))


@pytest.mark.parametrize("bad", ["a\0b", "\ud800"])
def test_ids_that_no_text_file_can_keep_are_refused(bad: str) -> None:
    with pytest.raises(DataError, match="the id of row 1, .* cannot be used; it holds"):
        Dataset(np.eye(3), ids=["a", bad, "c"])


def test_ids_are_strings_whatever_they_were() -> None:
    values: list[Any] = [np.int64(7), 8, np.str_("x")]
    dataset = Dataset(np.eye(3), ids=values)
    assert dataset.ids == ("7", "8", "x")
    assert {type(value) for value in dataset.ids} == {str}


def test_representations_are_one_short_line() -> None:
    many = [f"text {row}" * 50 for row in range(2000)]
    metadata = {f"column {number}": many for number in range(9)}
    numbers: Any = range(2000)
    dataset = Dataset(np.zeros((2000, 2)), texts=many, ids=numbers, metadata=metadata, name="x" * 500)
    clustering = Clustering(dataset, np.zeros(2000, dtype=np.int64), clusterer="kmeans")
    artifact = Artifact({"distances": np.zeros((2000, 9))})
    validation = Validation({f"score {number}": 0.5 for number in range(90)}, {"t": {"texts": many}})
    for value in (dataset, clustering, artifact, validation, Validation.skip("one cluster")):
        assert len(repr(value)) <= 200
        assert "\n" not in repr(value)
    assert repr(clustering) == "Clustering(kmeans: 1 cluster of 2,000 rows, 0 noise)"
    short = Dataset(np.eye(3), texts="abc", metadata={"area": "xyz"})
    assert repr(short) == "Dataset('dataset': 3 x 3 float64, texts, metadata area)"


def test_the_row_that_stands_for_a_cluster_is_the_same_on_other_vectors() -> None:
    dataset = Dataset(np.array([[0.0], [1.0], [2.0], [8.0], [9.0]]))
    clustering = Clustering(dataset, np.array([0, 0, 0, 1, 1]))
    assert clustering.representatives.tolist() == [1, 3]
    other = dataset.with_vectors(np.array([[0.0], [9.0], [0.5], [8.0], [9.0]]))
    assert clustering.on(other).representatives.tolist() == [1, 3]
    assert clustering.on(other).dataset is other


def test_a_name_brings_the_row_that_stands_for_its_cluster() -> None:
    dataset = Dataset(np.array([[0.0], [1.0], [2.0], [8.0], [9.0]]))
    names = Names((Name("low", rows=(2, 1)), Name("high")))
    clustering = Clustering(dataset, np.array([0, 0, 0, 1, 1]), names=names)
    assert clustering.representatives.tolist() == [2, 3]
    assert clustering.on(dataset).representatives.tolist() == [2, 3]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (Name("oak", ("oak", "elm")), "oak, elm"),
        (Name("trees", ("oak", "elm")), "trees"),
        (Name("a text that speaks"), "a text that speaks"),
    ],
)
def test_a_name_in_full(name: Name, said: str) -> None:
    assert name.in_full == said


@pytest.mark.parametrize(
    ("taken", "title", "terms"),
    [
        ({"elm"}, "Oak", ("Oak", "elm", "ash")),
        ({"oak"}, "elm", ("elm", "Oak", "ash")),
        ({"oak", "elm", "ash"}, "Oak (1,200 rows)", ("Oak", "elm", "ash")),
    ],
)
def test_a_name_unlike_others(taken: set[str], title: str, terms: tuple[str, ...]) -> None:
    name = Name("Oak", ("Oak", "elm", "ash"), fit=0.5)
    assert name.unlike(taken, 1200) == Name(title, terms, fit=0.5)
    assert Name("a text").unlike({"a text"}, 3) == Name("a text (3 rows)")


def test_missing_values_among_objects_are_missing_values() -> None:
    values = np.array([[1, 2.5], [None, 4]], dtype=object)
    found = Dataset(values).vectors
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, [[1, 2.5], [np.nan, 4]])
    with pytest.raises(DataError, match="the array holds object"):
        Dataset(np.array([["a", None]], dtype=object))


def test_the_row_that_stands_for_a_large_cluster_is_found_by_blocks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from embkit.data import results

    rng = np.random.default_rng(0)
    dataset = Dataset(rng.normal(size=(200, 3)).astype(np.float32))
    labels = (np.arange(200) % 10 == 0).astype(np.int64)
    whole = Clustering(dataset, labels).representatives
    monkeypatch.setattr(results, "_AT_ONCE", 16)
    assert Clustering(dataset, labels).representatives.tolist() == whole.tolist()


def test_rows_that_stand_for_clusters_are_looked_for_in_order_of_the_rows() -> None:
    """Here and there in a file of 8 GB, rows took longer to read than to cluster."""

    class InOrder(ArrayRows):
        def pick(self, rows: np.ndarray) -> np.ndarray:
            raise AssertionError(f"rows {rows} were picked")

    rng = np.random.default_rng(1)
    rows = rng.normal(size=(500, 4)).astype(np.float16)
    labels = np.repeat([0, 1, 2, -1], [230, 150, 100, 20])[rng.permutation(500)]
    found = Clustering(Dataset(untyped(Blocks([InOrder(rows)]))), labels).representatives
    for cluster, row in enumerate(found.tolist()):
        members = np.flatnonzero(labels == cluster)
        apart = rows[members] - rows[members].mean(axis=0, dtype=np.float64)
        assert row == members[np.argmin((apart**2).sum(axis=1))]


def test_of_rows_as_near_to_the_mean_the_first_stands_for_a_cluster() -> None:
    angles = np.arange(7) * 2 * np.pi / 7  # no two distances need be the same to the last bit
    circle = np.column_stack([np.cos(angles), np.sin(angles)])
    labels = np.zeros(7, dtype=np.int64)
    assert Clustering(Dataset(circle), labels).representatives.tolist() == [0]
