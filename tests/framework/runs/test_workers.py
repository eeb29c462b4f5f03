"""Work on a dask cluster: same bytes as here, whatever the shards, and with a worker lost on the way."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import suppress
from dataclasses import replace
from functools import partial
from multiprocessing import forkserver
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import psutil
import pytest

import embkit
from embkit.data.blocks import ArrayRows, Blocks, FileRows
from embkit.data.dataset import Dataset
from embkit.errors import DataError, MissingExtraError, ParameterError, ResourceError
from embkit.runs.context import RunContext
from embkit.runs.shared import SharedWork
from embkit.runs.workers.choosing import workers_of
from embkit.runs.workers.dask import DaskWorkers
from embkit.runs.workers.local import LocalWorkers, Workers
from embkit_plugins.algorithms.neighbors import pairs
from embkit_plugins.algorithms.neighbors.exact import exact_neighbors
from embkit_plugins.algorithms.neighbors.leaves import leaf_neighbors
from embkit_plugins.artifacts import neighbors
from embkit_plugins.artifacts.linkage import routes
from fixture_types import Embkit, MakeContext
from narrowing import present, untyped

distributed = pytest.importorskip("distributed")
dask = pytest.importorskip("dask")

N_ROWS = 3 * 8 * 2048 + 100  # k-means makes four parts of them


@pytest.fixture(scope="module")
def _clusters() -> Iterator[list[Any]]:
    """The cluster of these tests, and those that it replaced.

    Its workers are forked by a process that has imported dask: tests end many of them.
    """
    clusters: list[Any] = []
    with pytest.MonkeyPatch.context() as patch:
        # Functions of this module are sent by name.
        patch.syspath_prepend(str(Path(__file__).parents[3]))
        # How long workers try to reach one that is lost.
        patch.setenv("DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT", "2s")
        server = vars(forkserver)["_forkserver"]
        server._stop()  # one of studies has not imported what workers need
        with dask.config.set({"distributed.worker.multiprocessing-method": "forkserver"}):
            yield clusters
        for cluster in clusters:
            cluster.close()
        server._stop()


@pytest.fixture
def cluster(_clusters: list[Any]) -> Any:
    """Two workers of one thread; those that tests end are started again."""
    if not (_clusters and _are_there(_clusters[-1])):
        _clusters.append(
            distributed.LocalCluster(
                n_workers=2,
                threads_per_worker=1,
                dashboard_address=None,
                scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
                silence_logs=50,
            )
        )
    return _clusters[-1]


def _are_there(cluster: Any) -> bool:
    """Whether both workers are there and ready to be ended; a busy machine's may not come back."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if {nanny.status.name for nanny in cluster.workers.values()} == {"running"}:
            with suppress(TimeoutError):
                cluster.wait_for_workers(2, timeout=1)
                return True
        time.sleep(0.05)
    return False


@pytest.fixture
def workers(cluster: Any) -> Iterator[DaskWorkers]:
    with workers_of("dask", cluster.scheduler_address, None) as workers:
        assert isinstance(workers, DaskWorkers)
        yield workers


@pytest.fixture(scope="module")
def rows() -> np.ndarray:
    rng = np.random.default_rng(0)
    return (
        4 * rng.normal(size=(9, 6))[rng.integers(9, size=N_ROWS)] + rng.normal(size=(N_ROWS, 6))
    ).astype(np.float32)


def square(number: int) -> int:
    return number * number


@pytest.mark.parametrize("n_items", [0, 1, 9])
def test_results_come_in_the_order_of_the_items(workers: DaskWorkers, n_items: int) -> None:
    items = range(n_items)
    expected = [number * number for number in items]
    assert list(workers.map(square, items)) == expected
    assert list(LocalWorkers().map(square, items)) == expected


