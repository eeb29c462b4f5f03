"""A class tried as a component of any kind, by one check of the kit or by all of them."""

import types
from typing import Any

import pytest

import embkit
from embkit.plugin.kinds import KINDS
from embkit.testing import CHECKS, registry_of
from embkit.testing.checks import CheckOutcome
from embkit.testing.kit import run_check
from embkit.testing.subject import Subject
from fixture_types import OutcomesOf


@pytest.fixture
def outcomes_of() -> OutcomesOf:
    """What comes of the checks: ``outcomes_of("reducer", Class, only="silent", **spec)``."""

    def find(
        kind: str, component: type, only: str | None = None, **spec: Any
    ) -> dict[str, CheckOutcome]:
        def offer() -> Any:
            yield KINDS[kind].spec("tried", component, summary="Tried.", **spec)

        module = types.ModuleType("plugin_of_the_test")
        offer.__name__ = KINDS[kind].hook
        setattr(module, offer.__name__, embkit.hookimpl(offer))
        registry = registry_of(module)
        subject = Subject(registry.get(kind, "tried"), registry)
        chosen = [check for check in CHECKS[kind] if only is None or check.name == only]
        assert chosen, only
        return {check.name: run_check(check, subject) for check in chosen}

    return find
