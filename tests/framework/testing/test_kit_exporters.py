"""Every check that exporters must pass catches an exporter that does not do what it is about."""

import types
from typing import Any

import pytest

import embkit
from embkit.testing import CHECKS, registry_of, run_checks
from embkit.testing.checks import CheckOutcome


class Sound:
    """How many rows or trials there are."""

    def export(self, subject: Any, context: embkit.Context) -> dict[str, Any]:
        if isinstance(subject, embkit.Run):
            return {"notes/rows.txt": f"{subject.dataset.n_samples} rows\n"}
        return {"trials.txt": f"{len(subject.trials)} trials\n"}


class Outside(Sound):
    def export(self, subject: Any, context: embkit.Context) -> dict[str, Any]:
        return {"../rows.txt": "rows"}


class Nothing(Sound):
    def export(self, subject: Any, context: embkit.Context) -> dict[str, Any]:
        return {}


class WrongContent(Sound):
    def export(self, subject: Any, context: embkit.Context) -> dict[str, Any]:
        return {"rows.txt": 3}


class NeedsTexts(Sound):
    def export(self, subject: Any, context: embkit.Context) -> dict[str, Any]:
        if isinstance(subject, embkit.Run) and subject.dataset.texts is None:
            raise ValueError("no texts")
        return super().export(subject, context)


class NeedsClusters(Sound):
    def export(self, subject: Any, context: embkit.Context) -> dict[str, Any]:
        if isinstance(subject, embkit.Run):
            subject.clustering.sizes[0]  # type: ignore[union-attr]
        return super().export(subject, context)


class NeedsWords(Sound):
    def export(self, subject: Any, context: embkit.Context) -> dict[str, Any]:
        if isinstance(subject, embkit.Run) and "" in (subject.dataset.texts or ()):
            return {}
        return super().export(subject, context)


class NeedsTwoTrials(Sound):
    def export(self, subject: Any, context: embkit.Context) -> dict[str, Any]:
        if isinstance(subject, embkit.StudyRecord) and len(subject.trials) < 2:
            return {}
        return super().export(subject, context)


class NeedsLabels(Sound):
    def export(self, subject: Any, context: embkit.Context) -> dict[str, Any]:
        if isinstance(subject, embkit.StudyRecord):
            next(item.labels for item in subject.trials if item.labels is not None).sum()
        return super().export(subject, context)


MUTANTS: dict[str, list[type]] = {
    "written": [Outside, Nothing, WrongContent],
    "vectors-alone": [NeedsTexts],
    "no-clusters": [NeedsClusters],
    "awkward-texts": [NeedsWords],
    "one-trial": [NeedsTwoTrials],
    "nothing-done": [NeedsLabels],
}


def outcomes_of(exporter: type) -> dict[str, CheckOutcome]:
    def offer() -> Any:
        yield embkit.ExporterSpec("tried", exporter, summary="Tried.", subjects=("run", "study"))

    module = types.ModuleType("plugin_of_the_test")
    offer.__name__ = "embkit_register_exporters"
    vars(module)["embkit_register_exporters"] = embkit.hookimpl(offer)
    registry = registry_of(module)
    return {
        outcome.check: outcome for outcome in run_checks(registry.get("exporter", "tried"), registry)
    }


def test_a_sound_exporter_passes() -> None:
    assert [str(outcome) for outcome in outcomes_of(Sound).values() if outcome.bad] == []


@pytest.mark.parametrize(
    ("check", "mutant"), [(check, mutant) for check, mutants in MUTANTS.items() for mutant in mutants]
)
def test_the_kit_catches_every_mutant(check: str, mutant: type) -> None:
    assert outcomes_of(mutant)[check].status == "failed"


def test_every_check_of_exporters_has_a_mutant() -> None:
    of_all = {check.name for check in CHECKS["loader"]} & {check.name for check in CHECKS["clusterer"]}
    assert {check.name for check in CHECKS["exporter"]} - of_all == set(MUTANTS)
