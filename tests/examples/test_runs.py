"""The examples run as they stand."""

import runpy
from pathlib import Path

import pytest

from embkit.plugin.registry import Registry
from embkit.runs.records.reading import read_config
from embkit.runs.runner import execute

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_the_run_over_the_bundled_sentences(registry: Registry) -> None:
    config = read_config(EXAMPLES / "sentences.toml")
    run = execute(config, registry)
    assert not run.failures
    assert sorted(run.figures) == ["dendrogram", "pca"]
    assert run.scores["external"]["ari"] > 0.4


def test_the_notebook_of_two_thresholds(capsys: pytest.CaptureFixture[str]) -> None:
    names = runpy.run_path(str(EXAMPLES / "two_thresholds.py"))
    assert "clusters at 0.6 become" in capsys.readouterr().out
    assert sorted(names["run"].figures) == ["dendrogram", "threshold-curve"]
