"""HDBSCAN on a spanning tree that is shared, cached and made of matrix products."""

from dataclasses import replace
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Gt, Le, Lt
from numpy.typing import NDArray

from embkit import (
    Assignment,
    Clustering,
    Context,
    Dataset,
    Estimate,
    Floats,
    IntArray,
    ParameterError,
    canonical_labels,
)
from embkit.text import plural
from embkit_plugins.algorithms.density.condensed import condensed_tree
from embkit_plugins.algorithms.density.memberships import memberships
from embkit_plugins.algorithms.density.notes import notes_on_copies, notes_on_noise
from embkit_plugins.algorithms.density.prediction import predicted, reached
from embkit_plugins.algorithms.density.selection import selected_clusters
from embkit_plugins.algorithms.distances.across import Vectors, across
from embkit_plugins.algorithms.distances.pairs import Metric
from embkit_plugins.algorithms.distances.squares import distances_of_squares
from embkit_plugins.algorithms.linkage.forest import Forest
from embkit_plugins.algorithms.linkage.single import linkage_of_edges
from embkit_plugins.algorithms.rows.prepare import first_equal
from embkit_plugins.artifacts.neighbors import nearest_neighbors
from embkit_plugins.artifacts.spanning_tree import (
    SpanningTree,
    check_neighbors,
    has_leaves,
    leaves_asked,
    recall_notes,
)

__all__ = ["HDBSCAN"]

_RULE = (
    "hdbscan's approximate_predict: the row joins the row of least mutual reachability and follows "
    "it up the condensed tree; strength is its lambda over the cluster's largest, distance the "
    "mutual reachability"
)


