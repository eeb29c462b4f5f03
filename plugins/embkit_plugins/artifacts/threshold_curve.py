"""The threshold curve of a tree, computed once for the table and the picture of it."""

from collections.abc import Sequence
from typing import Annotated

import numpy as np
from annotated_types import Ge, Le
from numpy.typing import NDArray

from embkit import Artifact, Context, Dataset, ParameterError
from embkit_plugins.algorithms.distances.pairs import Metric
from embkit_plugins.algorithms.trees.curve import CurvePoints, threshold_curve
from embkit_plugins.algorithms.trees.cuts import Plateau

__all__ = ["ThresholdCurve", "curve_of"]

SAMPLE_SIZE = 5000


class ThresholdCurve:
    """Clusters, largest cluster, single rows and mean silhouette at up to 80 thresholds of one tree.

    Cost: O(n) for each cut, and one distance from each scored row to each other
    row (under cosine: to each cluster of the lowest cut); see
    `embkit_plugins.algorithms.trees.curve`.

    Parameters
    ----------
    linkage : ndarray of float64, shape (n_samples - 1, 4)
        The whole tree in scipy's format, without inversions.
    metric : {"cosine", "correlation", "euclidean", "hamming", "manhattan", "precomputed"}
        What it was made with.
    marks : tuple of float
        Thresholds to include beside those chosen from the tree.
    sample_size : int
        Mean silhouettes are over all rows up to this many, over a random sample of this size above.
    seed : int
        Of that sample, and of the random pairs.
    """

    def __init__(
        self,
        *,
        linkage: np.ndarray,
        metric: Metric = "euclidean",
        marks: tuple[float, ...] = (),
        sample_size: Annotated[int, Ge(2)] = SAMPLE_SIZE,
        seed: Annotated[int, Ge(0), Le(2**32 - 1)] = 0,
    ) -> None:
        self.linkage = linkage
        self.metric = metric
        self.marks = marks
        self.sample_size = sample_size
        self.seed = seed

    def compute(self, dataset: Dataset, context: Context) -> Artifact:  # noqa: ARG002
        """Return what `curve_of` reads: the columns of the curve, its plateaus and random pairs.

        Silhouettes are kept where they are defined, at the thresholds ``defined``.

        Raises
        ------
        ParameterError
            If the tree has inversions, or is not one of the dataset's rows.
        """
        if self.linkage.shape != (dataset.n_samples - 1, 4):
            raise ParameterError(
                f"artifact threshold-curve: linkage of shape {self.linkage.shape} "
                f"for {dataset.n_samples} rows",
                "a whole tree has one merge less than rows",
                "give the tree of this dataset",
            )
        curve = threshold_curve(
            self.linkage,
            dataset,
            self.metric,
            marks=self.marks,
            sample_size=self.sample_size,
            seed=self.seed,
        )
        defined = np.flatnonzero(~np.isnan(curve.silhouette))
        arrays = {
            "thresholds": curve.thresholds,
            "n_clusters": curve.n_clusters,
            "largest": curve.largest,
            "singletons": curve.singletons,
            "defined": defined,
            "silhouette": curve.silhouette[defined],
            "margin": curve.margin[defined],
            "plateaus": np.array([(p.low, p.high, p.n_clusters) for p in curve.plateaus]).reshape(-1, 3),
            "random_pairs": np.array(list(curve.random_pairs.items())).reshape(-1, 2),
        }
        return Artifact(arrays, {"n_scored": curve.n_scored})


def curve_of(
    linkage: NDArray[np.float64],
    metric: Metric,
    context: Context,
    *,
    marks: Sequence[float] = (),
    sample_size: int = SAMPLE_SIZE,
) -> CurvePoints:
    """The threshold curve of a tree over the context's dataset, sampled with the run's seed.

    Raises
    ------
    ParameterError
        If the tree has inversions.
    """
    found = context.artifact(
        "threshold-curve",
        linkage=linkage,
        metric=metric,
        marks=tuple(sorted(set(marks))),
        sample_size=sample_size,
        seed=context.seed,
    )
    silhouette, margin = np.full((2, len(found["thresholds"])), np.nan)
    silhouette[found["defined"]] = found["silhouette"]
    margin[found["defined"]] = found["margin"]
    return CurvePoints(
        thresholds=found["thresholds"],
        n_clusters=found["n_clusters"],
        largest=found["largest"],
        singletons=found["singletons"],
        silhouette=silhouette,
        margin=margin,
        plateaus=tuple(
            Plateau(low, high, int(number)) for low, high, number in found["plateaus"].tolist()
        ),
        random_pairs=dict(found["random_pairs"].tolist()),
        n_scored=found.facts["n_scored"],
    )
