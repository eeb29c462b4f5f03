"""Agglomerative clustering: a cut of the tree of merges."""

from dataclasses import replace
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge
from numpy.typing import NDArray

from embkit import (
    Assignment,
    Clustering,
    Context,
    Dataset,
    Estimate,
    IntArray,
    ParameterError,
)
from embkit_plugins.algorithms.distances.across import margins
from embkit_plugins.algorithms.distances.pairs import Metric
from embkit_plugins.algorithms.linkage.joining import Joining, depth_weights, distances_to_clusters
from embkit_plugins.algorithms.trees.best_cut import Groups, best_cut, memory_of_choice
from embkit_plugins.algorithms.trees.cuts import cut_at, cut_into, inversions, ties_at
from embkit_plugins.artifacts.linkage import Linkage, Method, check_linkage
from embkit_plugins.artifacts.structure import LEAST_SAMPLES, divisions_of

_INVERTING = ("centroid", "median")


class Agglomerative:
    """Merge the two nearest clusters again and again, and cut the tree that this makes.

    The tree is the artifact ``linkage``: computed once, every cut is O(n). The
    clusters are those of scikit-learn's `AgglomerativeClustering`; in addition a
    threshold can be found, and the tree stays available for pictures.

    Cosine distance is 1 - cos and lies in 0 to 2: above 1 are obtuse angles,
    which are as good as any other.

    Cost: see artifact ``linkage``.

    Parameters
    ----------
    n_clusters : int, optional
        Number of clusters, at most the number of rows; instead of `distance_threshold`.
    metric : {"cosine", "euclidean", "manhattan", "precomputed"}
        Distance between rows; precomputed takes the dataset itself as a square matrix of distances.
    linkage : {"ward", "complete", "average", "single", "centroid", "median", "weighted", "genie"}
        Distance of two clusters: increase in variance, farthest pair, mean pair, nearest pair,
        means, midpoints, or mean of halves. genie takes the nearest pair too, but of the smallest
        clusters while the Gini index of the sizes is above 0.3 (Gagolewski 2016), so that none
        runs away.
    distance_threshold : float or "auto", optional
        Clusters merge while they are nearer than this; auto takes a wide plateau of the tree with a
        high mean silhouette, of few clusters; see Notes.
    compute_full_tree : bool
        False stops at distance_threshold, which is quicker for very many rows and leaves no tree.

    Notes
    -----
    ``distance_threshold="auto"`` takes the cut with the best mean silhouette (Rousseeuw 1987) of at
    most sqrt(n) clusters; more where they are a peak, with a silhouette clearly above that of
    coarser and of finer cuts. Rows and their copies count as one, and a row in a pair counts
    half, so that repeated rows and nearest neighbours make no clusters. Where finer cuts score as
    well as the best, artifact ``structure`` says between how many groups the density has valleys; if
    there are none, the fewest clusters are taken. Where every silhouette is below 0.25, as for most
    texts, the best of the cuts into sqrt(n) / 2 to sqrt(n) clusters is taken, unless a coarser one
    stands out, or the tree has a gap, heights that differ by half, and the density as many groups, as
    with chains and rings. The notes of the result give the reason and the runner-up. Asking
    ``structure`` takes 1 to 3 s for 1000 to 2000 rows and some 20 s for 5000 or more, of one core.
    """

    def __init__(
        self,
        *,
        n_clusters: Annotated[int, Ge(1)] | None = None,
        metric: Metric = "euclidean",
        linkage: Method = "ward",
        distance_threshold: Literal["auto"] | Annotated[float, Ge(0)] | None = "auto",
        compute_full_tree: bool = True,
    ) -> None:
        self.n_clusters = n_clusters
        self.metric = metric
        self.linkage = linkage
        self.distance_threshold = distance_threshold
        self.compute_full_tree = compute_full_tree

    def check(self) -> None:
        """Refuse parameters that contradict one another; called before anything is loaded.

        Raises
        ------
        ParameterError
            If both or neither of `n_clusters` and `distance_threshold` are given,
            if the linkage has no meaning with the metric, or if no cut at a
            threshold is possible, or only a meaningless one.
        """
        check_linkage(self.linkage, self.metric)
        threshold = None if self.distance_threshold == "auto" else self.distance_threshold
        if self.n_clusters is None and self.distance_threshold is None:
            raise ParameterError(
                "clusterer agglomerative: neither n_clusters nor distance_threshold is given",
                "one of them says where to cut the tree",
                "give one, or distance_threshold=auto",
            )
        if self.n_clusters is not None and threshold is not None:
            raise ParameterError(
                f"clusterer agglomerative: both n_clusters={self.n_clusters} and "
                f"distance_threshold={threshold:g} are given",
                "each of them alone says where to cut the tree",
                "leave one of them out",
            )
        if threshold is None and not self.compute_full_tree:
            raise ParameterError(
                "clusterer agglomerative: compute_full_tree=false without a distance_threshold",
                "only a threshold says where the tree may end",
                "give a number as distance_threshold, or leave compute_full_tree out",
            )
        if self.n_clusters is None and self.linkage in _INVERTING:
            raise ParameterError(
                f"clusterer agglomerative: distance_threshold with linkage={self.linkage}",
                "its merges can be lower than those they contain, so that a height cuts no clusters off",
                "give n_clusters, or use linkage=average",
            )
        if self.metric == "cosine" and threshold is not None and threshold > 2:
            raise ParameterError(
                f"clusterer agglomerative: distance_threshold={threshold:g} with metric=cosine",
                "cosine distance is 1 - cos and lies in 0 to 2, no angle or percentage; "
                "above 2 everything is one cluster",
                "give a threshold of at most 2, for instance 0.3",
            )

    def memory(self, n_samples: int, n_features: int, budget: int) -> Estimate:
        """The need of the tree, or of the silhouettes that choose a cut, whichever is more."""
        tree = Linkage(linkage=self.linkage, metric=self.metric).memory(n_samples, n_features, budget)
        if self.n_clusters is not None or self.distance_threshold != "auto":
            return tree
        return replace(tree, peak=max(tree.peak, memory_of_choice(n_samples, n_features)))

    def cluster(self, dataset: Dataset, context: Context) -> Clustering:
        """Return the cut, the whole tree, and notes on where and how firmly it was cut.

        Raises
        ------
        ParameterError
            If there are more clusters than rows.
        DataError
            If the metric cannot be taken of these rows.
        """
        self._check_data(dataset)
        below = {} if self.compute_full_tree else {"below": self.distance_threshold}
        tree = context.artifact("linkage", linkage=self.linkage, metric=self.metric, **below)["linkage"]
        threshold, notes = self._threshold(tree, dataset, context)
        if threshold is None:
            labels = cut_into(tree, self.n_clusters or 1)
            notes += _notes_on_inversions(tree) or _notes_on_number(tree, self.n_clusters or 1)
        else:
            labels = cut_at(tree, threshold, dataset.n_samples)
            notes += _notes_on_threshold(tree, threshold) if self.compute_full_tree else ()
        return Clustering(
            dataset,
            labels,
            vars(self) | {"distance_threshold": threshold},
            linkage=tree if len(tree) + 1 == dataset.n_samples else None,
            notes=(*notes, _note_on_sizes(labels)),
        )

    def assign(
        self,
        clustering: Clustering,
        others: Dataset,
        context: Context,  # noqa: ARG002
    ) -> Assignment | None:
        """Assign other rows to the cluster at the least distance under the linkage.

        A row that is not below the threshold of the cut from any cluster is noise;
        of a tree that was cut into a number of clusters, every row goes to one.
        Ties go to the larger cluster.
        """
        if self.metric == "precomputed":
            return None
        halved = self.linkage in ("weighted", "median")
        if halved and clustering.linkage is None:
            return None
        weights = depth_weights(clustering.linkage, clustering.labels) if halved else None  # type: ignore[arg-type]
        distances = distances_to_clusters(
            clustering.dataset, others, self.metric, Joining(clustering.labels, self.linkage, weights)
        )
        return _joined(distances, clustering.threshold, self.linkage)

    def _check_data(self, dataset: Dataset) -> None:
        if self.n_clusters is not None and self.n_clusters > dataset.n_samples:
            raise ParameterError(
                f"clusterer agglomerative: n_clusters={self.n_clusters} for {dataset.name} of "
                f"{dataset.n_samples} rows",
                "there cannot be more clusters than rows",
                f"give n_clusters of at most {dataset.n_samples}",
            )

    def _threshold(
        self, tree: NDArray[np.float64], dataset: Dataset, context: Context
    ) -> tuple[float | None, tuple[str, ...]]:
        if self.n_clusters is not None:
            return None, ()
        if self.distance_threshold is not None and self.distance_threshold != "auto":
            return self.distance_threshold, ()
        choice = best_cut(
            tree, dataset, self.metric, context.seed, lambda: self._groups(dataset, context)
        )
        return choice.threshold, choice.notes

    def _groups(self, dataset: Dataset, context: Context) -> Groups | None:
        """What the density says of the dataset, None where it cannot be asked."""
        if self.metric == "precomputed" or dataset.n_samples < LEAST_SAMPLES:
            return None
        found = divisions_of(context)
        if not len(found.z):
            return None
        verdict = found.verdict()
        return Groups(verdict.word, verdict.low or 1, verdict.high or 1)


