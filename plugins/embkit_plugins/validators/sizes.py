"""The clusters, largest first: what one asks first after a fit."""

import numpy as np

from embkit import Clustering, Context, Table, Validation

__all__ = ["Sizes"]


class Sizes:
    """Number and sizes of the clusters, with a typical row of each.

    The table has one line a cluster, largest first, with the row nearest to
    the cluster's mean as its example. Cost: O(n d).
    """

    by_blocks = True

    def validate(self, clustering: Clustering, context: Context) -> Validation:  # noqa: ARG002
        """Return counts as scores and the table ``sizes``."""
        sizes, n_rows = clustering.sizes, len(clustering.labels)
        order = np.argsort(-sizes, kind="stable")
        dataset, typical = clustering.dataset, clustering.representatives[order]
        table: Table = {
            "cluster": order,
            "size": sizes[order],
            "share": sizes[order] / n_rows,
            "representative": [dataset.row_id(row) for row in typical],
            "example": [dataset.describe_row(row) for row in typical],
        }
        scores = {
            "n_clusters": clustering.n_clusters,
            "n_noise": clustering.n_noise,
            "largest": int(sizes.max(initial=0)),
            "median_size": float(np.median(sizes)) if len(sizes) else None,
            "singletons": int(np.count_nonzero(sizes == 1)),
        }
        notes = () if len(sizes) else ("every row is noise: there are no clusters",)
        return Validation(scores=scores, tables={"sizes": table}, notes=notes)
