"""The threshold curve: what each cut of one tree would give.

Shared by validator ``thresholds`` (the table) and visualizer ``threshold-curve``
(the picture), so that both show the same numbers.

    curve = threshold_curve(clustering.linkage, dataset, metric, marks=(0.20, 0.25), seed=seed)
    curve.thresholds, curve.n_clusters, curve.largest, curve.singletons
    curve.silhouette, curve.margin
    curve.plateaus, curve.random_pairs, curve.n_scored, curve.table()
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embkit import Dataset, Table
from embkit_plugins.algorithms.distances.pairs import Metric
from embkit_plugins.algorithms.distances.random_pairs import pair_distances, sample_pairs
from embkit_plugins.algorithms.rows.prepare import sampled_rows
from embkit_plugins.algorithms.silhouettes.nested import nested_silhouettes, pairs_in_order
from embkit_plugins.algorithms.trees.cuts import Plateau, merges_below, plateaus
from embkit_plugins.algorithms.trees.nodes import cluster_nodes, layout

__all__ = ["CurvePoints", "threshold_curve"]

_EVEN, _BY_COUNT = 40, 30  # thresholds evenly spaced in distance, and in number of clusters
_PLATEAUS = 8
_N_PAIRS = 20_000
_QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75)


@dataclass(frozen=True, eq=False)
class CurvePoints:
    """The clusterings that each of many thresholds gives, in numbers.

    Parameters
    ----------
    thresholds : ndarray of float64, shape (n_thresholds,)
        Ascending, in the units of the metric.
    n_clusters, largest, singletons : ndarray of int64, shape (n_thresholds,)
        Number of clusters, size of the largest, number of clusters of one row.
    silhouette : ndarray of float64, shape (n_thresholds,)
        Mean silhouette, NaN where it is not defined: one cluster, or every row its own.
    margin : ndarray of float64, shape (n_thresholds,)
        Half-width of the 95 % interval of `silhouette` for being a mean over a sample; 0 over all
        rows, NaN where it is not defined.
    plateaus : tuple of Plateau
        The widest ranges of thresholds that give the same clusters, widest first, of at most half
        as many clusters as rows: below that lie the gaps between the first few merges.
    random_pairs : mapping of float to float
        Quantiles (0.01, 0.05, 0.25, 0.5, 0.75) of the distance of random pairs.
    n_scored : int
        Rows that `silhouette` is a mean over: all, or a sample.
    """

    thresholds: NDArray[np.float64]
    n_clusters: NDArray[np.int64]
    largest: NDArray[np.int64]
    singletons: NDArray[np.int64]
    silhouette: NDArray[np.float64]
    margin: NDArray[np.float64]
    plateaus: tuple[Plateau, ...]
    random_pairs: Mapping[float, float]
    n_scored: int

    def table(self) -> Table:
        """One line a threshold."""
        return {
            "threshold": self.thresholds,
            "n_clusters": self.n_clusters,
            "largest": self.largest,
            "singletons": self.singletons,
            "silhouette": _without_nan(self.silhouette),
            "silhouette_margin": _without_nan(self.margin),
        }


def threshold_curve(
    linkage: NDArray[np.float64],
    dataset: Dataset,
    metric: Metric,
    *,
    marks: Sequence[float] = (),
    sample_size: int = 5000,
    seed: int = 0,
) -> CurvePoints:
    """Follow the clusters of a tree from its lowest merge to its highest.

    Parameters
    ----------
    linkage : ndarray of shape (n_samples - 1, 4)
        A whole tree in scipy's format, without inversions.
    dataset : Dataset
        What it was made from.
    metric : {"cosine", "correlation", "euclidean", "hamming", "manhattan", "precomputed"}
        What it was made with.
    marks : sequence of float
        Thresholds to include beside those chosen here.
    sample_size : int
        Mean silhouettes are over all rows up to this many, over a random sample
        of this size above; distances are always to all rows.
    seed : int
        Of that sample, and of the random pairs.

    Returns
    -------
    CurvePoints
        At most 80 thresholds and the marks. Cost: O(n) for each cut, and one
        distance from each scored row to each other row (under cosine: to each
        cluster of the lowest cut).

    Raises
    ------
    ParameterError
        If the tree has inversions.
    """
    n_samples = len(linkage) + 1
    widest = tuple(p for p in plateaus(linkage, n_samples) if 2 * p.n_clusters <= n_samples)[:_PLATEAUS]
    thresholds = _thresholds(linkage[:, 2], [*marks, *(plateau.middle for plateau in widest)])
    cuts = _nested_cuts(linkage, thresholds)
    sizes = [np.diff(np.append(_starts(labels), n_samples)) for labels in cuts]
    scored = sampled_rows(n_samples, sample_size, np.random.default_rng(seed))
    pairs = sample_pairs(n_samples, _N_PAIRS, seed)
    quantiles = (
        np.quantile(pair_distances(dataset, metric, pairs), _QUANTILES).tolist() if len(pairs) else ()
    )
    silhouettes, margins = _mean_silhouettes(dataset, metric, layout(linkage).order, cuts, scored)
    return CurvePoints(
        thresholds=thresholds,
        n_clusters=np.array([len(size) for size in sizes], dtype=np.int64),
        largest=np.array([size.max() for size in sizes], dtype=np.int64),
        singletons=np.array([np.count_nonzero(size == 1) for size in sizes], dtype=np.int64),
        silhouette=silhouettes,
        margin=margins,
        plateaus=widest,
        random_pairs=dict(zip(_QUANTILES, quantiles, strict=False)),
        n_scored=len(scored),
    )


def _thresholds(heights: NDArray[np.float64], wanted: Sequence[float]) -> NDArray[np.float64]:
    """Choose thresholds that show the curve: even in distance, even in number of clusters, and round."""
    if not len(heights):
        return np.unique(wanted)
    low, high = float(heights[0]), float(heights[-1])
    step = _round_step(((high - low) or high or 1.0) / _EVEN)
    even = np.arange(np.floor(low / step), np.floor(high / step) + 2) * step  # the last is above all
    by_count = np.quantile(heights, np.linspace(0, 1, _BY_COUNT))
    digits = 2 - int(np.floor(np.log10(high))) if high > 0 else 0
    chosen = np.concatenate([even, np.round(by_count, digits)])
    return np.unique(
        np.concatenate([chosen[chosen > 0].round(digits + 3), np.asarray(wanted, dtype=float)])
    )


def _round_step(step: float) -> float:
    """Round up to 1, 2, 2.5 or 5 times a power of ten."""
    power = 10.0 ** np.floor(np.log10(step))
    return float(
        next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= step * (1 - 1e-9))
    )


def _nested_cuts(
    linkage: NDArray[np.float64], thresholds: NDArray[np.float64]
) -> list[NDArray[np.int64]]:
    """Cut at each threshold; rows are in the order of the tree's leaves, labels are nodes."""
    order = layout(linkage).order
    return [cluster_nodes(linkage, merges_below(linkage, threshold))[order] for threshold in thresholds]


