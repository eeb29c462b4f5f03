"""Run the checks of a kind on a component."""

import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from types import MappingProxyType

from embkit.errors import EmbkitError
from embkit.plugin.kinds import KINDS, Kind
from embkit.plugin.registry import Component, Registry
from embkit.testing.checks import Check, CheckOutcome
from embkit.testing.failures import CheckFailed, NotApplicable
from embkit.testing.subject import Subject
from embkit.text import suggestion

__all__ = ["CHECKS", "check_component", "run_check", "run_checks"]


def _checks_of(kind: Kind) -> tuple[Check, ...]:
    """The checks of one kind: those of its module in ``contracts``, which says what else applies."""
    found: tuple[Check, ...] = import_module(f"embkit.testing.contracts.{kind.plural}").CHECKS
    return found


CHECKS: Mapping[str, tuple[Check, ...]] = MappingProxyType(
    {kind.name: _checks_of(kind) for kind in KINDS.values()}
)
"""The checks of each kind, in the order in which they run."""


def run_check(check: Check, subject: Subject) -> CheckOutcome:
    """Run one check; what the component declared to fail may fail, and must."""
    reason = subject.component.spec.expected_failures.get(check.name)
    try:
        with tempfile.TemporaryDirectory(prefix="embkit-check-") as folder:
            check.run(replace(subject, folder=Path(folder)))
    except NotApplicable as error:
        return CheckOutcome(check.name, check.meaning, "does not apply", str(error))
    except (CheckFailed, EmbkitError) as error:
        if reason is not None:
            return CheckOutcome(check.name, check.meaning, "expected failure", reason)
        return CheckOutcome(check.name, check.meaning, "failed", str(error))
    if reason is not None:
        detail = f"declared to fail ({reason}), but it passes; remove the declaration"
        return CheckOutcome(check.name, check.meaning, "unexpected pass", detail)
    return CheckOutcome(check.name, check.meaning, "passed")


def run_checks(component: Component, registry: Registry) -> list[CheckOutcome]:
    """Run every check of the component's kind.

    Parameters
    ----------
    component : Component
        What to check.
    registry : Registry
        Where it finds artifacts.

    Returns
    -------
    list of CheckOutcome
        One a check; expected failures that name no check are failures too. Of a
        component that cannot be imported, this one failure alone.
    """
    subject = Subject(component, registry)
    try:
        component.factory()
    except EmbkitError as error:
        first = CHECKS[component.kind][0]
        return [CheckOutcome(first.name, first.meaning, "failed", str(error))]
    return [
        *unknown_declarations(component),
        *(run_check(check, subject) for check in CHECKS[component.kind]),
    ]


def unknown_declarations(component: Component) -> Iterable[CheckOutcome]:
    """A failure for each expected failure that names no check of the component's kind."""
    known = [check.name for check in CHECKS[component.kind]]
    for name in component.spec.expected_failures:
        if name not in known:
            detail = f"there is no check {name!r}; {suggestion(name, known)}"
            yield CheckOutcome(
                "expected_failures", "Every declared failure names a check", "failed", detail
            )


def check_component(kind: str, name: str, *, registry: Registry | None = None) -> list[CheckOutcome]:
    """Check that a component keeps to the contract of its kind.

    Parameters
    ----------
    kind : str
        ``"loader"``, ``"clusterer"`` and so on.
    name : str
        The component.
    registry : Registry, optional
        Where it is; what is installed if omitted.

    Returns
    -------
    list of CheckOutcome
        What came of every check.

    Raises
    ------
    CheckFailed
        If a check failed, or passed though it was declared to fail; the message
        names them all.
    """
    where = registry or Registry.discover()
    outcomes = run_checks(where.get(kind, name), where)
    bad = [outcome for outcome in outcomes if outcome.bad]
    if bad:
        lines = "\n".join(f"  {outcome}" for outcome in bad)
        raise CheckFailed(f"{kind} {name} fails {len(bad)} of {len(outcomes)} checks:\n{lines}")
    return outcomes
