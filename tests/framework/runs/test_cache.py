"""Shared work: computed once, kept on disk, never trusted blindly."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from embkit.data.dataset import Dataset
from embkit.data.fingerprint import array_fingerprint
from embkit.data.results import Artifact
from embkit.errors import ParameterError, PluginError
from embkit.plugin.registry import Registry
from embkit.runs.cache import DiskCache, default_cache
from embkit.runs.context import RunContext
from embkit.runs.shared import SharedWork
from fixture_types import Install

IDENTITY = {"name": "thing", "params": {"k": 3}, "dataset": "f00"}


def make() -> Artifact:
    return Artifact({"values": np.arange(5.0)}, {"route": "short"})


def never() -> Artifact:
    raise AssertionError("computed again")


def test_once_in_memory_and_once_on_disk(tmp_path: Path) -> None:
    first = SharedWork(DiskCache(tmp_path / "cache"))
    first.obtain(IDENTITY, make, keep_on_disk=True)
    first.obtain(IDENTITY, never, keep_on_disk=True)
    second = SharedWork(DiskCache(tmp_path / "cache"))
    again = second.obtain(IDENTITY, never, keep_on_disk=True)
    np.testing.assert_array_equal(again["values"], np.arange(5.0))
    assert again.facts == {"route": "short"}
    assert [use.origin for use in first.uses + second.uses] == ["computed", "memory", "disk"]


def test_another_identity_is_another_artifact(tmp_path: Path) -> None:
    work = SharedWork(DiskCache(tmp_path))
    work.obtain(IDENTITY, make, keep_on_disk=True)
    work.obtain({**IDENTITY, "params": {"k": 4}}, make, keep_on_disk=True)
    work.obtain({**IDENTITY, "dataset": "f01"}, make, keep_on_disk=True)
    assert [use.origin for use in work.uses] == ["computed"] * 3
    assert DiskCache(tmp_path).info().entries == 3


@pytest.mark.parametrize("damage", ["cut", "changed", "no manifest", "pickle"])
def test_a_damaged_entry_is_computed_again(damage: str, tmp_path: Path) -> None:
    cache = DiskCache(tmp_path)
    SharedWork(cache).obtain(IDENTITY, make, keep_on_disk=True)
    (array,) = tmp_path.glob("*/values.npy")
    if damage == "cut":
        array.write_bytes(array.read_bytes()[:100])
    elif damage == "changed":
        np.save(array, np.zeros(5))
    elif damage == "pickle":
        np.save(array, np.array([object()]), allow_pickle=True)
    else:
        (array.parent / "manifest.json").write_text("{")
    work = SharedWork(cache)
    np.testing.assert_array_equal(
        work.obtain(IDENTITY, make, keep_on_disk=True)["values"], np.arange(5.0)
    )
    assert work.uses[0].origin == "computed"
    assert SharedWork(cache).obtain(IDENTITY, never, keep_on_disk=True)


def test_the_least_recently_used_goes_first(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path, limit=25_000)
    work = SharedWork(cache)
    for number in range(3):
        identity = {**IDENTITY, "params": number}
        work.obtain(identity, lambda: Artifact({"values": np.zeros(1000)}), keep_on_disk=True)
        for manifest in tmp_path.glob("*/manifest.json"):
            if f'"params": {number}' in manifest.read_text():
                os.utime(manifest, (number, number))
    assert cache.info().entries == 3
    work.obtain(
        {**IDENTITY, "params": 3}, lambda: Artifact({"values": np.zeros(1000)}), keep_on_disk=True
    )
    kept = sorted(
        path.read_text().partition('"params": ')[2][0] for path in tmp_path.glob("*/manifest.json")
    )
    assert kept == ["1", "2", "3"]


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    work = SharedWork(DiskCache(tmp_path / "file" / "cache"))
    assert work.obtain(IDENTITY, make, keep_on_disk=True)


def test_clear_and_owner_only(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path / "cache")
    SharedWork(cache).obtain(IDENTITY, make, keep_on_disk=True)
    assert cache.folder.stat().st_mode & 0o777 == 0o700
    assert cache.clear().entries == 1
    assert cache.info().entries == 0


def test_clear_removes_what_is_an_entry_and_follows_no_link(tmp_path: Path) -> None:
    cache, dear = DiskCache(tmp_path / "artifacts"), tmp_path / "dear"
    SharedWork(cache).obtain(IDENTITY, make, keep_on_disk=True)
    (entry,) = (path for path in cache.folder.iterdir() if path.name != ".locks")
    entry.rename(dear)
    (cache.folder / ("f" * 32)).symlink_to(dear)
    for name in ("extension", "f" * 31 + "e"):
        (cache.folder / name).mkdir()
    (cache.folder / "extension" / "manifest.json").write_text("{}")
    (cache.folder / ".locks" / "notes.txt").write_text("dear")
    (cache.folder / f".embkit-{'0' * 8}-{'0' * 8}-0-0-0-{'0' * 8}").mkdir()
    before = sorted(str(path) for path in tmp_path.rglob("*"))
    assert cache.clear().entries == 0
    after = sorted(str(path) for path in tmp_path.rglob("*"))
    assert [path for path in before if path not in after] == [str(cache.folder / ".locks" / entry.name)]


def test_an_entry_that_is_half_removed_is_replaced(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path)
    SharedWork(cache).obtain(IDENTITY, make, keep_on_disk=True)
    next(tmp_path.glob("*/manifest.json")).unlink()
    SharedWork(cache).obtain(IDENTITY, make, keep_on_disk=True)
    assert SharedWork(cache).obtain(IDENTITY, never, keep_on_disk=True)
    assert {path.name for path in tmp_path.iterdir() if path.name != ".locks"} == {
        next(tmp_path.glob("*/manifest.json")).parent.name
    }


def test_what_a_killed_process_left_in_the_cache_goes_with_the_next(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path)
    child = os.fork()
    if child == 0:
        np.save = lambda *_, **__: os._exit(9)
        cache.put("0" * 32, IDENTITY, make())
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert len(list(tmp_path.iterdir())) == 1
    cache.clear()
    assert not list(tmp_path.iterdir())


def test_a_relative_cache_folder_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMBKIT_CACHE_DIR", "here")
    with pytest.raises(ParameterError, match="EMBKIT_CACHE_DIR=here is not absolute"):
        default_cache()


ARTIFACT = """
    import embkit
    import numpy as np
    class Mean:
        def __init__(self, *, axis: int = 0):
            self.axis = axis
        def compute(self, dataset, context):
            return embkit.Artifact({"mean": dataset.vectors.mean(axis=self.axis)})
    class Weighted:
        def __init__(self, *, weights: np.ndarray):
            self.weights = weights
        def compute(self, dataset, context):
            return embkit.Artifact({"mean": self.weights @ dataset.vectors})
    class Wrong:
        def compute(self, dataset, context):
            return 3
    @embkit.hookimpl
    def embkit_register_artifacts():
        yield embkit.ArtifactSpec("mean-row", Mean, summary="Mean.")
        yield embkit.ArtifactSpec("weighted", Weighted, summary="Weighted mean.")
        yield embkit.ArtifactSpec("wrong", Wrong, summary="Wrong.")
