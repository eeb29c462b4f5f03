"""Cophenetic correlation: how faithfully a tree keeps the distances it was made from."""

from typing import Annotated, Any

import numpy as np
from annotated_types import Ge
from numpy.typing import NDArray

from embkit import Clustering, Context, Validation
from embkit_plugins.algorithms.distances.random_pairs import pair_distances, sample_pairs
from embkit_plugins.algorithms.trees.cophenetic import cophenetic_distances
from embkit_plugins.scoring.trees import whole_tree

__all__ = ["Cophenetic"]


class Cophenetic:
    """Correlation of the heights at which pairs of rows join with their distances.

    Pearson's, over all pairs or a random sample of them (Sokal and Rohlf 1962);
    1 is a tree that keeps every distance. A sample is given with the 95 %
    interval of its correlation, by Fisher's transformation. Ward heights are no
    distances, but their correlation with them is as informative.

    Cost: O(n log n), and one distance a pair.

    Parameters
    ----------
    n_pairs : int
        All pairs are taken up to this many, a random sample of this size above.
    """

    def __init__(self, *, n_pairs: Annotated[int, Ge(10)] = 200_000) -> None:
        self.n_pairs = n_pairs

    def validate(self, clustering: Clustering, context: Context) -> Validation:
        """Return scores ``cophenetic``, its interval, and ``n_pairs``."""
        linkage, n_samples = whole_tree(clustering, to_cut=False), len(clustering.labels)
        if isinstance(linkage, str):
            return Validation.skip(linkage)
        pairs = sample_pairs(n_samples, self.n_pairs, context.seed)
        metric: Any = clustering.metric
        distances = pair_distances(clustering.dataset, metric, pairs)
        heights = cophenetic_distances(linkage, pairs.left, pairs.right)
        if _constant(distances) or _constant(heights):
            return Validation.skip("all pairs are at one distance, which nothing correlates with")
        correlation = float(np.corrcoef(distances, heights)[0, 1])
        low, high = (correlation, correlation)
        notes: tuple[str, ...] = ()
        if not pairs.complete:
            low, high = np.tanh(
                np.arctanh(correlation) + np.array([-1.96, 1.96]) / np.sqrt(len(pairs) - 3)
            )
            total = n_samples * (n_samples - 1) // 2
            notes = (f"over {len(pairs)} of {total} pairs, drawn with seed {context.seed}",)
        scores = {
            "cophenetic": correlation,
            "cophenetic_low": float(low),
            "cophenetic_high": float(high),
            "n_pairs": len(pairs),
        }
        return Validation(scores, notes=notes)


def _constant(values: NDArray[np.float64]) -> bool:
    """Whether values differ by rounding at most, so that their correlation is noise."""
    return bool(np.ptp(values) <= 1e-12 * np.abs(values).max())
