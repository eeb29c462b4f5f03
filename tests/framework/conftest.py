"""Fixture distributions: real ones, with metadata on ``sys.path``, found by real discovery."""

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

GOOD = """
    import embkit

    embkit_api = 1

    class Halves:
        '''Split the rows in two halves.'''
        def __init__(self, *, first: int = 0):
            self.first = first
        def cluster(self, dataset, context):
            labels = [self.first + (row * 2 >= dataset.n_samples) for row in range(dataset.n_samples)]
            return embkit.Clustering(dataset, labels)

    @embkit.hookimpl
    def embkit_register_clusterers():
        yield embkit.ClustererSpec("halves", Halves, summary="Two halves.")
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on ``sys.path``, for distributions."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    return folder


@pytest.fixture
def install(site: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Installs a distribution: ``install("name", source)`` with an entry point of that name."""

    def add(name: str, source: str = GOOD, version: str = "1.2") -> None:
        module = f"fixture_{name.replace('-', '_')}"
        (site / f"{module}.py").write_text(textwrap.dedent(source))
        metadata = site / f"{module}-{version}.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        (metadata / "entry_points.txt").write_text(f"[embkit]\n{name} = {module}\n")
        monkeypatch.delitem(sys.modules, module, raising=False)

    return add


@pytest.fixture
def embkit(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs ``embkit`` in a folder of its own and returns what it printed and how it ended."""

    def call(*arguments: str, code: int = 0, **environment: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "embkit", *arguments],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env={
                **os.environ,
                "EMBKIT_CACHE_DIR": str(tmp_path / "cache"),
                "OMP_NUM_THREADS": "1",
                **environment,
            },
            check=False,
            timeout=120,
        )
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        return done

    return call
