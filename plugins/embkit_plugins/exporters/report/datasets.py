"""Methods over several datasets: mean ranks, and whether they differ where datasets suffice to tell.

Friedman's test on ranks, then Nemenyi's critical difference, as Demšar proposes
("Statistical comparisons of classifiers over multiple data sets", JMLR 7, 2006).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from embkit_plugins.exporters.report.indices import Index, ranking
from embkit_plugins.exporters.report.methods import Method

__all__ = ["LEAST_DATASETS", "RankTest", "rank_test"]

LEAST_DATASETS = 11
"""Datasets that Friedman's and Nemenyi's tests need: more than ten (Demšar 2006, section 3.2.2)."""


@dataclass(frozen=True)
class RankTest:
    """Mean ranks of methods over datasets.

    Parameters
    ----------
    index : Index
        What ranks.
    mean_ranks : mapping of str to float
        By method, the best first; 1 is the best rank.
    datasets : int
        How many they are over.
    p_value : float or None
        Friedman's: the chance of ranks as different as these if no method is better; None for
        fewer than `LEAST_DATASETS`.
    critical_difference : float or None
        Mean ranks further apart differ at the 5 % level (Nemenyi); None likewise.
    """

    index: Index
    mean_ranks: Mapping[str, float]
    datasets: int
    p_value: float | None
    critical_difference: float | None


def rank_test(index: Index, by_dataset: Mapping[str, Sequence[Method]]) -> RankTest | None:
    """Rank the methods that have the index on every dataset; None for fewer than three, or one dataset.

    Parameters
    ----------
    index : Index
        What ranks.
    by_dataset : mapping of str to sequence of Method
        The methods of each dataset, by its label.
    """
    from scipy.stats import friedmanchisquare, rankdata, studentized_range

    sign = -1 if index.higher else 1
    means = {
        dataset: {
            item.method.name: sign * item.spread.mean for item in ranking(index, methods) if item.rank
        }
        for dataset, methods in by_dataset.items()
    }
    means = {dataset: values for dataset, values in means.items() if values}
    names = [
        name
        for name in next(iter(means.values()), {})
        if all(name in values for values in means.values())
    ]
    if len(names) < 3 or len(means) < 2:
        return None
    values = np.array([[row[name] for name in names] for row in means.values()])
    ranks = np.apply_along_axis(rankdata, 1, values).mean(axis=0)
    methods, datasets = len(names), len(means)
    ordered = {names[place]: float(ranks[place]) for place in np.argsort(ranks, kind="stable")}
    if datasets < LEAST_DATASETS:
        return RankTest(index, ordered, datasets, None, None)
    quantile = studentized_range.ppf(0.95, methods, np.inf) / np.sqrt(2)
    constant = bool((values == values[:, :1]).all())
    return RankTest(
        index,
        ordered,
        datasets,
        1.0 if constant else float(friedmanchisquare(*values.T).pvalue),
        float(quantile * np.sqrt(methods * (methods + 1) / (6 * datasets))),
    )
