"""Every check that reducers and artifacts must pass catches one that does not do what it is about."""

from typing import Any

import numpy as np
import pytest

import embkit
from embkit.testing import CHECKS
from embkit.testing.contracts.common import COMMON
from embkit.testing.contracts.rows import ROWS
from fixture_types import OutcomesOf


class Sound:
    """Twice the values, as rows or as an array."""

    def reduce(self, dataset: embkit.Dataset, context: Any) -> Any:
        return dataset.with_vectors(2 * dataset.vectors.astype(np.float32))

    def transform(self, dataset: embkit.Dataset, fitted: embkit.Fitted) -> Any:
        return dataset.with_vectors(2 * dataset.vectors.astype(np.float32))

    def compute(self, dataset: embkit.Dataset, context: Any) -> Any:
        return embkit.Artifact(self.arrays(dataset, context), self.facts(dataset))

    def arrays(self, dataset: embkit.Dataset, context: Any) -> dict[str, Any]:
        return {"twice": 2 * dataset.vectors.astype(np.float32)}

    def facts(self, dataset: embkit.Dataset) -> dict[str, Any]:
        return {"factor": 2}


class DropsRows(Sound):
    def reduce(self, dataset: embkit.Dataset, context: Any) -> Any:
        return dataset.take(np.arange(1, dataset.n_samples)) if dataset.n_samples > 1 else dataset


class DropsTexts(Sound):
    def reduce(self, dataset: embkit.Dataset, context: Any) -> Any:
        return embkit.Dataset(dataset.vectors, ids=dataset.ids, reference=dataset.reference)


class SwapsRows(Sound):
    def reduce(self, dataset: embkit.Dataset, context: Any) -> Any:
        return dataset.take(np.arange(dataset.n_samples)[::-1])


class SwapsVectors(Sound):
    """Rows keep their texts and get the values of others."""

    def reduce(self, dataset: embkit.Dataset, context: Any) -> Any:
        order = np.random.default_rng(0).permutation(dataset.n_samples)
        return dataset.with_vectors(dataset.vectors[order])


class PlacesElsewhere(Sound):
    def transform(self, dataset: embkit.Dataset, fitted: embkit.Fitted) -> Any:
        return dataset


class PlacesInCompany(Sound):
    """Centres by the mean of whatever rows there are."""

    def reduce(self, dataset: embkit.Dataset, context: Any) -> Any:
        return dataset.with_vectors(dataset.vectors - dataset.vectors.mean(axis=0))

    def transform(self, dataset: embkit.Dataset, fitted: embkit.Fitted) -> Any:
        return self.reduce(dataset, None)


class PlacesSome(Sound):
    def transform(self, dataset: embkit.Dataset, fitted: embkit.Fitted) -> Any:
        return dataset.take(np.arange(1))


class PlacesFromMemory(Sound):
    def reduce(self, dataset: embkit.Dataset, context: Any) -> Any:
        self.factor = np.float32(2)
        return super().reduce(dataset, context)

    def transform(self, dataset: embkit.Dataset, fitted: embkit.Fitted) -> Any:
        return dataset.with_vectors(self.factor * dataset.vectors)


class LearnsObjects(Sound):
    def reduce(self, dataset: embkit.Dataset, context: Any) -> Any:
        return dataset.with_vectors(dataset.vectors, fitted={"factor": np.array([{}], dtype=object)})


class NotFinite(Sound):
    def reduce(self, dataset: embkit.Dataset, context: Any) -> Any:
        return dataset.with_vectors(np.full((dataset.n_samples, 2), np.nan, dtype=np.float32))


class Seeded(Sound):
    def arrays(self, dataset: embkit.Dataset, context: Any) -> dict[str, Any]:
        return {"random": np.random.default_rng(context.seed).normal(size=3)}


class ReadsTexts(Sound):
    def arrays(self, dataset: embkit.Dataset, context: Any) -> dict[str, Any]:
        return {"lengths": np.array([len(text) for text in dataset.texts or ()])}


class ReadsTheName(Sound):
    def arrays(self, dataset: embkit.Dataset, context: Any) -> dict[str, Any]:
        return {"name": np.array([dataset.name])}


class Objects(Sound):
    def arrays(self, dataset: embkit.Dataset, context: Any) -> dict[str, Any]:
        return {"sets": np.array([{1}, {2}], dtype=object)}


class NoArray(Sound):
    def arrays(self, dataset: embkit.Dataset, context: Any) -> dict[str, Any]:
        return {}


class Nan(Sound):
    def arrays(self, dataset: embkit.Dataset, context: Any) -> dict[str, Any]:
        return {"means": np.array([np.nan])}


class StrangeFacts(Sound):
    def facts(self, dataset: embkit.Dataset) -> dict[str, Any]:
        return {"columns": {1, 2}}


MUTANTS: dict[str, dict[str, list[type]]] = {
    "reducer": {
        "rows-kept": [DropsRows, DropsTexts, SwapsRows],
        "row-by-row": [SwapsVectors],
        "sound": [NotFinite],
        "later-rows": [
            PlacesElsewhere,
            PlacesInCompany,
            PlacesSome,
            PlacesFromMemory,
            LearnsObjects,
        ],
    },
    "artifact": {
        "pure": [Seeded, ReadsTexts, ReadsTheName],
        "kept-on-disk": [Objects],
        "sound": [NoArray, Nan, Objects, StrangeFacts],
    },
}


@pytest.mark.parametrize("kind", MUTANTS)
def test_a_sound_one_passes(kind: str, outcomes_of: OutcomesOf) -> None:
    outcomes = outcomes_of(kind, Sound)
    assert [str(outcome) for outcome in outcomes.values() if outcome.bad] == []
    assert all(outcomes[check].status == "passed" for check in MUTANTS[kind])


@pytest.mark.parametrize(
    ("kind", "check", "mutant"),
    [
        (kind, check, mutant)
        for kind, checks in MUTANTS.items()
        for check, mutants in checks.items()
        for mutant in mutants
    ],
)
def test_the_kit_catches_every_mutant(
    kind: str, check: str, mutant: type, outcomes_of: OutcomesOf
) -> None:
    assert outcomes_of(kind, mutant, only=check)[check].status == "failed"


@pytest.mark.parametrize("kind", MUTANTS)
def test_every_check_of_theirs_has_a_mutant(kind: str) -> None:
    shared = {check.name for check in COMMON + ROWS}
    assert {check.name for check in CHECKS[kind]} - shared == set(MUTANTS[kind]) - shared