class HDBSCAN:
    """Find dense groups of any density that persist over scales; the rest is noise.

    The spanning tree of mutual reachability is embkit's (artifact
    ``spanning-tree``); condensing it, selecting clusters and membership
    strengths are the hdbscan package's own functions. The labels are those of
    ``hdbscan.HDBSCAN(approx_min_span_tree=False)`` with its Prim algorithm, ties
    included (but for some with alpha above 1): a core distance is the weight of
    many edges, so that many trees are minimal, and labels hinge on which one is
    taken. Its Boruvka algorithm takes another.

    Parameters
    ----------
    min_cluster_size : int
        Smallest group that counts as a cluster.
    min_samples : int, optional
        At which neighbour the core distance of a row is, itself not counted; more makes more noise. By
        default min_cluster_size, or n_samples - 1 where that is less.
    cluster_selection_epsilon : float
        Clusters that part below this distance stay together.
    cluster_selection_method : str
        "eom" takes the most persistent clusters, "leaf" the finest.
    allow_single_cluster : bool
        Whether one cluster of everything is an answer.
    alpha : float
        Divisor of distances against core distances.
    max_cluster_size : int
        With "eom", larger clusters are divided; 0 sets none.
    metric : str
        Distance between rows: cosine or correlation (1 - r), both 0 to 2, euclidean, hamming (the
        share of values that differ), manhattan, or precomputed.
    memberships : bool
        Whether to compute how much each row belongs to each cluster, as the package's
        ``all_points_membership_vectors`` does; not for precomputed distances.
    duplicates : str
        With "all", each of several equal rows counts, as in the hdbscan package: as many as
        min_cluster_size are a cluster, infinitely dense, and may turn the group around them into
        noise. With "once", distinct rows are clustered, and the copies get the label of theirs.
    neighbors : {"exact", "leaves"}
        How neighbours are found; leaves are approximate, for very many rows, and for cosine,
        correlation and euclidean.
    recall : float
        For leaves: share of the exact neighbours to find at least; what was reached is noted.

    Notes
    -----
    With ``metric="cosine"`` everything is in cosine distance: core distances,
    heights, stabilities and cluster_selection_epsilon, as in
    ``sklearn.cluster.HDBSCAN(metric="cosine")``. Euclidean distance on
    normalised rows (``--reducer normalize``) gives the same spanning tree with
    heights h instead of h^2 / 2, so clusters persist for other lengths and the
    selection can differ; an epsilon e of cosine is sqrt(2 e) there.

    The linkage is the whole single linkage tree of mutual reachability.

    With ``neighbors="leaves"`` core distances and the spanning tree are those of approximate
    neighbours, see artifact ``spanning-tree``, and so are the labels: ``benchmarks/scale.py``
    prints their adjusted Rand index with the exact ones. Up to 3,200 rows they are exact.

    References
    ----------
    Campello, Moulavi and Sander, "Density-based clustering based on hierarchical
    density estimates", PAKDD 2013. Malzer and Baum, arXiv 1911.02282 (2019), for
    cluster_selection_epsilon.
    """

    def __init__(
        self,
        *,
        min_cluster_size: Annotated[int, Ge(2)] = 5,
        min_samples: Annotated[int, Ge(1)] | None = None,
        cluster_selection_epsilon: Annotated[float, Ge(0)] = 0.0,
        cluster_selection_method: Literal["eom", "leaf"] = "eom",
        allow_single_cluster: bool = False,
        alpha: Annotated[float, Ge(1e-6), Le(1e6)] = 1.0,
        max_cluster_size: Annotated[int, Ge(0)] = 0,
        metric: Metric = "euclidean",
        memberships: bool = False,
        duplicates: Literal["all", "once"] = "all",
        neighbors: Literal["exact", "leaves"] = "exact",
        recall: Annotated[float, Gt(0), Lt(1)] = 0.95,
    ) -> None:
        self.min_cluster_size = min_cluster_size
        self.min_samples = min_samples
        self.cluster_selection_epsilon = cluster_selection_epsilon
        self.cluster_selection_method = cluster_selection_method
        self.allow_single_cluster = allow_single_cluster
        self.alpha = alpha
        self.max_cluster_size = max_cluster_size
        self.metric = metric
        self.memberships = memberships
        self.duplicates = duplicates
        self.neighbors = neighbors
        self.recall = recall

    @property
    def by_blocks(self) -> bool:
        """Whether vectors may stay in their files: for leaves they do where memory is short."""
        return self.neighbors == "leaves" and not self.memberships

    def check(self) -> None:
        """Refuse memberships, copies of rows and leaves where they cannot be had.

        Raises
        ------
        ParameterError
            If memberships, or copies once, are asked for and the distances are precomputed,
            or both are asked for, or if leaves are with a metric that has none.
        """
        check_neighbors(self.neighbors, self.metric, "clusterer hdbscan")
        if self.memberships and self.metric == "precomputed":
            raise ParameterError(
                "clusterer hdbscan: memberships=true with metric=precomputed",
                "memberships go by distances to exemplars, which need the vectors",
                "leave memberships out, or give the vectors",
            )
        if self.duplicates == "once" and self.memberships:
            raise ParameterError(
                "clusterer hdbscan: memberships=true with duplicates=once",
                "memberships go by the density of all rows",
                "leave one of them out",
            )
        if self.duplicates == "once" and self.metric == "precomputed":
            raise ParameterError(
                "clusterer hdbscan: duplicates=once with metric=precomputed",
                "copies are found by their vectors, and a matrix of distances has none",
                "leave the copies out of the matrix",
            )

    def memory(self, n_samples: int, n_features: int, budget: int) -> Estimate:
        """The spanning tree's need, beside which the rest takes little, and approximate neighbours'."""
        min_samples = self.min_samples or self.min_cluster_size
        tree = SpanningTree(min_samples=min_samples, metric=self.metric, neighbors=self.neighbors)
        found = tree.memory(n_samples, n_features, budget)
        if self.neighbors == "leaves" or not has_leaves(self.metric):
            return found
        asked = f"min_cluster_size={self.min_cluster_size},metric={self.metric},neighbors=leaves"
        asked += f",min_samples={self.min_samples}" if self.min_samples else ""
        return replace(found, alternatives=(f"--clusterer hdbscan:{asked}", *found.alternatives))

    def cluster(self, dataset: Dataset, context: Context) -> Clustering:
        """Return labels, probabilities and the single linkage tree.

        Raises
        ------
        ParameterError
            If min_cluster_size exceeds the number of rows, or min_samples is
            not less than it.
        DataError
            If the metric cannot be taken of these rows.
        """
        notes: tuple[str, ...]
        first = np.arange(dataset.n_samples)
        if self.metric != "precomputed":
            first = first_equal(dataset.vectors)
        rows, copy_of = np.unique(first, return_inverse=True)
        if self.duplicates == "once" and len(rows) < len(first):
            distinct = dataset.take(rows)
            min_samples, linkage, approximate = self._tree(distinct, context.on(distinct))
            labels, probabilities = self._select(linkage)
            labels, probabilities = labels[copy_of], probabilities[copy_of]
            forest = Forest(first)
            forest.finish(linkage, np.arange(len(rows)))
            linkage = forest.linkage()
            notes = (f"{len(rows)} distinct rows clustered, {len(first) - len(rows)} copies with them",)
        else:
            min_samples, linkage, approximate = self._tree(dataset, context)
            labels, probabilities = self._select(linkage)
            notes = notes_on_copies(np.bincount(first), self.min_cluster_size)
        notes += approximate
        n_features = 0 if self.metric == "precomputed" else dataset.n_features
        notes += notes_on_noise(labels, n_features, self.min_cluster_size, min_samples)
        recall = self.recall if self.neighbors == "leaves" else None
        parameters = {**vars(self), "min_samples": min_samples, "recall": recall}
        soft = self._memberships(dataset, linkage, labels) if self.memberships else None
        return Clustering(dataset, labels, parameters, linkage, probabilities, notes, memberships=soft)

    def _tree(
        self, dataset: Dataset, context: Context
    ) -> tuple[int, NDArray[np.float64], tuple[str, ...]]:
        """The min_samples that apply, the single linkage tree, and notes on it."""
        min_samples = self._min_samples(dataset.n_samples)
        asked = {"metric": self.metric, "alpha": self.alpha} | leaves_asked(self.neighbors, self.recall)
        tree = context.artifact("spanning-tree", min_samples=min_samples, **asked)
        return min_samples, linkage_of_edges(tree["edges"], tree["weights"]), recall_notes(tree)

    def _memberships(self, dataset: Dataset, linkage: Floats, labels: IntArray) -> Floats:
        numbered = canonical_labels(labels, dataset.n_samples, "clusterer hdbscan")
        tree = condensed_tree(linkage, self.min_cluster_size, numbered)
        return memberships(tree, dataset, self.metric)  # type: ignore[arg-type]  # see check

    def assign(self, clustering: Clustering, others: Dataset, context: Context) -> Assignment | None:
        """Assign other rows as the package's ``approximate_predict`` does, alpha left out as there.

        Cost: the distances of the others to all rows. Not for duplicates=once, whose density is
        that of the distinct rows.
        """
        metric = self.metric
        if clustering.linkage is None or metric == "precomputed" or self.duplicates == "once":
            return None
        dataset, labels = clustering.dataset.in_memory, clustering.labels
        tree = condensed_tree(clustering.linkage, self.min_cluster_size, labels)
        min_samples = self._min_samples(dataset.n_samples)
        to_rows = across(dataset, others, metric)
        near = to_rows.nearest(min(2 * min_samples, dataset.n_samples))
        joined = reached(*near, self._core_distances(dataset, min_samples, metric, context), min_samples)
        found, strengths = predicted(tree, joined)
        return Assignment(found, strengths, joined.distances, _RULE)

    def _core_distances(
        self, dataset: Dataset, min_samples: int, metric: Vectors, context: Context
    ) -> Floats:
        """Core distances as the package predicts with: the row itself is its first neighbour."""
        if min_samples == 1:
            return np.zeros(dataset.n_samples)
        match metric:
            case "hamming" | "manhattan":
                return across(dataset, dataset, metric).nearest(min_samples)[1][:, -1]
            case _:
                near = nearest_neighbors(
                    context, dataset.n_samples, min_samples - 1, metric, self.neighbors, self.recall
                )
                return distances_of_squares(near.squares[:, -1], metric)

    def _min_samples(self, n_samples: int) -> int:
        if self.min_cluster_size > n_samples:
            raise ParameterError(
                f"hdbscan: min_cluster_size={self.min_cluster_size} for {plural(n_samples, 'row')}",
                "no cluster can be that large, so every row would be noise",
                f"give min_cluster_size of at most {n_samples}" if n_samples > 1 else "give more rows",
            )
        if self.min_samples is None:
            return min(self.min_cluster_size, n_samples - 1)
        if self.min_samples >= n_samples:
            raise ParameterError(
                f"hdbscan: min_samples={self.min_samples} for {plural(n_samples, 'row')}",
                "a row has one neighbour less than there are rows",
                f"give min_samples of at most {n_samples - 1}",
            )
        return self.min_samples

    def _select(self, linkage: NDArray[np.float64]) -> tuple[IntArray, NDArray[np.float64]]:
        return selected_clusters(
            linkage,
            self.min_cluster_size,
            method=self.cluster_selection_method,
            allow_single_cluster=self.allow_single_cluster,
            epsilon=float(self.cluster_selection_epsilon),
            max_cluster_size=self.max_cluster_size,
        )
