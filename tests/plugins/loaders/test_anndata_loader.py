"""AnnData in HDF5: by hand, as older versions left it, and as anndata writes it."""

import sys
import warnings
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pytest

from embkit.errors import DataError, MissingExtraError, ParameterError, ResourceError
from embkit_plugins.loaders.anndata import AnnData
from embkit_plugins.loaders.hdf5 import Hdf5
from embkit_plugins.loaders.reading import sparse as _sparse
from narrowing import present

h5py = pytest.importorskip("h5py", reason="h5ad files are made with h5py")

rng = np.random.default_rng(0)
X = rng.normal(size=(45, 10)).astype(np.float32)
COUNTS = rng.poisson(1.0, (45, 30)).astype(np.float32)
KINDS = np.arange(45) % 3


class Make(Protocol):
    """Makes an h5ad file with the given items beside its counts."""

    def __call__(self, name: str = "a.h5ad", *, counts: str = "dense", **items: Any) -> str: ...


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def write(name: str = "a.h5ad", *, counts: str = "dense", **items: Any) -> str:
        with h5py.File(tmp_path / name, "w") as file:
            file.attrs["encoding-type"] = "anndata"
            if counts == "sparse":
                group = file.create_group("X")
                group.attrs["encoding-type"] = "csr_matrix"
                group.attrs["shape"] = (45, 30)
                group["data"], group["indices"] = np.ones(45, "f4"), np.arange(45) % 30
                group["indptr"] = np.arange(46)
            elif counts == "dense":
                file["X"] = COUNTS
            obs = file.create_group("obs")
            obs.attrs["_index"] = "barcode"
            obs["barcode"] = [f"AAAC{row:03d}" for row in range(45)]
            obs["leiden/codes"] = KINDS.astype("i1")
            obs["leiden/categories"] = ["a", "b", "c"]
            obs["depth"] = np.arange(45.0)
            obs["batch/values"], obs["batch/mask"] = np.arange(45), np.arange(45) == 2
            file["varm/PCs"] = np.zeros((30, 10))
            for place, values in items.items():
                file[place.replace("__", "/")] = values
        return str(tmp_path / name)

    return write


@pytest.mark.parametrize("loader", [AnnData, Hdf5])
@pytest.mark.parametrize("counts", ["dense", "sparse", "none"])
def test_obsm_before_x_and_the_columns_of_obs(make: Make, loader: type, counts: str) -> None:
    path = make(counts=counts, obsm__X_pca=X, obsm__X_umap=X[:, :2], obsm__spatial=X[:, :2])
    dataset = loader().load(path)
    np.testing.assert_array_equal(dataset.vectors, X)
    assert present(dataset.ids)[:2] == ("AAAC000", "AAAC001")
    assert dataset.reference == tuple("abc"[kind] for kind in KINDS)
    assert dataset.metadata["depth"][3] == 3.0
    assert list(dataset.metadata["batch"])[:4] == [0, 1, None, 3]
    assert dataset.notes[0].startswith("the matrix is obsm/X_pca; not read: ")
    assert "obsm/X_umap" in dataset.notes[0]
    assert ("X" in dataset.notes[0].split(": ")[1].split(", ")) == (counts != "none")
    assert "the reference labels are obs/leiden" in dataset.notes


def test_keys(make: Make) -> None:
    path = make(counts="sparse", obsm__X_pca=X, obsm__X_scVI=-X, layers__raw=COUNTS)
    with pytest.raises(
        DataError,
        match=r"several representations: obsm/X_pca \(45x10 float32\), .*anndata:key=obsm/X_pca",
    ):
        AnnData().load(path)
    np.testing.assert_array_equal(AnnData(key="X_scVI").load(path).vectors, -X)
    np.testing.assert_array_equal(AnnData(key="/obsm/X_scVI").load(path).vectors, -X)
    np.testing.assert_array_equal(AnnData(key="raw").load(path).vectors, COUNTS)
    counts = AnnData(key="X").load(path)
    expected = np.zeros((45, 30))
    expected[np.arange(45), np.arange(45) % 30] = 1
    np.testing.assert_array_equal(counts.vectors, expected)
    assert counts.notes[0] == "a sparse matrix, of which 3.3% is not zero; read as a dense one"
    with pytest.raises(ParameterError, match="no array 'X_pcA'; did you mean"):
        AnnData(key="X_pcA").load(path)


