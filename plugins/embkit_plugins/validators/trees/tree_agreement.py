"""Another run's tree of the same rows held against this run's."""

from typing import Annotated

import numpy as np
from annotated_types import Ge

from embkit import Clustering, Context, Validation
from embkit_plugins.algorithms.distances.random_pairs import sample_pairs
from embkit_plugins.algorithms.trees.comparing import fowlkes_mallows, rank_correlation
from embkit_plugins.algorithms.trees.cophenetic import cophenetic_distances
from embkit_plugins.scoring.other_trees import other_tree

__all__ = ["TreeAgreement"]

_LEAST = 4  # rows of which the spread of Bk is known


class TreeAgreement:
    """Compare the tree of this run with another's, at all levels at once and at each.

    Rows are joined by id. Over pairs of rows ``cophenetic_correlation`` is Pearson's
    correlation of the heights at which they join in either tree, and
    ``bakers_gamma`` Spearman's, which is that of the stages at which they join
    (Baker, JASA 1974); both are 1 for equal trees and about 0 for unrelated ones.
    Table ``fowlkes_mallows`` has Bk for each number of clusters: the pairs together
    in both over the geometric mean of those together in either, with its mean and
    standard deviation under random labels, and the bound that chance passes in 5 %
    (Fowlkes and Mallows, JASA 1983).

    Cost: O(n log n), and O(n) for each number of clusters.

    Parameters
    ----------
    other : str
        The folder of the other run.
    max_clusters : int
        Largest number of clusters in the table.
    n_pairs : int
        All pairs are taken up to this many, a random sample of this size above.
    """

    def __init__(
        self,
        *,
        other: str,
        max_clusters: Annotated[int, Ge(2)] = 30,
        n_pairs: Annotated[int, Ge(10)] = 200_000,
    ) -> None:
        self.other = other
        self.max_clusters = max_clusters
        self.n_pairs = n_pairs

    def validate(self, clustering: Clustering, context: Context) -> Validation:
        """Return the correlations as scores, and Bk as a table.

        Raises
        ------
        DataError
            If the other run has no tree, or not of these rows.
        """
        n_samples, tree = len(clustering.labels), clustering.linkage
        if tree is None:
            return Validation.skip(f"{clustering.clusterer or 'the clusterer'} made no whole tree")
        if n_samples < _LEAST:
            return Validation.skip(f"trees of {n_samples} rows are not compared")
        other = other_tree(self.other, clustering.dataset)
        pairs = sample_pairs(n_samples, self.n_pairs, context.seed)
        first = cophenetic_distances(tree, pairs.left, pairs.right)
        second = cophenetic_distances(other, pairs.left, pairs.right)
        if not np.ptp(first) or not np.ptp(second):
            return Validation.skip("one of the trees joins all rows at one height")
        numbers = range(2, min(self.max_clusters, n_samples - 1) + 1)
        found = [fowlkes_mallows(tree, other, number) for number in numbers]
        above = [each.value > each.expected + 1.645 * each.deviation for each in found]
        notes: tuple[str, ...] = (
            f"Bk is above chance for {sum(above)} of {len(above)} numbers of clusters",
        )
        if not pairs.complete:
            notes += (f"correlations over {len(pairs)} pairs, drawn with seed {context.seed}",)
        return Validation(
            {
                "cophenetic_correlation": float(np.corrcoef(first, second)[0, 1]),
                "bakers_gamma": rank_correlation(first, second),
                "n_pairs": len(pairs),
            },
            {
                "fowlkes_mallows": {
                    "n_clusters": list(numbers),
                    "bk": [each.value for each in found],
                    "expected": [each.expected for each in found],
                    "deviation": [each.deviation for each in found],
                    "bound": [each.expected + 1.645 * each.deviation for each in found],
                }
            },
            notes,
        )