def test_items_are_taken_a_few_ahead_of_results(workers: DaskWorkers) -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for number in range(50):
            taken.append(number)
            yield number

    results = workers.map(square, items())
    assert next(results) == 0
    assert len(taken) == 4  # two workers of one thread, and as many waiting
    assert next(results) == 1
    assert len(taken) == 5
    taken.clear()
    assert next(LocalWorkers().map(square, items())) == 0
    assert taken == [0]


def test_tuples_are_handed_over_as_they_are(workers: DaskWorkers) -> None:
    """dask itself takes a tuple with a callable in front for a call."""
    items = [(square, 3), ("a", ("b", 1)), ()]
    assert list(workers.map(same, items)) == items


def same(item: Any) -> Any:
    return item


def refuse(item: Any) -> None:
    raise item


def test_errors_come_back_as_they_are(workers: DaskWorkers) -> None:
    with pytest.raises(MissingExtraError) as missing:
        list(workers.map(refuse, [MissingExtraError("loader parquet", "pyarrow", "parquet")]))
    assert str(missing.value) == (
        "loader parquet needs pyarrow; it is not installed; run: pip install 'embkit-framework[parquet]'"
    )
    assert missing.value.fix == "run: pip install 'embkit-framework[parquet]'"
    with pytest.raises(DataError, match="^what; why; fix$") as refused:
        list(workers.map(refuse, [DataError("what", "why", "fix")]))
    assert refused.value.why == "why"
    with pytest.raises(ZeroDivisionError, match="of theirs"):
        list(workers.map(refuse, [ZeroDivisionError("of theirs")]))


@pytest.mark.parametrize("place", [LocalWorkers(), None])
@pytest.mark.parametrize("kind", ["array", "files", "picked", "mixed"])
def test_parts_are_the_rows(
    workers: DaskWorkers, place: Workers | None, kind: str, tmp_path: Path
) -> None:
    rows = np.arange(66, dtype=np.float32).reshape(11, 6)
    vectors: Any = rows
    if kind != "array":
        rows[:4].tofile(tmp_path / "a")
        rows[4:].astype(np.float64).tofile(tmp_path / "b")
        first = FileRows(tmp_path / "a", 0, (4, 6), np.dtype(np.float32))
        last = FileRows(tmp_path / "b", 0, (7, 6), np.dtype(np.float64))
        vectors = Blocks([ArrayRows(rows[:4]) if kind == "mixed" else first, last])
    if kind == "picked":
        vectors, rows = vectors.select(np.array([10, 3, 4, 0, 1])), rows[[10, 3, 4, 0, 1]]
    found = place or workers
    parts = found.scatter(vectors, 3)
    results = list(found.map(first_and_all, ((part, "x") for part in parts)))
    assert [len(whole) for _, whole in results] == [
        min(3, len(rows) - at) for at in range(0, len(rows), 3)
    ]
    assert np.array_equal(np.concatenate([whole for _, whole in results]), rows)
    assert np.array_equal(np.stack([first for first, _ in results]), rows[::3])
    # Whatever a part holds, it has the type of all.
    assert {whole.dtype for _, whole in results} == {vectors.dtype}


def first_and_all(item: tuple[Any, str]) -> tuple[np.ndarray, np.ndarray]:
    part, mark = item
    assert mark == "x"
    assert part.shape == (len(part), 6)
    return part[[0]][0], np.asarray(part[0 : len(part)])


def total(marks: Path, part: Any) -> float:
    """The sum of the rows; the first time that it is called, the worker is lost."""
    if not (marks / "killed").exists():
        (marks / "killed").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return float(np.asarray(part).sum())


