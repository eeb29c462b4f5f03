"""Odd values for every parameter of every component: each is taken, or refused with a reason.

``python tests/fuzz/odd_values.py [COUNT [WORD ...]]`` tries every value for every parameter, with
drawn ones up to COUNT, of the components that have one of the words in their name; each component
in a process of its own with 4 GB, and 10 s a value; a minute at the second try, since a library
may compile its code in a new process. The suite tries some.
"""

import math
import multiprocessing
import random
import resource
import signal
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np

from embkit.data.configuration.request import Request
from embkit.data.configuration.run import RunConfig
from embkit.data.dataset import Dataset
from embkit.errors import EmbkitError
from embkit.plugin.params import Parameter, parameters_of
from embkit.plugin.registry import Component, Registry
from embkit.runs.context import RunContext
from embkit.runs.runner import execute
from embkit.runs.shared import SharedWork

SECONDS = (10, 60)
ALLOWED = (0, 2, 3, 4)
ODD: tuple[Any, ...] = (
    0, -1, 1, 2, 3, 7, 29, 30, 31, 10**3, 10**6, 10**9, 2**31, 2**32, 2**63, 10**25, 10**400, int("9" * 4000),
    -(10**9), -(2**63), 0.0, -0.0, 0.5, 1.5, 1e-320, 1e-9, 1e9, 1e154, 1e308, -1e308, math.inf, -math.inf,
    math.nan, True, False, None, "", " ", "none", "None", "nan", "inf", "0", "1e9", "9" * 5000, "auto", "cosine",
    "x" * 10_000, "\0", "a\0b", "\x1b[31m", "\u202eabc", "\ud800", "../../etc/passwd", "/dev/zero", "/proc/self/mem",
    "a/" * 3000, "=1+1", "|", "'", '"', "{}", "[]", [], [1], [1, 2], [[]], [math.nan], ["a", 1, None], [10**9] * 3,
    list(range(1000)), {}, {"a": 1}, {"grid": [1]}, [None], (1, 2), 10**18, 1 / 3, "é" * 300, -5, 100, 5000,
)  # fmt: skip
HARMLESS: dict[str, dict[str, Any]] = {
    "agglomerative": {"n_clusters": 3},
    "threshold-diff": {"to": 1.0},
    "recorded": {"labels": "labels.csv"},
    "agreement": {"other": "labels.csv"},
    "csv": {}, "spectral": {"affinity": "nearest_neighbors"},
}  # fmt: skip
SLOT = {
    "reducer": "reducers", "clusterer": "clusterer", "namer": "namer", "validator": "validators",
    "visualizer": "visualizers", "exporter": "exporters", "loader": "loader",
}  # fmt: skip


@dataclass(frozen=True)
class Try:
    """One value for one parameter."""

    component: Component
    parameter: str
    value: Any

    def __str__(self) -> str:
        return f"{self.component}: {self.parameter}={self.value!r}"[:120]


