"""For every check of the kit a clusterer that is broken in that way: the kit catches each one."""

import locale
import logging
import os
import random
import signal
import sys
import types
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import matplotlib as mpl
import numpy as np
import pytest
from annotated_types import Ge
from matplotlib import pyplot as plt
from threadpoolctl import threadpool_limits

import embkit
import embkit.testing.contracts.rows
from embkit.testing import CHECKS, CheckFailed, CheckOutcome, check_component, registry_of, run_checks


class Sound:
    """Rows to the nearest of rows far apart: keeps to the contract.

    Parameters
    ----------
    n_clusters : int
        Number of clusters.
    """

    def __init__(self, *, n_clusters: Annotated[int, Ge(1)] = 3) -> None:
        self.n_clusters = n_clusters

    def cluster(self, dataset: Any, context: Any) -> Any:
        if self.n_clusters > dataset.n_samples:
            raise embkit.ParameterError("n_clusters is larger than the number of rows")
        return embkit.Clustering(dataset, self.labels(dataset.vectors, context), {"metric": "euclidean"})

    def labels(self, vectors: Any, _context: Any) -> Any:
        distances = np.empty((self.n_clusters, len(vectors)))
        # The row furthest from the mean, then those furthest from all chosen: in any order of rows.
        center = int(np.linalg.norm(vectors - vectors.mean(axis=0, dtype=np.float64), axis=1).argmax())
        for cluster in range(self.n_clusters):
            distances[cluster] = np.linalg.norm(vectors - vectors[center], axis=1)
            center = int(distances[: cluster + 1].min(axis=0).argmax())
        return distances.argmin(axis=0)


class Assigns(Sound):
    """Knows the cluster of later rows, too: that of the nearest mean."""

    def cluster(self, dataset: Any, context: Any) -> Any:
        labels = super().cluster(dataset, context).labels
        labels = embkit.canonical_labels(labels, dataset.n_samples, "")
        means = np.stack([dataset.vectors[labels == label].mean(axis=0) for label in np.unique(labels)])
        return embkit.Clustering(dataset, labels, {"metric": "euclidean"}, fitted={"means": means})

    def assign(self, clustering: Any, others: Any, context: Any) -> Any:
        away = np.linalg.norm(others.vectors[:, None] - clustering.fitted["means"], axis=2)
        return embkit.Assignment(self.changed(away.argmin(axis=1)), rule="the nearest mean")

    def changed(self, labels: Any) -> Any:
        return labels


class AssignsElsewhere(Assigns):
    def changed(self, labels: Any) -> Any:
        return (labels + 1) % 3


class AssignsToNone(Assigns):
    def changed(self, labels: Any) -> Any:
        return labels + 3


class AssignsSilently(Assigns):
    def assign(self, clustering: Any, others: Any, context: Any) -> Any:
        return embkit.Assignment(super().assign(clustering, others, context).labels)


class AssignsFromMemory(Assigns):
    def cluster(self, dataset: Any, context: Any) -> Any:
        self.found = super().cluster(dataset, context)
        return self.found

    def assign(self, clustering: Any, others: Any, context: Any) -> Any:
        return super().assign(self.found, others, context)


class AssignsInCompany(Assigns):
    """Lets the first row decide for the last."""

    def changed(self, labels: Any) -> Any:
        return np.append(labels[:-1], labels[0])


class KeepsObjects(Assigns):
    def cluster(self, dataset: Any, context: Any) -> Any:
        found = super().cluster(dataset, context)
        return embkit.Clustering(dataset, found.labels, fitted={"means": np.array([{}], dtype=object)})


class NoMethod:
    """Cannot cluster."""


class TakesAnything(Sound):
    def __init__(self, **params: Any) -> None:
        self.n_clusters = params.get("n_clusters", 3)


class StoresOtherwise(Sound):
    def __init__(self, *, n_clusters: int = 3) -> None:
        self.n_clusters = n_clusters + 1


