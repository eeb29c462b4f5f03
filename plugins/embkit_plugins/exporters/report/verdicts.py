"""Verdicts of validator ``structure`` on a dataset: clusters, a continuum, or undecided."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from embkit_plugins.exporters.report.indices import measured_at_source
from embkit_plugins.exporters.report.methods import Method
from embkit_plugins.exporters.report.writing.markdown import NONE

__all__ = ["Verdict", "verdicts_of"]

_NAME = "structure"


@dataclass(frozen=True)
class Verdict:
    """A verdict on whether the rows have clusters at all, however they were clustered.

    Parameters
    ----------
    word : str
        ``clusters``, ``continuum`` or ``undecided``.
    p_values : tuple of (float, float)
        Least and most over the trials, of no valley between any two parts; they
        differ where a reducer gave each trial other vectors.
    groups : tuple of (int, int) or None
        Fewest and most groups that stay apart; None unless there are clusters.
    """

    word: str
    p_values: tuple[float, float]
    groups: tuple[int, int] | None

    @property
    def evidence(self) -> str:
        """The evidence behind the word."""
        stated = f"p = {self.p}"
        return stated if self.groups is None else f"{self.n_groups} groups, {stated}"

    @property
    def p(self) -> str:
        """The p-value, or from which to which they go."""
        low, high = (f"{value:.2g}" for value in self.p_values)
        return low if low == high else f"{low} to {high}"

    @property
    def n_groups(self) -> str:
        """How many groups; a dash unless there are clusters."""
        if self.groups is None:
            return NONE
        low, high = self.groups
        return str(low) if low == high else f"{low} to {high}"


def verdicts_of(methods: Sequence[Method]) -> dict[str, Verdict]:
    """The verdicts in the records of a dataset, by the reducers whose vectors were judged.

    The word is that of the median p-value. Reducers are an empty string for the
    vectors of the source, and those come first.
    """
    found: dict[str, list[tuple[float, str, tuple[int, int] | None]]] = {}
    for method in methods:
        for trial in method.trials:
            word = trial.words.get((_NAME, "verdict"))
            if word is None:
                continue
            at_source = _NAME in measured_at_source(trial)
            low, high = (trial.scores.get((_NAME, f"n_clusters_{end}")) for end in ("low", "high"))
            groups = None if low is None or high is None else (int(low), int(high))
            chain = "" if at_source else trial.trial.reducers
            found.setdefault(chain, []).append((trial.scores[_NAME, "p_value"], word, groups))
    return {chain: _summed_up(found[chain]) for chain in sorted(found, key=bool)}


def _summed_up(said: list[tuple[float, str, tuple[int, int] | None]]) -> Verdict:
    p_values = [p_value for p_value, *_ in said]
    middle = int(np.argsort(p_values, kind="stable")[len(said) // 2])
    word = said[middle][1]
    numbers = [groups for *_, groups in said if groups is not None] if word == "clusters" else []
    groups = (min(low for low, _ in numbers), max(high for _, high in numbers)) if numbers else None
    return Verdict(word, (min(p_values), max(p_values)), groups)