def dataset() -> Dataset:
    rng = np.random.default_rng(5)
    vectors = np.repeat(4 * np.eye(3, 5), 10, axis=0) + rng.normal(scale=0.4, size=(30, 5))
    labels = [str(row // 10) for row in range(30)]
    return Dataset(
        vectors,
        texts=[f"text {row} of {row // 10}" for row in range(30)],
        reference=labels,
        name="small",
    )


def tries(registry: Registry, count: int = 0) -> Iterator[Try]:
    """Every value for every parameter, with drawn ones up to `count` where that is more."""
    for component in registry.components():
        for parameter in parameters_of(component.factory()):
            if parameter.name == "labels" and component.kind == "artifact":
                continue  # an array that components make
            values = [*ODD, *edges(parameter)]
            for value in [*values, *drawn(parameter, count - len(values))]:
                yield Try(component, parameter.name, value)


def drawn(parameter: Parameter, count: int) -> Iterator[Any]:
    """Values at random, by the signature: numbers of any size, names that are nearly right."""
    rng = random.Random(parameter.name)
    names = [*_names(parameter.annotation), parameter.name, str(parameter.default)]
    for _ in range(count):
        number = rng.choice((-1, 1)) * 10 ** rng.uniform(-12, 12)
        name = rng.choice(names)
        place = rng.randrange(len(name) + 1)
        yield rng.choice(
            (
                number,
                round(number),
                rng.randrange(-3, 40),
                rng.random(),
                name.upper(),
                f"{name[:place]}{chr(rng.randrange(0x3000))}{name[place:]}",
                name[:place],
                [number] * rng.randrange(4),
                {name: number},
                (name, None),
            )
        )


def _names(annotation: Any) -> Iterator[str]:
    """The strings that an annotation allows, however deep they stand."""
    for item in get_args(annotation):
        if isinstance(item, str):
            yield item
        yield from _names(item)


def edges(parameter: Parameter) -> Iterator[Any]:
    """Values at and beside the bounds that the annotation states."""
    for item in getattr(parameter.annotation, "__metadata__", ()):
        for name in ("ge", "gt", "le", "lt"):
            bound = getattr(item, name, None)
            if bound is not None:
                yield from (bound, bound - 1, bound + 1, bound * (1 + 1e-12), bound * (1 - 1e-12))


def outcome(tried: Try, registry: Registry, data: Dataset) -> tuple[int | str, str]:
    """The exit code that the command would have, or what went wrong."""
    if tried.component.kind == "artifact":
        return _guarded(lambda: _computed(tried, registry, data))
    slot = SLOT[tried.component.kind]
    given = {**HARMLESS.get(tried.component.name, {}), tried.parameter: tried.value}
    request = Request(tried.component.name, given)
    several = slot.endswith("s")
    chain: dict[str, Any] = {"clusterer": Request("kmeans", {"n_clusters": 3})}
    chain[slot] = [request] if several else request

    def ran() -> tuple[int, str]:
        loaded = tried.component.kind == "loader"
        config = RunConfig.from_mapping({**chain, "seed": 1, "threads": 1, "memory": "1GB"}, "test")
        run = execute(config, registry, dataset=None if loaded else data)
        return (run.failures[0].error.exit_code if run.failures else 0), str(run.failures[:1])

    return _guarded(ran)


def _computed(tried: Try, registry: Registry, data: Dataset) -> tuple[int, str]:
    context = RunContext(registry, data, seed=1, threads=1, memory=10**9, shared=SharedWork())
    context.artifact(tried.component.name, **{tried.parameter: tried.value})
    return 0, ""


def _guarded(work: Callable[[], tuple[int, str]]) -> tuple[int | str, str]:
    found: tuple[int | str, str] = ("too long", "")
    for seconds in SECONDS:
        found = _within(seconds, work)
        if found[0] != "too long":
            break
    return found


def _within(seconds: int, work: Callable[[], tuple[int, str]]) -> tuple[int | str, str]:
    signal.signal(signal.SIGALRM, _too_long)
    signal.alarm(seconds)
    try:
        return work()
    except EmbkitError as error:
        return int(error.exit_code), str(error)
    except TooLongError:
        return "too long", ""
    except BaseException as error:  # a bug, whatever it is
        return "bug", "".join(traceback.format_exception(error)[-3:])
    finally:
        signal.alarm(0)


class TooLongError(BaseException):
    """Nothing that a component's failure is made of."""


def _too_long(*_: object) -> None:
    raise TooLongError


def faults(chosen: list[Try], registry: Registry) -> list[str]:
    """Every try that ended otherwise than it may."""
    data, found = dataset(), []
    for tried in chosen:
        code, why = outcome(tried, registry, data)
        if code not in ALLOWED:
            found.append(f"{code}: {tried}: {why}")
    return found


def chosen_ones(registry: Registry, count: int, seed: int) -> list[Try]:
    return random.Random(seed).sample(list(tries(registry)), count)


def _in_a_process(component: str, count: int, results: Any) -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (4 * 10**9, 4 * 10**9))
    registry = Registry.discover()
    chosen = [tried for tried in tries(registry, count) if str(tried.component) == component]
    results.send((len(chosen), faults(chosen, registry)))


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    wanted = sys.argv[2:]
    names = [str(component) for component in Registry.discover().components()]
    context, counts = multiprocessing.get_context("spawn"), Counter[str]()
    for name in names:
        if wanted and not any(word in name for word in wanted):
            continue
        results, sender = context.Pipe(duplex=False)
        process = context.Process(target=_in_a_process, args=(name, count, sender))
        process.start()
        sender.close()
        try:
            tried, found = results.recv()
        except EOFError:
            process.join()
            tried, found = 0, [f"died with {process.exitcode}: {name}"]
        process.join()
        counts["tries"] += tried
        counts["faults"] += len(found)
        print(name, f"{tried} tries, {len(found)} faults", *found, sep="\n  ", flush=True)
    print(f"{counts['tries']} tries, {counts['faults']} faults")
    sys.exit(counts["faults"] > 0)


if __name__ == "__main__":
    main()
