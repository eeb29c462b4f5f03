"""Rows that came later beside those of a run: the nearest of these, and drift."""

from dataclasses import asdict
from typing import Annotated, Any

import numpy as np
from annotated_types import Ge

from embkit import Artifact, Context, Dataset, Floats, IntArray, ParameterError
from embkit_plugins.algorithms.distances.across import Vectors, across
from embkit_plugins.algorithms.nulls.drift import Drift, NoiseDrift, drift_of, noise_drift_of
from embkit_plugins.algorithms.rows.prepare import sampled_rows

__all__ = ["LaterRows"]

_OWN = 2_000  # rows of the run that say which distances are usual


class LaterRows:
    """The nearest rows of the dataset to other rows, and how usual their distances are.

    Drift is tested by the distance to the nearest row, against at most 2,000 rows of
    the dataset that are drawn at random, each compared to all rows but itself; see
    `embkit_plugins.algorithms.nulls.drift`. Where labels are given and some rows are noise, how often
    noise is nearest is tested too.

    Cost: the distances of the other rows and of those drawn to all rows, in blocks
    of 32 MB.

    Parameters
    ----------
    vectors : ndarray of shape (n_others, n_features)
        The other rows.
    metric : {"cosine", "correlation", "euclidean", "hamming", "manhattan"}
        Distance between rows.
    n_neighbors : int
        How many nearest rows to give.
    labels : ndarray of int64, shape (n_samples,), optional
        Clusters of the dataset's rows, -1 for noise.
    """

    def __init__(
        self,
        *,
        vectors: np.ndarray,
        metric: Vectors = "euclidean",
        n_neighbors: Annotated[int, Ge(1)] = 1,
        labels: np.ndarray | None = None,
    ) -> None:
        self.vectors = vectors
        self.metric = metric
        self.n_neighbors = n_neighbors
        self.labels = labels

    def compute(self, dataset: Dataset, context: Context) -> Artifact:  # noqa: ARG002
        """Return ``indices`` int64 and ``distances`` float64, (n_others, n_neighbors).

        The facts are the figures of drift and its ``warnings``; none for a dataset
        of one row.

        Raises
        ------
        ParameterError
            If there are fewer rows than `n_neighbors`, or the other rows do not have
            as many features.
        DataError
            If a row is zero under cosine.
        """
        others = Dataset(self.vectors, name="the other rows")
        if self.n_neighbors > dataset.n_samples or others.n_features != dataset.n_features:
            raise ParameterError(
                f"artifact later-rows: n_neighbors={self.n_neighbors} for {dataset.n_samples} rows, and "
                f"{others.n_features} features beside {dataset.n_features}",
                "there must be enough rows, and both sets must be of one space",
                "give rows of the same model",
            )
        indices, distances = across(dataset, others, self.metric).nearest(self.n_neighbors)
        found = {"indices": indices, "distances": distances}
        return Artifact(found, self._drift(dataset, indices[:, 0], distances[:, 0]))

    def _drift(self, dataset: Dataset, indices: IntArray, distances: Floats) -> dict[str, Any]:
        if dataset.n_samples == 1:
            return {}
        drawn = sampled_rows(dataset.n_samples, _OWN, np.random.default_rng(0))
        beside, own = across(dataset, dataset.take(drawn), self.metric).nearest(1, leave_out=drawn)
        found: list[Drift | NoiseDrift] = [drift_of(distances, own[:, 0])]
        if self.labels is not None and np.any(self.labels < 0):
            noise = self.labels < 0
            found.append(noise_drift_of(noise[indices], noise[beside[:, 0]]))
        figures = {name: value for each in found for name, value in asdict(each).items()}
        return {**figures, "warnings": [warning for each in found for warning in each.warnings]}
