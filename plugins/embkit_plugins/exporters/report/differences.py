"""Clusterers, each at its best setting, held against the best of them over the same resampled rows.

The bootstrap over rows (Efron, Ann. Stat. 7, 1979) asks whether other rows of the same kind would
order two clusterings likewise. Both are scored on the same draws, so that what makes rows
hard for both cancels. Intervals hold together (Bonferroni). What they do not count: that
the settings were chosen by the same score, and that a clusterer would see other rows.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np

from embkit import Dataset, Floats, IntArray, deal_noise
from embkit_plugins.algorithms.rows.prepare import sampled_rows
from embkit_plugins.algorithms.silhouettes.labelings import Metric, silhouettes
from embkit_plugins.exporters.report.indices import Index, Standing

__all__ = ["Difference", "differences"]

_DRAWS = 1000
_MOST_ROWS = 5000
_LEVEL = 0.05

Statistic = Callable[[Floats], float]
"""An index of one labeling as a function of the weight of each row."""


@dataclass(frozen=True)
class Difference:
    """How much better the best clusterer is than another.

    Parameters
    ----------
    best, other : Standing
        Each at its best setting.
    difference : float
        By which the best is better, positive whichever way the index goes.
    low, high : float
        Simultaneous 95 % interval.
    """

    best: Standing
    other: Standing
    difference: float
    low: float
    high: float

    @property
    def shown(self) -> bool:
        """Whether the interval leaves no doubt which is better."""
        return self.low > 0


def differences(
    index: Index, standings: Sequence[Standing], dataset: Dataset, seed: int
) -> list[Difference]:
    """Compare the best clusterer with each other one, each at its best setting.

    Parameters
    ----------
    index : Index
        What ranks; it is known how to resample the reference ARI, and the silhouette of
        the source's vectors.
    standings : sequence of Standing
        The methods, best first.
    dataset : Dataset
        The rows.
    seed : int
        Of the draws, and of the 5000 rows that are taken of more.

    Returns
    -------
    list of Difference
        Empty where the index cannot be resampled, or there is one clusterer.

    Notes
    -----
    Cost: 1000 passes over the rows for each clusterer, and its silhouettes once.
    """
    best = _best_settings(standings)
    if len(best) < 2:
        return []
    rng = np.random.default_rng(seed)
    rows = sampled_rows(dataset.n_samples, _MOST_ROWS, rng)
    labelings = [deal_noise(item.method.labelings[0])[rows] for item in best]
    statistics = _statistics(index, labelings, dataset, rows)
    if not statistics:
        return []
    share = np.full(len(rows), 1 / len(rows))
    draws = (rng.multinomial(len(rows), share).astype(np.float64) for _ in range(_DRAWS))
    drawn = np.array([[statistic(weights) for statistic in statistics] for weights in draws])
    whole = [statistic(np.ones(len(rows))) for statistic in statistics]
    tail = _LEVEL / 2 / (len(best) - 1)
    found = []
    for place, item in enumerate(best[1:], start=1):
        low, high = np.quantile(drawn[:, 0] - drawn[:, place], [tail, 1 - tail])
        found.append(Difference(best[0], item, whole[0] - whole[place], float(low), float(high)))
    return found


def _best_settings(standings: Sequence[Standing]) -> list[Standing]:
    """The first standing of each clusterer behind the same reducers, without what is not ranked."""
    first: dict[tuple[str, str], Standing] = {}
    for item in standings:
        trial = item.method.trials[0].trial
        if item.rank is not None:
            first.setdefault((trial.reducers, trial.clusterer), item)
    return list(first.values())


def _statistics(
    index: Index, labelings: Sequence[IntArray], dataset: Dataset, rows: IntArray
) -> list[Statistic]:
    if index.external and index.score == "ari" and dataset.reference is not None:
        names = np.array(dataset.reference, dtype=object)[rows].astype(str)
        known = names != ""
        truth = np.unique(names, return_inverse=True)[1]
        return [_adjusted_rand(truth, labels, known) for labels in labelings] if known.any() else []
    metric: Any = index.metric or "euclidean"
    if index.score != "silhouette" or index.space or metric not in get_args(Metric):
        return []
    if metric == "precomputed":
        return []
    found = silhouettes(dataset.vectors[rows], labelings, metric)
    return [_mean(each.values) for each in found]


def _mean(values: Floats) -> Statistic:
    return lambda weights: float(weights @ values / weights.sum())


def _adjusted_rand(truth: IntArray, labels: IntArray, known: Any) -> Statistic:
    """The adjusted Rand index over pairs of different rows: a row drawn twice is not a pair."""
    width = int(labels.max()) + 1
    partitions = (truth * width + labels, truth, labels)

    def value(weights: Floats) -> float:
        own = weights * known
        squares = own * own
        both, one, other = (
            float((np.bincount(part, own) ** 2).sum() - np.bincount(part, squares).sum()) / 2
            for part in partitions
        )
        pairs = float(own.sum() ** 2 - squares.sum()) / 2
        expected = one * other / pairs if pairs else 0.0
        highest = (one + other) / 2
        return 1.0 if highest == expected else (both - expected) / (highest - expected)

    return value