def _joined(distances: NDArray[np.float64], threshold: float | None, linkage: str) -> Assignment:
    labels, nearest = distances.argmin(axis=1), distances.min(axis=1)
    rule = f"the cluster at the least {linkage} linkage distance"
    if threshold is None:
        rule += "; strength is 1 - d1 / d2 of the nearest two; no row is noise"
        return Assignment(labels, margins(distances), nearest, rule)
    strengths = np.clip(1 - nearest / threshold, 0, 1) if threshold > 0 else np.zeros(len(nearest))
    return Assignment(
        np.where(nearest < threshold, labels, -1),
        strengths,
        nearest,
        f"{rule}, if that is below {threshold:.10g}; strength is 1 - distance / {threshold:.10g}",
    )


def _notes_on_threshold(tree: NDArray[np.float64], threshold: float) -> tuple[str, ...]:
    ties = ties_at(tree, threshold)
    if ties.at:
        merges = "1 merge lies" if ties.at == 1 else f"{ties.at} merges lie"
        return (
            f"{merges} at the threshold {threshold:.10g} itself, up to rounding; a tie does not merge",
        )
    if np.isfinite(ties.gap):
        return (f"the merge nearest to the threshold {threshold:.10g} is {ties.gap:.3g} away from it",)
    return ()


def _notes_on_inversions(tree: NDArray[np.float64]) -> tuple[str, ...]:
    count = inversions(tree)
    if not count:
        return ()
    merges = "1 merge is" if count == 1 else f"{count} merges are"
    return (f"{merges} lower than one inside it (an inversion): no height cuts this tree into clusters",)


def _notes_on_number(tree: NDArray[np.float64], n_clusters: int) -> tuple[str, ...]:
    heights = tree[:, 2]
    last = len(heights) - n_clusters
    low = heights[last] if last >= 0 else 0.0
    if n_clusters == 1 or not len(heights):
        return ()
    high = heights[last + 1]
    if high - low <= 1e-6 * heights.max():
        return (
            f"{n_clusters} clusters exist only by the order of merges that tie at height {high:.6g}",
        )
    return (f"{n_clusters} clusters stand at thresholds from {low:.4g} to {high:.4g}",)


def _note_on_sizes(labels: IntArray) -> str:
    sizes = np.bincount(labels)
    alone = int(np.count_nonzero(sizes == 1))
    return f"{len(sizes)} clusters, {alone} of them a single row, the largest of {sizes.max()}"
