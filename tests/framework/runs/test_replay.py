"""A record run again: what it says when nothing, and when something, is different."""

import json
from pathlib import Path

import numpy as np
import pytest

import embkit
from embkit.errors import ParameterError
from embkit.plugin.registry import Registry
from embkit.runs.records.replay import changed_share, replay
from embkit.runs.runner import execute
from fixture_types import Embkit


@pytest.mark.parametrize(
    ("then", "now", "share"),
    [
        ([0, 0, 1, 1], [0, 0, 1, 1], 0),
        ([0, 0, 1, 1], [1, 1, 0, 0], 0),
        ([0, 0, 0, 1], [0, 0, 1, 1], 0.25),
        ([0, 0, 0, 0], [0, 0, 1, 1], 0.5),  # split
        ([0, 0, 1, 1], [0, 0, 0, 0], 0.5),  # merged
        ([-1, 0, 0, 0], [0, 0, 0, 0], 0.25),
        ([-1, -1, 0, 0], [0, 0, -1, -1], 1),
        ([-1, -1, -1, -1], [-1, -1, -1, -1], 0),
    ],
)
def test_the_share_of_rows_that_changed(then: list[int], now: list[int], share: float) -> None:
    assert changed_share(np.array(then), np.array(now)) == pytest.approx(share)


@pytest.fixture
def run(tmp_path: Path, blobs: embkit.Dataset) -> Path:
    np.save(tmp_path / "vectors.npy", blobs.vectors)
    source = str(tmp_path / "vectors.npy")
    embkit.run(source, "agglomerative:n_clusters=3", out=tmp_path / "run", cache=False)
    return tmp_path / "run"


def test_the_same_labels(run: Path, registry: Registry) -> None:
    found = replay(run, registry)
    assert (found.ari, found.changed, found.error) == (1, 0, "")


def test_other_labels_are_a_share_and_exit_code_6(run: Path, embkit: Embkit, registry: Registry) -> None:
    lines = (run / "labels.csv").read_text().splitlines()
    lines[1:10] = [f"{line.rpartition(',')[0]},1" for line in lines[1:10]]
    (run / "labels.csv").write_text("\n".join(lines))
    assert replay(run, registry).changed == pytest.approx(0.1)
    done = embkit("replay", run, code=6)
    assert "labels changed for 10.00% of the rows" in done.stdout
    assert "0 of 1 with the recorded labels" in done.stdout
    document = json.loads(embkit("replay", run, "--json", code=6).stdout)
    assert document["replays"][0]["changed"] == pytest.approx(0.1)


def test_an_unknown_schema_is_refused_wherever_a_record_is_read(
    run: Path, embkit: Embkit, registry: Registry
) -> None:
    record = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps({**record, "schema_version": 99}))
    with pytest.raises(ParameterError, match="run.json has schema_version 99; this embkit reads 1"):
        replay(run, registry)
    for command in (("replay", run), ("run", "--config", run / "run.json"), ("diff", run, run)):
        assert "has schema_version 99" in embkit(*command, code=2).stderr


def test_a_configuration_of_other_data_says_so(run: Path, embkit: Embkit, registry: Registry) -> None:
    source = run.with_name("vectors.npy")
    same = embkit("run", "--config", run / "run.json")
    assert "fingerprint" not in same.stdout
    np.save(source, np.load(source) + 1)
    changed = embkit("run", "--config", run / "run.json", "--json")
    (warning,) = json.loads(changed.stdout)["warnings"]
    assert warning.startswith("check: the data is not what it was when the configuration was recorded")
    assert "fingerprint" not in embkit("run", source, "--config", run / "run.json").stdout


def test_the_warning_is_shown(blobs: embkit.Dataset, registry: Registry) -> None:
    from embkit.data.configuration.run import RunConfig

    config = RunConfig.from_mapping({"clusterer": "agglomerative:n_clusters=3"}, "test")
    finished = execute(config, registry, dataset=blobs, expected="0" * 32)
    assert "its fingerprint is" in " ".join(finished.summary().split())


def test_a_run_of_data_in_memory_is_not_run_on_the_sample(
    blobs: embkit.Dataset, tmp_path: Path, registry: Registry
) -> None:
    embkit.run(blobs, "kmeans:n_clusters=3", seed=0, out=tmp_path / "memory", cache=False)
    found = replay(tmp_path / "memory", registry)
    assert found.ari is found.changed is None
    assert "memory was made of data in memory; its record names no source; run on a file" in found.error