def _starts(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.flatnonzero(np.diff(labels, prepend=-1))


def _mean_silhouettes(
    dataset: Dataset,
    metric: Metric,
    order: NDArray[np.int64],
    cuts: Sequence[NDArray[np.int64]],
    places: NDArray[np.int64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean silhouettes of the rows at `places` of the order and their margins, NaN where undefined."""
    n_samples = len(order)
    every = len(places) == n_samples
    rows = order if every else np.concatenate([order, order[places]])
    counts = np.array([len(_starts(labels)) for labels in cuts])
    # Equal cuts are scored once; a cut into single rows or into one cluster has no silhouette.
    distinct, first, back = np.unique(counts, return_index=True, return_inverse=True)
    usable = (distinct > 1) & (distinct < n_samples)
    means, margins = np.full((2, len(distinct)), np.nan)
    if usable.any():
        finest_first = np.flatnonzero(usable)[::-1]
        scores = nested_silhouettes(
            pairs_in_order(dataset, metric, rows),
            [cuts[first[index]] for index in finest_first],
            metric=metric,
            members=slice(0, n_samples),
            scored=slice(0, n_samples) if every else slice(n_samples, len(rows)),
            places=places,
        )
        means[finest_first] = scores.mean(axis=1)
        left_out = 1 - len(places) / n_samples
        margins[finest_first] = 1.96 * scores.std(axis=1) * np.sqrt(left_out / len(places))
    return means[back], margins[back]


def _without_nan(values: NDArray[np.float64]) -> list[float | None]:
    return [None if np.isnan(value) else float(value) for value in values]
