import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embkit.errors import DataError, MissingExtraError, ParameterError, ResourceError
from embkit_plugins.loaders.hdf5 import Hdf5
from embkit_plugins.loaders.reading import files as _files

h5py = pytest.importorskip("h5py")

X = np.arange(12, dtype=np.float32).reshape(4, 3)


def saved(path: Path, **items: Any) -> str:
    with h5py.File(path, "w") as file:
        for name, item in items.items():
            file[name.replace("__", "/")] = item
    return str(path)


@pytest.mark.parametrize("dtype", ["f2", "f4", ">f8", "i1"])
def test_the_only_matrix(tmp_path: Path, dtype: str) -> None:
    dataset = Hdf5().load(saved(tmp_path / "a.h5", deep__down=X.astype(dtype), n=3, v=np.arange(5)))
    assert dataset.vectors.dtype == np.dtype(dtype)
    np.testing.assert_array_equal(dataset.vectors, X)


def test_columns_of_the_same_group(tmp_path: Path) -> None:
    path = saved(
        tmp_path / "a.h5",
        m__X=X,
        m__texts=["a", "ü", "", "d"],
        m__labels=[1, 1, 2, 2],
        ids=[b"w", b"x", b"y", b"z"],
    )
    dataset = Hdf5().load(path)
    assert dataset.texts == ("a", "ü", "", "d")
    assert dataset.reference == ("1", "1", "2", "2")
    assert dataset.ids is None


def test_choice_of_key(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.h5", train=X, test=X[:2], neighbors=np.zeros((2, 5), dtype=int))
    dataset = Hdf5().load(path)
    assert dataset.n_samples == 4
    assert "not read: neighbors, test" in dataset.notes[0]
    assert Hdf5(key="/test").load(path).n_samples == 2
    with pytest.raises(ParameterError, match=r"no array 'tset'; did you mean 'test'"):
        Hdf5(key="tset").load(path)
    several = saved(tmp_path / "b.h5", a__X=X, b__X=X)
    with pytest.raises(
        DataError, match=r"several matrices: a/X \(4x3 float32\), b/X .*--loader hdf5:key=a/X"
    ):
        Hdf5().load(several)
    with pytest.raises(DataError, match=r"a.h5\[v\]: the array has one dimension"):
        Hdf5(key="v").load(saved(tmp_path / "a.h5", v=np.arange(3.0)))


def test_what_leads_out_of_the_file_is_never_opened(tmp_path: Path) -> None:
    secret = saved(tmp_path / "secret.h5", X=X)
    raw = tmp_path / "raw.bin"
    raw.write_bytes(X.tobytes())
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["link"] = h5py.ExternalLink(secret, "/X")
        file["folder"] = h5py.ExternalLink(secret, "/")
        file["soft"] = h5py.SoftLink("/link")
        layout = h5py.VirtualLayout(shape=(4, 3), dtype="f4")
        layout[:] = h5py.VirtualSource(secret, "X", shape=(4, 3))
        file.create_virtual_dataset("virtual", layout)
        file.create_dataset("outside", shape=(4, 3), dtype="f4", external=[(str(raw), 0, 48)])
    path = str(tmp_path / "a.h5")
    with pytest.raises(DataError, match=r"it holds no matrix of real numbers; it holds no array at all"):
        Hdf5().load(path)
    for key in ("link", "folder/X", "soft"):
        with pytest.raises(DataError, match=r"is a link to .*links are not followed"):
            Hdf5(key=key).load(path)
    for key in ("virtual", "outside"):
        with pytest.raises(DataError, match=r"its data lie in other files"):
            Hdf5(key=key).load(path)


def test_ragged_and_empty_items_do_not_hinder(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["X"] = X
        file.create_dataset("ragged", (2,), dtype=h5py.vlen_dtype(np.float32))
        file["null"] = h5py.Empty("f4")
        file.create_group("empty")
    assert Hdf5().load(str(tmp_path / "a.h5")).n_samples == 4


def test_damage_memory_and_other_kinds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.h5"
    saved(path, X=X)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match=r"a.h5: the HDF5 file is cut or damaged"):
        Hdf5().load(str(path))
    path.write_bytes(b'{"a": 1}')
    with pytest.raises(DataError, match=r"not an HDF5 file; it is JSON text; use --loader jsonl"):
        Hdf5().load(str(path))
    path.write_bytes(whole)
    monkeypatch.setattr(_files, "available_memory", lambda: 10)
    with pytest.raises(ResourceError, match=r"reading it takes 48 B"):
        Hdf5().load(str(path))


def test_without_h5py(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(tmp_path / "a.h5", X=X)
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(MissingExtraError, match=r"loader hdf5 needs h5py; .*'embkit-framework\[hdf5\]'"):
        Hdf5().load(path)


def test_columns_of_another_length_are_refused_unread(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["X"] = X
        file.create_dataset("texts", shape=(10**12,), dtype=h5py.string_dtype(), chunks=(1000,))
    with pytest.raises(DataError, match="texts has 1000000000000 values, the matrix has 4 rows"):
        Hdf5().load(str(tmp_path / "a.h5"))


def test_what_is_not_read_is_noted(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["X"], file["labels"], file["y"] = X, np.arange(len(X)), np.arange(len(X))
    assert Hdf5().load(str(path)).notes == ("not read: y",)
