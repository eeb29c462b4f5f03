"""For every check that all kinds share, a component of each kind that the kit catches by it."""

import os
from collections.abc import Callable
from typing import Annotated, Any

import numpy as np
import pytest
from annotated_types import Ge
from matplotlib.figure import Figure

import embkit
import embkit.testing.contracts.rows
import embkit.testing.subject
from embkit.plugin.kinds import KINDS
from embkit.testing import CHECKS
from embkit.testing.contracts.common import COMMON
from embkit.testing.contracts.rows import ROWS
from embkit.testing.examples import blobs
from fixture_types import OutcomesOf


class Base:
    """Keeps to the contract of its kind; `bias` goes into its result.

    Parameters
    ----------
    level : int
        Any number.
    """

    bias = 0

    def __init__(self, *, level: Annotated[int, Ge(1)] = 3) -> None:
        self.level = level


class Loader(Base):
    def load(self, source: str | None) -> Any:
        return embkit.Dataset(blobs().vectors + self.bias, name="rows")


class Reducer(Base):
    def reduce(self, dataset: Any, context: Any) -> Any:
        return dataset.with_vectors(dataset.vectors.astype(np.float32) + self.bias)


class Artifact(Base):
    def compute(self, dataset: Any, context: Any) -> Any:
        return embkit.Artifact({"largest": dataset.vectors.astype(np.float32).max(axis=1) + self.bias})


class Clusterer(Base):
    def cluster(self, dataset: Any, context: Any) -> Any:
        side = (dataset.vectors[:, 0] > 2).astype(int)
        return embkit.Clustering(dataset, side if not self.bias else np.zeros_like(side))


class Namer(Base):
    def name(self, groups: Any, context: Any) -> Any:
        return embkit.Names(tuple(embkit.Name(f"{group} {self.bias}") for group in range(len(groups))))


class Validator(Base):
    def validate(self, clustering: Any, context: Any) -> Any:
        return embkit.Validation({"rows": float(clustering.dataset.n_samples + self.bias)})


class Visualizer(Base):
    def draw(self, clustering: Any, context: Any) -> Any:
        figure = Figure(figsize=(2, 2))
        figure.text(0.1, 0.5, f"{clustering.dataset.n_samples} {self.bias}")
        return figure


class Exporter(Base):
    def export(self, subject: Any, context: Any) -> Any:
        return {"note.txt": f"{type(subject).__name__} {self.bias}"}


SOUND: dict[str, type[Base]] = {
    "loader": Loader,
    "reducer": Reducer,
    "artifact": Artifact,
    "clusterer": Clusterer,
    "namer": Namer,
    "validator": Validator,
    "visualizer": Visualizer,
    "exporter": Exporter,
}
SPECS: dict[str, dict[str, Any]] = {
    "loader": {"needs_source": False},
    "exporter": {"subjects": ("run",)},
}
Mutate = Callable[[type[Base], str], type]


def doing(action: Callable[[Any], object]) -> Mutate:
    """Does something with the rows that it is given before it works."""

    def mutate(sound: type[Base], method: str) -> type:
        def work(self: Any, given: Any, *context: Any) -> Any:
            action(getattr(getattr(given, "dataset", given), "vectors", None))
            return getattr(sound, method)(self, given, *context)

        return type("Does", (sound,), {method: work})

    return mutate


def failing(when: Callable[[Any], bool]) -> Mutate:
    """Raises an IndexError on some rows."""

    def action(vectors: Any) -> None:
        if when(vectors):
            raise IndexError("list index out of range")

    return doing(action)


def without_method(sound: type[Base], method: str) -> type:
    return type("NoMethod", (Base,), {})


def returning_nothing(sound: type[Base], method: str) -> type:
    return type("ReturnsNothing", (sound,), {method: lambda self, *_: None})


def remembering(sound: type[Base], method: str) -> type:
    """Gives something else the second time."""

    def work(self: Any, *given: Any) -> Any:
        self.bias += 1
        return getattr(sound, method)(self, *given)

    return type("Remembers", (sound,), {method: work, "bias": -1})


def random(sound: type[Base], method: str) -> type:
    """Gives something else in every instance."""
    drawn = iter(range(100))

    def make(self: Any, *, level: int = 3) -> None:
        self.level, self.bias = level, next(drawn)

    return type("Random", (sound,), {"__init__": make})


def taking_anything(sound: type[Base], method: str) -> type:
    return type("TakesAnything", (sound,), {"__init__": lambda self, **_: None})


