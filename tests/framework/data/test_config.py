"""Configurations: from TOML, from a run's record, from mappings; mistakes named."""

import json
from pathlib import Path
from typing import Any

import pytest

from embkit.data.config import RunConfig, as_request, read_config
from embkit.data.request import Request
from embkit.errors import ParameterError

TOML = """
source = "vectors.npy"
seed = 3
[loader]
name = "npy"
[clusterer]
name = "kmeans"
n_clusters = 4
[[validators]]
name = "sizes"
[[validators]]
name = "silhouette"
metric = "cosine"
"""


def test_toml_and_json_say_the_same(tmp_path: Path) -> None:
    (tmp_path / "run.toml").write_text(TOML)
    config = read_config(tmp_path / "run.toml")
    assert config == RunConfig(
        source="vectors.npy",
        seed=3,
        loader=Request("npy", {}),
        clusterer=Request("kmeans", {"n_clusters": 4}),
        validators=(Request("sizes", {}), Request("silhouette", {"metric": "cosine"})),
    )
    (tmp_path / "run.json").write_text(json.dumps({"config": config.to_mapping(), "status": "done"}))
    assert read_config(tmp_path / "run.json") == config
    assert read_config(tmp_path) == config


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("clusterr = 'kmeans'", r"run.toml: unknown key 'clusterr'; did you mean 'clusterer'\?"),
        ("clusterer = 3", "clusterer: 3 names no component"),
        ("[clusterer]\nn_clusters = 3", "names no component; give it a name"),
        ("validators = 'sizes'", r"validators is not a list; write it as \[\[validators\]\]"),
        ("seed = 'a'", "seed='a' is of the wrong type; it is a int"),
        ("seed = true", "seed=True is of the wrong type"),
        ("seed = -1", "seed=-1 is too small; the least is 0"),
        ("seed = 4294967296", "seed=4294967296 is too large"),
        ("sample = 0", "sample=0 is too small"),
        ("nonfinite = 'keep'", "nonfinite='keep' is unknown; give one of error, drop"),
        ("seed = ", "run.toml is no configuration"),
    ],
)
def test_mistakes_are_named(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "run.toml").write_text(text)
    with pytest.raises(ParameterError, match=message):
        read_config(tmp_path / "run.toml")


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="none.toml cannot be read; No such file"):
        read_config(tmp_path / "none.toml")
    (tmp_path / "run.json").write_text("[]")
    with pytest.raises(ParameterError, match="is no configuration"):
        read_config(tmp_path)


@pytest.mark.parametrize("entry", ["kmeans:n_clusters=3", {"name": "kmeans", "n_clusters": 3}])
def test_a_component_may_be_text_or_table(entry: Any) -> None:
    assert as_request(entry, "x") == Request("kmeans", {"n_clusters": 3})
