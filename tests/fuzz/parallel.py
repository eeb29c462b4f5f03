"""Twenty runs at once, with one --out and with none: nothing is overwritten, everyone is told.

``python tests/fuzz/parallel.py [ROUNDS]`` starts twenty processes, ten times; the suite
does it once with processes that are forked.
"""

import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

AT_ONCE = 20
RUN = ("run", "vectors.npy", "--clusterer", "agglomerative:n_clusters=2", "--no-cache")


def started(folder: Path, *options: str) -> Counter[int]:
    """How often each exit code came of runs in that folder."""
    command = [sys.executable, "-m", "embkit", *RUN, *options]
    quiet = subprocess.DEVNULL
    processes = [
        subprocess.Popen(command, cwd=folder, stdout=quiet, stderr=quiet) for _ in range(AT_ONCE)
    ]
    return Counter(process.wait() for process in processes)


def forked(folder: Path, *options: str) -> Counter[int]:
    """The same, of processes that have imported everything and start at one moment."""
    from embkit.cli import main

    gate, opener = os.pipe()
    children = []
    for _ in range(AT_ONCE):
        child = os.fork()
        if child == 0:
            try:
                os.chdir(folder)
                silence = os.open(os.devnull, os.O_WRONLY)
                os.dup2(silence, 1)
                os.dup2(silence, 2)
                os.close(opener)
                os.read(gate, 1)
                main([*RUN, *options])
            except SystemExit as end:
                os._exit(int(end.code or 0))
            finally:
                os._exit(99)
        children.append(child)
    os.close(opener)
    codes = Counter(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children)
    os.close(gate)
    return codes


def check(folder: Path, start: Callable[..., Counter[int]] = started) -> list[str]:
    """What was not as it should be."""
    wrong = []
    codes = start(folder, "--out", "one")
    if codes != Counter({0: 1, 7: AT_ONCE - 1}):
        wrong.append(f"with one --out: exit codes {dict(codes)}")
    codes = start(folder, "--out", "one", "--overwrite")
    if not codes[0] or codes[0] + codes[7] != AT_ONCE:
        wrong.append(f"with --overwrite: exit codes {dict(codes)}")
    codes = start(folder)
    runs = len(list(folder.glob("embkit-runs/*/run.json")))
    if codes != Counter({0: AT_ONCE}) or runs != AT_ONCE:
        wrong.append(f"with no --out: exit codes {dict(codes)}, {runs} folders")
    hidden = [str(path) for path in folder.rglob(".*")]
    return wrong + [f"left: {path}" for path in hidden]


def main() -> None:
    import numpy as np

    rounds, wrong = int((sys.argv[1:] or ["10"])[0]), 0
    for number in range(rounds):
        with tempfile.TemporaryDirectory() as place:
            np.save(Path(place) / "vectors.npy", np.random.default_rng(number).normal(size=(40, 4)))
            found = check(Path(place))
            wrong += len(found)
            print("\n".join(found) or "as it should be", flush=True)
    print(f"{rounds} rounds of 3 x {AT_ONCE} runs: {wrong} faults")
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
