"""Agglomerative clustering: a cut of the tree of merges."""

from dataclasses import replace
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, Gt, Le, Lt
from numpy.typing import NDArray

from embkit import Assignment, Clustering, Context, Dataset, Estimate
from embkit_plugins.algorithms.distances.pairs import Metric
from embkit_plugins.algorithms.linkage.joining import (
    Joining,
    depth_weights,
    distances_to_clusters,
    joined,
)
from embkit_plugins.algorithms.trees.best_cut import memory_of_choice
from embkit_plugins.algorithms.trees.cuts import cut_at, cut_into
from embkit_plugins.algorithms.trees.leaf_order import MOST_ORDERED, optimally_ordered
from embkit_plugins.algorithms.trees.notes import (
    note_on_sizes,
    notes_on_inversions,
    notes_on_number,
    notes_on_threshold,
)
from embkit_plugins.artifacts.connected_linkage import ConnectedLinkage
from embkit_plugins.artifacts.linkage import (
    Linkage,
    Method,
    check_approximation,
    check_linkage,
    check_min_samples,
)
from embkit_plugins.artifacts.spanning_tree import leaves_asked, recall_notes
from embkit_plugins.clusterers.agglomerative.checks import check_connectivity, check_cut, check_rows
from embkit_plugins.clusterers.agglomerative.cutting import chosen_cut, dynamic_labels

__all__ = ["Agglomerative"]


