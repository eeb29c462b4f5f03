"""k-means for a range of k, on the data and on data of the same shape without clusters."""

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from annotated_types import Ge, Le
from numpy.typing import NDArray

from embkit import Artifact, Context, Dataset, Floats
from embkit_plugins.algorithms.nulls.fitted import FittedNull, Null
from embkit_plugins.algorithms.nulls.sweep import sweep
from embkit_plugins.algorithms.rows.prepare import sampled_rows

__all__ = ["DEFAULT_KS", "DEFAULT_SAMPLES", "KSweep", "SweepResult", "sweep_of"]

DEFAULT_KS = (2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 30)
DEFAULT_SAMPLES = 1500


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
        The data without clusters; see `embkit_plugins.algorithms.nulls.fitted`.
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
        n_null: Annotated[int, Ge(2), Le(1_000)] = 10,
        max_samples: Annotated[int, Ge(10)] = DEFAULT_SAMPLES,
        seed: Annotated[int, Ge(0), Le(2**32 - 1)] = 0,
    ) -> None:
        self.n_clusters = n_clusters
        self.null = null
        self.n_null = n_null
        self.max_samples = max_samples
        self.seed = seed

    def compute(self, dataset: Dataset, context: Context) -> Artifact:
        """SweepResult the data and the null draws.

        Returns
        -------
        Artifact
            ``k`` int64 (n_k,); ``silhouette`` and ``log_within`` float64 (n_k,);
            ``null_silhouette`` and ``null_log_within`` float64 (n_null, n_k). No
            k where the distinct rows are too few.
        """
        rng = np.random.default_rng(self.seed)
        rows = sampled_rows(dataset.n_samples, self.max_samples, rng)
        vectors = dataset.vectors[rows]
        most = min(len(vectors) // 2, len(np.unique(vectors, axis=0)) - 1)
        ks = np.array(sorted({k for k in self.n_clusters if 2 <= k <= most}), dtype=np.int64)
        found, drawn = sweep(vectors, ks, self.seed), []
        if len(ks):
            model = FittedNull.fit(vectors)
            for draw in range(self.n_null):
                sample = model.draw(self.null, rng).astype(vectors.dtype)
                drawn.append(sweep(sample, ks, self.seed + 1 + draw))
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


@dataclass(frozen=True, eq=False)
class SweepResult:
    """The content of artifact ``k-sweep``, and the quantities derived from it.

    Parameters
    ----------
    k : ndarray of int64, shape (n_k,)
        The numbers of clusters, ascending.
    silhouette, log_within : ndarray of float64, shape (n_k,)
        Mean silhouette, and log of the within-cluster sum of squares.
    null_silhouette, null_log_within : ndarray of float64, shape (n_null, n_k)
        The same for each null draw.
    n_samples : int
        Rows that were clustered.
    """

    k: NDArray[np.int64]
    silhouette: Floats
    log_within: Floats
    null_silhouette: Floats
    null_log_within: Floats
    n_samples: int

    @property
    def band(self) -> Floats:
        """5, 50 and 95 % quantiles of the silhouettes of null draws, shape (3, n_k)."""
        return np.asarray(np.quantile(self.null_silhouette, [0.05, 0.5, 0.95], axis=0))

    @property
    def excess(self) -> Floats:
        """Silhouette above the mean of the null draws, in their standard deviations, (n_k,).

        The standard deviation is one for all k, the root of the mean variance.
        """
        return _standardised(self.silhouette, self.null_silhouette)

    @property
    def null_excess(self) -> Floats:
        """For each null draw the largest excess over all k against the others, shape (n_null,)."""
        null = self.null_silhouette
        others = [np.delete(null, draw, axis=0) for draw in range(len(null))]
        return np.array([_standardised(*pair).max() for pair in zip(null, others, strict=True)])

    @property
    def gap(self) -> Floats:
        """Fall of `log_within` below the mean of the null draws, shape (n_k,)."""
        return np.asarray(self.null_log_within.mean(axis=0) - self.log_within)

    @property
    def gap_error(self) -> Floats:
        """Standard error of the gap, shape (n_k,)."""
        return np.asarray(self.null_log_within.std(axis=0) * np.sqrt(1 + 1 / len(self.null_log_within)))

    @property
    def k_by_gap(self) -> int | None:
        """The smallest k whose gap is within an error of the next one's, None where there is none."""
        enough = np.flatnonzero(self.gap[:-1] >= self.gap[1:] - self.gap_error[1:])
        return int(self.k[enough[0]]) if len(enough) else None


def sweep_of(context: Context, *, random_state: int | None = None, **parameters: Any) -> SweepResult:
    """The k-sweep of the context's dataset, one computation for the same parameters; see `KSweep`."""
    seed = context.seed if random_state is None else random_state
    found = context.artifact("k-sweep", seed=seed % 2**32, **parameters)
    return SweepResult(**found.arrays, n_samples=int(found.facts["n_samples"]))


def _standardised(values: Floats, null: Floats) -> Floats:
    # few draws: one spread for all k, lest the k with the least of it by chance stands out
    variance = float(null.var(axis=0, ddof=1).mean()) if len(null) > 1 else 0.0
    return np.asarray((values - null.mean(axis=0)) / max(np.sqrt(variance), 1e-6))