def test_x_alone_is_said(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = AnnData().load(make(obsm__X_umap=X[:, :2]))
    np.testing.assert_array_equal(dataset.vectors, COUNTS)
    assert dataset.notes[0] == "the matrix is X; not read: obsm/X_umap"
    monkeypatch.setattr(_sparse, "available_memory", lambda: 100)
    with pytest.raises(
        ResourceError, match=r"45 x 30, which takes 5.4 kB as a dense one; .*scanpy.pp.pca"
    ):
        AnnData().load(make(counts="sparse"))
    with pytest.raises(DataError, match="AnnData without a representation; it holds no matrix"):
        AnnData().load(make(counts="none"))


def test_label_by_name_and_an_index_that_repeats(make: Make) -> None:
    path = make(obsm__X_pca=X, obs__cell_type=[f"t{kind}" for kind in KINDS], obs__text=["a"] * 45)
    with h5py.File(path, "a") as file:
        del file["obs/barcode"]
        file["obs/barcode"] = ["same"] * 45
    dataset = AnnData().load(path)
    assert present(dataset.reference)[:2] == ("t0", "t1")
    assert dataset.texts == ("a",) * 45
    assert dataset.ids is None
    assert "obs/barcode repeats, so it cannot be the id" in dataset.notes
    assert list(dataset.metadata["leiden"])[:3] == ["a", "b", "c"]


def test_old_categories(make: Make) -> None:
    path = make(obsm__X_pca=X, obs__kind=KINDS.astype("i1"))
    with h5py.File(path, "a") as file:
        del file["obs/leiden"]
        file["obs/__categories/kind"] = ["x", "y", "z"]
    assert present(AnnData().load(path).reference)[:3] == ("x", "y", "z")


def test_damage(make: Make, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="obs/long has 3 values, the matrix has 45 rows"):
        AnnData().load(make(obsm__X_pca=X, obs__long=np.arange(3)))
    path = make(obsm__X_pca=X)
    with h5py.File(path, "a") as file:
        file["obs/leiden/codes"][0] = 9
    with pytest.raises(DataError, match="obs/leiden/codes has codes without a category"):
        AnnData().load(path)
    sparse = make(counts="sparse")
    with h5py.File(sparse, "a") as file:
        file["X/indices"][0] = 99
    with pytest.raises(DataError, match="the sparse matrix is damaged"):
        AnnData().load(sparse)
    with h5py.File(tmp_path / "b.h5", "w") as file:
        file["X"] = X
    with pytest.raises(DataError, match="not laid out as AnnData; .*use --loader hdf5"):
        AnnData().load(str(tmp_path / "b.h5"))
    with h5py.File(path, "a") as file:
        file["obsm/link"] = h5py.ExternalLink("other.h5", "/X")
    with pytest.raises(DataError, match="links are not followed"):
        AnnData(key="obsm/link").load(path)


def test_without_h5py(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make(obsm__X_pca=X)
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(MissingExtraError, match=r"loader anndata needs h5py; .*\[hdf5\]'"):
        AnnData().load(path)


@pytest.mark.parametrize("suffix", ["h5ad", "zarr"])
def test_what_anndata_writes(tmp_path: Path, suffix: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        anndata = pytest.importorskip("anndata", reason="anndata is not installed")
        if suffix == "zarr":
            pytest.importorskip("zarr", reason="zarr is not installed")
        pandas = pytest.importorskip("pandas", reason="pandas is not installed")
        import scipy.sparse

        obs = pandas.DataFrame(
            {
                "cell_type": pandas.Categorical([f"t{kind}" for kind in KINDS]),
                "n": pandas.array([None, *range(44)], dtype="Int64"),
                "note": ["ü, x"] * 45,
                "ok": KINDS == 1,
            },
            index=[f"c{row}" for row in range(45)],
        )
        whole = anndata.AnnData(
            scipy.sparse.csr_matrix(COUNTS), obs=obs, obsm={"X_pca": X, "X_umap": X[:, :2]}
        )
        path = tmp_path / f"a.{suffix}"
        getattr(whole, f"write_{suffix}")(path)
    dataset = AnnData().load(str(path))
    np.testing.assert_array_equal(dataset.vectors, X)
    assert dataset.ids == tuple(obs.index)
    assert dataset.reference == tuple(obs["cell_type"])
    assert list(dataset.metadata["n"])[:3] == [None, 0, 1]
    assert set(dataset.metadata["note"]) == {"ü, x"}
    assert list(dataset.metadata["ok"])[:3] == [False, True, False]
    np.testing.assert_array_equal(AnnData(key="X").load(str(path)).vectors, COUNTS)
