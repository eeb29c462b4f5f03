"""Every check that namers must pass catches a namer that does not do what it is about."""

import types
from typing import Any

import numpy as np
import pytest

import embkit
from embkit.testing import CHECKS, registry_of, run_checks
from embkit.testing.checks import CheckOutcome


class Sound:
    """Name a group by the word of its first row."""

    def name(self, groups: embkit.Groups, context: embkit.Context) -> embkit.Names:
        return embkit.Names(tuple(self.one(groups, group) for group in range(len(groups))))

    def one(self, groups: embkit.Groups, group: int) -> embkit.Name:
        return embkit.Name(f"group {group}", ("word",), (int(groups.rows(group)[0]),), fit=-0.5)


class TooFew(Sound):
    def name(self, groups: embkit.Groups, context: embkit.Context) -> embkit.Names:
        return embkit.Names(super().name(groups, context).names[1:])


class Strangers(Sound):
    def one(self, groups: embkit.Groups, group: int) -> embkit.Name:
        stranger = set(range(groups.dataset.n_samples)) - set(groups.rows(group).tolist())
        return embkit.Name("name", rows=tuple(stranger)[:1])


class OutOfRange(Sound):
    def one(self, groups: embkit.Groups, group: int) -> embkit.Name:
        return embkit.Name("name", precision=1.5)


class NeedsTexts(Sound):
    def one(self, groups: embkit.Groups, group: int) -> embkit.Name:
        return embkit.Name(groups.dataset.texts[0].replace("\n", " ") or "-")  # type: ignore[index]


class NeedsWords(Sound):
    def one(self, groups: embkit.Groups, group: int) -> embkit.Name:
        texts = groups.dataset.texts
        return embkit.Name("".join(text.split()[0] for text in texts or ("one",))[:5])


class NeedsSiblings(Sound):
    def name(self, groups: embkit.Groups, context: embkit.Context) -> embkit.Names:
        if len(groups) == 1:
            raise ValueError("nothing to compare with")
        return super().name(groups, context)


class NeedsGroups(Sound):
    def name(self, groups: embkit.Groups, context: embkit.Context) -> embkit.Names:
        np.concatenate([groups.rows(group) for group in range(len(groups))])
        return super().name(groups, context)


class FlatOnly(Sound):
    def name(self, groups: embkit.Groups, context: embkit.Context) -> embkit.Names:
        if (groups.parents >= 0).any():
            raise ValueError("no tree expected")
        return super().name(groups, context)


class Unshowable(Sound):
    def one(self, groups: embkit.Groups, group: int) -> embkit.Name:
        return embkit.Name("\x1b[31mred")


MUTANTS: dict[str, list[type]] = {
    "one-name-a-group": [TooFew, Strangers, Unshowable],
    "measures-in-range": [OutOfRange],
    "without-texts": [NeedsTexts],
    "awkward-texts": [NeedsWords],
    "one-group": [NeedsSiblings],
    "no-group": [NeedsGroups],
    "nested-groups": [FlatOnly],
}


def outcomes_of(namer: type) -> dict[str, CheckOutcome]:
    def offer() -> Any:
        yield embkit.NamerSpec("tried", namer, summary="Tried.")

    module = types.ModuleType("plugin_of_the_test")
    offer.__name__ = "embkit_register_namers"
    vars(module)["embkit_register_namers"] = embkit.hookimpl(offer)
    registry = registry_of(module)
    return {outcome.check: outcome for outcome in run_checks(registry.get("namer", "tried"), registry)}


def test_a_sound_namer_passes() -> None:
    assert [str(outcome) for outcome in outcomes_of(Sound).values() if outcome.bad] == []


@pytest.mark.parametrize(
    ("check", "mutant"), [(check, mutant) for check, mutants in MUTANTS.items() for mutant in mutants]
)
def test_the_kit_catches_every_mutant(check: str, mutant: type) -> None:
    assert outcomes_of(mutant)[check].status == "failed"


def test_every_check_of_namers_has_a_mutant() -> None:
    of_all = {check.name for check in CHECKS["loader"]} & {check.name for check in CHECKS["clusterer"]}
    assert {check.name for check in CHECKS["namer"]} - of_all == set(MUTANTS)