"""


def test_a_context_computes_on_the_dataset_it_is_bound_to(install: Install) -> None:
    install("means", ARTIFACT)
    context = RunContext(Registry.discover(), Dataset(np.eye(3)), seed=0, threads=1, memory=10**6)
    np.testing.assert_allclose(context.artifact("mean-row")["mean"], np.full(3, 1 / 3))
    np.testing.assert_allclose(
        context.on(Dataset(np.eye(2))).artifact("mean-row", axis=1)["mean"], [0.5, 0.5]
    )
    context.artifact("mean-row", axis=0)
    assert [use.origin for use in context.shared.uses] == ["computed", "computed", "memory"]
    assert context.shared.uses[0].params == {"axis": 0}


def test_an_array_among_the_parameters_is_known_by_its_content(install: Install, tmp_path: Path) -> None:
    install("means", ARTIFACT)
    cache = DiskCache(tmp_path / "cache")
    context = RunContext(
        Registry.discover(),
        Dataset(np.eye(3)),
        seed=0,
        threads=1,
        memory=10**6,
        shared=SharedWork(cache),
    )
    for weights in (np.arange(3.0), np.arange(3.0), np.arange(6.0)[::2]):
        np.testing.assert_array_equal(context.artifact("weighted", weights=weights)["mean"], weights)
    again = replace(context, shared=SharedWork(cache))
    again.artifact("weighted", weights=np.arange(3.0))
    uses = [*context.shared.uses, *again.shared.uses]
    assert [use.origin for use in uses] == ["computed", "memory", "computed", "disk"]
    assert uses[0].params == {"weights": array_fingerprint(np.arange(3.0))}
    with pytest.raises(ParameterError, match="artifact weighted needs the parameter weights"):
        context.artifact("weighted")


def test_an_artifact_of_the_wrong_type_names_its_plugin(install: Install) -> None:
    install("means", ARTIFACT)
    context = RunContext(Registry.discover(), Dataset(np.eye(3)), seed=0, threads=1, memory=10**6)
    with pytest.raises(
        PluginError, match=r"artifact wrong of plugin means \(means 1.2\) returned int; expected embkit"
    ):
        context.artifact("wrong")
    with pytest.raises(PluginError, match="there is no clusterer to refit"):
        context.refit(Dataset(np.eye(2)))