class RefusesItsDefault(Sound):
    def __init__(self, *, n_clusters: Annotated[int, Ge(4)] = 3) -> None:
        super().__init__(n_clusters=n_clusters)


class FloatProbabilities(Sound):
    def cluster(self, dataset: Any, context: Any) -> Any:
        labels = self.labels(dataset.vectors, context)
        return embkit.Clustering(dataset, labels, probabilities=np.full(len(labels), np.nan))


class ShortTree(Sound):
    def cluster(self, dataset: Any, context: Any) -> Any:
        return embkit.Clustering(
            dataset, self.labels(dataset.vectors, context), linkage=np.zeros((3, 4))
        )


class Random(Sound):
    def labels(self, vectors: Any, context: Any) -> Any:
        return np.random.default_rng().integers(0, 3, len(vectors))


class Remembers(Sound):
    def labels(self, vectors: Any, context: Any) -> Any:
        seen = self.__dict__.setdefault("seen", 0)
        self.__dict__["seen"] = seen + 1
        return np.roll(super().labels(vectors, context), seen)


class Prints(Sound):
    def labels(self, vectors: Any, context: Any) -> Any:
        print("working on it")  # noqa: T201
        return super().labels(vectors, context)


class WritesToDescriptor(Sound):
    def labels(self, vectors: Any, context: Any) -> Any:
        os.write(1, b"working on it")
        return super().labels(vectors, context)


class EstimatesWrongly(Sound):
    def memory(self, n_samples: int, n_features: int, budget: int) -> Any:
        return n_samples * n_features


