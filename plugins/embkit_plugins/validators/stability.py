"""Stability of clusters under subsampling: whether they come back when rows are left out."""

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from annotated_types import Ge, Gt, Le, Lt
from numpy.typing import NDArray

from embkit import Clustering, Context, Dataset, ParameterError, Table, Validation
from embkit_plugins.algorithms.agreement.contingency import contingency

__all__ = ["Stability"]

_DISSOLVED, _RECOVERED = 0.5, 0.75


class Stability:
    """Cluster random parts of the data in the same way, and see which clusters come back.

    Of each cluster, the rows that were drawn are compared with the most similar
    cluster found among the drawn rows, by the Jaccard coefficient (Hennig,
    "Cluster-wise assessment of cluster stability", Comput. Stat. Data Anal. 52,
    2007; his ``clusterboot`` in R's fpc). It was recovered at 0.75 or more and
    dissolved at 0.5 or less; a mean below 0.6 is not a cluster to rely on, one of
    0.85 or more is highly stable. Rows are drawn without replacement, because
    repeated rows are clusters by themselves.

    Cost: `n_resamples` times the clusterer on a share of the rows.

    Parameters
    ----------
    n_resamples : int
        How many times to draw and cluster.
    share : float
        Share of the rows drawn each time.
    """

    def __init__(
        self,
        *,
        n_resamples: Annotated[int, Ge(2), Le(1_000)] = 20,
        share: Annotated[float, Gt(0), Lt(1)] = 0.8,
    ) -> None:
        self.n_resamples = n_resamples
        self.share = share

    def validate(self, clustering: Clustering, context: Context) -> Validation:
        """Return means over clusters as scores and the table ``stability``, by cluster."""
        n_samples, n_drawn = len(clustering.labels), int(self.share * len(clustering.labels))
        if not clustering.n_clusters:
            return Validation.skip("every row is noise: there are no clusters to look for")
        if n_drawn < 2:
            return Validation.skip(f"{self.share:g} of {n_samples} rows is nothing to cluster")
        found = np.full((self.n_resamples, clustering.n_clusters), np.nan)
        rng = np.random.default_rng(context.seed)
        for draw in range(self.n_resamples):
            rows = np.sort(rng.choice(n_samples, n_drawn, replace=False))
            try:
                again = context.refit(_drawn(clustering, rows))
            except ParameterError as error:
                return Validation.skip(f"{n_drawn} of the rows cannot be clustered in this way: {error}")
            found[draw] = best_jaccard(clustering.labels[rows], again.labels, clustering.n_clusters)
            context.progress((draw + 1) / self.n_resamples, "subsamples clustered")
        return _summary(clustering, _ByCluster.of(found), self)


@dataclass(frozen=True, eq=False)
class _ByCluster:
    """Results of the draws for each cluster, NaN where none of its rows was ever drawn."""

    n_draws: NDArray[np.int64]
    jaccard: NDArray[np.float64]
    dissolved: NDArray[np.float64]
    recovered: NDArray[np.float64]

    @classmethod
    def of(cls, found: NDArray[np.float64]) -> "_ByCluster":
        n_draws = np.count_nonzero(~np.isnan(found), axis=0)
        divisor = np.where(n_draws, n_draws, np.nan)
        return cls(
            n_draws,
            np.nansum(found, axis=0) / divisor,
            (found <= _DISSOLVED).sum(axis=0) / divisor,
            (found >= _RECOVERED).sum(axis=0) / divisor,
        )


def best_jaccard(labels: NDArray[Any], again: NDArray[Any], n_clusters: int) -> NDArray[np.float64]:
    """Jaccard coefficient of each cluster with the most similar new one.

    Parameters
    ----------
    labels : ndarray of int, shape (n_drawn,)
        The clusters that are looked for; negative is noise.
    again : ndarray of int, shape (n_drawn,)
        The clusters found among these rows; negative is noise.
    n_clusters : int
        How many clusters are looked for.

    Returns
    -------
    ndarray of float64, shape (n_clusters,)
        0 to 1; NaN where no row of a cluster was drawn.
    """
    sizes = np.bincount(labels[labels >= 0], minlength=n_clusters)
    best = np.where(sizes > 0, 0.0, np.nan)
    both = (labels >= 0) & (again >= 0)
    if both.any():
        table = contingency(labels[both], again[both])
        new_sizes = np.bincount(again[again >= 0])
        union = sizes[table.rows] + new_sizes[table.columns] - table.counts
        np.maximum.at(best, table.rows, table.counts / union)
    return best


def _drawn(clustering: Clustering, rows: NDArray[np.int64]) -> Dataset:
    dataset = clustering.dataset
    drawn = dataset.take(rows)
    if clustering.metric == "precomputed":
        return drawn.with_vectors(dataset.vectors[np.ix_(rows, rows)])
    return drawn


def _summary(clustering: Clustering, by_cluster: _ByCluster, how: Stability) -> Validation:
    drawn = by_cluster.n_draws > 0
    sizes, jaccard = clustering.sizes, by_cluster.jaccard
    table: Table = {
        "cluster": np.arange(len(sizes)),
        "size": sizes,
        "jaccard": _without_nan(jaccard),
        "dissolved": _without_nan(by_cluster.dissolved),
        "recovered": _without_nan(by_cluster.recovered),
        "draws": by_cluster.n_draws,
        "example": [clustering.dataset.describe_row(row) for row in clustering.representatives],
    }
    stable = drawn & (jaccard >= _RECOVERED)
    dissolved = drawn & (jaccard <= _DISSOLVED)
    scores = {
        "mean_jaccard": float(jaccard[drawn].mean()),
        "mean_jaccard_of_rows": float(np.average(jaccard[drawn], weights=sizes[drawn])),
        "n_stable": int(stable.sum()),
        "n_dissolved": int(dissolved.sum()),
        "share_of_rows_stable": float(sizes[stable].sum() / len(clustering.labels)),
    }
    note = (
        f"{how.n_resamples} draws of {how.share:.0%} of the rows; stable is a mean Jaccard of "
        f"{_RECOVERED} or more, dissolved one of {_DISSOLVED} or less"
    )
    notes = [note]
    if not drawn.all():
        notes.append(f"no row of {np.count_nonzero(~drawn)} clusters was ever drawn")
    return Validation(scores, {"stability": table}, tuple(notes))


def _without_nan(values: NDArray[np.float64]) -> list[float | None]:
    return [None if np.isnan(value) else float(value) for value in values]
