"""Silhouettes of given labels, computed once for all validators and pictures of a run."""

import numpy as np

from embkit import Artifact, Clustering, Context, Dataset, ParameterError, check_distances
from embkit_plugins.algorithms.rows.prepare import require_directions, row_deviations
from embkit_plugins.algorithms.silhouettes.labelings import Metric, Silhouettes, silhouettes

__all__ = ["LabelingSilhouettes", "silhouettes_of"]

_BY_SUMS = ("cosine", "sqeuclidean")
_BY_PAIRS = ("euclidean", "hamming", "manhattan")


class LabelingSilhouettes:
    """The silhouette of every row under given labels, and the cluster it is nearest to.

    Cost: O(n k d) for cosine, correlation and sqeuclidean, O(n^2 d) in blocks for the others,
    which the workers of a dask cluster compute, except precomputed;
    see `embkit_plugins.algorithms.silhouettes.labelings`.

    Parameters
    ----------
    labels : ndarray of int64, shape (n_samples,)
        The cluster of each row, negative for noise.
    metric : {"cosine", "correlation", "euclidean", "sqeuclidean", "hamming", "manhattan", "precomputed"}
        Distance between rows.
    """

    def __init__(self, *, labels: np.ndarray, metric: Metric = "euclidean") -> None:
        self.labels = labels
        self.metric = metric

    @property
    def by_blocks(self) -> bool:
        """Whether vectors may stay in their files: workers that compare pairs read them there."""
        return self.metric in (*_BY_SUMS, *_BY_PAIRS)

    def compute(self, dataset: Dataset, context: Context) -> Artifact:
        """Return ``values``, float64 (n_samples,), and ``nearest``, int64 (n_samples,).

        Raises
        ------
        ParameterError
            If there is not one label for each row.
        DataError
            If a row is zero under cosine or constant under correlation, or a precomputed
            matrix is none of distances.
        """
        if self.labels.shape != (dataset.n_samples,):
            raise ParameterError(
                f"artifact silhouettes: labels of shape {self.labels.shape} "
                f"for {dataset.n_samples} rows",
                "there must be one label a row",
                "give the labels of this dataset",
            )
        if self.metric == "precomputed":
            dataset = check_distances(dataset)
        metric = self.metric
        if metric == "correlation":
            dataset, metric = row_deviations(dataset), "cosine"
        if metric == "cosine":
            require_directions(dataset)
        workers = context if context.distributed else None
        if workers is None and metric in _BY_PAIRS:
            dataset = dataset.in_memory
        found = silhouettes(dataset.vectors, [self.labels], metric, workers=workers)[0]
        return Artifact({"values": found.values, "nearest": found.nearest})


def silhouettes_of(clustering: Clustering, metric: Metric, context: Context) -> Silhouettes:
    """The silhouettes of a clustering: one computation a run for each metric.

    Raises
    ------
    DataError
        If a row is zero under cosine.
    """
    found = context.artifact("silhouettes", labels=clustering.labels, metric=metric)
    return Silhouettes(clustering.labels, found["values"], found["nearest"])