class Agglomerative:
    """Merge the two nearest clusters again and again, and cut the tree that this makes.

    The tree is the artifact ``linkage``: computed once, every cut is O(n). The
    clusters are those of scikit-learn's `AgglomerativeClustering`; in addition a
    threshold can be found, and the tree stays available for pictures.

    Cosine distance is 1 - cos and lies in 0 to 2: above 1 are obtuse angles,
    which are as good as any other. Correlation distance is 1 - r, r being Pearson's,
    and lies in 0 to 2 too; hamming distance is the share of values that differ.

    Cost: see artifact ``linkage``.

    Parameters
    ----------
    n_clusters : int, optional
        Number of clusters, at most the number of rows; instead of `distance_threshold`.
    metric : {"cosine", "correlation", "euclidean", "hamming", "manhattan", "precomputed"}
        Distance between rows; precomputed takes the dataset itself as a square matrix of distances.
    linkage : {"ward", "complete", "average", "single", "centroid", "median", "weighted", "genie"}
        Distance of two clusters: increase in variance, farthest pair, mean pair, nearest pair,
        means, midpoints, or mean of halves. genie takes the nearest pair too, but of the smallest
        clusters while the Gini index of the sizes is above 0.3 (Gagolewski 2016), so that none
        runs away.
    distance_threshold : float, "auto" or "dynamic", optional
        Clusters merge while they are nearer than this; auto takes a wide plateau of the tree with a
        high mean silhouette, of few clusters, dynamic a height for each branch; see Notes.
    compute_full_tree : bool
        False stops at distance_threshold, which is quicker for very many rows and leaves no tree.
    connectivity : {"neighbors"}, optional
        Only clusters merge that are neighbours of one another: with a row of one among the nearest
        rows of a row of the other. Linkage is then ward, complete, average or single.
    n_neighbors : int
        For connectivity: how many nearest rows each is joined to.
    min_cluster_size : int
        For dynamic: fewest rows of a cluster.
    deep_split : int
        For dynamic: 0 to 4, more splits branches into more and smaller clusters.
    optimal_ordering : bool
        As in scipy: whether the leaves of pictures and exports are so ordered that neighbours are as
        near as the tree allows; for at most 3,000 rows, which take 10 s (1,000 take 0.4 s).
    min_samples : int
        For single and genie: above 1, distances are of mutual reachability, at least that of either
        row to its min_samples-th nearest other row, so that few rows between two groups do not join
        them; see Notes.
    neighbors : {"exact", "leaves"}
        For single and genie: how neighbours are found; leaves are approximate, for very many rows.
    recall : float
        For leaves: share of the exact neighbours to find at least; what was reached is noted.

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

    ``distance_threshold="dynamic"`` is the dynamic hybrid tree cut of Langfelder, Zhang and Horvath
    (Bioinformatics 24, 2008) without its last stage: branches end at heights of their own, where they
    stop being clusters by size, spread and gap; rows outside of them are noise and are not dealt to
    the nearest cluster.

    ``connectivity="neighbors"`` is scikit-learn's, with ``kneighbors_graph`` as the graph: the tree
    needs no matrix of distances, clusters follow bent shapes, and under ward a merge can be lower
    than one before it.

    ``linkage="single"`` with ``min_samples`` above 1 is robust single linkage (Chaudhuri and Dasgupta,
    NIPS 2010, with their alpha at 1): HDBSCAN's tree, cut at one height. ``linkage="genie"`` with it is
    genieclust's with ``M=min_samples``. Many edges are equally long, as one row's core distance is the
    length of several; which of them make the tree is decided by the order of the rows, as in the
    hdbscan package, and under genie they are merged in the order of genieclust. Leaves of the spanning
    tree are not noise.
    """

    def __init__(
        self,
        *,
        n_clusters: Annotated[int, Ge(1)] | None = None,
        metric: Metric = "euclidean",
        linkage: Method = "ward",
        distance_threshold: Literal["auto", "dynamic"] | Annotated[float, Ge(0)] | None = "auto",
        compute_full_tree: bool = True,
        connectivity: Literal["neighbors"] | None = None,
        n_neighbors: Annotated[int, Ge(1)] = 15,
        min_cluster_size: Annotated[int, Ge(2)] = 20,
        deep_split: Annotated[int, Ge(0), Le(4)] = 1,
        optimal_ordering: bool = False,
        min_samples: Annotated[int, Ge(1)] = 1,
        neighbors: Literal["exact", "leaves"] = "exact",
        recall: Annotated[float, Gt(0), Lt(1)] = 0.95,
    ) -> None:
        self.n_clusters = n_clusters
        self.metric = metric
        self.linkage = linkage
        self.distance_threshold = distance_threshold
        self.compute_full_tree = compute_full_tree
        self.connectivity = connectivity
        self.n_neighbors = n_neighbors
        self.min_cluster_size = min_cluster_size
        self.deep_split = deep_split
        self.optimal_ordering = optimal_ordering
        self.min_samples = min_samples
        self.neighbors = neighbors
        self.recall = recall

    def check(self) -> None:
        """Refuse parameters that contradict one another; called before anything is loaded.

        Raises
        ------
        ParameterError
            If both or neither of `n_clusters` and `distance_threshold` are given,
            if the linkage has no meaning with the metric or along a graph, or if no cut
            at a threshold is possible, or only a meaningless one.
        """
        check_linkage(self.linkage, self.metric)
        check_min_samples(self.linkage, self.min_samples)
        check_approximation(self.linkage, self.metric, self.neighbors)
        if self.connectivity is not None:
            check_connectivity(
                self.linkage,
                self.metric,
                self.neighbors,
                self.min_samples,
                whole=self.compute_full_tree,
            )
        check_cut(
            self.n_clusters,
            self.distance_threshold,
            self.linkage,
            self.metric,
            full_tree=self.compute_full_tree,
            ordered=self.optimal_ordering,
        )

    def memory(self, n_samples: int, n_features: int, budget: int) -> Estimate:
        """The need of the tree, or of the silhouettes that choose a cut, whichever is more."""
        tree = self._linkage().memory(n_samples, n_features, budget)
        if self.optimal_ordering:
            tree = replace(tree, peak=max(tree.peak, 24 * min(n_samples, MOST_ORDERED) ** 2))
        if self.n_clusters is not None or self.distance_threshold != "auto":
            return tree
        return replace(tree, peak=max(tree.peak, memory_of_choice(n_samples, n_features)))

    def cluster(self, dataset: Dataset, context: Context) -> Clustering:
        """Return the cut, the whole tree, and notes on where and how firmly it was cut.

        Raises
        ------
        ParameterError
            If there are more clusters than rows, or not more rows than min_samples.
        DataError
            If the metric cannot be taken of these rows.
        """
        check_rows(self.n_clusters, dataset, ordered=self.optimal_ordering)
        tree, approximate = self._tree(context)
        if self.optimal_ordering:
            tree = self._ordered(tree, context)
        if self.n_clusters is None and self.distance_threshold == "dynamic":
            labels, notes = dynamic_labels(
                tree, dataset, self.metric, self.min_cluster_size, self.deep_split
            )
            notes = (*notes, note_on_sizes(labels), *approximate)
            return Clustering(dataset, labels, self._parameters(), linkage=tree, notes=notes)
        threshold, notes = self._threshold(tree, dataset, context)
        if threshold is None:
            labels = cut_into(tree, self.n_clusters or 1)
            notes += notes_on_inversions(tree) or notes_on_number(tree, self.n_clusters or 1)
        else:
            labels = cut_at(tree, threshold, dataset.n_samples)
            # Of one cluster that was chosen, the threshold lies beside the last merge by construction.
            is_stated = self.distance_threshold != "auto" or labels.any()
            notes += notes_on_threshold(tree, threshold) if self.compute_full_tree and is_stated else ()
        return Clustering(
            dataset,
            labels,
            self._parameters() | {"distance_threshold": threshold},
            linkage=tree if len(tree) + 1 == dataset.n_samples else None,
            notes=(*notes, note_on_sizes(labels), *approximate),
        )

    def _linkage(self) -> Linkage | ConnectedLinkage:
        """The artifact that makes the tree."""
        linkage: Any = self.linkage
        metric: Any = self.metric
        if self.connectivity is None:
            return Linkage(
                linkage=linkage,
                metric=metric,
                min_samples=self.min_samples,
                neighbors=self.neighbors,
            )
        return ConnectedLinkage(linkage=linkage, metric=metric, n_neighbors=self.n_neighbors)

    def _tree(self, context: Context) -> tuple[NDArray[np.float64], tuple[str, ...]]:
        asked: dict[str, Any] = {"linkage": self.linkage, "metric": self.metric}
        if self.connectivity is not None:
            asked["n_neighbors"] = self.n_neighbors
            return context.artifact("connected-linkage", **asked)["linkage"], ()
        asked |= {"min_samples": self.min_samples} | leaves_asked(self.neighbors, self.recall)
        below = {} if self.compute_full_tree else {"below": self.distance_threshold}
        found = context.artifact("linkage", **asked, **below)
        return found["linkage"], recall_notes(found)

    def _ordered(self, tree: NDArray[np.float64], context: Context) -> NDArray[np.float64]:
        from scipy.spatial.distance import squareform

        distances = context.artifact("distances", metric=self.metric)["distances"]
        return optimally_ordered(tree, squareform(distances))

    def _parameters(self) -> dict[str, Any]:
        """The parameters, None where they say nothing."""
        unused = [] if self.connectivity else ["n_neighbors"]
        unused += ["min_samples"] if self.linkage not in ("single", "genie") else []
        unused += ["recall"] if self.neighbors == "exact" else []
        if self.n_clusters is not None or self.distance_threshold != "dynamic":
            unused += ["min_cluster_size", "deep_split"]
        return vars(self) | dict.fromkeys(unused)

    def assign(
        self,
        clustering: Clustering,
        others: Dataset,
        context: Context,  # noqa: ARG002
    ) -> Assignment | None:
        """Assign other rows to the cluster at the least distance under the linkage.

        A row that is not below the threshold of the cut from any cluster is noise;
        of a tree that was cut into a number of clusters, every row goes to one.
        Ties go to the larger cluster. None for clusters along a graph, by mutual reachability
        or of a dynamic cut, which no distance to whole clusters made.
        """
        dynamic = self.n_clusters is None and self.distance_threshold == "dynamic"
        if self.metric == "precomputed" or self.connectivity is not None or dynamic:
            return None
        halved = self.linkage in ("weighted", "median")
        if self.min_samples > 1 or (halved and clustering.linkage is None):
            return None
        weights = depth_weights(clustering.linkage, clustering.labels) if halved else None  # type: ignore[arg-type]
        distances = distances_to_clusters(
            clustering.dataset, others, self.metric, Joining(clustering.labels, self.linkage, weights)
        )
        return joined(distances, clustering.threshold, self.linkage)

    def _threshold(
        self, tree: NDArray[np.float64], dataset: Dataset, context: Context
    ) -> tuple[float | None, tuple[str, ...]]:
        if self.n_clusters is not None:
            return None, ()
        if isinstance(self.distance_threshold, int | float):
            return self.distance_threshold, ()
        choice = chosen_cut(tree, dataset, self.metric, context)
        return choice.threshold, choice.notes
