"""Density-based cluster validity."""

from typing import Any, Literal, get_args

import numpy as np

from embkit import Clustering, Context, Estimate, Validation
from embkit_plugins.algorithms.density.validity import density_validity
from embkit_plugins.algorithms.distances.across import Vectors
from embkit_plugins.scoring.clustered import (
    coverage,
    coverage_notes,
    single_rows_note,
    undefined_reason,
)

__all__ = ["DBCV"]

_METRICS = get_args(Vectors)


class DBCV:
    """Judge clusters by their density: the sparsest place within them against the way to the next.

    Of each cluster the longest inner edge of its spanning tree of mutual
    reachability (sparseness) is compared to the least mutual reachability to
    another cluster (separation): (separation - sparseness) / the larger, -1 to 1.
    ``dbcv`` is the mean over all rows, noise counting 0, so that shapes other than
    balls are judged fairly and leaving rows out does not pay. A cluster of one row
    counts 0. Table ``dbcv_clusters`` has a line a cluster.

    The values are those of ``hdbscan.validity.validity_index``, in logarithms, so
    that they do not depend on the scale in any number of dimensions. In hundreds of dimensions a
    core distance is next to the distance of the nearest row, as the definition
    makes it (Moulavi and others, SDM 2014).

    Cost: all distances within clusters, 24 n^2 bytes for the largest of n rows.

    Parameters
    ----------
    metric : {"auto", "cosine", "correlation", "euclidean", "hamming", "manhattan"}
        Distance between rows; auto takes the clusterer's own.
    """

    def __init__(
        self,
        *,
        metric: Literal["auto", Vectors] = "auto",
    ) -> None:
        self.metric = metric

    def memory(self, n_samples: int, n_features: int, budget: int) -> Estimate:  # noqa: ARG002
        """What blocks of distances take; a cluster that is too large is refused when it is known."""
        return Estimate(min(budget, 24 * n_samples * min(n_samples, 2000)), "matrix of each cluster")

    def validate(self, clustering: Clustering, context: Context) -> Validation:
        """Score a clustering, or say why it has no such score."""
        if (reason := undefined_reason(clustering)) is not None:
            return Validation.skip(reason)
        metric: Any = clustering.metric if self.metric == "auto" else self.metric
        if metric not in _METRICS:
            return Validation.skip(f"distances by metric {metric} cannot be measured here")
        largest = int(clustering.sizes.max())
        if 24 * largest**2 > context.memory:
            return Validation.skip(
                f"the largest cluster has {largest} rows, whose distances take "
                f"{24 * largest**2 / 1e9:.1f} GB of {context.memory / 1e9:.1f} GB"
            )
        found = density_validity(clustering.dataset, clustering.labels, metric)
        alone = int(np.count_nonzero(clustering.sizes == 1))
        notes = coverage_notes(clustering)
        if alone:
            notes += (single_rows_note(alone, "count"),)
        return Validation(
            {
                "dbcv": float(found.values @ clustering.sizes) / len(clustering.labels),
                "coverage": coverage(clustering),
                "metric": metric,
            },
            {
                "dbcv_clusters": {
                    "cluster": np.arange(clustering.n_clusters),
                    "size": clustering.sizes,
                    "validity": found.values,
                    "sparseness": found.sparseness,
                    "separation": found.separation,
                }
            },
            notes,
        )