class NeedsLessForMore(Sound):
    def memory(self, n_samples: int, n_features: int, budget: int) -> Any:
        return embkit.Estimate(10**9 // n_samples)


class FailsOn(Sound):
    """Raises an IndexError on some rows."""

    when: Callable[[Any], bool]

    def labels(self, vectors: Any, context: Any) -> Any:
        if type(self).when(vectors):
            raise IndexError("list index out of range")
        return super().labels(vectors, context)


def fails(when: Callable[[Any], bool]) -> type:
    return type("FailsOnSome", (FailsOn,), {"when": staticmethod(when)})


class PartsTwins(Sound):
    def labels(self, vectors: Any, context: Any) -> Any:
        return np.arange(len(vectors)) // max(1, len(vectors) // 3)


class Mutates(Sound):
    def labels(self, vectors: Any, context: Any) -> Any:
        found = super().labels(vectors, context)
        vectors.setflags(write=True)
        vectors *= 1.5
        return found


class WritesInPlace(Sound):
    def labels(self, vectors: Any, context: Any) -> Any:
        vectors -= vectors.mean(axis=0)
        return super().labels(vectors, context)


class Short(Sound):
    def labels(self, vectors: Any, context: Any) -> Any:
        return super().labels(vectors, context)[:-1]


class Fractions(Sound):
    def labels(self, vectors: Any, context: Any) -> Any:
        return super().labels(vectors, context) + 0.5


class Floats(Sound):
    def labels(self, vectors: Any, context: Any) -> Any:
        return super().labels(vectors, context).astype(float)


class StrangeNoise(Sound):
    def labels(self, vectors: Any, context: Any) -> Any:
        return super().labels(vectors, context) - 3


class ReturnsArray(Sound):
    def cluster(self, dataset: Any, context: Any) -> Any:
        return self.labels(dataset.vectors, context)


class TellsAuto(Sound):
    def cluster(self, dataset: Any, context: Any) -> Any:
        return embkit.Clustering(dataset, self.labels(dataset.vectors, context), {"metric": "auto"})


class FirstColumn(Sound):
    """Says euclidean, and looks at one column only."""

    def labels(self, vectors: Any, context: Any) -> Any:
        return (vectors[:, 0] > 2).astype(int)


class CosineByLength(Sound):
    """Says cosine, and goes by the length of the rows."""

    def cluster(self, dataset: Any, context: Any) -> Any:
        labels = (np.linalg.norm(dataset.vectors, axis=1) > 10).astype(int)
        return embkit.Clustering(dataset, labels, {"metric": "cosine"})


class AnyNumber(Sound):
    def cluster(self, dataset: Any, context: Any) -> Any:
        self.n_clusters = min(self.n_clusters, dataset.n_samples)
        return super().cluster(dataset, context)


def leaves(change: Callable[[], object]) -> type:
    class Leaves(Sound):
        def labels(self, vectors: Any, context: Any) -> Any:
            change()
            return super().labels(vectors, context)

    return Leaves


def _rc() -> None:
    mpl.rcParams["font.size"] = 3.5


def _figure() -> None:
    plt.figure()


def _threads() -> None:
    threadpool_limits(1)


STATE = {
    "numpy's global random generator": lambda: np.random.seed(0),  # noqa: NPY002
    "Python's global random generator": lambda: random.seed(0),
    "the warnings filters": lambda: warnings.simplefilter("ignore", FutureWarning),
    "numpy's error handling": lambda: np.seterr(all="ignore"),
    "numpy's print options": lambda: np.set_printoptions(precision=2),
    "the working folder": lambda: os.chdir("/"),
    "the environment": lambda: os.environ.update(A_PLUGIN_WAS_HERE="1"),
    "the signal handlers": lambda: signal.signal(signal.SIGUSR1, signal.SIG_IGN),
    "the recursion limit": lambda: sys.setrecursionlimit(3456),
    "the locale": lambda: locale.setlocale(locale.LC_ALL, "C.UTF-8" if _is_c() else "C"),
    "the root logger": lambda: logging.basicConfig(level=logging.DEBUG, force=True),
    "matplotlib's rcParams": _rc,
    "pyplot's open figures": _figure,
    "thread limits": _threads,
}


def _is_c() -> bool:
    return locale.setlocale(locale.LC_ALL) == "C"


MUTANTS: dict[str, list[type]] = {
    "made": [NoMethod],
    "sound": [FloatProbabilities, ShortTree, ReturnsArray],
    "repeatable": [Random, Remembers],
    "silent": [Prints, WritesToDescriptor],
    "shared-state-kept": [leaves(STATE["the environment"])],
    "unknown-parameter": [TakesAnything],
    "parameters-stored": [StoresOtherwise],
    "parameters-in-toml": [RefusesItsDefault],
    "memory-estimated": [EstimatesWrongly, NeedsLessForMore],
    "one-row": [fails(lambda vectors: len(vectors) == 1)],
    "two-rows": [fails(lambda vectors: len(vectors) == 2)],
    "all-rows-equal": [fails(lambda vectors: not np.ptp(vectors, axis=0).any())],
    "duplicates": [PartsTwins, fails(lambda vectors: len(np.unique(vectors, axis=0)) < len(vectors))],
    "float64": [fails(lambda vectors: vectors.dtype != np.float32)],
    "any-layout": [fails(lambda vectors: isinstance(vectors, np.memmap))],
    "input-kept": [Mutates],
    "labels": [Short, Fractions, Floats, StrangeNoise],
    "resolved-parameters": [TellsAuto],
    "order-of-rows": [PartsTwins],
    "rotation": [FirstColumn],
    "length-of-rows": [CosineByLength],
    "as-many-clusters-as-rows": [AnyNumber],
    "later-rows": [AssignsElsewhere, AssignsToNone, AssignsSilently, AssignsFromMemory, KeepsObjects],
    "later-rows-alone": [AssignsInCompany],
}


def outcomes_of(clusterer: type, **spec: Any) -> dict[str, CheckOutcome]:
    registry = registry_of(plugin_of(clusterer, **spec))
    found = run_checks(registry.get("clusterer", "tested"), registry)
    return {outcome.check: outcome for outcome in found}


def plugin_of(clusterer: type, **spec: Any) -> types.ModuleType:
    module = types.ModuleType("fixture_of_the_kit")

    @embkit.hookimpl
    def embkit_register_clusterers() -> Any:
        yield embkit.ClustererSpec("tested", clusterer, summary="Tested.", **spec)

    vars(module)["embkit_register_clusterers"] = embkit_register_clusterers
    return module


def test_a_sound_clusterer_passes_every_check() -> None:
    outcomes = outcomes_of(Sound, order_free=True)
    assert {name: str(outcome) for name, outcome in outcomes.items() if outcome.bad} == {}
    skipped = {name for name, outcome in outcomes.items() if outcome.status == "does not apply"}
    assert skipped == {"memory-estimated", "length-of-rows", "later-rows", "later-rows-alone"}


def test_a_sound_clusterer_that_assigns_passes_every_check() -> None:
    outcomes = outcomes_of(Assigns, order_free=True)
    assert {name: str(outcome) for name, outcome in outcomes.items() if outcome.bad} == {}
    assert outcomes["later-rows"].status == outcomes["later-rows-alone"].status == "passed"


def test_every_check_has_a_mutant() -> None:
    assert {check.name for check in CHECKS["clusterer"]} == {*MUTANTS, "not-finite"}


@pytest.mark.parametrize(
    ("check", "mutant"), [(check, mutant) for check, mutants in MUTANTS.items() for mutant in mutants]
)
def test_the_kit_catches_every_mutant(check: str, mutant: type) -> None:
    outcome = outcomes_of(mutant, order_free=check == "order-of-rows")[check]
    assert outcome.status == "failed", outcome


def test_the_kit_catches_a_host_that_lets_nan_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embkit.testing.contracts.rows, "admit", lambda dataset, _policy: dataset)
    monkeypatch.setattr(embkit.testing.subject, "admit", lambda dataset, _policy: dataset)
    outcome = outcomes_of(Sound)["not-finite"]
    assert outcome.status == "failed"
    assert "worked on rows that hold nan" in outcome.detail


