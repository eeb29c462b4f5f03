"""The two hooks that tell plugins what happened: from the command line and from Python alike."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import embkit as package
from embkit.errors import EmbkitWarning
from embkit.plugin.hookspecs import HookSpecs
from fixture_types import Embkit, Install

ROOT = Path(__file__).parents[3]
HOOKS = sorted(name for name in vars(HookSpecs) if name.startswith("embkit_"))

HEARS = """
    import json, os
    from pathlib import Path
    import embkit

    def note(**what):
        with Path({diary!r}).open("a") as file:
            file.write(json.dumps({{"pid": os.getpid(), **what}}) + "\\n")

    @embkit.hookimpl
    def embkit_run_finished(run):
        folder = None if run.folder is None else str(run.folder)
        note(folder=folder, there=bool(folder) and Path(folder, "run.json").exists(), k=run.clustering.n_clusters)

    @embkit.hookimpl
    def embkit_trial_finished(trial, outcome):
        note(label=trial.label, status=outcome.status.value)
"""
FAILS = """
    import embkit

    @embkit.hookimpl
    def embkit_run_finished(run):
        raise ValueError("cannot post")

    @embkit.hookimpl
    def embkit_trial_finished(trial, outcome):
        raise ValueError("cannot post")
"""
WARNING = "plugin fails (fails 1.2): embkit_run_finished failed: ValueError: cannot post"
STUDY: dict[str, Any] = {
    "exporters": [],
    "seeds": [0],
    "datasets": [{"loader": {"name": "blobs", "n_samples": 24, "n_features": 3, "centers": 3}}],
    "clusterers": [
        {"name": "agglomerative", "n_clusters": 3},
        {"name": "agglomerative", "n_clusters": 100},
    ],
}


@pytest.fixture
def heard(tmp_path: Path, install: Install) -> Callable[[], list[dict[str, Any]]]:
    """What a plugin was told so far that listens to both hooks; another one fails in both."""
    diary = tmp_path / "diary.jsonl"
    install("hears", HEARS.format(diary=str(diary)))
    install("fails", FAILS)
    return lambda: [json.loads(line) for line in diary.read_text().splitlines()]


@pytest.fixture
def vectors(tmp_path: Path) -> Path:
    np.save(tmp_path / "vectors.npy", np.random.default_rng(0).normal(size=(40, 4)))
    return tmp_path / "vectors.npy"


def test_a_run_from_python_is_told_and_a_failure_is_a_warning(
    heard: Callable[[], list[dict[str, Any]]], vectors: Path, tmp_path: Path
) -> None:
    with pytest.warns(EmbkitWarning, match=re.escape(WARNING)) as caught:
        run = package.run(vectors, "agglomerative:n_clusters=3", out=tmp_path / "out", cache=False)
    assert caught[0].filename == __file__
    with pytest.warns(EmbkitWarning, match=re.escape(WARNING)):
        package.run(vectors, "agglomerative:n_clusters=4", cache=False)
    told = [{key: item[key] for key in ("folder", "there", "k")} for item in heard()]
    assert told == [
        {"folder": str(run.folder), "there": True, "k": 3},
        {"folder": None, "there": False, "k": 4},
    ]


def test_a_run_on_the_command_line_is_told_and_a_failure_is_a_warning(
    heard: Callable[[], list[dict[str, Any]]], vectors: Path, embkit: Embkit
) -> None:
    done = embkit("run", vectors, "--clusterer", "agglomerative:n_clusters=3", "--out", "out")
    assert f"warning: {WARNING}\n" in done.stderr
    (told,) = heard()
    assert (told["folder"], told["there"], told["k"]) == ("out", True, 3)


def test_a_run_that_failed_is_not_told(
    tmp_path: Path, install: Install, vectors: Path, embkit: Embkit
) -> None:
    install("hears", HEARS.format(diary=str(tmp_path / "diary.jsonl")))
    embkit("run", vectors, "--clusterer", "agglomerative:n_clusters=100", "--out", "out", code=2)
    with pytest.raises(package.ParameterError):
        package.run(vectors, "agglomerative:n_clusters=100", cache=False)
    assert not (tmp_path / "diary.jsonl").exists()


def test_trials_are_told_in_the_process_of_the_study_however_they_end(
    heard: Callable[[], list[dict[str, Any]]], tmp_path: Path
) -> None:
    study = package.study(STUDY, out=tmp_path / "out", jobs=1, cache=False)
    told = heard()
    assert len({item["pid"] for item in told}) == 1
    statuses = {item["label"].split("=")[-1].split()[0]: item["status"] for item in told}
    assert len(told) == 2
    assert statuses["3"] == "done"
    assert statuses["100"] == "failed"
    assert study.statuses == {"done": 1, "failed": 1}  # whatever a plugin raises


def test_every_hook_is_documented_and_tested() -> None:
    page = (ROOT / "plugins" / "README.md").read_text("utf-8")
    assert re.findall(r"^### `(embkit_\w+)\(", page, re.MULTILINE) == [
        name for name in vars(HookSpecs) if name.startswith("embkit_")
    ]
    tests = [path.read_text("utf-8") for path in (ROOT / "tests").rglob("*.py")]
    for hook in HOOKS:
        kinds = f'"{hook}"'  # as the kit's mutants name it
        assert any(f"def {hook}(" in text or kinds in text for text in tests), hook
