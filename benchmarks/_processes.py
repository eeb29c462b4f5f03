"""Whole commands timed side by side, in turn, so that a machine's drift meets all of them."""

import os
import resource
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence

__all__ = ["bare_environment", "compare"]


def bare_environment(added: Mapping[str, str]) -> dict[str, str]:
    """This environment with `added` and without a preset kernel: all sides get the processor's own."""
    kept = {name: value for name, value in os.environ.items() if name != "OPENBLAS_CORETYPE"}
    return {**kept, **added}


def compare(
    commands: Mapping[str, Sequence[str]],
    *,
    repeats: int = 5,
    environment: Mapping[str, str] | None = None,
) -> dict[str, float]:
    """Run every command in turn and print median seconds and the ratio to the first.

    Parameters
    ----------
    commands : mapping of str to sequence of str
        What to run, by name; the first is the reference. Each is run once
        untimed before.
    repeats : int
        Timed runs of each.
    environment : mapping, optional
        Variables to add.

    Returns
    -------
    dict of str to float
        Median wall-clock seconds.
    """
    walls: dict[str, list[float]] = {name: [] for name in commands}
    processors: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(repeats + 1):
        for name, command in commands.items():
            wall, processor = _once(command, environment or {})
            if turn:
                walls[name].append(wall)
                processors[name].append(processor)
    medians = {name: statistics.median(seconds) for name, seconds in walls.items()}
    reference = next(iter(medians.values()))
    print(f"{'command':44}{'wall s':>9}{'cpu s':>9}{'ratio':>9}")
    for name, seconds in medians.items():
        processor = statistics.median(processors[name])
        print(f"{name:44}{seconds:9.3f}{processor:9.3f}{seconds / reference:9.3g}", flush=True)
    return medians


def _once(command: Sequence[str], environment: Mapping[str, str]) -> tuple[float, float]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    subprocess.run(
        command,
        check=True,
        env=bare_environment(environment),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