@pytest.mark.parametrize("part", STATE)
def test_the_kit_names_the_state_that_was_changed_and_puts_it_back(part: str) -> None:
    before = (Path.cwd(), dict(os.environ), np.geterr(), logging.root.level, sys.getrecursionlimit())
    outcome = outcomes_of(leaves(STATE[part]))["shared-state-kept"]
    if part == "thread limits" and outcome.status == "passed":
        pytest.skip("this process has one thread")
    assert outcome.detail == f"changed {part}"
    after = (Path.cwd(), dict(os.environ), np.geterr(), logging.root.level, sys.getrecursionlimit())
    assert before == after


def test_an_error_names_its_line() -> None:
    outcome = outcomes_of(fails(lambda vectors: len(vectors) == 1))["one-row"]
    assert "raised IndexError: list index out of range (test_kit_clusterers.py, line " in outcome.detail


def test_a_declared_failure_is_no_failure_and_a_declared_pass_is() -> None:
    reason = {"duplicates": "it cuts the rows in three as they come"}
    assert outcomes_of(PartsTwins, expected_failures=reason)["duplicates"].status == "expected failure"
    outcome = outcomes_of(Sound, expected_failures=reason)["duplicates"]
    assert outcome.status == "unexpected pass"
    assert "but it passes; remove the declaration" in outcome.detail


def test_a_declaration_of_no_check_is_a_failure() -> None:
    outcome = outcomes_of(Sound, expected_failures={"duplicate": "typo"})["expected_failures"]
    assert "there is no check 'duplicate'; did you mean 'duplicates'?" in outcome.detail


def test_check_component_raises_with_all_that_failed() -> None:
    registry = registry_of(plugin_of(Prints))
    with pytest.raises(CheckFailed, match=r"clusterer tested fails 1 of \d+ checks:\n  silent \("):
        check_component("clusterer", "tested", registry=registry)
    registry = registry_of(plugin_of(Sound))
    assert not any(outcome.bad for outcome in check_component("clusterer", "tested", registry=registry))
