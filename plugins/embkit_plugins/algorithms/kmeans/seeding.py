"""Where Lloyd's iteration starts: greedy k-means++, or rows at random."""

import numpy as np

from embkit import Floats, IntArray
from embkit_plugins.algorithms.kmeans.points import Points

__all__ = ["plus_plus", "starting_rows"]


def starting_rows(points: Points, n_clusters: int, init: str, init_size: int, seed: int) -> IntArray:
    """Rows that are the first centres.

    Parameters
    ----------
    points : Points
        At least `n_clusters`.
    n_clusters : int
        How many to choose.
    init : {"k-means++", "random"}
        Greedy k-means++ on a sample without replacement, or that sample's first rows.
    init_size : int
        Rows of the sample, at least `n_clusters`; all rows if there are no more.
    seed : int
        Of the sample and of the choice.

    Returns
    -------
    ndarray of int64, shape (n_clusters,)
        In the order in which they were chosen.
    """
    rng = np.random.default_rng(seed)
    if init == "random":
        return rng.choice(len(points), n_clusters, replace=False).astype(np.int64)
    size = min(len(points), init_size)
    sample = np.sort(rng.choice(len(points), size, replace=False)).astype(np.int64)
    return sample[plus_plus(points.double(sample), n_clusters, rng)]


def plus_plus(rows: Floats, n_clusters: int, rng: np.random.Generator) -> IntArray:
    """Greedy k-means++ (Arthur and Vassilvitskii 2007): of some draws, the one that lowers the sum most.

    2 + log(n_clusters) candidates are drawn in each round, as in scikit-learn.

    Parameters
    ----------
    rows : ndarray of float64, shape (n_rows, n_features)
        What to choose from; rounded to integers of some 22 bits, whose products are
        exact, so that no draw hangs on how a matrix product is summed.
    n_clusters : int
        How many to choose, at most n_rows.
    rng : Generator
        Draws the candidates.

    Returns
    -------
    ndarray of int64, shape (n_clusters,)
        Different rows, those that are equal to one chosen only where no others are left.
        Cost: 2 n_rows n_features flops in float64 for each candidate.
    """
    n_trials = 2 + int(np.log(n_clusters))
    rows = _integers(rows)
    norms = np.einsum("ij,ij->i", rows, rows)
    chosen = np.empty(n_clusters, dtype=np.int64)
    chosen[0] = rng.integers(len(rows))
    nearest = _squares(rows, norms, chosen[:1])[0]
    for number in range(1, n_clusters):
        nearest[chosen[:number]] = 0
        weights = np.cumsum(nearest, dtype=np.float64)
        if weights[-1] <= 0:
            left = np.setdiff1d(np.arange(len(rows)), chosen[:number])
            chosen[number:] = rng.choice(left, n_clusters - number, replace=False)
            break
        drawn = np.searchsorted(weights, rng.random(n_trials) * weights[-1], side="right")
        drawn = np.minimum(drawn, len(rows) - 1)
        offered = np.minimum(_squares(rows, norms, drawn), nearest)
        best = int(offered.sum(axis=1, dtype=np.float64).argmin())
        chosen[number], nearest = drawn[best], offered[best]
    return chosen


def _integers(rows: Floats) -> Floats:
    """The rows in units of which d products of two stay below 2**50."""
    largest = float(np.abs(rows).max())
    bits = (50 - int(np.ceil(np.log2(rows.shape[1])))) // 2
    # frexp gives the power of two above the largest, so that scaling rounds nothing itself.
    return np.rint(np.ldexp(rows, bits - int(np.frexp(largest)[1])))


def _squares(rows: Floats, norms: Floats, chosen: IntArray) -> Floats:
    """Squared distances of the chosen rows to all rows, shape (n_chosen, n_rows)."""
    squares: Floats = (-2 * rows[chosen]) @ rows.T
    squares += norms
    squares += norms[chosen, None]
    return squares
