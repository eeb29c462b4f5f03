"""What all tests share: a registry, a context over it, and the real data where it is."""

import gc
import itertools
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import numpy as np
import pytest

from embkit.data.dataset import Dataset
from embkit.plugin.manager import Selection
from embkit.plugin.registry import Registry
from embkit.runs.cache import DiskCache
from embkit.runs.context import RunContext
from embkit.runs.shared import SharedWork
from fixture_types import MakeContext

# Threads that wait for one another would burn the processor that other tests need. To be said
# before scikit-learn is imported; the command line says the same.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

SHARED = Path(__file__).parents[2] / "shared" / "data"


def pytest_configure() -> None:
    """Hypothesis measures no time: a busy machine does not make a test fail."""
    hypothesis.settings.register_profile(
        "suite", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
    )
    hypothesis.settings.load_profile("suite")


def pytest_collection() -> None:
    """Look for no garbage while 7,000 tests are made: none of them is any, and it takes a fifth of the time."""
    gc.disable()


def pytest_collection_finish() -> None:
    """From here on, leave out of every search what has been made and imported."""
    gc.freeze()
    gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of studies and pages first: they wait the longest, and nothing would run beside them last."""
    items.sort(key=lambda item: not {"studies", "page"} & set(item.path.parts))


@pytest.fixture(autouse=True, scope="session")
def _interruptible() -> None:
    """A shell's background jobs ignore SIGINT; what tests start and interrupt must not inherit that."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def _caches(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Paths of caches, none of which is there before it is written to: most tests write nothing."""
    place = tmp_path_factory.mktemp("caches")
    return (place / str(number) for number in itertools.count())


@pytest.fixture(autouse=True)
def _own_cache(_caches: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or fills the user's cache."""
    monkeypatch.setenv("EMBKIT_CACHE_DIR", str(next(_caches)))


@pytest.fixture(scope="session")
def registry() -> Registry:
    """The bundled components."""
    return Registry.discover(Selection(only=("embkit-framework",)))


@pytest.fixture
def make_context(registry: Registry, tmp_path: Path) -> MakeContext:
    """Makes a context for a dataset: ``make_context(dataset, seed=0, memory=10**9)``."""

    def make(dataset: Dataset, *, seed: int = 0, threads: int = 2, memory: int = 10**9) -> RunContext:
        # What another number of threads made must not be read back where the two are compared.
        shared = SharedWork(DiskCache(tmp_path / f"artifacts-{threads}-{memory}"))
        return RunContext(registry, dataset, seed=seed, threads=threads, memory=memory, shared=shared)

    return make


@pytest.fixture
def blobs() -> Dataset:
    """Three well separated groups of 40, 30 and 20 rows in 8 dimensions, with reference labels."""
    rng = np.random.default_rng(7)
    reference = np.repeat(["a", "b", "c"], [40, 30, 20])
    centers = dict(zip("abc", 4 * np.eye(3, 8), strict=True))
    vectors = np.stack([centers[label] for label in reference]) + rng.normal(scale=0.3, size=(90, 8))
    texts = [f"{label} text {row}" for row, label in enumerate(reference)]
    return Dataset(vectors.astype(np.float32), texts=texts, reference=reference.tolist(), name="blobs")


@pytest.fixture(scope="session")
def glosses() -> Dataset:
    """4312 real sentence embeddings with texts and reference labels."""
    path = SHARED / "glosses-4k.npy"
    if not path.exists():
        pytest.skip("the real embeddings of ../shared/data are not on this machine")
    lines = [
        line.split("\t") for line in (SHARED / "glosses-4k.tsv").read_text("utf-8").splitlines()[1:]
    ]
    ids, labels, texts = zip(*lines, strict=True)
    return Dataset(np.load(path), ids=ids, texts=texts, reference=labels, name="glosses-4k")
