import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse

from embkit.errors import DataError, ParameterError, ResourceError
from embkit_plugins.loaders import npz
from embkit_plugins.loaders.npz import Npz
from embkit_plugins.loaders.reading import files as _files

X = np.arange(12, dtype=np.float32).reshape(4, 3)


def saved(path: Path, **arrays: Any) -> str:
    np.savez(path, **arrays)
    return str(path)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_the_only_array(tmp_path: Path, save: Callable[[Path, np.ndarray], None]) -> None:
    save(tmp_path / "a.npz", X)
    dataset = Npz().load(str(tmp_path / "a.npz"))
    np.testing.assert_array_equal(dataset.vectors, X)
    assert dataset.vectors.dtype == np.float32
    assert dataset.ids is None


def test_columns_beside_the_matrix(tmp_path: Path) -> None:
    path = saved(
        tmp_path / "a.npz",
        embeddings=X,
        texts=np.array(["a", "b", "nan", "ü"]),
        labels=np.array([0, 1, 1, 0]),
        ids=np.array([b"w", b"x", b"y", b"z"]),
    )
    dataset = Npz().load(path)
    assert dataset.texts == ("a", "b", "", "ü")
    assert dataset.reference == ("0", "1", "1", "0")
    assert dataset.ids == ("w", "x", "y", "z")
    assert dataset.notes == ("a.npz: 1 of 4 texts are missing",)


