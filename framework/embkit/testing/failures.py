"""Outcomes of a check of the conformance kit other than success."""

__all__ = ["CheckFailed", "NotApplicable", "require"]


class CheckFailed(AssertionError):  # noqa: N818 - pytest and users read it so
    """A component does not keep to its contract; the message says where."""


class NotApplicable(Exception):  # noqa: N818 - it is not an error
    """A check has nothing to say of this component, and why."""


def require(condition: object, message: str) -> None:
    """Fail the check with `message` unless `condition` holds."""
    if not condition:
        raise CheckFailed(message)
