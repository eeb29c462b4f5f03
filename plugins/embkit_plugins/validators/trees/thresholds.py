"""Tabulate the clusterings that the thresholds of a tree give."""

from typing import Annotated, Any

import numpy as np
from annotated_types import Ge

from embkit import Clustering, Context, Estimate, Table, Validation
from embkit_plugins.algorithms.trees.curve import CurvePoints
from embkit_plugins.algorithms.trees.cuts import Plateau
from embkit_plugins.artifacts.threshold_curve import SAMPLE_SIZE, curve_of
from embkit_plugins.scoring.trees import whole_tree

__all__ = ["Thresholds"]


class Thresholds:
    """Clusters, largest cluster, single rows and mean silhouette at up to 80 thresholds of one tree.

    No refit: one tree holds every cut. Plateaus are ranges of thresholds that
    give the same clusters. The distance of random pairs stands beside them: a
    threshold that many random pairs are below joins rows that have nothing in
    common, whatever its number. The picture of the same numbers is visualizer
    ``threshold-curve``.

    Cost: O(n) for each cut, and the distance of each scored row to every other
    row (under cosine, to every cluster of the lowest cut).

    Parameters
    ----------
    sample_size : int
        Mean silhouettes are over all rows up to this many, over a random sample of this size above.
    """

    def __init__(self, *, sample_size: Annotated[int, Ge(2)] = SAMPLE_SIZE) -> None:
        self.sample_size = sample_size

    def memory(self, n_samples: int, n_features: int, budget: int) -> Estimate:  # noqa: ARG002
        """The rows once more in another order and precision, sums of clusters, and blocks."""
        return Estimate(12 * n_samples * n_features + (1 << 27), "rows in the order of the tree")

    def validate(self, clustering: Clustering, context: Context) -> Validation:
        """Return the best silhouette and where, and tables of thresholds, plateaus and random pairs."""
        linkage = whole_tree(clustering, to_cut=True)
        if isinstance(linkage, str):
            return Validation.skip(linkage)
        metric: Any = clustering.metric
        own = clustering.threshold
        curve = curve_of(
            linkage,
            metric,
            context,
            marks=() if own is None else (own,),
            sample_size=self.sample_size,
        )
        tables = {
            "thresholds": curve.table(),
            "plateaus": _plateau_table(curve.plateaus),
            "random-pairs": {
                "quantile": list(curve.random_pairs),
                "distance": list(curve.random_pairs.values()),
            },
        }
        return Validation(_scores(curve), tables, _notes(curve, len(clustering.labels), context.seed))


def _scores(curve: CurvePoints) -> dict[str, float | int | str | bool | None]:
    defined = np.flatnonzero(~np.isnan(curve.silhouette))
    if not len(defined):
        return {"best_threshold": None, "best_n_clusters": None, "best_silhouette": None}
    best = defined[np.argmax(curve.silhouette[defined])]
    return {
        "best_threshold": float(curve.thresholds[best]),
        "best_n_clusters": int(curve.n_clusters[best]),
        "best_silhouette": float(curve.silhouette[best]),
    }


def _plateau_table(plateaus: tuple[Plateau, ...]) -> Table:
    return {
        "low": [plateau.low for plateau in plateaus],
        "high": [plateau.high for plateau in plateaus],
        "width": [plateau.high - plateau.low for plateau in plateaus],
        "n_clusters": [plateau.n_clusters for plateau in plateaus],
    }


def _notes(curve: CurvePoints, n_samples: int, seed: int) -> tuple[str, ...]:
    near, half = curve.random_pairs[0.01], curve.random_pairs[0.5]
    notes = [
        f"of random pairs of rows, 1 % are nearer than {near:.3g} and half are nearer than {half:.3g}"
    ]
    if np.isnan(curve.silhouette).all():
        notes.append(
            "no threshold shown has a silhouette: there is one cluster, or every row is its own"
        )
    if curve.n_scored < n_samples:
        sample = f"over {curve.n_scored} of {n_samples} rows, drawn with seed {seed}"
        notes.append(f"mean silhouettes {sample}: good to {_widest(curve):.2g}")
    return tuple(notes)


def _widest(curve: CurvePoints) -> float:
    """Give the largest margin of a mean silhouette, 0 where none is defined."""
    return float(np.max(curve.margin, where=~np.isnan(curve.margin), initial=0.0))