def storing_otherwise(sound: type[Base], method: str) -> type:
    def make(self: Any, *, level: int = 3) -> None:
        self.level = level + 1

    return type("StoresOtherwise", (sound,), {"__init__": make})


def refusing_its_default(sound: type[Base], method: str) -> type:
    def make(self: Any, *, level: Annotated[int, Ge(4)] = 3) -> None:
        self.level = level

    return type("RefusesItsDefault", (sound,), {"__init__": make})


def estimating_wrongly(sound: type[Base], method: str) -> type:
    return type("EstimatesWrongly", (sound,), {"memory": lambda self, n, d, budget: n * d})


def _change(vectors: Any) -> None:
    vectors.setflags(write=True)
    vectors *= 1.5


def _several(vectors: Any) -> bool:
    return len(vectors) > 1


MUTANTS: dict[str, Mutate] = {
    "made": without_method,
    "sound": returning_nothing,
    "repeatable": random,
    "silent": doing(lambda _: print("working on it")),  # noqa: T201
    "shared-state-kept": doing(lambda _: os.environ.update(A_PLUGIN_WAS_HERE="1")),
    "unknown-parameter": taking_anything,
    "parameters-stored": storing_otherwise,
    "parameters-in-toml": refusing_its_default,
    "memory-estimated": estimating_wrongly,
    "one-row": failing(lambda vectors: len(vectors) == 1),
    "two-rows": failing(lambda vectors: len(vectors) == 2),
    "all-rows-equal": failing(lambda vectors: _several(vectors) and not np.ptp(vectors, axis=0).any()),
    "duplicates": failing(lambda vectors: len(np.unique(vectors, axis=0)) < len(vectors)),
    "float64": failing(lambda vectors: vectors.dtype != np.float32),
    "any-layout": failing(lambda vectors: isinstance(vectors, np.memmap)),
    "input-kept": doing(_change),
}


def _names(kind: str) -> list[str]:
    return [check.name for check in CHECKS[kind]]


CASES = [(kind, check) for kind in SOUND for check in MUTANTS if check in _names(kind)]
OF_ROWS = [kind for kind in SOUND if "not-finite" in _names(kind)]


def test_every_kind_and_every_shared_check_has_a_mutant() -> None:
    assert set(SOUND) == set(KINDS)
    assert {check.name for check in COMMON + ROWS} == {*MUTANTS, "not-finite"}


@pytest.mark.parametrize("kind", SOUND)
def test_a_sound_component_passes_the_shared_checks(kind: str, outcomes_of: OutcomesOf) -> None:
    shared = {check.name for check in COMMON + ROWS} & set(_names(kind))
    outcomes = outcomes_of(kind, SOUND[kind], **SPECS.get(kind, {}))
    assert {name: str(outcomes[name]) for name in shared if outcomes[name].bad} == {}
    skipped = {name for name in shared if outcomes[name].status == "does not apply"}
    assert skipped == {"memory-estimated"}


@pytest.mark.parametrize(("kind", "check"), CASES)
def test_the_kit_catches_every_mutant(kind: str, check: str, outcomes_of: OutcomesOf) -> None:
    if (kind, check) == ("loader", "memory-estimated"):
        pytest.skip("loaders state no memory")
    mutant = MUTANTS[check](SOUND[kind], KINDS[kind].method)
    outcome = outcomes_of(kind, mutant, only=check, **SPECS.get(kind, {}))[check]
    assert outcome.status == "failed", outcome


@pytest.mark.parametrize("kind", SOUND)
def test_an_instance_that_remembers_is_not_repeatable(kind: str, outcomes_of: OutcomesOf) -> None:
    mutant = remembering(SOUND[kind], KINDS[kind].method)
    outcome = outcomes_of(kind, mutant, only="repeatable", **SPECS.get(kind, {}))["repeatable"]
    assert outcome.status == "failed"
    assert outcome.detail.startswith("a used instance with the same seed gave other ")


@pytest.mark.parametrize("kind", OF_ROWS)
def test_the_kit_catches_a_host_that_lets_nan_through(
    kind: str, outcomes_of: OutcomesOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (embkit.testing.contracts.rows, embkit.testing.subject):
        monkeypatch.setattr(module, "admit", lambda dataset, _policy: dataset)
    outcome = outcomes_of(kind, SOUND[kind], only="not-finite", **SPECS.get(kind, {}))["not-finite"]
    assert outcome.status == "failed"
    assert "worked on rows that hold nan" in outcome.detail
