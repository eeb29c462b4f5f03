"""Studies of clusterers that go wrong in every way, and a clusterer that keeps a diary."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from fixture_types import Embkit, Start, WriteStudy

PLUGIN = """
import ctypes
import os
import signal
import subprocess
import time
from pathlib import Path

import embkit

embkit_api = 1


class Troubled:
    '''End in the way that is asked for.'''

    def __init__(self, *, way: str = "none"):
        self.way = way

    def cluster(self, dataset, context):
        match self.way:
            case "raise":
                raise ValueError("bad luck")
            case "exit":
                print("about to leave", flush=True)
                os._exit(3)
            case "segfault":
                os.kill(os.getpid(), signal.SIGSEGV)
            case "allocate":
                return [bytearray(200_000_000) for _ in range(100)]
            case "hang":
                time.sleep(600)
            case "killed":
                os.kill(os.getpid(), signal.SIGKILL)
        return embkit.Clustering(dataset, [row % 2 for row in range(dataset.n_samples)])


class Diary:
    '''Write each call down.'''

    def __init__(self, *, file: str = "", entry: int = 0, seconds: float = 0.0):
        self.file = file
        self.entry = entry
        self.seconds = seconds

    def cluster(self, dataset, context):
        with Path(self.file).open("a") as file:
            file.write(f"{self.entry} {context.seed}\\n")
        time.sleep(self.seconds)
        labels = [(row * (self.entry + 1) + context.seed) % 3 for row in range(dataset.n_samples)]
        return embkit.Clustering(dataset, labels)


class Parent:
    '''Start a process, and sleep with the interpreter's lock held.'''

    def __init__(self, *, file: str = "", entry: int = 0):
        self.file = file
        self.entry = entry

    def cluster(self, dataset, context):
        subprocess.Popen(["sleep", "600"])
        with Path(self.file).open("a") as file:
            file.write(f"{self.entry}\\n")
        ctypes.PyDLL(None).sleep(600)


@embkit.hookimpl
def embkit_register_clusterers():
    yield embkit.ClustererSpec("troubled", Troubled, summary="Goes wrong.")
    yield embkit.ClustererSpec("parent", Parent, summary="Has a child.")
    yield embkit.ClustererSpec("diary", Diary, summary="Keeps a diary.")
"""

DATASET = """
{head}
seeds = {seeds}
exporters = [{{ name = "report", projection = "none", n_random = 2 }}]
[[datasets]]
loader = {{ name = "blobs", n_samples = 24, n_features = 3, centers = 3 }}
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Variables for a process that finds the fixture plugin and has a cache of its own."""
    site = tmp_path / "site"
    metadata = site / "probes-1.2.dist-info"
    metadata.mkdir(parents=True)
    (site / "fixture_of_studies.py").write_text(textwrap.dedent(PLUGIN))
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: probes\nVersion: 1.2\n")
    (metadata / "entry_points.txt").write_text("[embkit]\nprobes = fixture_of_studies\n")
    kept = {key: value for key, value in os.environ.items() if not key.endswith("_NUM_THREADS")}
    return {
        **kept,
        "PYTHONPATH": os.pathsep.join([str(site), *filter(None, [kept.get("PYTHONPATH")])]),
        "EMBKIT_CACHE_DIR": str(tmp_path / "cache"),
    }


@pytest.fixture
def write_study(tmp_path: Path) -> WriteStudy:
    """Writes a study: ``write_study(clusterers, seeds=[0])``."""

    def write(rest: str, *, seeds: list[int] | None = None, head: str = "") -> Path:
        path = tmp_path / "study.toml"
        path.write_text(DATASET.format(seeds=seeds or [0], head=head) + textwrap.dedent(rest))
        return path

    return write


@pytest.fixture
def start(environment: dict[str, str]) -> Start:
    """Starts the command in a process group of its own."""

    def begin(*arguments: object, quiet: bool = False) -> subprocess.Popen[str]:
        output = subprocess.DEVNULL if quiet else subprocess.PIPE
        return subprocess.Popen(
            [sys.executable, "-m", "embkit", *map(str, arguments)],
            env=environment,
            stdout=output,
            stderr=output,
            text=True,
            start_new_session=True,
        )

    return begin


@pytest.fixture
def embkit(
    embkit: Embkit,
    environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> Embkit:
    """Calls the command in this process, which finds the fixture plugin as well."""
    monkeypatch.syspath_prepend(environment["PYTHONPATH"].split(os.pathsep)[0])
    monkeypatch.delitem(sys.modules, "fixture_of_studies", raising=False)
    return embkit
