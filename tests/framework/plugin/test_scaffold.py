"""What ``embkit plugins new`` writes works at once, for every kind."""

import importlib
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import embkit
from embkit.errors import ParameterError
from embkit.plugin.kinds import KINDS
from embkit.plugin.scaffold import new_project
from embkit.testing import registry_of, run_checks


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_plugin_of_every_kind_passes_the_kit(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = new_project(f"fresh-{kind}", kind, tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path / f"fresh-{kind}"))
    registry = registry_of(importlib.import_module(f"fresh_{kind}"))

    outcomes = run_checks(registry.get(kind, f"fresh-{kind}"), registry)

    assert [str(outcome) for outcome in outcomes if outcome.bad] == []
    assert not [outcome for outcome in outcomes if outcome.status == "expected failure"]
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--isolated", "--line-length=105", *map(str, written)],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_its_project_file_names_the_entry_point_and_the_distribution_it_needs(tmp_path: Path) -> None:
    new_project("my-kmedoids", "clusterer", tmp_path)
    project = tomllib.loads((tmp_path / "my-kmedoids" / "pyproject.toml").read_text())["project"]
    assert project["entry-points"]["embkit"] == {"my-kmedoids": "my_kmedoids"}
    assert project["dependencies"] == [f"embkit-framework>={embkit.__version__.rpartition('.')[0]}"]


def test_listing_its_components_imports_no_numpy(tmp_path: Path) -> None:
    new_project("my-kmedoids", "clusterer", tmp_path)
    code = (
        "import sys, my_kmedoids; from embkit.plugin.manager import *; from embkit.plugin.registry import Registry;"
        "Registry(load_plugins(Selection(only=()), [my_kmedoids])).get('clusterer', 'my-kmedoids');"
        "assert 'numpy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path / "my-kmedoids", check=True)


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "my-kmedoids").mkdir()
    with pytest.raises(ParameterError, match=r"my-kmedoids exists; nothing is overwritten"):
        new_project("my-kmedoids", "clusterer", tmp_path)


@pytest.mark.parametrize("name", ["", "My-Plugin", "2nd", "a_b", "a b", "class", "a--b", "../up", "ünï"])
def test_names_that_cannot_be_identifiers_are_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="is no name for a plugin"):
        new_project(name, "clusterer", tmp_path)


@pytest.mark.parametrize("name", ["json", "numpy", "embkit", "embkit-plugins"])
def test_names_of_modules_that_exist_are_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="there is a module"):
        new_project(name, "clusterer", tmp_path)
    assert not list(tmp_path.iterdir())
