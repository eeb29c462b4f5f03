"""k-sweep: how the silhouette for each k compares with data of the same shape without clusters."""

from typing import Annotated

import numpy as np
from annotated_types import Ge
from numpy.typing import NDArray

from embkit.data import Artifact, Dataset, Table, Validation
from embkit.protocols import Context
from embkit_plugins.artifacts.k_sweep import DEFAULT_KS
from embkit_plugins.artifacts.nulls import Null

__all__ = ["KSweep"]

Floats = NDArray[np.float64]


class KSweep:
    """Cluster by k-means for each k, and set silhouette and gap beside those of a fitted null.

    In many dimensions a silhouette is low even for the right number of clusters,
    and for the wrong one it is not zero either. What counts is by how many
    standard deviations it stands above what the same search reaches on data with
    the same spread and no clusters (``excess``); the right k stands out in that,
    however low the silhouette itself is.

    The gap is the fall of the log within-cluster sum of squares below the mean of
    the null, and ``k_by_gap`` the smallest k whose gap is within one standard
    error of the next one's (Tibshirani, Walther and Hastie, JRSS B 63, 2001).
    ``p_value`` is that of the largest excess over all k, by its rank among the
    null draws' own, each against the others: it cannot be below
    1 / (n_null + 1), and it speaks against this null only. A curved or
    heavy-tailed continuum is above a Gaussian too; whether there are clusters is
    for validator ``structure`` to say.

    Scores: ``k_by_silhouette``, ``k_by_excess``, ``k_by_gap`` (None where no k
    qualifies), ``excess``, ``p_value``. Table: ``k_sweep``.

    Cost: (1 + `n_null`) times the k-means fits, and n^2 d for silhouettes of each,
    on at most `max_samples` rows; about 20 seconds for (2000, 384) on one core.

    Parameters
    ----------
    n_clusters : tuple of int
        The k to try; those that leave fewer than two rows a cluster are left out.
    null : {"gaussian", "permuted", "uniform"}
        Normal with the data's spectrum, principal components shuffled, or a uniform box.
    n_null : int
        How many such data sets to draw.
    max_samples : int
        Rows to work on, drawn at random where there are more.
    """

    def __init__(
        self,
        *,
        n_clusters: tuple[int, ...] = DEFAULT_KS,
        null: Null = "gaussian",
        n_null: Annotated[int, Ge(2)] = 10,
        max_samples: Annotated[int, Ge(10)] = 2000,
    ) -> None:
        self.n_clusters = n_clusters
        self.null = null
        self.n_null = n_null
        self.max_samples = max_samples

    def validate(self, dataset: Dataset, context: Context) -> Validation:
        """Return the k that stand out, and the table ``k_sweep``."""
        swept = context.artifact(
            "k-sweep",
            n_clusters=self.n_clusters,
            null=self.null,
            n_null=self.n_null,
            max_samples=self.max_samples,
            seed=context.seed,
        )
        ks = swept["k"]
        if not len(ks):
            return Validation.skip("there are too few different rows for any of the k to be tried")
        excess, null_excess = _excess(swept["silhouette"], swept["null_silhouette"])
        gap, error = _gap(swept)
        best, largest = int(excess.argmax()), float(excess.max())
        scores = {
            "k_by_silhouette": int(ks[swept["silhouette"].argmax()]),
            "k_by_excess": int(ks[best]),
            "k_by_gap": _k_by_gap(ks, gap, error),
            "excess": largest,
            "p_value": float((1 + np.sum(null_excess >= largest)) / (1 + len(null_excess))),
        }
        n_used = int(swept.facts["n_samples"])
        sentence = (
            f"k = {ks[best]} stands out most: silhouette {swept['silhouette'][best]:.3f}, "
            f"{largest:.1f} standard deviations above data of the same shape without clusters"
        )
        notes = [sentence]
        if n_used < dataset.n_samples:
            notes.append(f"on {n_used} of {dataset.n_samples} rows, drawn at random")
        return Validation(scores, {"k_sweep": _table(swept, excess, gap, error)}, tuple(notes))


def _excess(values: Floats, null: Floats) -> tuple[Floats, Floats]:
    """Standard deviations above the null for each k, and the largest of each null draw over all k."""
    spread = np.maximum(null.std(axis=0, ddof=1), 1e-6)
    own = []
    for draw in range(len(null)):
        others = np.delete(null, draw, axis=0)
        scale = spread if len(others) < 2 else np.maximum(others.std(axis=0, ddof=1), 1e-6)
        own.append(((null[draw] - others.mean(axis=0)) / scale).max())
    return (values - null.mean(axis=0)) / spread, np.array(own)


def _gap(swept: Artifact) -> tuple[Floats, Floats]:
    null = swept["null_log_within"]
    error = null.std(axis=0) * np.sqrt(1 + 1 / len(null))
    return np.asarray(null.mean(axis=0) - swept["log_within"]), np.asarray(error)


def _k_by_gap(ks: NDArray[np.int64], gap: Floats, error: Floats) -> int | None:
    enough = np.flatnonzero(gap[:-1] >= gap[1:] - error[1:])
    return int(ks[enough[0]]) if len(enough) else None


def _table(swept: Artifact, excess: Floats, gap: Floats, error: Floats) -> Table:
    low, middle, high = np.quantile(swept["null_silhouette"], [0.05, 0.5, 0.95], axis=0)
    return {
        "k": swept["k"],
        "silhouette": swept["silhouette"],
        "null_low": low,
        "null_median": middle,
        "null_high": high,
        "excess": excess,
        "gap": gap,
        "gap_error": error,
    }
