"""Agreement of clusterings: between methods, and within a method over seeds."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from embkit import IntArray
from embkit_plugins.algorithms.agreement.contingency import Contingency, contingency, noise_apart
from embkit_plugins.exporters.report.methods import Method

__all__ = ["AgreementMatrix", "agreement", "aligned"]

_MOST_ALIGNED = 300


@dataclass(frozen=True, eq=False)
class AgreementMatrix:
    """Agreement of methods on one dataset, ordered so that those alike stand together.

    Parameters
    ----------
    methods : tuple of Method
        In that order.
    ari, ami : ndarray of float64, shape (n_methods, n_methods)
        Mean over seeds; on the diagonal that of the seeds among themselves, a
        method's stability, which is NaN where there is one seed.
    """

    methods: tuple[Method, ...]
    ari: NDArray[np.float64]
    ami: NDArray[np.float64]

    @property
    def central(self) -> Method:
        """The method that agrees best with all others."""
        between = np.where(np.eye(len(self.methods), dtype=bool), 0.0, self.ari)
        return self.methods[int(between.sum(axis=1).argmax())]


def agreement(methods: Sequence[Method]) -> AgreementMatrix:
    """Compare every pair of methods, seed by seed; noise rows count as clusters of their own.

    Cost: a contingency table for each pair of methods and each seed.
    """
    tables = _Tables()
    count = len(methods)
    ari, ami = np.full((count, count), np.nan), np.full((count, count), np.nan)
    for one in range(count):
        for other in range(one, count):
            if one == other:
                pairs = list(combinations(methods[one].labelings, 2))
            else:
                pairs = list(zip(methods[one].labelings, methods[other].labelings, strict=False))
            found = [tables.of(*pair) for pair in pairs]
            if found:
                ari[one, other] = ari[other, one] = np.mean([table.adjusted_rand for table in found])
                ami[one, other] = ami[other, one] = np.mean(
                    [table.adjusted_mutual_information for table in found]
                )
    order = _order(ari)
    return AgreementMatrix(
        tuple(methods[place] for place in order), ari[np.ix_(order, order)], ami[np.ix_(order, order)]
    )


class _Tables:
    """Contingency tables of labelings, none made twice: many methods do not depend on the seed."""

    def __init__(self) -> None:
        self._known: dict[tuple[bytes, bytes], Contingency] = {}

    def of(self, one: IntArray, other: IntArray) -> Contingency:
        first, second = one.tobytes(), other.tobytes()
        if (first, second) not in self._known:
            self._known[first, second] = contingency(noise_apart(one), noise_apart(other))
        return self._known[first, second]


def _order(ari: NDArray[np.float64]) -> list[int]:
    """Leaves of an average-linkage tree on 1 - ARI, neighbours as alike as possible."""
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import squareform

    if len(ari) < 3:
        return list(range(len(ari)))
    apart = np.clip(1 - ari, 0, None)
    np.fill_diagonal(apart, 0)
    tree = linkage(squareform(apart, checks=False), "average", optimal_ordering=True)
    return [int(leaf) for leaf in leaves_list(tree)]


def aligned(labels: IntArray, model: IntArray) -> IntArray:
    """Renumber clusters after those of a model that they share most rows with, noise kept.

    Hungarian method on the shared rows of the largest 300 clusters of each;
    clusters without a counterpart get numbers that the model does not have.

    Parameters
    ----------
    labels, model : ndarray of int64, shape (n_samples,)
        Clusters numbered from the largest down, -1 is noise.
    """
    from scipy.optimize import linear_sum_assignment

    both = (labels >= 0) & (model >= 0) & (labels < _MOST_ALIGNED) & (model < _MOST_ALIGNED)
    clusters, colours = int(labels.max(initial=-1)) + 1, int(model.max(initial=-1)) + 1
    shared = np.zeros((min(clusters, _MOST_ALIGNED), min(colours, _MOST_ALIGNED)))
    np.add.at(shared, (labels[both], model[both]), 1)
    numbers = np.full(clusters + 1, -1, dtype=np.int64)  # the last stands for noise
    for cluster, colour in zip(*linear_sum_assignment(shared, maximize=True), strict=True):
        if shared[cluster, colour]:
            numbers[cluster] = colour
    unmatched = np.flatnonzero(numbers[:-1] < 0)
    numbers[unmatched] = colours + np.arange(len(unmatched))
    return numbers[labels]
