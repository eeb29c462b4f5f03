"""Side-by-side timings: every case in processes of its own, with their peak memory.

A benchmark is a table of cases, each a function that prepares the work, untimed,
and returns the function to be timed, whose result is printed if it is a string::

    def sklearn_ward(n, d): ...; return lambda: model.fit(X)
    main({"sklearn": sklearn_ward, "embkit": ours}, {"n": 4000, "d": 384}, reference="sklearn")

Run it as ``python benchmarks/NAME.py --n 8000 --only embkit``. The case
``product`` is always there: one n x n matrix product of n x d in float32, in
blocks, which is the floor for everything that looks at all pairs.
"""

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from _processes import bare_environment

_KERNEL = """
import numpy
from threadpoolctl import threadpool_info
kernels = [pool.get("architecture") for pool in threadpool_info() if pool["user_api"] == "blas"]
print(f"NumPy {numpy.__version__} with kernel {kernels[0] if kernels else 'unknown'}")
"""

Case = Callable[..., Callable[[], Any]]

LONG = 40.0  # seconds; noise is small beside what takes longer
DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


def embeddings(n: int, d: int = 384, seed: int = 0) -> Any:
    """Real sentence embeddings where they are at hand, float32 of shape (n, d).

    More rows than there are come from jittering; another `d` from a random
    rotation of the rows padded with zeros, which leaves distances as they were.
    """
    import numpy as np

    rng = np.random.default_rng(seed)
    path = DATA / ("glosses-4k.npy" if n <= 4312 else "glosses-20k.npy")
    known = np.load(path).astype(np.float32) if path.exists() else rng.normal(size=(4000, 384))
    vectors = known[np.arange(n) % len(known)].astype(np.float32)
    jittered = vectors[len(known) :]
    jittered += rng.normal(scale=0.5 * known.std(), size=jittered.shape).astype(np.float32)
    if d != vectors.shape[1]:
        rotation = np.linalg.qr(rng.normal(size=(max(d, vectors.shape[1]), d)))[0]
        vectors = vectors @ rotation[: vectors.shape[1]].astype(np.float32)
    return np.ascontiguousarray(vectors)


def product(n: int, d: int, **_: Any) -> Callable[[], Any]:
    """One n x n float32 product, block by block."""
    import numpy as np

    X = np.random.default_rng(0).normal(size=(n, d)).astype(np.float32)
    return lambda: [(X[start : start + 1024] @ X.T)[0, 0] for start in range(0, n, 1024)]


def main(
    cases: Mapping[str, Case],
    defaults: Mapping[str, Any],
    *,
    reference: str | None = None,
    floor: bool = True,
) -> None:
    """Run the cases that the command line asks for and print their table.

    Parameters
    ----------
    cases : mapping of str to function
        Each takes the parameters by name and returns what is to be timed.
    defaults : mapping of str to value
        The parameters, each an option of the command line.
    reference : str, optional
        The case whose time the others are divided by.
    floor : bool
        Whether to compare with one matrix product; takes parameters n and d.
    """
    cases = {"product": product, **cases} if floor else cases
    if sys.argv[1:2] == ["--child"]:
        _child(cases[sys.argv[2]], json.loads(sys.argv[3]))
        return
    parser = argparse.ArgumentParser()
    for name, value in defaults.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(value), default=value)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--only", action="append", help="a case; may be given more than once")
    given = vars(parser.parse_args())
    repeats, threads, only = (given.pop(name) for name in ("repeats", "threads", "only"))
    wanted = [case for case in cases if not only or case in (*only, "product")]
    print(f"{_machine()}, {threads} threads; {given}; median of {repeats}, one run where it is long")
    columns = f"{'work s':>10}{'cpu s':>9}{'process s':>11}{'peak MB':>9}{'x ref':>9}{'x product':>11}"
    print(f"{'case':28}{columns}")
    base: dict[str, float] = {}
    for case in sorted(wanted, key=lambda name: (name != "product", name != reference)):
        runs = _repeated(case, given, threads, repeats)
        failed = next((run["error"] for run in runs if "error" in run), None)
        if failed:
            print(f"{case:28}{failed}")
            continue
        work, cpu, process, peak = (
            statistics.median(run[key] for run in runs) for key in ("work", "cpu", "process", "peak")
        )
        base[case] = work
        ratios = [f"{work / base[name]:.3g}" if name in base else "" for name in (reference, "product")]
        print(
            f"{case:28}{work:10.3f}{cpu:9.2f}{process:11.2f}{peak / 1e6:9.0f}"
            f"{ratios[0]:>9}{ratios[1]:>11}  {runs[-1]['said']}",
            flush=True,
        )


def _repeated(case: str, params: Mapping[str, Any], threads: int, repeats: int) -> list[dict[str, Any]]:
    """The runs of a case: as many as asked for, but only one of a case that takes more than `LONG`."""
    first = _spawn(case, params, threads)
    more = 0 if "error" in first or first["process"] > LONG else repeats - 1
    return [first, *(_spawn(case, params, threads) for _ in range(more))]


def _child(case: Case, params: Mapping[str, Any]) -> None:
    work = case(**params)
    started, cpu = time.perf_counter(), time.process_time()
    said = work()
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    unit = 1 if sys.platform == "darwin" else 1024
    peak = unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = {"work": seconds, "cpu": cpu, "peak": peak, "said": said if isinstance(said, str) else ""}
    print(json.dumps(found))


def _spawn(case: str, params: Mapping[str, Any], threads: int) -> dict[str, Any]:
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
    environment = bare_environment(dict.fromkeys(names, str(threads)))
    command = [sys.executable, sys.argv[0], "--child", case, json.dumps(params)]
    started = time.perf_counter()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    process = time.perf_counter() - started
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or [f"ended with {done.returncode}"]
        return {"error": last[0]}
    return {"process": process, **json.loads(done.stdout.splitlines()[-1])}


def _machine() -> str:
    """The processor, the versions and the kernel that its products take."""
    info = Path("/proc/cpuinfo")
    models = (
        [line for line in info.read_text().splitlines() if line.startswith("model name")]
        if info.exists()
        else []
    )
    processor = models[0].split(":")[1].strip() if models else platform.processor() or platform.machine()
    asked = [sys.executable, "-c", _KERNEL]
    kernel = subprocess.run(asked, env=bare_environment({}), capture_output=True, text=True, check=True)
    return f"{processor}, Python {platform.python_version()}, {kernel.stdout.strip()}"
