"""k-means for a range of k, on the data and on data of the same shape without clusters."""

import warnings
from typing import Annotated, Any

import numpy as np
from annotated_types import Ge
from numpy.typing import NDArray

from embkit.data import Artifact, Dataset
from embkit.protocols import Context
from embkit_plugins.artifacts.nulls import FittedNull, Null
from embkit_plugins.artifacts.silhouettes import silhouettes

__all__ = ["DEFAULT_KS", "KSweep"]

Floats = NDArray[np.float64]
DEFAULT_KS = (2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30)


class KSweep:
    """Silhouette and within-cluster sum of squares of k-means for each k, with those of null draws.

    Data and null draws go through the same search: k-means++ and one start for
    each k. Silhouettes are euclidean and exact.

    Cost: (1 + `n_null`) times the fits for all k, and n^2 d for the silhouettes of each.

    Parameters
    ----------
    n_clusters : tuple of int
        The k to try; those that leave fewer than two rows a cluster are left out.
    null : {"gaussian", "permuted", "uniform"}
        The data without clusters; see `embkit_plugins.artifacts.nulls`.
    n_null : int
        How many such data sets to draw.
    max_samples : int
        Rows to work on, drawn at random where there are more.
    seed : int
        Of the sample, the null draws and k-means.
    """

    def __init__(
        self,
        *,
        n_clusters: tuple[int, ...] = DEFAULT_KS,
        null: Null = "gaussian",
        n_null: Annotated[int, Ge(2)] = 10,
        max_samples: Annotated[int, Ge(10)] = 2000,
        seed: Annotated[int, Ge(0)] = 0,
    ) -> None:
        self.n_clusters = n_clusters
        self.null = null
        self.n_null = n_null
        self.max_samples = max_samples
        self.seed = seed

    def compute(self, dataset: Dataset, context: Context) -> Artifact:
        """Sweep the data and the null draws.

        Returns
        -------
        Artifact
            ``k`` int64 (n_k,); ``silhouette`` and ``log_within`` float64 (n_k,);
            ``null_silhouette`` and ``null_log_within`` float64 (n_null, n_k). No
            k where the distinct rows are too few.
        """
        rng = np.random.default_rng(self.seed)
        rows = np.arange(dataset.n_samples)
        if len(rows) > self.max_samples:
            rows = np.sort(rng.choice(rows, self.max_samples, replace=False))
        vectors = dataset.vectors[rows]
        most = min(len(vectors) // 2, len(np.unique(vectors, axis=0)) - 1)
        ks = np.array(sorted({k for k in self.n_clusters if 2 <= k <= most}), dtype=np.int64)
        found, drawn = _sweep(vectors, ks, self.seed), []
        if len(ks):
            model = FittedNull.fit(vectors)
            for draw in range(self.n_null):
                sample = model.draw(self.null, rng).astype(vectors.dtype)
                drawn.append(_sweep(sample, ks, self.seed + 1 + draw))
                context.progress((draw + 1) / self.n_null, "null draws clustered")
        shape = (self.n_null if len(ks) else 0, 2, len(ks))
        null = np.array(drawn).reshape(shape)
        return Artifact(
            {
                "k": ks,
                "silhouette": found[0],
                "log_within": found[1],
                "null_silhouette": null[:, 0],
                "null_log_within": null[:, 1],
            },
            {"n_samples": len(rows)},
        )


def _sweep(vectors: NDArray[Any], ks: NDArray[np.int64], seed: int) -> Floats:
    """Mean silhouette and log of the within-cluster sum of squares, shape (2, n_k)."""
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning

    if not len(ks):
        return np.empty((2, 0))
    labelings, within = [], []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # fewer distinct rows than k
        for k in ks:
            model = KMeans(int(k), n_init=1, random_state=seed % 2**32).fit(vectors)
            labelings.append(model.labels_)
            within.append(max(float(model.inertia_), np.finfo(np.float64).tiny))
    means = [each.mean for each in silhouettes(vectors, labelings, "euclidean")]
    return np.array([[0.0 if mean is None else mean for mean in means], np.log(within)])
