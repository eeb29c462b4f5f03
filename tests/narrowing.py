"""What a test knows of a value and its type does not say, asserted."""

from typing import Any, TypeVar

Value = TypeVar("Value")


def present(value: Value | None) -> Value:
    """The value, which is not None."""
    assert value is not None
    return value


def number(value: float | str | None) -> float:
    """The value, which is a number."""
    assert isinstance(value, (bool, int, float))
    return value


def untyped(value: object) -> Any:
    """The value, of which more is asked than its type allows."""
    return value
