"""k-sweep: how the silhouette for each k compares with data of the same shape without clusters."""

from typing import Annotated

import numpy as np
from annotated_types import Ge, Le

from embkit import Context, Dataset, Table, Validation
from embkit_plugins.algorithms.nulls.fitted import Null
from embkit_plugins.artifacts.k_sweep import DEFAULT_KS, DEFAULT_SAMPLES, SweepResult, sweep_of

__all__ = ["KSweep"]


class KSweep:
    """Cluster by k-means for each k, and set silhouette and gap beside those of a fitted null.

    In many dimensions a silhouette is low even for the right number of clusters,
    and for the wrong one it is not zero either. What counts is by how many
    standard deviations it stands above what the same search reaches on data with
    the same spread and no clusters (``excess``; one standard deviation for all k);
    the right k stands out in that, however low the silhouette itself is.

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
    on at most `max_samples` rows; about 10 seconds for (1500, 384) on one core.

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
    random_state : int, optional
        Seed of the null draws and of k-means; the run's seed if omitted.
    """

    def __init__(
        self,
        *,
        n_clusters: tuple[int, ...] = DEFAULT_KS,
        null: Null = "gaussian",
        n_null: Annotated[int, Ge(2), Le(1_000)] = 10,
        max_samples: Annotated[int, Ge(10)] = DEFAULT_SAMPLES,
        random_state: Annotated[int, Ge(0), Le(2**32 - 1)] | None = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.null = null
        self.n_null = n_null
        self.max_samples = max_samples
        self.random_state = random_state

    def validate(self, dataset: Dataset, context: Context) -> Validation:
        """Return the k that stand out, and the table ``k_sweep``."""
        swept = sweep_of(
            context,
            n_clusters=self.n_clusters,
            null=self.null,
            n_null=self.n_null,
            max_samples=self.max_samples,
            random_state=self.random_state,
        )
        if not len(swept.k):
            return Validation.skip("there are too few different rows for any of the k to be tried")
        excess, null_excess = swept.excess, swept.null_excess
        best, largest = int(excess.argmax()), float(excess.max())
        n_null = len(null_excess)
        p_value = float((1 + np.sum(null_excess >= largest)) / (1 + n_null))
        scores = {
            "k_by_silhouette": int(swept.k[swept.silhouette.argmax()]),
            "k_by_excess": int(swept.k[best]),
            "k_by_gap": swept.k_by_gap,
            "excess": largest,
            "p_value": p_value,
        }
        notes = [
            (
                f"k = {swept.k[best]} stands out most: silhouette {swept.silhouette[best]:.3f}, "
                f"{largest:.1f} standard deviations above data of the same shape without clusters"
            )
        ]
        if best == len(swept.k) - 1:
            notes.append("no larger k was tried: one may stand out more")
        if p_value == 1 / (1 + n_null):
            notes.append(f"p_value is the least that {n_null} null draws can say")
        if swept.n_samples < dataset.n_samples:
            notes.append(f"on {swept.n_samples} of {dataset.n_samples} rows, drawn at random")
        return Validation(scores, {"k_sweep": _table(swept)}, tuple(notes))


def _table(swept: SweepResult) -> Table:
    low, middle, high = swept.band
    return {
        "k": swept.k,
        "silhouette": swept.silhouette,
        "null_low": low,
        "null_median": middle,
        "null_high": high,
        "excess": swept.excess,
        "gap": swept.gap,
        "gap_error": swept.gap_error,
    }
