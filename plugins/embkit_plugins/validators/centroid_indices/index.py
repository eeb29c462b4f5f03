"""Indices over centroids, which are euclidean whatever metric the clusterer used."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embkit import Clustering, FloatArray, Floats, IntArray, Validation, deal_noise
from embkit_plugins.algorithms.rows.prepare import row_blocks
from embkit_plugins.scoring.clustered import coverage, coverage_notes, undefined_reason

__all__ = ["Centroids", "centroid_index", "centroids_of"]

_ROUNDING = 1e-14  # of a mean of float64 values, relative to the largest of them


@dataclass(frozen=True, eq=False)
class Centroids:
    """The clusters of some rows as far as their centroids say.

    Parameters
    ----------
    means : ndarray of float64, shape (n_clusters, n_features)
        Centroids, the mean of all rows being the origin.
    sizes : ndarray of int64, shape (n_clusters,)
        Number of rows.
    spreads : ndarray of float64, shape (n_clusters,)
        Mean distance of the rows to their centroid.
    squares : float
        Sum of the squared distances of all rows to their centroids.
    reach : float
        Largest distance of a row to the origin; what is less than some 1e-14 of it is rounding.
    """

    means: Floats
    sizes: IntArray
    spreads: Floats
    squares: float
    reach: float

    @property
    def rounding(self) -> float:
        """Distances up to it are 0."""
        return _ROUNDING * self.reach


def centroids_of(vectors: FloatArray, labels: NDArray[np.int64]) -> Centroids:
    """Measure clusters in float64, from differences.

    Parameters
    ----------
    vectors : ndarray of shape (n_samples, n_features)
        The rows.
    labels : ndarray of int64, shape (n_samples,)
        0 to k - 1, none of them empty.
    """
    sizes = np.bincount(labels)
    origin = vectors.mean(axis=0, dtype=np.float64)
    means = np.zeros((len(sizes), vectors.shape[1]))
    blocks = row_blocks(vectors)
    for rows in blocks:
        np.add.at(means, labels[rows], vectors[rows] - origin)
    means /= sizes[:, None]
    distances = np.empty(len(vectors))
    reach = 0.0
    for rows in blocks:
        centred = vectors[rows] - origin
        reach = max(reach, float(np.einsum("ij,ij->i", centred, centred).max()))
        centred -= means[labels[rows]]
        distances[rows] = np.einsum("ij,ij->i", centred, centred)
    squares = float(distances.sum())
    spreads = np.bincount(labels, np.sqrt(distances)) / sizes
    return Centroids(means, sizes, spreads, squares, float(np.sqrt(reach)))


def centroid_index(
    clustering: Clustering, name: str, index: Callable[[Centroids], float | str]
) -> Validation:
    """Score the clustered rows with an index; where it is a text, that is why there is no score."""
    metric = clustering.metric
    if metric == "precomputed":
        return Validation.skip("the index needs centroids, and a matrix of distances has none")
    reason = undefined_reason(clustering)
    if reason is not None:
        return Validation.skip(reason)
    rows = clustering.labels >= 0
    vectors = clustering.dataset.vectors[rows] if clustering.n_noise else clustering.dataset.vectors
    value = index(centroids_of(vectors, clustering.labels[rows]))
    if isinstance(value, str):
        return Validation.skip(value)
    scores: dict[str, float | None] = {name: value, "coverage": coverage(clustering)}
    if clustering.n_noise:
        dealt = index(centroids_of(clustering.dataset.vectors, deal_noise(clustering.labels)))
        scores[f"{name}_all_rows"] = None if isinstance(dealt, str) else dealt
    notes = coverage_notes(clustering)
    if metric != "euclidean":
        notes += (
            f"measured with euclidean distances, as it is defined; the clusters were made by {metric}",
        )
    return Validation(scores=scores, notes=notes)
