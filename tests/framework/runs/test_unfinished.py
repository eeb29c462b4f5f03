"""A long computation that is interrupted goes on from what it kept."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from embkit.data.dataset import Dataset
from embkit.data.results import Artifact
from embkit.plugin.registry import Registry
from embkit.runs import shared
from embkit.runs.cache import DiskCache
from embkit.runs.context import RunContext
from embkit.runs.shared import SharedWork, Unfinished
from fixture_types import Install

IDENTITY = {"name": "thing", "params": {}, "dataset": "f00"}
COUNTING = """
    import embkit
    import numpy as np
    class Counted:
        def compute(self, dataset, context):
            part = context.unfinished_part()
            steps = list(part["steps"]) if part else []
            while len(steps) < 6:
                steps.append(dataset.n_samples * len(steps))
                context.keep_part(lambda: embkit.Artifact({"steps": np.array(steps)}))
                context.progress(len(steps) / 6)
            return embkit.Artifact({"steps": np.array(steps)}, {"went_on": part is not None})
    @embkit.hookimpl
    def embkit_register_artifacts():
        yield embkit.ArtifactSpec("counted", Counted, summary="Steps.", cache=True)
        yield embkit.ArtifactSpec("forgotten", Counted, summary="Steps.", cache=False)
"""


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared, "EVERY", 0.0)
    monkeypatch.setattr(shared, "SHARE", np.inf)


def part(n: int) -> Artifact:
    return Artifact({"done": np.arange(n)}, {"n": n})


def test_the_last_part_is_found_until_it_is_forgotten(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path)
    work = Unfinished(cache, IDENTITY)
    assert work.found() is None
    work.keep(lambda: part(2))
    work.keep(lambda: part(3))
    again = Unfinished(cache, IDENTITY)
    found = again.found()
    assert found is not None
    assert found.facts == {"n": 3}
    assert np.array_equal(found["done"], np.arange(3))
    assert Unfinished(cache, {**IDENTITY, "dataset": "f01"}).found() is None
    again.forget()
    assert Unfinished(cache, IDENTITY).found() is None
    assert cache.info().entries == 0


def test_a_damaged_part_is_none(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path)
    Unfinished(cache, IDENTITY).keep(lambda: part(2))
    (array,) = tmp_path.glob("*/done.npy")
    np.save(array, np.arange(5))
    assert Unfinished(cache, IDENTITY).found() is None


def test_it_is_kept_once_a_minute_and_less_often_where_that_takes_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared, "EVERY", 60.0)
    monkeypatch.setattr(shared, "SHARE", 0.02)
    clock = [0.0]
    monkeypatch.setattr("embkit.runs.shared.time.monotonic", lambda: clock[0])
    work = Unfinished(DiskCache(tmp_path), IDENTITY)
    kept: list[float] = []

    def make() -> Artifact:
        kept.append(clock[0])
        clock[0] += 3  # it takes as long as that
        return part(1)

    for seconds in range(0, 400, 10):
        clock[0] = max(clock[0], float(seconds))
        work.keep(make)
    assert kept == [60.0, 220.0, 380.0]


def test_without_a_cache_nothing_is_made() -> None:
    work = Unfinished()
    work.keep(lambda: pytest.fail("made"))
    assert work.found() is None


def test_an_interrupted_artifact_goes_on_and_leaves_nothing(install: Install, tmp_path: Path) -> None:
    install("counting", COUNTING)
    cache = DiskCache(tmp_path / "cache")
    context = RunContext(
        Registry.discover(),
        Dataset(np.eye(3)),
        seed=0,
        threads=1,
        memory=10**6,
        shared=SharedWork(cache),
        report=interrupts_at(0.5),
    )
    for name in ("counted", "forgotten"):
        with pytest.raises(KeyboardInterrupt):
            context.artifact(name)
    reported: list[float] = []
    again = replace(context, shared=SharedWork(cache), report=lambda done, _note: reported.append(done))
    found = again.artifact("counted")
    assert found.facts == {"went_on": True}
    assert np.array_equal(found["steps"], np.arange(0, 18, 3))
    assert reported == [4 / 6, 5 / 6, 1]
    assert cache.info().entries == 1
    assert not again.artifact("forgotten").facts["went_on"]
    assert not again.on(Dataset(np.eye(4))).artifact("counted").facts["went_on"]


def test_what_is_kept_is_named_if_the_same_run_would_find_it(install: Install, tmp_path: Path) -> None:
    install("counting", COUNTING)
    work = SharedWork(DiskCache(tmp_path / "cache"))
    dataset = Dataset(np.eye(3))
    context = RunContext(Registry.discover(), dataset, seed=0, threads=1, memory=10**6, shared=work)
    assert work.kept(seeded=True) == []
    context.artifact("counted")
    context.artifact("forgotten")
    assert work.kept(seeded=False) == ["counted"]
    with pytest.raises(KeyboardInterrupt):
        replace(context.on(Dataset(np.eye(4))), report=interrupts_at(0.5)).artifact("counted")
    assert work.kept(seeded=False) == ["counted", "counted (in part)"]
    identity = {"name": "random", "params": {"seed": 3}, "dataset": "f00"}
    work.obtain(identity, lambda: part(1), keep_on_disk=True)
    assert work.kept(seeded=False) == ["counted", "counted (in part)"]
    assert work.kept(seeded=True) == ["counted", "random", "counted (in part)"]


def test_what_cannot_be_written_is_not_kept(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    work = SharedWork(DiskCache(tmp_path / "file"))
    work.obtain(IDENTITY, lambda: part(1), keep_on_disk=True)
    begun = work.unfinished(IDENTITY, keep_on_disk=True)
    begun.keep(lambda: part(1))
    assert work.kept(seeded=True) == []
    assert SharedWork().kept(seeded=True) == []


def test_an_earlier_part_is_removed_where_a_later_one_could_not_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("embkit.runs.shared.EVERY", -1.0)
    cache = DiskCache(tmp_path / "cache")
    begun = SharedWork(cache).unfinished(IDENTITY, keep_on_disk=True)
    begun.keep(lambda: part(1))
    monkeypatch.setattr(DiskCache, "put", lambda *_: False)
    monkeypatch.setattr(begun, "_due", 0.0)
    begun.keep(lambda: part(2))
    assert begun.is_kept
    begun.forget()
    assert cache.info().entries == 0


def interrupts_at(share: float) -> Callable[[float, str], None]:
    def report(done: float, _note: str) -> None:
        if done >= share:
            raise KeyboardInterrupt

    return report
