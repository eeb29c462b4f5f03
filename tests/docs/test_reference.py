"""The reference pages name every key, variable, file and code, and none that is not there."""

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

import embkit
from embkit.cli.study import study
from embkit.data.configuration.run import RunConfig
from embkit.data.study import DATASET_KEYS, StudyConfig

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"


def rows(page: str, heading: str) -> Iterator[list[str]]:
    """The cells of the first table below a heading of a page."""
    text = (REFERENCE / page).read_text("utf-8").partition(f"# {heading}\n")[2]
    lines = re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)[0].splitlines()[2:]
    for line in lines:
        yield [cell.strip() for cell in line.strip("|").split(" | ")]


def names(page: str, heading: str) -> set[str]:
    """What stands in code font in the first column."""
    return {name for cells in rows(page, heading) for name in re.findall(r"`\[*(.+?)\]*`", cells[0])}


def test_every_extra_is_listed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    start = (
        (ROOT / "docs" / "start.md").read_text("utf-8").partition("| extra |")[2].partition("\n\n")[0]
    )
    listed = {
        name for row in re.findall(r"^\| (`.*?) \|", start, re.MULTILINE) for name in row.split(", ")
    }
    assert {name.strip("`") for name in listed} == set(project["optional-dependencies"])


def test_every_key_of_a_run_is_listed() -> None:
    assert names("settings.md", "Keys of a run") == {field.name for field in fields(RunConfig)}


def test_every_key_of_a_study_is_listed() -> None:
    assert names("settings.md", "Keys of a study") == {field.name for field in fields(StudyConfig)}
    (datasets,) = (
        cells[1] for cells in rows("settings.md", "Keys of a study") if "datasets" in cells[0]
    )
    assert set(re.findall(r"`(\w+)`", datasets)) == set(DATASET_KEYS)


def test_the_help_of_study_lists_every_key() -> None:
    assert study.__doc__
    keys = study.__doc__.partition("Keys of the\n    file: ")[2].partition(";")[0]
    assert re.findall(r"\w+", keys) == [field.name for field in fields(StudyConfig)]


def test_every_variable_is_listed() -> None:
    sources = [path for room in ("framework", "plugins") for path in (ROOT / room).rglob("*.py")]
    read = {
        name for path in sources for name in re.findall(r"\bEMBKIT_[A-Z_]+", path.read_text("utf-8"))
    }
    listed = names("settings.md", "Environment variables")
    assert {name for name in listed if name.startswith("EMBKIT_")} == read


def test_every_exit_code_is_listed() -> None:
    listed = {
        (int(cells[0]), cells[1].strip("`")) for cells in rows("errors.md", "Errors and exit codes")
    }
    assert listed == {(code.value, code.name) for code in embkit.ExitCode}


def test_every_key_of_run_json_is_listed() -> None:
    schema = json.loads((REFERENCE / "run.schema.json").read_text("utf-8"))
    assert names("files.md", "run.json") == set(schema["properties"])


def test_every_file_of_a_run_is_listed(blobs: embkit.Dataset, tmp_path: Path) -> None:
    embkit.run(
        blobs,
        "agglomerative:n_clusters=3",
        reducers="pca:n_components=2",
        visualizers="sizes",
        validators="sizes",
        exporters="newick",
        seed=0,
        out=tmp_path / "out",
    )
    listed = names("files.md", "The folder of a run")
    found = {path.name + "/" * path.is_dir() for path in (tmp_path / "out").iterdir()}
    exported = json.loads((tmp_path / "out/exports.json").read_text("utf-8"))["exporters"]["newick"]
    assert found - set(exported) == {re.sub(r"NAME.*", "", name) for name in listed}


def test_every_file_of_a_study_is_listed(tmp_path: Path) -> None:
    np.save(tmp_path / "v.npy", np.random.default_rng(0).normal(size=(40, 3)))
    (tmp_path / "s.toml").write_text(
        'datasets = [{ source = "v.npy" }]\nclusterers = ["kmeans"]\nvalidators = ["silhouette"]\n'
    )
    embkit.study(tmp_path / "s.toml", out=tmp_path / "out", jobs=1)
    listed = names("files.md", "The folder of a study")
    found = {path.name + "/" * path.is_dir() for path in (tmp_path / "out").iterdir()}
    assert found == {"trials/" if name == "trials/KEY/" else name for name in listed}
    (trial,) = (tmp_path / "out/trials").iterdir()
    of_trials = next(cells for cells in rows("files.md", "The folder of a study") if "KEY" in cells[0])
    of_runs = {re.sub(r"NAME.*", "", name) for name in names("files.md", "The folder of a run")}
    for path in trial.iterdir():
        name = path.name + "/" * path.is_dir()
        assert name in of_runs or f"`{name}`" in of_trials[1]


@pytest.mark.parametrize("name", embkit.__all__)
def test_every_public_name_is_on_a_page(name: str) -> None:
    pages = (REFERENCE / "api.md", REFERENCE / "errors.md", ROOT / "plugins" / "README.md")
    text = "\n".join(page.read_text("utf-8") for page in pages)
    assert re.search(rf"(embkit\.|`){name}\b", text) or name == "__version__"
