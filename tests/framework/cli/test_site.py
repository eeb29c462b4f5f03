"""Every command and every component that a page of the site shows is understood as it stands there.

Tutorials run when the site is built. Here nothing is computed: a run is planned, a study too.
"""

import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Never

import numpy as np
import pytest

import embkit as api
from embkit.errors import ParameterError
from embkit.runs.plan import make_plan
from fixture_types import Embkit, Install

ROOT = Path(__file__).parents[3]
PAGES = [
    path
    for pattern in ("README.md", "CONTRIBUTING.md", "docs/**/*.md", "plugins/*.md", "examples/*.md")
    for path in ROOT.glob(pattern)
    if "_build" not in path.parts
]
PLANNED = "planned, as the test wants it"
OPTIONS = {
    "clusterer": "--clusterer",
    "reducer": "--reducer",
    "validator": "--validator",
    "visualizer": "--viz",
    "exporter": "--export",
    "loader": "--loader",
}
# Run folders that pages speak of, and studies.
RUNS = ("results", "other-results", "topics", "march", "spring", "nightly", "tree", "run-a", "run-b")
ELSEWHERE = ("affinity", "my-kmedoids", "my-plugin", "leader", "dunn", "hdbscan-package")


def commands(text: str) -> Iterator[list[str]]:
    """The commands in blocks of a console and in code font, and options in code font as those of a run."""
    blocks = re.findall(r"```console\n(.*?)```", text, re.DOTALL)
    lines = [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    shown = [
        line.removeprefix("$ ").partition("  #")[0] for line in lines if line.startswith("$ embkit ")
    ]
    spans = re.findall(r"(?<!`)`([^`]+)`(?!`)", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    for span in (" ".join(span.split()) for span in spans):
        if re.match(r"--(clusterer|reducer|validator|viz|export|namer) \S", span):
            shown.append(f"embkit run vectors.npy {span}")
        elif span.startswith("embkit "):
            shown.append(span)
    for line in shown:
        if not re.search(r"\.\.\.|\b(?!EMBKIT)[A-Z]{2,}\b|=[A-Z]\b|--executor dask$", line):
            yield shlex.split(line.partition(" > ")[0])[1:]


def components(text: str) -> set[str]:
    """Components with parameters, in code font."""
    spans = re.findall(r"(?<!`)`([a-z][a-z0-9-]+:[a-z_]+=[^`\s]+)`", text)
    return {span for span in spans if not re.search(r"=[A-Z]|\.\.\.", span)}


@pytest.fixture
def planned(
    embkit: Embkit, blobs: api.Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Embkit:
    """Calls a command in a folder with all that pages speak of; runs are planned only."""
    np.save(tmp_path / "vectors.npy", blobs.vectors)
    (tmp_path / "parts").mkdir()
    for name in ("embeddings", "new", "parts/1"):
        shutil.copy(tmp_path / "vectors.npy", tmp_path / f"{name}.npy")
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    (tmp_path / "study.toml").write_text('datasets = [{ loader = "blobs" }]\nclusterers = ["kmeans"]\n')
    (tmp_path / "run.toml").write_text('source = "vectors.npy"\n')
    tree = "agglomerative:n_clusters=3,linkage=average"
    api.run(tmp_path / "vectors.npy", tree, seed=0, out=tmp_path / RUNS[0], cache=False)
    for name in RUNS[1:]:
        shutil.copytree(tmp_path / RUNS[0], tmp_path / name)

    def plan(config: Any, _local: Any, registry: Any, *_others: Any) -> Never:
        make_plan(config, registry)
        raise ParameterError(PLANNED)

    monkeypatch.setattr("embkit.runs.runner._executed", plan)
    return embkit


def understood(call: Embkit, arguments: list[str]) -> str:
    """What is wrong with a command; nothing if it runs, or would."""
    if arguments[0] == "export":
        known = {item.name for item in api.components("exporter")}
        return ", ".join(set(arguments[2:]) - known)
    if arguments[0] == "run":  # no cluster is there to connect to
        line = shlex.join(arguments)
        arguments = shlex.split(re.sub(r" --executor dask| --scheduler tcp://head:8786", "", line))
    added = []
    if len(arguments) == 1 + (arguments[0] in ("plugins", "cache")):  # a command is spoken of
        added = ["--help"]
    elif arguments[0] == "study":
        added = ["--dry-run"]
    elif arguments[0] in ("run", "diff", "inspect") and "--out" in arguments:
        added = ["--overwrite"]
    done = call(*arguments, *(option for option in added if option not in arguments), code=None)
    return "" if done.returncode == 0 or PLANNED in done.stdout + done.stderr else done.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_commands_are_understood(page: Path, planned: Embkit) -> None:
    wrong = {
        shlex.join(arguments): cause
        for arguments in commands(page.read_text("utf-8"))
        if not set(re.split(r"[ :]", " ".join(arguments))) & {*ELSEWHERE, "comparison", "my-namer"}
        or arguments[0] == "study"
        if (cause := understood(planned, arguments))
    }
    assert wrong == {}


def test_components_in_code_font_take_these_parameters(planned: Embkit) -> None:
    found = {(path.name, item) for path in PAGES for item in components(path.read_text("utf-8"))}
    assert len(found) > 5
    wrong = []
    for page, item in sorted(found):
        name = item.partition(":")[0]
        kinds = [part.kind for kind in OPTIONS for part in api.components(kind) if part.name == name]
        calls = [understood(planned, ["run", "vectors.npy", OPTIONS[kind], item]) for kind in kinds]
        if name not in ELSEWHERE and (not calls or all(calls)):
            wrong.append((page, item, *calls))
    assert wrong == []


def test_the_one_line_plugin_of_the_tutorial(planned: Embkit, install: Install) -> None:
    page = (ROOT / "docs" / "tutorials" / "plugin.md").read_text("utf-8")
    (source,) = re.findall(r"```python\n# my-plugin/my_plugin.py\n(.*?)```", page, re.DOTALL)
    install("my-plugin", source)
    shown = [arguments for arguments in commands(page) if "affinity" in " ".join(arguments)]
    assert len(shown) == 2
    assert [understood(planned, arguments) for arguments in shown] == ["", ""]
