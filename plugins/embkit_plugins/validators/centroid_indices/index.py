"""Indices over centroids, which are euclidean whatever metric the clusterer used."""

from collections.abc import Callable
from typing import Any

from embkit import Clustering, Validation, deal_noise
from embkit_plugins.scoring.clustered import coverage, coverage_notes, undefined_reason

__all__ = ["centroid_index"]


def centroid_index(clustering: Clustering, name: str, index: Callable[..., Any]) -> Validation:
    """Score the clustered rows with an ``index(X, labels)``, and all rows with noise dealt."""
    metric = clustering.metric
    if metric == "precomputed":
        return Validation.skip("the index needs centroids, and a matrix of distances has none")
    reason = undefined_reason(clustering)
    if reason is not None:
        return Validation.skip(reason)
    rows = clustering.labels >= 0
    vectors = clustering.dataset.vectors[rows] if clustering.n_noise else clustering.dataset.vectors
    scores = {name: float(index(vectors, clustering.labels[rows])), "coverage": coverage(clustering)}
    if clustering.n_noise:
        dealt = deal_noise(clustering.labels)
        scores[f"{name}_all_rows"] = float(index(clustering.dataset.vectors, dealt))
    notes = coverage_notes(clustering)
    if metric != "euclidean":
        notes += (
            f"measured with euclidean distances, as it is defined; the clusters were made by {metric}",
        )
    return Validation(scores=scores, notes=notes)
