"""The wheel and the source distribution: what is in them, and that they work without the checkout."""

import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

from embkit.__about__ import __version__

ROOT = Path(__file__).parents[2]


def built(project: Path, out: Path, *targets: str) -> list[Path]:
    """What hatchling builds of a project."""
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(out)]
    for target in targets:
        command += ["-t", target]
    subprocess.run(command, cwd=project, check=True, capture_output=True, timeout=120)
    return sorted(out.iterdir())


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    pytest.importorskip("hatchling")
    return built(ROOT, tmp_path_factory.mktemp("dist"), "sdist", "wheel")


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_wheel_holds_both_packages_and_nothing_else(distributions: list[Path]) -> None:
    wheel = next(path for path in distributions if path.suffix == ".whl")
    names = contents(wheel)
    assert {name.split("/")[0].split("-")[0] for name in names} == {
        "embkit",
        "embkit_framework",
        "embkit_plugins",
    }
    assert {"embkit/py.typed", "embkit_plugins/py.typed"} <= set(names)
    assert wheel.stat().st_size < 3_000_000


def test_every_file_of_the_packages_is_in_the_wheel(distributions: list[Path]) -> None:
    """Page assets, templates, sample data: what an ignore file hides is left out without a word."""
    wheel = contents(next(path for path in distributions if path.suffix == ".whl"))
    packages = (ROOT / "framework" / "embkit", ROOT / "plugins" / "embkit_plugins")
    files = {
        path.relative_to(package.parent).as_posix(): path.read_bytes()
        for package in packages
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {name for name in files if not name.endswith(".py")} >= {
        "embkit/plugin/scaffold/templates/clusterer.py.txt",
        "embkit_plugins/exporters/page/assets/page.css",
        "embkit_plugins/exporters/report/report.css",
        "embkit_plugins/loaders/data/sample.npy",
    }
    assert {name: wheel.get(name) for name in files} == files


def test_the_source_has_what_tests_and_pages_need(distributions: list[Path]) -> None:
    source = next(path for path in distributions if path.suffix == ".gz")
    with tarfile.open(source) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert names >= {
        "CHANGELOG.md",
        "CITATION.cff",
        "CONTRIBUTING.md",
        "LICENSE",
        "Makefile",
        "README.md",
        "docs/conf.py",
        "plugins/README.md",
        "tests/conftest.py",
    }
    assert source.stat().st_size < 3_000_000


def test_the_version_is_stated_once_and_the_citation_agrees() -> None:
    assert "version" not in tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert f"\nversion: {__version__}\n" in (ROOT / "CITATION.cff").read_text("utf-8")
    assert f"\n## [{__version__}] - " in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_the_source_builds_the_same_wheel(distributions: list[Path], tmp_path: Path) -> None:
    source = next(path for path in distributions if path.suffix == ".gz")
    subprocess.run(["tar", "-xzf", str(source), "-C", str(tmp_path)], check=True)
    (unpacked,) = tmp_path.iterdir()
    (again,) = built(unpacked, tmp_path / "out", "wheel")
    wheel = next(path for path in distributions if path.suffix == ".whl")
    assert contents(again) == contents(wheel)


def test_the_wheel_works_without_the_checkout(distributions: list[Path], tmp_path: Path) -> None:
    wheel = next(path for path in distributions if path.suffix == ".whl")
    bare = tmp_path / "bare"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(bare)], check=True, timeout=120)
    python = str(bare / "bin" / "python")
    pip = [sys.executable, "-m", "pip", "--python", python]
    install = ["install", "--quiet", "--no-deps", "--no-index", "--no-compile", str(wheel)]
    subprocess.run([*pip, *install], check=True, timeout=120)
    # What embkit depends on is borrowed: files of .pth, which lead to the checkout, are not read there.
    environment = {"PYTHONPATH": sysconfig.get_path("purelib"), "HOME": str(tmp_path), "PATH": ""}
    code = "import embkit; print(embkit.__file__)"
    place = subprocess.run(
        [python, "-c", code], env=environment, cwd=tmp_path, check=True, capture_output=True, text=True
    )
    assert Path(place.stdout.strip()).is_relative_to(bare)
    command = [str(bare / "bin" / "embkit"), "run", "--clusterer", "agglomerative", "--out", "out"]
    done = subprocess.run(
        command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert "sample: 710 rows x 384" in done.stdout
