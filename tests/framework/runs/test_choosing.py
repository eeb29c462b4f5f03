"""A run without a clusterer takes the one that the default validator advises."""

import json
from pathlib import Path

import numpy as np
import pytest

import embkit
from embkit.data.configuration.run import CHOSEN, RunConfig
from embkit.data.dataset import Dataset
from embkit.errors import ParameterError
from embkit.plugin.manager import Selection
from embkit.plugin.registry import Registry
from embkit.runs.choosing import with_clusterer
from embkit.runs.records.replay import replay
from embkit.runs.runner import execute
from narrowing import present

GROUPS = np.random.default_rng(0).normal(size=(60, 6)) + 9 * np.eye(3, 6)[np.arange(60) % 3]


def test_a_run_that_names_nothing_clusters_says_why_and_can_be_replayed(tmp_path: Path) -> None:
    np.save(tmp_path / "rows.npy", GROUPS)
    run = embkit.run(tmp_path / "rows.npy", seed=3, out=tmp_path / "out")
    clustering = present(run.clustering)
    assert clustering.n_clusters == 3
    assert clustering.notes[:2] == (
        "chosen by validator advice: --clusterer agglomerative",
        "60 rows are few: no reducer is needed",
    )
    config = json.loads((tmp_path / "out" / "run.json").read_text())["config"]
    assert config["clusterer"]["name"] == "agglomerative"
    assert [step["step"] for step in run.record["timings"]][:3] == [
        "load",
        "check",
        "choose a clusterer",
    ]
    assert replay(tmp_path / "out", Registry.discover()).ari == 1.0


def test_named_reducers_stay_and_come_first() -> None:
    rows = np.concatenate([GROUPS, GROUPS + 0.5])
    run = embkit.run(rows, "auto", reducers="pca:n_components=3", seed=0)
    assert [each.name for each in run.config.reducers] == ["pca"]
    assert present(run.clustering).dataset.n_features == 3
    assert (
        present(run.clustering)
        .notes[0]
        .startswith("chosen by validator advice: --reducer pca:n_components=3 --clusterer ")
    )


def test_only_the_dataset_is_looked_at_where_nothing_else_is_asked_for() -> None:
    registry = Registry.discover()
    config = RunConfig.from_mapping({"validators": ["health"]}, "test")
    assert with_clusterer(config, registry).clusterer is None
    for asked in ({}, {"validators": ["health", "silhouette"]}, {"visualizers": ["dendrogram"]}):
        config = RunConfig.from_mapping(asked, "test")
        assert with_clusterer(config, registry).clusterer == CHOSEN
    assert embkit.run(GROUPS, validators="hopkins", seed=0).clustering is None


def test_without_a_validator_that_chooses_a_clusterer_has_to_be_named() -> None:
    registry = Registry.discover(Selection(blocked=("embkit-validators",)))
    config = RunConfig.from_mapping({"clusterer": "auto", "seed": 0}, "test")
    with pytest.raises(
        ParameterError,
        match=r"^no clusterer is named; no plugin brings a validator that chooses one; "
        r"give --clusterer with one of: .*agglomerative, ",
    ):
        execute(config, registry, dataset=Dataset(GROUPS))
