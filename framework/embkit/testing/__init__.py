"""The conformance kit: whether a component is one that others can rely on.

``check_component`` runs every check of a component's kind;
``parametrize_with_components`` makes each one a test of its own. A component
says in its spec which checks it fails (``expected_failures``) and with which
parameters it is tried (``example``).
"""

from embkit.testing.checks import Check, CheckOutcome
from embkit.testing.failures import CheckFailed, NotApplicable
from embkit.testing.kit import CHECKS, check_component, run_check, run_checks
from embkit.testing.parametrize import parametrize_with_components, registry_of
from embkit.testing.subject import Subject

__all__ = [
    "CHECKS",
    "Check",
    "CheckFailed",
    "CheckOutcome",
    "NotApplicable",
    "Subject",
    "check_component",
    "parametrize_with_components",
    "registry_of",
    "run_check",
    "run_checks",
]
