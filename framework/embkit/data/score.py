"""Which way a score is better."""

from dataclasses import dataclass
from typing import Literal

__all__ = ["Score"]


@dataclass(frozen=True)
class Score:
    """Which way a score is better, so that it can be ranked.

    Parameters
    ----------
    better : {"higher", "lower"}
        Whether more or less of it is better.
    title : str
        What to call it in tables and pictures; its own name if empty.
    low, high : float, optional
        What it can be at least and at most.
    external : bool
        Whether it compares with reference labels, whatever the vectors are.
    """

    better: Literal["higher", "lower"]
    title: str = ""
    low: float | None = None
    high: float | None = None
    external: bool = False
