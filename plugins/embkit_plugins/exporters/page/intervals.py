"""Scores of a study's methods over their trials: means and how sure they are."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from embkit_plugins.exporters.page.payload import TrialPage

__all__ = ["Summary", "summaries"]

_LEVEL = 0.95


@dataclass(frozen=True)
class Summary:
    """One score of one method on one dataset.

    Parameters
    ----------
    dataset, method, score : str
        Which.
    mean : float
        Over the trials.
    interval : tuple of two floats, optional
        Student's 95 % interval of the mean; None for a single trial.
    n_trials : int
        Trials with the score.
    """

    dataset: str
    method: str
    score: str
    mean: float
    interval: tuple[float, float] | None
    n_trials: int


def summaries(trials: Sequence[TrialPage]) -> list[Summary]:
    """Average each score over the trials that differ in nothing but the seed."""
    found: dict[tuple[str, str, str], list[float]] = {}
    for trial in trials:
        for score, value in trial.scores.items():
            found.setdefault((trial.dataset, trial.method, score), []).append(float(value))
    return [Summary(*cell, *_mean(np.array(values)), len(values)) for cell, values in found.items()]


def _mean(
    values: "np.ndarray[tuple[int], np.dtype[np.float64]]",
) -> tuple[float, tuple[float, float] | None]:
    from scipy.special import stdtrit

    mean, n = float(values.mean()), len(values)
    if n < 2:
        return mean, None
    half = float(stdtrit(n - 1, 0.5 + _LEVEL / 2) * values.std(ddof=1) / np.sqrt(n))
    return mean, (mean - half, mean + half)
