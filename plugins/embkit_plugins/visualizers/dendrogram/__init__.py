"""The tree of merges, drawn from the clusters upward."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
from annotated_types import Ge
from numpy.typing import NDArray

from embkit import Clustering, Context, ParameterError
from embkit.text import plural
from embkit_plugins.algorithms.trees.cuts import n_clusters_at
from embkit_plugins.drawing.sheet import Look, Width, styled
from embkit_plugins.drawing.subject import tree_of
from embkit_plugins.visualizers.dendrogram.drawing import Mark, draw_tree
from embkit_plugins.visualizers.dendrogram.inner import inner_names
from embkit_plugins.visualizers.dendrogram.layout import lay_out
from embkit_plugins.visualizers.dendrogram.means import has_means, linkage_of_means
from embkit_plugins.visualizers.dendrogram.tree import (
    Tree,
    cluster_tree,
    last_merges,
    sample_tree,
    top_levels,
)
from embkit_plugins.visualizers.dendrogram.words import extra_labels, leaf_labels, words_around

if TYPE_CHECKING:
    from matplotlib.figure import Figure


__all__ = ["Dendrogram"]


class Dendrogram:
    """The tree of merges, from the clusters at the bottom to the root at the top.

    The height of a merge is the distance of the two parts, as the linkage takes
    it. Cosine distance is 1 - cos of the angle between two vectors and goes from
    0 (same direction) over 1 (right angle) to 2 (opposite): heights above 1 are
    right, and say that the parts point away from each other. Ward heights are no
    distances between rows and have no upper end.

    A cluster keeps its number and colour in all pictures. Where clusters are
    folded, the heights between those drawn are those of the full tree, and a
    grey dot on a branch shows where, and by its area how much, of what is folded
    joins it. Clusters of hdbscan stand at different heights, each where it is
    complete; its noise is folded likewise.

    Of a clustering that has no tree (kmeans, gaussian-mixture, dbscan, recorded
    labels) the tree over the means of the clusters is drawn instead, and the
    subtitle says so: average linkage of the means, each counting once, by cosine
    distance of the means of unit vectors where the clusterer took cosine, else by
    euclidean distance.

    Parameters
    ----------
    orientation : {"top", "right"}
        Where the root is: heights grow upward, or to the right (long labels read best then).
    leaves : {"auto", "clusters", "samples"}
        What the leaves are: the clusters, so that only what happens above the cut
        is drawn, or the rows; auto takes the clusters where they are subtrees.
    max_leaves : int
        Leaves at most; the smaller clusters are folded into "+ N clusters", and
        of rows the last merges are drawn.
    to : float, optional
        Height of a second line, to see what merges between the threshold and it.
    labels : {"names", "texts", "none"}
        What stands at a leaf: the cluster's name, if it has one, the text that stands
        for it, or only its number.
    max_node_names : int
        How many merges have their names written under them, at most: of those with
        room for it the ones of most rows; 0 for none. They need names of clusters.
    truncate_mode : {"lastp", "level"}, optional
        As in scipy: draw only the top of the tree, down to `p` leaves or `p` levels.
    p : int
        As in scipy: how many leaves or levels `truncate_mode` keeps.
    show_leaf_counts : bool
        Whether a leaf says how many rows it holds, in parentheses.
    distance_sort : bool or {"ascending", "descending"}
        As in scipy: which child of a merge comes first, by its own height.
    title : str
        In place of the title made of the data; the line of settings under it goes too.
    width : float, optional
        Of the picture in inches.

    Raises
    ------
    ParameterError
        If the clusterer made no tree and fewer than two clusters have means, or
        ``leaves="samples"`` was asked for; or if its clusters are not subtrees and
        ``leaves="clusters"`` was asked for.
    DataError
        If there is a single row, or if under cosine a cluster's mean is zero.

    Notes
    -----
    Cost: O(n), and O(n d) for the typical texts; for names of merges the artifact
    ``node-names``; for means O(n d) and the artifact ``linkage`` of as many rows as
    there are clusters. No recursion, so that a chain of any length can be drawn.
    """

    def __init__(
        self,
        *,
        orientation: Literal["top", "right"] = "top",
        leaves: Literal["auto", "clusters", "samples"] = "auto",
        max_leaves: Annotated[int, Ge(2)] = 40,
        to: Annotated[float, Ge(0)] | None = None,
        labels: Literal["names", "texts", "none"] = "names",
        max_node_names: Annotated[int, Ge(0)] = 20,
        truncate_mode: Literal["lastp", "level"] | None = None,
        p: Annotated[int, Ge(1)] = 30,
        show_leaf_counts: bool = True,
        distance_sort: bool | Literal["ascending", "descending"] = False,
        title: str = "",
        width: Width | None = None,
    ) -> None:
        self.orientation = orientation
        self.leaves = leaves
        self.max_leaves = max_leaves
        self.to = to
        self.labels = labels
        self.max_node_names = max_node_names
        self.truncate_mode = truncate_mode
        self.p = p
        self.show_leaf_counts = show_leaf_counts
        self.distance_sort = distance_sort
        self.title = title
        self.width = width

    def draw(self, clustering: Clustering, context: Context) -> "Figure":
        """Draw the tree of a clustering, or the tree over the means of its clusters."""
        if clustering.linkage is None and self.leaves != "samples" and has_means(clustering):
            linkage = linkage_of_means(clustering, context)
            names = np.arange(clustering.n_clusters)
            above = cluster_tree(linkage, names, self._most(clustering), clustering.sizes)
            assert above is not None  # noqa: S101 - each cluster is one leaf
            return self._figure(clustering, self._truncated(above), True, 0.0, self._to(linkage), {})
        linkage = tree_of(clustering, "dendrogram")
        tree, of_clusters = self._tree(clustering, linkage)
        base = _base(clustering, linkage, tree, of_clusters)
        marks = [*_cuts(clustering, base if of_clusters else None), *self._to(linkage)]
        inner = inner_names(clustering, tree, context) if self.max_node_names else {}
        return self._figure(clustering, tree, of_clusters, base, marks, inner)

    def _figure(
        self,
        clustering: Clustering,
        tree: Tree,
        of_clusters: bool,
        base: float | None,
        marks: list[Mark],
        inner: Mapping[int, str],
    ) -> "Figure":
        words = words_around(clustering, tree, of_clusters, base, merges_named=bool(inner))
        with styled():
            return draw_tree(
                tree,
                lay_out(tree, self.distance_sort),
                leaf_labels(clustering, tree, of_clusters, self.labels, self.show_leaf_counts),
                extra_labels(tree.folded, clustering.n_noise if clustering.linkage is None else 0),
                base,
                marks,
                replace(words, look=Look(self.title, self.width)),
                self.orientation,
                inner,
                self.max_node_names,
            )

    def _most(self, clustering: Clustering) -> int:
        return clustering.n_clusters if self.truncate_mode else self.max_leaves

    def _tree(self, clustering: Clustering, linkage: NDArray[np.float64]) -> tuple[Tree, bool]:
        """The tree to draw, and whether its leaves are clusters."""
        tree = None
        if self.leaves != "samples" and clustering.n_clusters > 1:
            tree = cluster_tree(linkage, clustering.labels, self._most(clustering))
        if tree is not None:
            return self._truncated(tree), True
        if self.leaves == "clusters":
            raise ParameterError(
                "visualizer dendrogram: leaves=clusters is not possible here",
                "there are fewer than two clusters, or they are not subtrees of the clusterer's tree",
                "use leaves=samples",
            )
        tree = sample_tree(linkage, clustering.labels)
        return self._truncated(tree) if self.truncate_mode else last_merges(tree, self.max_leaves), False

    def _truncated(self, tree: Tree) -> Tree:
        if self.truncate_mode == "lastp":
            return last_merges(tree, self.p)
        return top_levels(tree, self.p) if self.truncate_mode == "level" else tree

    def _to(self, linkage: NDArray[np.float64]) -> list[Mark]:
        if self.to is None:
            return []
        remaining = int(n_clusters_at(linkage, self.to))
        return [Mark(self.to, f"to {self.to:.4g}", plural(remaining, "cluster"))]


def _cuts(clustering: Clustering, cut: float | None) -> list[Mark]:
    """The line at which the clusters were cut off."""
    threshold = clustering.threshold
    clusters = plural(clustering.n_clusters, "cluster")
    if threshold is not None:
        return [Mark(threshold, f"threshold {threshold:.4g}", clusters)]
    return [] if cut is None else [Mark(cut, "cut", clusters)]


def _base(
    clustering: Clustering, linkage: NDArray[np.float64], tree: Tree, of_clusters: bool
) -> float | None:
    """The height at which all leaves stand; None where each stands at its own."""
    if not of_clusters:
        # A truncated tree has its merges near the top: room below them would be empty.
        span = float(np.ptp(tree.heights)) or float(tree.heights.max())
        shown = tree.n_leaves == clustering.dataset.n_samples
        return 0.0 if shown else max(0.0, float(tree.heights.min()) - 0.2 * span)
    threshold = clustering.threshold
    if threshold is not None:
        return threshold
    heights = np.sort(linkage[:, 2])
    made = len(heights) + 1 - clustering.n_clusters
    low, high = heights[made - 1] if made else 0.0, heights[made]
    one_cut = not clustering.n_noise and tree.tops.max() <= high and tree.heights.min() >= low
    return float((low + high) / 2) if one_cut else None
