"""Work on a dask cluster of this machine: the same bytes as in one process, or not, and how long.

Not a race: workers of one machine share its processors, and what they save on many
machines they cost on one. The rows are those of ``scale.py``, in 1, 3 and 7 shards;
the last line of each table loses a worker on the way.

python benchmarks/workers.py --n 60000
python benchmarks/workers.py --n 20000 --only kmeans
"""

import argparse
import hashlib
import os
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

SHARDS = (1, 3, 7)
WORKERS = (1, 2, 4)
CLUSTERERS = {
    "kmeans": "kmeans:n_clusters=50",
    "hdbscan": "hdbscan:min_cluster_size=15,metric=cosine",
    "average tree": "agglomerative:linkage=average,metric=cosine,n_clusters=500",
}
KEPT = ("indices", "distances", "squares")
ARTIFACTS: dict[str, tuple[str, dict[str, Any], tuple[str, ...]]] = {
    "exact neighbours": ("neighbors", {"n_neighbors": 15}, KEPT),
    "leaves": ("neighbors", {"n_neighbors": 15, "method": "leaves", "metric": "cosine"}, KEPT),
    "silhouettes": ("silhouettes", {"metric": "euclidean"}, ("values", "nearest")),
}
BUSY = 2.0  # seconds that a worker has worked for when it is ended


def write_shards(n: int, d: int, folder: Path) -> dict[int, Path]:
    """The same rows in so many files."""
    import numpy as np
    from scale import mixed_file  # not above: workers import this file, from a path without its folder

    rows = np.load(mixed_file(n, d))
    places = {}
    for n_shards in SHARDS:
        places[n_shards] = folder / f"{n_shards} shards"
        places[n_shards].mkdir()
        for number, part in enumerate(np.array_split(rows, n_shards)):
            np.save(places[n_shards] / f"{number}.npy", part)
    return places


def clustered(source: Path, scheduler: str | None, name: str) -> list[Any]:
    """Labels, what was fitted and the tree of a run."""
    import embkit

    where: dict[str, Any] = {"executor": "dask", "scheduler": scheduler} if scheduler else {}
    run = embkit.run(source, CLUSTERERS[name], seed=1, cache=False, namer="none", validators=[], **where)
    found = run.clustering
    assert found is not None
    tree = [] if found.linkage is None else [found.linkage]
    return [found.labels, *(found.fitted[key] for key in sorted(found.fitted)), *tree]


def artifact(source: Path, scheduler: str | None, name: str) -> list[Any]:
    """The 15 nearest other rows of each, or most of them; silhouettes of 50 clusters."""
    import numpy as np
    from _context import context_of

    import embkit
    from embkit.runs.workers.choosing import workers_of

    context = context_of(embkit.load(source).vectors)
    kind, params, kept = ARTIFACTS[name]
    if kind == "silhouettes":
        params = {**params, "labels": np.arange(len(context.dataset.vectors)) % 50}
    with workers_of("dask" if scheduler else "local", scheduler, None) as workers:
        found = replace(context, workers=workers).artifact(kind, **params)
    return [found[each] for each in kept]


WORKS: dict[str, Callable[[Path, str | None, str], list[Any]]] = {
    **dict.fromkeys(ARTIFACTS, artifact),
    **dict.fromkeys(CLUSTERERS, clustered),
}


def fingerprint(arrays: list[Any]) -> str:
    """Of all their bytes."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(array.tobytes())
    return digest.hexdigest()[:12]


@contextmanager
def loses_a_worker(cluster: Any) -> Iterator[list[int]]:
    """End the first worker that has worked for a while; its process is in the list then."""
    import psutil

    ended: list[int] = []
    over = threading.Event()

    def watch() -> None:
        while not ended and not over.wait(0.1):
            for nanny in list(cluster.workers.values()):
                process = psutil.Process(nanny.process.pid)
                if process.cpu_times().user > before[process.pid] + BUSY:
                    os.kill(process.pid, signal.SIGKILL)
                    ended.append(process.pid)
                    return

    before = {
        nanny.process.pid: psutil.Process(nanny.process.pid).cpu_times().user
        for nanny in cluster.workers.values()
    }
    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    yield ended
    over.set()
    thread.join()


def table(name: str, places: dict[int, Path]) -> None:
    """Print every number of workers with every number of shards, and one run that loses a worker."""
    from distributed import LocalCluster

    work = WORKS[name]

    def line(case: str, n_shards: int, scheduler: str | None, expected: str = "") -> str:
        started = time.perf_counter()
        found = fingerprint(work(places[n_shards], scheduler, name))
        seconds = time.perf_counter() - started
        same = {"": "", found: "same bytes"}.get(expected, "OTHER BYTES")
        print(f"{name:18}{case:34}{n_shards:7}{seconds:9.1f}  {same}", flush=True)
        return found

    expected = line("this process", 1, None)
    for n_workers in WORKERS:
        with LocalCluster(
            n_workers=n_workers,
            threads_per_worker=1,
            dashboard_address=None,
            scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
            silence_logs=50,
        ) as cluster:
            for n_shards in SHARDS:
                line(f"{n_workers} workers", n_shards, cluster.scheduler_address, expected)
            if n_workers == 2:
                with loses_a_worker(cluster) as ended:
                    line("2 workers, one ended on the way", 3, cluster.scheduler_address, expected)
                if not ended:
                    print("(none was busy for long enough to be ended)")


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--n", type=int, default=60_000)
    parser.add_argument("--d", type=int, default=384)
    parser.add_argument("--only", action="append", help="a work; may be given more than once")
    given = parser.parse_args()
    wanted = [name for name in WORKS if not given.only or name in given.only]
    print(f"{'work':18}{'where':34}{'shards':>7}{'seconds':>9}  {given.n} x {given.d}")
    with tempfile.TemporaryDirectory() as folder:
        places = write_shards(given.n, given.d, Path(folder))
        for name in wanted:
            table(name, places)


if __name__ == "__main__":
    main()
