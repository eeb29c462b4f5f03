"""What validator ``structure`` said of a dataset: clusters, a continuum, or undecided."""

from collections.abc import Sequence
from dataclasses import dataclass

from embkit_plugins.reporters._markdown import NONE
from embkit_plugins.reporters._methods import Method

__all__ = ["Verdict", "verdict_of"]


@dataclass(frozen=True)
class Verdict:
    """Whether a dataset has clusters at all, whatever was made of it.

    Parameters
    ----------
    word : str
        ``clusters``, ``continuum`` or ``undecided``.
    p_value : float
        Of no valley between any two parts.
    groups : tuple of (int, int) or None
        Fewest and most groups that stay apart; None unless there are clusters.
    """

    word: str
    p_value: float
    groups: tuple[int, int] | None

    @property
    def evidence(self) -> str:
        """What stands behind the word."""
        stated = f"p = {self.p_value:.2g}"
        return stated if self.groups is None else f"{self.n_groups} groups, {stated}"

    @property
    def n_groups(self) -> str:
        """How many groups; a dash unless there are clusters."""
        if self.groups is None:
            return NONE
        low, high = self.groups
        return str(low) if low == high else f"{low} to {high}"


def verdict_of(methods: Sequence[Method]) -> Verdict | None:
    """The verdict in the records of a dataset, None where there is none.

    It does not depend on the labels: every trial that was asked has the same.
    """
    for method in methods:
        for trial in method.trials:
            word = trial.words.get(("structure", "verdict"))
            if word is not None:
                low, high = (
                    trial.scores.get(("structure", f"n_clusters_{end}")) for end in ("low", "high")
                )
                groups = None if low is None or high is None else (int(low), int(high))
                return Verdict(word, trial.scores["structure", "p_value"], groups)
    return None
