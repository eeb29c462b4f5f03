"""Silhouette: how much nearer each row is to its own cluster than to the next."""

from dataclasses import replace
from typing import Any, Literal, get_args

import numpy as np

from embkit import Clustering, Context, Table, Validation, deal_noise
from embkit_plugins.algorithms.silhouettes.labelings import Metric, Silhouettes
from embkit_plugins.artifacts.silhouettes import silhouettes_of
from embkit_plugins.scoring.clustered import (
    coverage,
    coverage_notes,
    single_rows_note,
    undefined_reason,
)

__all__ = ["Silhouette"]


class Silhouette:
    """Score every row, cluster and clustering by (b - a) / max(a, b).

    a is a row's mean distance to the rest of its cluster, b the lowest mean
    distance to another cluster. 1 is well inside, 0 on the border, negative
    nearer to another cluster. Noise is left out; the share of rows that was
    scored is given beside the score. A row alone in its cluster scores 0.

    Scores: ``silhouette`` (mean over scored rows, -1 to 1), ``coverage`` (0 to
    1), ``n_scored``, ``share_negative`` (0 to 1) and ``metric``. Where there is noise,
    ``silhouette_all_rows`` is that of the clustering in which each noise row is dealt to a
    cluster at random (`embkit.deal_noise`); studies rank by it, so that leaving rows out does
    not pay. Tables: ``silhouette_clusters`` and ``silhouette_samples``.

    Parameters
    ----------
    metric : str
        Distance between rows; "auto" takes the clusterer's own.

    Notes
    -----
    Cost: O(n k d) for cosine, correlation and sqeuclidean, O(n^2 d) in blocks for the others;
    see `embkit_plugins.algorithms.silhouettes.labelings`. Equal to scikit-learn's
    ``silhouette_score`` over the rows that are not noise.
    """

    def __init__(
        self,
        *,
        metric: Literal["auto", Metric] = "auto",
    ) -> None:
        self.metric = metric

    @property
    def by_blocks(self) -> bool:
        """Whether the metric is known to need no pairs."""
        return self.metric in ("cosine", "sqeuclidean")

    def validate(self, clustering: Clustering, context: Context) -> Validation:
        """Score a clustering, or say why it has no silhouette."""
        if (reason := undefined_reason(clustering)) is not None:
            return Validation.skip(reason)
        metric: Any = clustering.metric if self.metric == "auto" else self.metric
        if metric not in get_args(Metric):
            return Validation.skip(
                f"the clusters were made by {metric!r}, of which no silhouette is made here; "
                "name another distance, as in silhouette:metric=cosine"
            )
        found = silhouettes_of(clustering, metric, context)
        scored = found.values[found.scored]
        singletons = int(np.count_nonzero(clustering.sizes == 1))
        notes = coverage_notes(clustering)
        if singletons:
            notes += (single_rows_note(singletons, "score"),)
        return Validation(
            scores={
                "silhouette": found.mean,
                "coverage": coverage(clustering),
                "n_scored": len(scored),
                "share_negative": float(np.mean(scored < 0)),
                "metric": metric,
                **self._all_rows(clustering, metric, context),
            },
            tables={
                "silhouette_clusters": _per_cluster(clustering, found),
                "silhouette_samples": _per_sample(clustering, found),
            },
            notes=notes,
        )

    def _all_rows(
        self, clustering: Clustering, metric: Metric, context: Context
    ) -> dict[str, float | None]:
        if not clustering.n_noise:
            return {}
        dealt = replace(clustering, labels=deal_noise(clustering.labels), probabilities=None)
        return {"silhouette_all_rows": silhouettes_of(dealt, metric, context).mean}


def _per_cluster(clustering: Clustering, found: Silhouettes) -> Table:
    scored = clustering.labels >= 0
    labels, values = clustering.labels[scored], found.values[scored]
    lowest = np.full(clustering.n_clusters, np.inf)
    np.minimum.at(lowest, labels, values)
    return {
        "cluster": np.arange(clustering.n_clusters),
        "size": clustering.sizes,
        "silhouette": np.bincount(labels, weights=values) / clustering.sizes,
        "lowest": lowest,
        "share_negative": np.bincount(labels, weights=values < 0) / clustering.sizes,
    }


def _per_sample(clustering: Clustering, found: Silhouettes) -> Table:
    dataset = clustering.dataset
    rows = np.flatnonzero(clustering.labels >= 0)
    return {
        "row": dataset.source_rows[rows],
        "id": [dataset.row_id(int(row)) for row in rows],
        "label": clustering.labels[rows],
        "silhouette": found.values[rows],
        "nearest": found.nearest[rows],
    }
