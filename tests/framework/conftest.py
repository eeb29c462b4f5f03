"""Fixture distributions: real ones, with metadata on ``sys.path``, found by real discovery."""

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from unittest.mock import patch

import pytest

from embkit.cli import main
from fixture_types import Embkit, Install

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
def install(site: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
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


@pytest.fixture(autouse=True)
def process_as_it_was() -> Iterator[None]:
    """Restore what the command changes of the process that it takes for its own."""
    numbers = (signal.SIGTERM, signal.SIGHUP)
    before = [(number, signal.getsignal(number)) for number in numbers]
    with patch.dict(os.environ):
        yield
    for number, handler in before:
        signal.signal(number, handler)


@pytest.fixture
def embkit(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Embkit:
    """Calls the command in this process: ``embkit("plugins", "list", code=0, VARIABLE="value")``.

    The folder is ``tmp_path``; the process is left as it was. ``code=None`` takes any end.
    """

    def call(
        *arguments: object, code: int | None = 0, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        given = [str(argument) for argument in arguments]
        capfd.readouterr()
        with (
            chdir(tmp_path),
            patch.dict(os.environ, environment),
            _standard_streams(),
            pytest.raises(SystemExit) as end,
        ):
            main(given)
        printed = capfd.readouterr()
        done = subprocess.CompletedProcess(given, int(end.value.code or 0), printed.out, printed.err)
        return _checked(done, code)

    return call


@contextmanager
def _standard_streams() -> Iterator[None]:
    """Standard output and error on their own descriptors, where pytest puts files beside them."""
    with (
        open(1, "w", encoding="utf-8", closefd=False) as output,
        open(2, "w", encoding="utf-8", closefd=False) as errors,
        redirect_stdout(output),
        redirect_stderr(errors),
    ):
        yield


@pytest.fixture
def embkit_process(tmp_path: Path) -> Embkit:
    """Runs the command as users do, in a process of its own; otherwise as ``embkit``."""

    def run(
        *arguments: object, code: int | None = 0, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "embkit", *map(str, arguments)],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env={**os.environ, "OMP_NUM_THREADS": "1", **environment},
            check=False,
            timeout=120,
        )
        return _checked(done, code)

    return run


def _checked(
    done: subprocess.CompletedProcess[str], code: int | None
) -> subprocess.CompletedProcess[str]:
    if code is not None:
        assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done
