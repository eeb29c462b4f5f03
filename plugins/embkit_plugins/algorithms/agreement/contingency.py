"""Two labelings of the same rows held against each other: how far they agree.

Everything comes from the contingency table, kept sparse: clusters may be in
the tens of thousands.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit import IntArray
from embkit_plugins.algorithms.rows.grouping import runs

__all__ = ["Contingency", "contingency", "noise_apart"]


def noise_apart(labels: NDArray[Any]) -> IntArray:
    """Give each noise row (negative label) a cluster of its own, numbered after the others."""
    apart = np.array(labels, dtype=np.int64)
    noise = np.flatnonzero(apart < 0)
    apart[noise] = apart.max(initial=-1) + 1 + np.arange(len(noise))
    return apart


@dataclass(frozen=True, eq=False)
class Contingency:
    """The cells of a contingency table that are not empty, and the scores that follow from them.

    Parameters
    ----------
    rows, columns : ndarray of int64, shape (n_cells,)
        The cluster in the first and in the second labeling; cells are ordered
        by row, then column.
    counts : ndarray of int64, shape (n_cells,)
        Number of data rows in both clusters; at least 1.
    row_sizes, column_sizes : ndarray of int64
        Sizes of the clusters of the first and of the second labeling.
    """

    rows: IntArray
    columns: IntArray
    counts: IntArray
    row_sizes: IntArray
    column_sizes: IntArray

    @property
    def n_samples(self) -> int:
        """Number of data rows."""
        return int(self.counts.sum())

    @cached_property
    def adjusted_rand(self) -> float:
        """Agreement over pairs of rows, corrected for chance (Hubert and Arabie 1985).

        1 for equal partitions, 0 on average for random ones of these sizes.
        """
        both, first, second = _pairs(self.counts), _pairs(self.row_sizes), _pairs(self.column_sizes)
        all_pairs = self.n_samples * (self.n_samples - 1) / 2
        expected = first * second / all_pairs if all_pairs else 0.0
        highest = (first + second) / 2
        return 1.0 if highest == expected else (both - expected) / (highest - expected)

    @cached_property
    def adjusted_mutual_information(self) -> float:
        """Shared information, corrected for chance (Vinh, Epps and Bailey, JMLR 11, 2010).

        Normalised by the mean of the two entropies, as in scikit-learn. The
        expected information depends on cluster sizes only and is summed over
        distinct sizes, where scikit-learn sums over all pairs of clusters.
        """
        if self._one_to_one:
            return 1.0
        expected = _expected_information(self.row_sizes, self.column_sizes, self.n_samples)
        mean_entropy = (self._entropy(self.row_sizes) + self._entropy(self.column_sizes)) / 2
        beyond = self._information - expected
        if abs(beyond) <= _ROUNDING * mean_entropy:
            return 0.0  # as much as chance gives, which two long sums say to rounding only
        span = mean_entropy - expected
        # As in scikit-learn: a span of zero is known to rounding only, its sign included.
        span = min(span, -_EPSILON) if span < 0 else max(span, _EPSILON)
        return beyond / span

    @cached_property
    def homogeneity(self) -> float:
        """How far each cluster (column) holds members of one class (row) only, 0 to 1."""
        entropy = self._entropy(self.row_sizes)
        return self._information / entropy if entropy else 1.0

    @cached_property
    def completeness(self) -> float:
        """How far all members of a class (row) are in one cluster (column), 0 to 1."""
        entropy = self._entropy(self.column_sizes)
        return self._information / entropy if entropy else 1.0

    @cached_property
    def v_measure(self) -> float:
        """Harmonic mean of homogeneity and completeness (Rosenberg and Hirschberg 2007)."""
        total = self.homogeneity + self.completeness
        return 2 * self.homogeneity * self.completeness / total if total else 0.0

    @property
    def _one_to_one(self) -> bool:
        n_rows, n_columns = np.count_nonzero(self.row_sizes), np.count_nonzero(self.column_sizes)
        return len(self.counts) == int(n_rows) == int(n_columns)

    @cached_property
    def _information(self) -> float:
        joint = self.counts / self.n_samples
        expected = (
            self.row_sizes[self.rows]
            / self.n_samples
            * (self.column_sizes[self.columns] / self.n_samples)
        )
        return max(0.0, float((joint * np.log(joint / expected)).sum()))

    def _entropy(self, sizes: IntArray) -> float:
        share = sizes[sizes > 0] / self.n_samples
        return float(-(share * np.log(share)).sum())


_EPSILON = float(np.finfo(np.float64).eps)
_ROUNDING = 1e-11


def contingency(first: NDArray[Any], second: NDArray[Any]) -> Contingency:
    """Count the rows in each pair of clusters.

    Parameters
    ----------
    first, second : ndarray of int, shape (n_samples,)
        Labels, none negative.

    Returns
    -------
    Contingency
        Cost: O(n log n).
    """
    width = int(second.max(initial=0)) + 1
    cells, counts = np.unique(first.astype(np.int64) * width + second, return_counts=True)
    return Contingency(cells // width, cells % width, counts, np.bincount(first), np.bincount(second))


def _pairs(sizes: IntArray) -> float:
    return float((sizes.astype(np.float64) * (sizes - 1.0)).sum() / 2.0)


def _expected_information(row_sizes: IntArray, column_sizes: IntArray, n: int) -> float:
    """Mutual information of random labelings with these sizes; formula (24a) of Vinh et al."""
    from scipy.special import gammaln

    log_factorial = gammaln(np.arange(n + 1) + 1.0)
    first, first_times = np.unique(row_sizes[row_sizes > 0], return_counts=True)
    second, second_times = np.unique(column_sizes[column_sizes > 0], return_counts=True)
    expected = 0.0
    for a, a_times in zip(first, first_times, strict=True):
        # For every other size b the numbers of rows both can share, one behind the other: n at most.
        least = np.maximum(1, a + second - n)
        shares = np.minimum(a, second) - least + 1
        b, times = np.repeat(second, shares), np.repeat(second_times, shares)
        both = runs(least, shares)
        fixed = log_factorial[a] + log_factorial[b] + log_factorial[n - a] + log_factorial[n - b]
        apart = log_factorial[a - both] + log_factorial[b - both] + log_factorial[n - a - b + both]
        chance = np.exp(fixed - log_factorial[n] - log_factorial[both] - apart)
        gain = both / n * np.log(n * both / (float(a) * b))
        expected += float(a_times * (times * gain * chance).sum())
    return expected