def test_column_of_another_length(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.npz", X=X, labels=np.arange(3))
    with pytest.raises(DataError, match=r"reference has 3 values, the matrix has 4 rows"):
        Npz().load(path)


def test_choice_of_key(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.npz", embeddings=X, other=X[:, :2])
    dataset = Npz().load(path)
    assert dataset.n_features == 3
    assert dataset.notes == ("the matrix is embeddings; not read: other",)
    assert Npz(key="other").load(path).n_features == 2
    assert Npz(key="other.npy").load(path).n_features == 2
    with pytest.raises(ParameterError, match=r"no array 'othr'; did you mean 'other'"):
        Npz(key="othr").load(path)


@pytest.mark.parametrize("names", [("a", "b"), ("X", "vectors")])
def test_several_matrices_are_listed(tmp_path: Path, names: tuple[str, str]) -> None:
    path = saved(tmp_path / "a.npz", **{names[0]: X, names[1]: X.astype("f8"), "n": np.arange(2)})
    listed = rf"{names[0]} \(4x3 float32\), {names[1]} \(4x3 float64\)"
    with pytest.raises(DataError, match=f"several matrices: {listed}; .*--loader npz:key={names[0]}"):
        Npz().load(path)


def test_no_matrix(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.npz", a=np.ones((2, 2, 2)), s=np.array("x"))
    with pytest.raises(
        DataError, match=r"no matrix of real numbers; it holds a \(2x2x2 float64\), s \(scalar <U1\)"
    ):
        Npz().load(path)
    with pytest.raises(DataError, match=r"a.npz\[a\]: the array has shape 2x2x2"):
        Npz(key="a").load(path)


def test_pickled_members_are_named_before_anything_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(tmp_path / "a.npz")
    np.savez(path, embeddings=X, texts=np.array(["a", None, "b", "c"], dtype=object), allow_pickle=True)
    with monkeypatch.context() as patch:
        patch.setattr(npz, "_read", None)
        with pytest.raises(
            DataError, match=r"texts contain Python pickles .*refused.*name the matrix alone with key="
        ):
            Npz().load(path)
    dataset = Npz(key="embeddings").load(path)
    assert dataset.texts is None
    with pytest.raises(DataError, match=r"texts contain Python pickles"):
        Npz(key="texts").load(path)


def test_structured_member_does_not_hinder(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.npz", X=X, s=np.zeros(2, dtype=[("a", "f4")]))
    assert Npz().load(path).n_samples == 4


def test_cut_and_damaged(tmp_path: Path) -> None:
    path = Path(saved(tmp_path / "a.npz", X=X))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match=r"the archive is cut, damaged or encrypted"):
        Npz().load(str(path))
    damaged = bytearray(whole)
    damaged[whole.index(b"\x93NUMPY") + 140] ^= 0xFF
    path.write_bytes(damaged)
    with pytest.raises(DataError, match=r"the archive is cut, damaged or encrypted; Bad CRC-32"):
        Npz().load(str(path))


def test_member_shorter_than_its_header_says(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", X)
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("x.npy", (tmp_path / "x.npy").read_bytes()[:-4])
    with pytest.raises(DataError, match=r"a.npz\[x\]: the file is cut: its header says 4x3 float32"):
        Npz().load(str(tmp_path / "a.npz"))


def test_bombs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.npz"
    np.savez_compressed(path, X=np.zeros((1000, 1000)))
    assert Npz().load(str(path)).n_samples == 1000
    monkeypatch.setattr(npz, "_LARGEST_UNCHECKED", 10**6)
    with pytest.raises(DataError, match=r"a.npz\[X\]: \d.* kB expand to 8.0 MB; .* times the size"):
        Npz().load(str(path))


def test_too_large_for_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_files, "available_memory", lambda: 40)
    with pytest.raises(
        ResourceError, match=r"reading it takes 48 B; 40 B of memory are available; save .*npy"
    ):
        Npz().load(saved(tmp_path / "a.npz", X=X))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_repeated_names_and_other_archives(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        for _ in range(2):
            with archive.open("x.npy", "w") as stream:
                np.save(stream, X)
    with pytest.raises(DataError, match=r"two members have the same name"):
        Npz().load(str(tmp_path / "a.npz"))
    with zipfile.ZipFile(tmp_path / "b.npz", "w") as archive:
        archive.writestr("notes.txt", "none")
    with pytest.raises(DataError, match=r"zip archive without NumPy arrays; it holds notes.txt"):
        Npz().load(str(tmp_path / "b.npz"))
    (tmp_path / "c.npz").write_text("a,b\n")
    with pytest.raises(DataError, match=r"not a NumPy archive .*; it is plain text"):
        Npz().load(str(tmp_path / "c.npz"))


def test_other_layouts_are_named_with_their_conversion(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    rows: dict[str, Any] = {f"doc_{row}": np.full(4, row, dtype=np.float32) for row in range(15)}
    np.savez("rows.npz", **rows)
    with pytest.raises(DataError, match=r"it holds 15 arrays of 4 values, one a row; ") as caught:
        Npz().load("rows.npz")
    exec(caught.value.fix.removeprefix("stack them: "), {"numpy": np, "FILE": "rows.npz"})
    dataset = Npz().load("x.npz")
    assert dataset.ids == tuple(rows)
    np.testing.assert_array_equal(dataset.vectors, np.stack(list(rows.values())))


@pytest.mark.parametrize("layout", ["csr", "csc", "coo"])
def test_a_sparse_matrix_becomes_dense(tmp_path: Path, layout: str) -> None:
    dense = np.random.default_rng(0).permuted(np.arange(180.0) * (np.arange(180) >= 144)).reshape(9, 20)
    sparse = scipy.sparse.csr_array(dense).asformat(layout)
    scipy.sparse.save_npz(tmp_path / "a.npz", sparse)
    dataset = Npz().load(str(tmp_path / "a.npz"))
    np.testing.assert_array_equal(dataset.vectors, dense)
    assert dataset.notes == ("a sparse matrix, of which 20.0% is not zero; read as a dense one",)


def test_a_sparse_matrix_that_would_not_fit_is_refused_with_the_reducer_that_helps(
    tmp_path: Path,
) -> None:
    path = str(tmp_path / "a.npz")
    scipy.sparse.save_npz(
        path, scipy.sparse.csr_array(([1.0], [0], [0, *[1] * 10**6]), shape=(10**6, 10**6))
    )
    with pytest.raises(ResourceError, match=r"1,000,000 x 1,000,000, which takes 8.0 TB.*TruncatedSVD"):
        Npz().load(path)


def test_damaged_sparse_matrices(tmp_path: Path) -> None:
    path = str(tmp_path / "a.npz")
    whole = {"data": np.ones(2), "indices": np.array([0, 1]), "indptr": np.array([0, 1, 2])}
    for changed, message in [
        ({"indices": np.array([0, 99])}, "the sparse matrix is damaged"),
        ({"indptr": np.array([0, 7, 2])}, "the sparse matrix is damaged"),
        ({"data": np.array(["a", "b"])}, "its values are not numbers"),
        ({"shape": np.array([2])}, "a sparse matrix without a shape"),
        ({"shape": np.array([-2, 3])}, "a sparse matrix without a shape"),
        ({"format": np.array("dia")}, "in the layout 'dia'; only csr, csc, coo are read; .*tocsr"),
    ]:
        arrays: dict[str, Any] = {"format": np.array("csr"), "shape": np.array([2, 3])}
        np.savez(path, **(arrays | whole | changed))
        with pytest.raises(DataError, match=message):
            Npz().load(path)


def test_what_is_not_read_is_noted(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    np.savez(path, X=X, y=np.arange(len(X)), ids=np.arange(len(X)), classes=np.arange(2))
    assert Npz().load(str(path)).notes == ("not read: y, classes",)