def test_what_workers_cannot_import(workers: DaskWorkers, monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("of_the_driver_alone")
    exec("def work(item): return item", vars(module))
    monkeypatch.setitem(sys.modules, module.__name__, module)
    with pytest.raises(ParameterError) as refused:
        list(workers.map(module.work, [1]))
    assert refused.value.what == "a dask worker cannot import what the run needs"
    assert refused.value.why == "No module named 'of_the_driver_alone'"
    assert refused.value.fix == "install embkit and the plugins of the run on all workers"


def test_a_lost_worker_costs_its_parts_only(workers: DaskWorkers, tmp_path: Path) -> None:
    rows = np.arange(800.0).reshape(200, 4)
    parts = workers.scatter(rows, 10)
    sums = list(workers.map(partial(total, tmp_path), parts))
    assert (tmp_path / "killed").exists()
    assert sums == [float(rows[start : start + 10].sum()) for start in range(0, 200, 10)]


def kill(_item: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_call_that_ends_every_worker_is_given_up(cluster: Any, workers: DaskWorkers) -> None:
    cluster.scheduler.allowed_failures, before = 0, cluster.scheduler.allowed_failures
    try:
        with pytest.raises(ResourceError) as lost:
            list(workers.map(kill, [1]))
    finally:
        cluster.scheduler.allowed_failures = before
    assert str(lost.value).startswith("workers of the dask cluster were lost again and again; ")
    assert lost.value.fix.endswith("one that takes too much memory is ended, more for each helps")


@pytest.mark.parametrize(("n_shards", "metric"), [(1, "euclidean"), (3, "cosine"), (7, "euclidean")])
def test_kmeans_is_the_same_to_the_byte(
    cluster: Any,
    rows: np.ndarray,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    n_shards: int,
    metric: str,
) -> None:
    for place in ("data.dataset", "data.intake.admission"):
        monkeypatch.setattr(f"embkit.{place}.HELD_BYTES", 1000)
    monkeypatch.setattr("embkit_plugins.loaders.reading.files.HELD_BYTES", 1000)
    monkeypatch.setattr("embkit.data.intake.joining._MANY", 250)
    monkeypatch.chdir(tmp_path)  # workers are elsewhere
    for number, part in enumerate(np.array_split(rows, n_shards)):
        np.save(f"{number}.npy", part)
    what: dict[str, Any] = {
        "clusterer": f"kmeans:n_clusters=5,metric={metric}",
        "seed": 2,
        "cache": False,
    }
    here = embkit.run(rows, **what, threads=2)
    there = embkit.run("*.npy", **what, executor="dask", scheduler=cluster.scheduler_address)
    assert isinstance(untyped(there.dataset.vectors), Blocks)
    assert_same(here, there)


def test_kmeans_of_an_array_with_a_worker_lost(
    cluster: Any, rows: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    from embkit_plugins.algorithms.kmeans import lloyd

    iterations = []
    update = lloyd._State.update

    def meanwhile(self: Any) -> float:
        iterations.append(1)
        if len(iterations) == 2:
            os.kill(next(iter(cluster.workers.values())).process.pid, signal.SIGKILL)
        return update(self)

    what: dict[str, Any] = {
        "clusterer": "kmeans:n_clusters=9,init=random,n_init=1",
        "seed": 2,
        "cache": False,
    }
    here = embkit.run(rows, **what, threads=1)
    monkeypatch.setattr(lloyd._State, "update", meanwhile)
    there = embkit.run(rows, **what, executor="dask", scheduler=cluster.scheduler_address)
    assert len(iterations) > 3  # it goes on
    assert_same(here, there)


@pytest.mark.parametrize("n_shards", [1, 7])
@pytest.mark.parametrize(
    "clusterer",
    ["hdbscan:min_cluster_size=20", "agglomerative:linkage=average,metric=cosine,n_clusters=9"],
)
def test_neighbours_and_what_rests_on_them_are_the_same_to_the_byte(
    cluster: Any,
    rows: np.ndarray,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    n_shards: int,
    clusterer: str,
) -> None:
    monkeypatch.setattr(pairs, "BLOCK", 250)
    monkeypatch.setitem(routes._QUICK, "means in rounds", 500)
    for number, part in enumerate(np.array_split(rows[:1100], n_shards)):
        np.save(tmp_path / f"{number}.npy", part)
    what: dict[str, Any] = {"clusterer": clusterer, "seed": 2, "cache": False}
    here = embkit.run(rows[:1100], **what, threads=1)
    killed: list[int] = []

    def meanwhile(done: float) -> None:
        if not killed and done > 0.3:
            killed.append(next(iter(cluster.workers.values())).process.pid)
            os.kill(killed[0], signal.SIGKILL)

    def watched(rows: Any, n_neighbors: int, _progress: Any, *further: Any) -> Any:
        return exact_neighbors(rows, n_neighbors, meanwhile, *further)

    monkeypatch.setattr(neighbors, "exact_neighbors", watched)
    there = embkit.run(
        str(tmp_path / "*.npy"), **what, executor="dask", scheduler=cluster.scheduler_address
    )
    assert killed
    assert_same(here, there)


def in_shards(rows: np.ndarray, n_shards: int, folder: Path) -> Any:
    """The rows in so many files."""
    sources = []
    for number, part in enumerate(np.array_split(rows, n_shards)):
        part.tofile(folder / str(number))
        sources.append(FileRows(folder / str(number), 0, part.shape, part.dtype))
    return Blocks(sources)


@pytest.mark.parametrize(("n_shards", "metric"), [(0, "euclidean"), (1, "correlation"), (7, "cosine")])
@pytest.mark.parametrize("copies", [1, 100])
def test_neighbours_by_leaves_are_the_same_to_the_byte(
    cluster: Any,
    workers: DaskWorkers,
    rows: np.ndarray,
    make_context: MakeContext,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    n_shards: int,
    metric: str,
    copies: int,
) -> None:
    """Of an array, of files, and of some of the rows in files where one occurs often."""
    monkeypatch.setattr("embkit.data.dataset.HELD_BYTES", 1000)
    rows = rows[:3600].astype(np.float16)
    rows[:copies] = rows[0]
    vectors = in_shards(rows, n_shards, tmp_path) if n_shards else rows.astype(np.float32)
    context = replace(make_context(Dataset(vectors)), shared=SharedWork(None))
    what: dict[str, Any] = {"n_neighbors": 5, "metric": metric, "method": "leaves", "recall": 0.97}
    here = context.artifact("neighbors", **what)
    killed: list[int] = []

    def watched(*rows: Any, progress: Any, **further: Any) -> Any:
        def meanwhile(done: float, note: str) -> None:
            if not killed and n_shards and copies == 1:
                killed.append(next(iter(cluster.workers.values())).process.pid)
                os.kill(killed[0], signal.SIGKILL)
            progress(done, note)

        assert further["workers"] is not None
        return leaf_neighbors(*rows, progress=meanwhile, **further)

    monkeypatch.setattr(neighbors, "leaf_neighbors", watched)
    there = replace(context, workers=workers, shared=SharedWork(None)).artifact("neighbors", **what)
    assert bool(killed) == (n_shards > 0 and copies == 1)
    assert there.facts == here.facts
    assert here.facts["recall"] >= 0.97
    for name in ("indices", "distances", "squares"):
        assert here[name].tobytes() == there[name].tobytes()


@pytest.mark.parametrize("metric", ["euclidean", "manhattan"])
@pytest.mark.parametrize("n_distinct", [3600, 900])
@pytest.mark.parametrize("n_shards", [0, 3])
def test_silhouettes_by_pairs_are_the_same_to_the_byte(
    workers: DaskWorkers,
    rows: np.ndarray,
    make_context: MakeContext,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    metric: str,
    n_distinct: int,
    n_shards: int,
) -> None:
    monkeypatch.setattr("embkit.data.dataset.HELD_BYTES", 1000)
    rows = np.tile(rows[:n_distinct].astype(np.float16), (3600 // n_distinct, 1))
    vectors = in_shards(rows, n_shards, tmp_path) if n_shards else rows.astype(np.float32)
    context = replace(make_context(Dataset(vectors)), shared=SharedWork(None))
    labels = np.arange(3600) % 7 - 1
    here = context.artifact("silhouettes", labels=labels, metric=metric)
    there = replace(context, workers=workers, shared=SharedWork(None)).artifact(
        "silhouettes", labels=labels, metric=metric
    )
    for name in ("values", "nearest"):
        assert here[name].tobytes() == there[name].tobytes()


def assert_same(here: embkit.Run, there: embkit.Run) -> None:
    one, two = present(here.clustering), present(there.clustering)
    assert one.labels.tobytes() == two.labels.tobytes()
    assert {name: array.tobytes() for name, array in one.fitted.items()} == {
        name: array.tobytes() for name, array in two.fitted.items()
    }
    assert one.notes == two.notes
    if one.linkage is not None:
        assert one.linkage.tobytes() == present(two.linkage).tobytes()


def test_where_it_was_computed_is_recorded_and_changes_no_identity(
    cluster: Any, embkit: Embkit, blobs: Dataset, tmp_path: Path
) -> None:
    np.save(tmp_path / "v.npy", blobs.vectors)
    where = ("--executor", "dask", "--scheduler", cluster.scheduler_address)
    command = ("run", "v.npy", "--clusterer", "hdbscan", "--seed", 1)
    embkit(*command, "--out", "here")
    embkit(*command, "--out", "there", *where)
    records = [read(tmp_path / name / "run.json") for name in ("here", "there")]
    assert records[0]["executor"] == {"name": "local"}
    assert records[1]["executor"] == {
        "name": "dask",
        "scheduler": cluster.scheduler_address,
        "workers": 2,
        "threads": 2,
    }
    assert records[0]["config"] == records[1]["config"]
    assert {use["origin"] for use in records[1]["artifacts"]} == {"disk"}
    labels = [(tmp_path / name / "labels.csv").read_bytes() for name in ("here", "there")]
    assert labels[0] == labels[1]
    embkit("inspect", "v.npy", *where)
    embkit("diff", "v.npy", "--from", 0.2, "--to", 0.3, "--out", "diff", *where)


def read(file: Path) -> Any:
    import json

    return json.loads(file.read_text("utf-8"))


def test_an_interrupt_of_the_terminal_ends_all(tmp_path: Path) -> None:
    """It reaches the workers too, which leave it to the command."""
    np.save(tmp_path / "v.npy", np.random.default_rng(0).normal(size=(50_000, 24)))
    what = ("v.npy", "--clusterer", "kmeans:n_clusters=300,tol=0", "--out", "o")
    process = subprocess.Popen(
        [sys.executable, "-m", "embkit", "run", *what, "--executor", "dask", "--threads", "1"],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        workers = wait_for_workers(process.pid)
        os.killpg(process.pid, signal.SIGINT)
        _, messages = process.communicate(timeout=60)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == 130
    assert messages.splitlines()[-1] == "error: interrupted"
    assert "Traceback" not in messages
    assert not any(worker.is_running() for worker in workers)
    assert not (tmp_path / "o").exists()


def wait_for_workers(pid: int) -> list[psutil.Process]:
    """The workers that a command has started, once they are at work."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        below = psutil.Process(pid).children(recursive=True)
        workers = [each for each in below if "spawn_main" in " ".join(each.cmdline())]
        if workers and all(each.cpu_times().user > 1.5 for each in workers):
            return workers
        time.sleep(0.1)
    raise AssertionError("no workers are at work")


def test_wrong_executors(embkit: Embkit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("embkit.runs.workers.cluster._PATIENCE", 0.5)
    for command in ("run", "inspect"):
        refused = embkit(command, "--executor", "slurm", code=2)
        assert "executor 'slurm' is unknown" in refused.stderr
        refused = embkit(command, "--scheduler", "tcp://head:1", code=2)
        assert "a scheduler is for the executor dask; add --executor dask" in refused.stderr
        where = ("--executor", "dask", "--scheduler", "tcp://127.0.0.1:1")
        refused = embkit(command, *where, code=2)
        assert "no dask scheduler answers at tcp://127.0.0.1:1" in refused.stderr


def test_without_dask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    message = r'^executor="dask" needs dask.distributed; it is not installed; run: pip install '
    with pytest.raises(MissingExtraError, match=message):
        embkit.run([[0.0, 1], [1, 0]], executor="dask")


class StandIn:
    """A client whose only worker answers what it is told to."""

    def __init__(self, answers: dict[str, Any]) -> None:
        self.answers = answers

    def wait_for_workers(self, _n_workers: int, timeout: float) -> None:
        if self.answers.get("workers") == 0:
            raise TimeoutError

    status = "closed"

    def submit(self, *_: object, pure: bool) -> Any:
        assert not pure

        def result() -> None:
            raise CancelledError

        return SimpleNamespace(result=result, done=lambda: self.answers.get("done", True))

    def nthreads(self) -> dict[str, int]:
        return {"tcp://a:1": 1}

    def run(self, function: Any, *_: object) -> dict[str, Any]:
        return {"tcp://a:1": self.answers.get(function.__name__)}


def stood_in(**answers: Any) -> DaskWorkers:
    cluster: Any = SimpleNamespace(address="tcp://head:1", client=StandIn(answers))
    return DaskWorkers(cluster)


def test_clusters_that_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(ParameterError) as refused:
        stood_in(workers=0)
    assert str(refused.value) == (
        "the dask scheduler at tcp://head:1 has no workers; start some: dask worker ADDRESS"
    )
    with pytest.raises(
        ParameterError, match="^the dask worker tcp://a:1 has embkit 0.1, this is "
    ) as other:
        stood_in(_version="0.1")
    assert other.value.fix == "install the same version on all workers"
    file = tmp_path / "a.npy"
    file.write_bytes(bytes(8))
    blocks = Blocks([FileRows(file, 0, (1, 1), np.dtype(np.float64))])
    with pytest.raises(DataError) as unseen:
        stood_in(_version=embkit.__version__, _first_unlike=str(file)).scatter(blocks, 1)
    assert str(unseen.value) == (
        f"the dask worker tcp://a:1 does not see {file} as it is here; workers read the rows themselves; "
        "keep the files at the same path for all workers, such as on a shared disk"
    )


def test_files_that_are_others_elsewhere(tmp_path: Path) -> None:
    from embkit.runs.workers.dask import _first_unlike

    (tmp_path / "a").write_bytes(bytes(8))
    assert _first_unlike({tmp_path / "a": 8}) is None
    assert _first_unlike({tmp_path / "a": 9}) == str(tmp_path / "a")
    assert _first_unlike({tmp_path / "b": 8}) == str(tmp_path / "b")


def test_a_context_maps_in_this_process(make_context: MakeContext, blobs: Dataset) -> None:
    context: RunContext = make_context(blobs)
    assert not context.distributed
    parts = context.scatter(blobs.vectors, 40)
    assert [len(part) for part in parts] == [40, 40, 10]
    assert list(context.map(len, parts)) == [40, 40, 10]


def test_a_scheduler_that_ends_is_told_of() -> None:
    message = "^the dask scheduler tcp://head:1 does not answer any more; run again$"
    with pytest.raises(ResourceError, match=message):
        list(stood_in(_version=embkit.__version__).map(square, range(3)))


def test_nobody_waits_for_workers_that_are_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    def out_of_time(_future: object, timeout: float) -> None:
        assert timeout == 10
        raise TimeoutError

    workers = stood_in(_version=embkit.__version__, done=False)
    workers._client.answers["workers"] = 0
    monkeypatch.setattr(distributed, "wait", out_of_time)
    with pytest.raises(ResourceError, match="were lost again and again; none is left; see their logs"):
        list(workers.map(square, range(3)))
