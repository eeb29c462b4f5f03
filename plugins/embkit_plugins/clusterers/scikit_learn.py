"""The memory that scikit-learn's clusterers need, beside a float32 dataset.

Upper bounds, from the arrays in their source (scikit-learn 1.3 to 1.7) at the worst
placement of the rows; the tests compare them with what is allocated.
"""

from collections.abc import Mapping
from typing import Any

from embkit import Estimate

__all__ = [
    "birch",
    "bisecting_kmeans",
    "dbscan",
    "gaussian_mixture",
    "mean_shift",
    "minibatch_kmeans",
    "optics",
    "spectral",
]

_CHUNK = 1 << 30
"""scikit-learn's working memory: distances are made in chunks of so many bytes."""

_OTHERS = ("--clusterer hdbscan", "--clusterer kmeans")


_LIBRARY = 1 << 18  # what a library allocates whatever the number of rows


def dbscan(parameters: Mapping[str, Any], n_samples: int, n_features: int, budget: int) -> Estimate:  # noqa: ARG001
    """The neighbours of all rows at once: all pairs, if eps reaches every row."""
    return Estimate(
        8 * n_samples**2 + _searched(n_samples, n_features),
        "at worst, if eps reaches every row",
        ("a larger --memory, if eps reaches few", *_OTHERS),
    )


def optics(parameters: Mapping[str, Any], n_samples: int, n_features: int, budget: int) -> Estimate:  # noqa: ARG001
    """Neighbours of a chunk of rows, then of one row after another."""
    return Estimate(_searched(n_samples, n_features) + 200 * n_samples, "neighbours in chunks", _OTHERS)


def _searched(n_samples: int, n_features: int) -> int:
    """A float64 copy of the rows in a tree, and a chunk of distances with their order."""
    return 2 * 8 * n_samples * n_features + min(24 * n_samples**2, 3 * _CHUNK)


def birch(parameters: Mapping[str, Any], n_samples: int, n_features: int, budget: int) -> Estimate:  # noqa: ARG001
    """A subcluster for every row, with sums and centres in every node, and their pairs to merge."""
    subclusters = 32 * n_samples * n_features + 2000 * n_samples
    merged = 0 if parameters["n_clusters"] is None else 10 * n_samples**2
    return Estimate(subclusters + merged, "at worst, with a subcluster for every row", _OTHERS)


def minibatch_kmeans(
    parameters: Mapping[str, Any],
    n_samples: int,
    n_features: int,
    budget: int,  # noqa: ARG001
) -> Estimate:
    """A copy of the rows, and distances of a batch to the centres."""
    n_clusters, batch = parameters["n_clusters"], parameters["batch_size"]
    return Estimate(
        4 * n_samples * n_features
        + 48 * n_samples
        + 16 * n_clusters * (n_features + 4 * min(batch, n_samples))
        + 8 * 3 * min(batch, n_samples) * n_features
        + (1 << 22),
        "batches",
        ("--sample N",),
    )


def bisecting_kmeans(
    parameters: Mapping[str, Any],
    n_samples: int,
    n_features: int,
    budget: int,  # noqa: ARG001
) -> Estimate:
    """The rows centred, the cluster that is halved, and its copy."""
    n_clusters = parameters["n_clusters"]
    return Estimate(
        4 * 4 * n_samples * n_features + 64 * n_samples + 64 * n_clusters * n_features + (1 << 22),
        "copies of the rows",
        ("--clusterer minibatch-kmeans", "--sample N"),
    )


def gaussian_mixture(
    parameters: Mapping[str, Any],
    n_samples: int,
    n_features: int,
    budget: int,  # noqa: ARG001
) -> Estimate:
    """Responsibilities, rows less a mean, and covariances with their factors."""
    k = parameters["n_components"]
    shapes = {"full": k * n_features**2, "tied": n_features**2}
    covariances = shapes.get(parameters["covariance_type"], k * n_features)
    return Estimate(
        8 * (4 * n_samples * n_features + 6 * n_samples * k + 4 * covariances + 8 * k * n_features)
        + (1 << 22),
        "normal distributions in float64",
        ("--clusterer kmeans", f"--reducer pca:n_components={min(50, n_features)}"),
    )


def mean_shift(parameters: Mapping[str, Any], n_samples: int, n_features: int, budget: int) -> Estimate:  # noqa: ARG001
    """Rows in a tree, a peak for every row, and distances of 500 rows to a third of the others."""
    return Estimate(
        8 * 6 * n_samples * n_features + 500 * 24 * n_samples + 1000 * n_samples + (1 << 22),
        "a climb from every row",
        _OTHERS,
    )


_COPIES = 4.5  # of n x n float64: affinity, Laplacian and what the solver makes of it, as measured
_COPIES_OF_A_GRAPH = 1.5


def spectral(parameters: Mapping[str, Any], n_samples: int, n_features: int, budget: int) -> Estimate:  # noqa: ARG001
    """So many matrices of all pairs."""
    copies = _COPIES_OF_A_GRAPH if parameters["affinity"] == "nearest_neighbors" else _COPIES
    return Estimate(
        int(8 * copies * n_samples**2) + 16 * n_samples * n_features + _LIBRARY,
        "similarities of all pairs",
        ("--clusterer kmeans", "--clusterer hdbscan"),
    )
