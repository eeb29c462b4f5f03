"""Distances between all pairs of rows, in blocks of matrix products.

====================  ============================================================
cosine                1 - u.v of unit rows, 0 to 2, in the dtype of the vectors
                      unless float64 is asked for
euclidean             |x|^2 + |y|^2 - 2 x.y of centred rows, in float64
correlation           cosine of the rows, each less its own mean, 0 to 2
hamming               share of values that differ, 0 to 1, by scipy
manhattan             sum of |x - y|, by scipy
precomputed           the vectors are a square matrix of distances
====================  ============================================================

Between rows that are nearly equal such a product is rounding noise (what is left
after cancellation); those pairs are taken again from the differences in float64,
so that equal rows are at distance 0 exactly. A float32 cosine is good to about
5e-7 elsewhere, all others to float64's precision.

Cost: n^2 d multiplications and additions for the upper triangle. Memory: blocks
of 64 MB, the prepared rows, and the result where it is kept whole.
"""

import numpy as np

from embkit import Artifact, Context, Dataset, Estimate
from embkit_plugins.algorithms.distances.pairs import BLOCK_BYTES, Metric, condensed, pairs_of

__all__ = ["Distances"]


class Distances:
    """Distances between all pairs of rows, condensed: what scipy's ``squareform`` unfolds.

    Cost: n^2 d multiplications and additions; 2 n^2 bytes for the result.

    Parameters
    ----------
    metric : {"cosine", "correlation", "euclidean", "hamming", "manhattan", "precomputed"}
        Distance between rows; cosine and correlation are 0 to 2, hamming is 0 to 1.
    """

    def __init__(self, *, metric: Metric = "euclidean") -> None:
        self.metric = metric

    def memory(self, n_samples: int, n_features: int, budget: int) -> Estimate:  # noqa: ARG002
        """The result in float32, the prepared rows and the blocks."""
        rows = 8 * n_samples * n_features
        return Estimate(
            2 * n_samples**2 + rows + 4 * BLOCK_BYTES,
            "condensed matrix",
            ("--sample N", "--reducer pca"),
        )

    def compute(self, dataset: Dataset, context: Context) -> Artifact:
        """Return array ``distances``: float32, shape (n_samples * (n_samples - 1) / 2,)."""
        pairs = pairs_of(dataset, self.metric, np.float64)
        return Artifact({"distances": condensed(pairs, np.float32, context.progress)})
