"""Rows that do not belong where they are, by the tree of hdbscan."""

import numpy as np

from embkit import Clustering, Context, Validation
from embkit_plugins.algorithms.density.package import hdbscan_tree
from embkit_plugins.algorithms.density.selection import has_density_tree

__all__ = ["Outliers"]


class Outliers:
    """Score every row by how much less dense its place is than the densest near it.

    GLOSH (Campello, Moulavi, Zimek and Sander, ACM TKDD 10, 2015) as the hdbscan
    package computes it: 1 - (density at which the row leaves its cluster) /
    (highest density in that cluster and those it divides into). 0 is in the
    thick of it, near 1 far out, also for rows that are not noise; 1 for all that
    part from more than min_cluster_size equal rows, which are infinitely dense. Needs the tree
    of clusterer hdbscan.

    Scores: ``share_above_90`` (0 to 1), the rows that score above 0.9. Table:
    ``outliers``, highest first, of equal scores that in the least dense place. Cost: O(n).
    """

    def validate(self, clustering: Clustering, context: Context) -> Validation:
        """Score the rows of a clustering by hdbscan."""
        del context
        min_cluster_size = clustering.parameters.get("min_cluster_size")
        has_tree = clustering.linkage is not None and has_density_tree(clustering)
        if not has_tree or min_cluster_size is None:
            return Validation.skip("outlier scores need the tree of clusterer hdbscan")
        package = hdbscan_tree()
        tree = package.condense_tree(np.array(clustering.linkage), min_cluster_size)
        scores = package.outlier_scores(tree)
        # 1 - lambda / infinity: equal rows are infinitely dense, and all others there are outliers.
        scores = np.where(np.isnan(scores), 1.0, scores)
        rows = tree["child"] < len(scores)
        densities = np.empty(len(scores))
        densities[tree["child"][rows]] = tree["lambda_val"][rows]
        order = np.lexsort((densities, -scores))
        dataset = clustering.dataset
        return Validation(
            scores={"share_above_90": float(np.mean(scores > 0.9))},
            tables={
                "outliers": {
                    "row": dataset.source_rows[order],
                    "id": [dataset.row_id(int(row)) for row in order],
                    "label": clustering.labels[order],
                    "outlier_score": scores[order],
                }
            },
        )
