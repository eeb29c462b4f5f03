"""Fuzz every reader for a while: ``python tests/fuzz/run.py SECONDS [TARGET ...]``.

Each target gets an equal share of the time, in a process that may use 2 GB; what
fails is shrunk, printed as code and kept in ``.fuzz/`` for the next run, as is
what took more than ten seconds.
"""

import multiprocessing
import resource
import sys
import tempfile
import time
import traceback
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis.database import DirectoryBasedExampleDatabase

sys.path.insert(0, str(Path(__file__).parent))
import targets

_MEMORY = 2 << 30
_SLOW = 10.0
_EXAMPLES = 500


def fuzz(name: str, seconds: float) -> int:
    """Run a target until the time is over; return the number of examples tried."""
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY + used + (4 << 30), resource.RLIM_INFINITY))
    target = targets.TARGETS[name]
    end = time.monotonic() + seconds
    count = 0
    with tempfile.TemporaryDirectory() as folder:

        @settings(
            max_examples=_EXAMPLES,
            deadline=None,
            database=DirectoryBasedExampleDatabase(".fuzz"),
            suppress_health_check=list(HealthCheck),
        )
        @given(target.content())
        def attempts(content: bytes) -> None:
            nonlocal count
            count += 1
            start = time.monotonic()
            targets.attempt(target, Path(folder), content)
            assert time.monotonic() - start < _SLOW, "slow"

        while time.monotonic() < end:
            attempts()
    return count


def _child(name: str, seconds: float, results: "multiprocessing.Queue[tuple[str, str]]") -> None:
    try:
        peak = fuzz(name, seconds)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        results.put((name, f"{peak} examples, no fault, peak {memory} MB"))
    except BaseException:
        results.put((name, f"FAULT\n{traceback.format_exc()}"))


def main() -> int:
    """Run the targets one after the other."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    names = sys.argv[2:] or list(targets.TARGETS)
    context = multiprocessing.get_context("fork")
    results: multiprocessing.Queue[tuple[str, str]] = context.Queue()
    failed = 0
    for name in names:
        share = seconds / len(names)
        child = context.Process(target=_child, args=(name, share, results))
        child.start()
        child.join(10 * share + 120)
        if child.is_alive():
            child.kill()
            child.join()
        words = (
            results.get()[1] if not results.empty() else f"FAULT: it hangs or died ({child.exitcode})"
        )
        failed += words.startswith("FAULT")
        print(f"{name}: {words}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
