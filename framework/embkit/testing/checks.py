"""What a check is, and what comes of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from embkit.testing.subject import Subject

__all__ = ["Check", "CheckOutcome", "checks"]

Status = Literal["passed", "failed", "expected failure", "unexpected pass", "does not apply"]


@dataclass(frozen=True)
class Check:
    """One thing that every component of a kind must do.

    Parameters
    ----------
    name : str
        As in ``expected_failures``.
    meaning : str
        One line.
    run : callable
        Raises CheckFailed, or NotApplicable.
    """

    name: str
    meaning: str
    run: "Callable[[Subject], None]"


def checks(*functions: "Callable[[Subject], None]") -> tuple[Check, ...]:
    """Checks named by their functions: ``one_row`` is ``one-row``, its docstring the meaning."""
    return tuple(
        Check(
            function.__name__.replace("_", "-"),
            (function.__doc__ or "").partition("\n")[0].rstrip("."),
            function,
        )
        for function in functions
    )


@dataclass(frozen=True)
class CheckOutcome:
    """What came of one check of one component.

    Parameters
    ----------
    check : str
        Name of the check.
    meaning : str
        What it is about, in a line.
    status : str
        ``passed``, ``failed``, ``expected failure``, ``unexpected pass`` or ``does not apply``.
    detail : str
        Why, where it did not pass.
    """

    check: str
    meaning: str
    status: Status
    detail: str = ""

    @property
    def bad(self) -> bool:
        """Whether the component does not keep to its contract, or to what it declared."""
        return self.status in ("failed", "unexpected pass")

    def __str__(self) -> str:
        return f"{self.check} ({self.meaning}): {self.status}{': ' if self.detail else ''}{self.detail}"
