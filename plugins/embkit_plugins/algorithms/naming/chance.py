"""Probability that chance alone makes a term as frequent in a group as it is."""

import numpy as np
from numpy.typing import NDArray

from embkit import IntArray

__all__ = ["discoveries", "log_tail", "n_testable"]

FloatArray = NDArray[np.float64]
_STEPS = 400  # terms of the series; it falls at least geometrically beyond the mean


def log_tail(counts: IntArray, sizes: IntArray, frequencies: IntArray, n_rows: int) -> FloatArray:
    """Compute log P(X >= count) for hypergeometric X.

    X is the number of rows that hold a term, in `sizes` rows drawn from `n_rows`
    of which `frequencies` hold it. 0 where the count is not above its
    expectation. Cost O(1) each, vectorised.
    """
    k, s, f = (np.asarray(values, dtype=np.float64) for values in (counts, sizes, frequencies))
    k, s, f = np.broadcast_arrays(k, s, f)
    result = np.zeros(k.shape)
    above = k * n_rows > s * f
    if not above.any():
        return result
    k, s, f = k[above], s[above], f[above]
    total, ratio = np.ones(len(k)), np.ones(len(k))
    for step in range(_STEPS):
        more = k + step
        ratio = ratio * (np.maximum(f - more, 0) * np.maximum(s - more, 0))
        ratio = ratio / ((more + 1) * np.maximum(n_rows - f - s + more + 1, 1))
        total += ratio
        if (ratio <= 1e-9 * total).all():
            break
    result[above] = np.minimum(_log_probability(k, s, f, n_rows) + np.log(total), 0.0)
    return result


def _log_probability(k: FloatArray, s: FloatArray, f: FloatArray, n: int) -> FloatArray:
    """Compute log P(X = k)."""
    from scipy.special import gammaln

    def log_choose(of: FloatArray | float, some: FloatArray) -> FloatArray:
        chosen: FloatArray = gammaln(of + 1.0) - gammaln(some + 1.0) - gammaln(of - some + 1.0)
        return chosen

    return log_choose(f, k) + log_choose(n - f, s - k) - log_choose(float(n), s)


def n_testable(sizes: IntArray, frequencies: IntArray, n_rows: int, alpha: float) -> FloatArray:
    """Count the terms that could pass a test at all, for groups of each size.

    A term in two rows of a thousand is never significant, so it need not be
    corrected for (R. E. Tarone, "A modified Bonferroni method for discrete
    data", Biometrics 46, 1990): the smallest k such that at most k terms have an
    attainable p-value of alpha / k or less. Cost: distinct sizes times distinct
    frequencies.
    """
    frequency, how_many = np.unique(frequencies, return_counts=True)
    size, of = np.unique(sizes, return_inverse=True)
    needed = np.array(
        [_corrected(int(s), frequency, how_many, n_rows, alpha) for s in size], dtype=np.float64
    )
    return needed[of]


def _corrected(size: int, frequency: IntArray, how_many: IntArray, n_rows: int, alpha: float) -> float:
    """Return the smallest k such that at most k terms attain alpha / k, terms given by frequency."""
    if not len(frequency):
        return 1.0
    attainable = log_tail(np.minimum(frequency, size), np.full(len(frequency), size), frequency, n_rows)
    best = np.argsort(attainable, kind="stable")
    # With k in (below, above], exactly the first i terms attain alpha / k.
    limits = np.log(alpha) - attainable[best]
    above = np.exp(np.minimum(np.concatenate([[np.inf], limits]), 700.0))
    below = np.exp(np.minimum(np.concatenate([limits, [-np.inf]]), 700.0))
    reached = np.concatenate([[1], np.cumsum(how_many[best])])
    k = np.maximum(reached, np.floor(below) + 1)
    return float(k[k <= above].min())


def discoveries(p_values: FloatArray, alpha: float) -> int:
    """Count what passes at a false discovery rate of alpha.

    Source: Y. Benjamini and Y. Hochberg, "Controlling the false discovery rate",
    J. R. Stat. Soc. B 57 (1995).
    """
    passing = np.sort(p_values) <= alpha * np.arange(1, len(p_values) + 1) / max(len(p_values), 1)
    return int(np.flatnonzero(passing)[-1]) + 1 if passing.any() else 0
