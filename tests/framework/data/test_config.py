"""Configurations: from TOML, from a run's record, from mappings; mistakes named."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embkit.data.configuration.request import Request, as_request, result_names
from embkit.data.configuration.run import RunConfig
from embkit.errors import ParameterError
from embkit.runs.records.reading import read_config

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
        source=str(tmp_path / "vectors.npy"),
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
        ("clusterer = 3", "clusterer: 3 does not name a component"),
        ("[clusterer]\nn_clusters = 3", 'n_clusters = 3 .* does not name a component; .*name = "NAME"'),
        ("clusterer = 'kmeans:n'", "clusterer: 'kmeans:n': 'n' is not key=value"),
        ("validators = 'sizes'", r"validators is not a list; write \['sizes'\]"),
        ("validators = ['sizes', 7]", "validators 2: 7 does not name a component"),
        ("seed = 'a'", "seed='a' is not valid; it should be a valid integer"),
        ("seed = true", "seed=true is not valid; it should be a valid integer"),
        ("seed = -1", "seed=-1 is not valid; it should be greater than or equal to 0"),
        (
            "seed = 4294967296",
            "seed=4294967296 is not valid; it should be less than or equal to 4294967295",
        ),
        ("sample = 0", "sample=0 is not valid; it should be greater than or equal to 1"),
        ("source = 5", "source=5 is not valid; it should be text"),
        ("nonfinite = 'keep'", "nonfinite='keep' is unknown; give 'error' or 'drop'"),
        ("memory = 'lots'", "memory: invalid memory size 'lots'; write it like 4GB or 512MiB"),
        ("memory = '1e400GB'", "memory: invalid memory size '1e400GB'"),
        ("memory = inf", "memory: invalid memory size 'inf'"),
        ("memory = 0", "memory=0 is not valid; it should be greater than 0"),
        ("clusterers = ['kmeans']", "run.toml declares a study; .*; use: embkit study .*run.toml"),
        (
            "[validators]\nname = 'sizes'",
            r"validators is a single table, not a list; write \[\[validators\]",
        ),
        ("seed = ", "run.toml is not a configuration; .*; give a TOML file, or the run.json that a run"),
    ],
)
def test_mistakes_are_named(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "run.toml").write_text(text)
    with pytest.raises(ParameterError, match=message):
        read_config(tmp_path / "run.toml")


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="there is no file 'none.toml'"):
        read_config(tmp_path / "none.toml")
    for content in ("[]", "{}", '{"config": 3}'):
        (tmp_path / "run.json").write_text(content)
        with pytest.raises(ParameterError, match="run.json is not a configuration"):
            read_config(tmp_path)


def test_all_mistakes_come_at_once_and_those_of_one_cause_once(tmp_path: Path) -> None:
    (tmp_path / "run.toml").write_text("sed = 1\nthreads = 0\nmemory = 'x'\nvalidators = [{}, 'a:b']\n")
    with pytest.raises(ParameterError) as caught:
        read_config(tmp_path / "run.toml")
    message = str(caught.value)
    assert message.startswith(f"{tmp_path / 'run.toml'}: 5 mistakes: ")
    assert message.count(" | ") == 4
    assert "unknown key 'sed'; did you mean 'seed'?" in message


def test_memory_is_a_number_of_bytes_from_here_on() -> None:
    for written in ("2GB", "2e9", 2_000_000_000, 2e9, np.int64(2_000_000_000)):
        config = RunConfig.from_mapping({"memory": written}, "x")
        assert config.memory == 2_000_000_000
        assert type(config.memory) is int
    assert RunConfig.from_mapping(config.to_mapping(), "x") == config


def test_integers_of_numpy_are_integers() -> None:
    config = RunConfig.from_mapping({"seed": np.int64(3), "threads": np.uint8(2)}, "x")
    assert (config.seed, config.threads) == (3, 2)
    assert (type(config.seed), type(config.threads)) == (int, int)


def test_relative_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    (tmp_path / "run.toml").write_text('source = "a.npy"\ntable = "b.csv:text=t"\n')
    config = read_config(tmp_path / "run.toml")
    assert config.source == str(tmp_path / "a.npy")
    assert config.table == f"{tmp_path / 'b.csv'}:text=t"
    absolute = RunConfig(source="/x/a.npy", table="~/b.csv").anchored(tmp_path)
    assert absolute.source == "/x/a.npy"
    assert absolute.table == str(Path.home() / "b.csv")
    for kept in ("-", "https://example.org/a.npy"):
        assert RunConfig(source=kept).anchored(tmp_path).source == kept


@pytest.mark.parametrize("entry", ["kmeans:n_clusters=3", {"name": "kmeans", "n_clusters": 3}])
def test_a_component_may_be_text_or_table(entry: Any) -> None:
    assert as_request(entry, "x") == Request("kmeans", {"n_clusters": 3})


@pytest.mark.parametrize(
    ("of", "names"),
    [
        (["", ""], ["v", "v-2"]),
        (["", "source"], ["v", "v-of-source"]),
        (["source", ""], ["v", "v-of-reduced"]),
        (["source", "source", ""], ["v", "v-2", "v-of-reduced"]),
        (["", "source", "source", ""], ["v", "v-of-source", "v-3", "v-4"]),
    ],
)
def test_results_have_names_of_their_own(of: list[str], names: list[str]) -> None:
    requests = [Request("v", {"of": each} if each else {}) for each in of]
    assert result_names(requests) == names
    named = RunConfig(validators=tuple(requests)).named_validators()
    assert list(named) == names
    assert list(named.values()) == requests
    assert result_names([Request("w", {}), *requests])[1:] == names
