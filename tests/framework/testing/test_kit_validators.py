"""Every check that validators must pass catches a validator that does not do what it is about."""

from typing import Any

import numpy as np
import pytest

import embkit
from embkit.testing import CHECKS
from embkit.testing.contracts.common import COMMON
from embkit.testing.contracts.rows import ROWS
from fixture_types import OutcomesOf


class Sound:
    """The share of the largest cluster."""

    def validate(self, clustering: embkit.Clustering, context: Any) -> Any:
        sizes = clustering.sizes
        if not len(sizes):
            return embkit.Validation({}, skipped="there is no cluster")
        return embkit.Validation({"largest": self.score(clustering)}, self.tables(clustering))

    def score(self, clustering: embkit.Clustering) -> Any:
        return float(clustering.sizes.max() / clustering.dataset.n_samples)

    def tables(self, clustering: embkit.Clustering) -> dict[str, dict[str, list[Any]]]:
        return {}


class NeverJudges(Sound):
    def validate(self, clustering: embkit.Clustering, context: Any) -> Any:
        return embkit.Validation({}, skipped="the moon is full")


class NamesMatter(Sound):
    def score(self, clustering: embkit.Clustering) -> Any:
        return float(clustering.sizes[0])


class NanForOne(Sound):
    def score(self, clustering: embkit.Clustering) -> Any:
        return float("nan") if clustering.n_clusters == 1 else super().score(clustering)


class NeedsTwo(Sound):
    def score(self, clustering: embkit.Clustering) -> Any:
        return float(clustering.sizes[1] / clustering.sizes[0])


class NanForNone(Sound):
    def validate(self, clustering: embkit.Clustering, context: Any) -> Any:
        if not clustering.n_clusters:
            return embkit.Validation({"largest": float("nan")})
        return super().validate(clustering, context)


class NeedsOne(Sound):
    def validate(self, clustering: embkit.Clustering, context: Any) -> Any:
        return embkit.Validation({"largest": float(clustering.sizes.max())})


class TakesNoiseForACluster(Sound):
    def score(self, clustering: embkit.Clustering) -> Any:
        return float(np.bincount(clustering.labels).max())


class NanForSingles(Sound):
    def score(self, clustering: embkit.Clustering) -> Any:
        inner = clustering.sizes[clustering.sizes > 1]
        return float(inner.mean()) if len(inner) else float("nan")


class NeedsTexts(Sound):
    def tables(self, clustering: embkit.Clustering) -> dict[str, dict[str, list[Any]]]:
        return {"first": {"text": [clustering.dataset.texts[0]]}}  # type: ignore[index]


class NeedsATree(Sound):
    def score(self, clustering: embkit.Clustering) -> Any:
        return float(clustering.linkage[-1, 2])  # type: ignore[index]


class Silent(Sound):
    def validate(self, clustering: embkit.Clustering, context: Any) -> Any:
        return embkit.Validation({})


class NoReason(Sound):
    def validate(self, clustering: embkit.Clustering, context: Any) -> Any:
        return embkit.Validation({}, skipped=" ")


class NoneWithoutANote(Sound):
    def score(self, clustering: embkit.Clustering) -> Any:
        return None


class Ragged(Sound):
    def tables(self, clustering: embkit.Clustering) -> dict[str, dict[str, list[Any]]]:
        return {"clusters": {"cluster": [0, 1], "size": [1]}}


MUTANTS: dict[str, list[type]] = {
    "judges": [NeverJudges],
    "names-of-clusters": [NamesMatter],
    "one-cluster": [NanForOne, NeedsTwo],
    "all-noise": [NanForNone, NeedsOne],
    "some-noise": [TakesNoiseForACluster],
    "a-cluster-a-row": [NanForSingles],
    "vectors-alone": [NeedsTexts, NeedsATree],
    "sound": [Silent, NoReason, NoneWithoutANote, Ragged],
}


def test_a_sound_validator_passes(outcomes_of: OutcomesOf) -> None:
    outcomes = outcomes_of("validator", Sound)
    assert [str(outcome) for outcome in outcomes.values() if outcome.bad] == []
    assert all(outcomes[check].status == "passed" for check in MUTANTS)


@pytest.mark.parametrize(
    ("check", "mutant"), [(check, mutant) for check, mutants in MUTANTS.items() for mutant in mutants]
)
def test_the_kit_catches_every_mutant(check: str, mutant: type, outcomes_of: OutcomesOf) -> None:
    assert outcomes_of("validator", mutant, only=check)[check].status == "failed"


def test_every_check_of_validators_has_a_mutant() -> None:
    shared = {check.name for check in COMMON + ROWS}
    assert {check.name for check in CHECKS["validator"]} - shared == set(MUTANTS) - shared
