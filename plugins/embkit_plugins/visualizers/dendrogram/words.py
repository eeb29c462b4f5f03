"""The words of a dendrogram: at its leaves, above, below and along its axis."""

from typing import Literal

from embkit import Clustering
from embkit.text import plural
from embkit_plugins.drawing.subject import headline, height_label
from embkit_plugins.drawing.text import printable, row_text
from embkit_plugins.visualizers.dendrogram.frame import LeafLabel, Words
from embkit_plugins.visualizers.dendrogram.means import metric_of_means
from embkit_plugins.visualizers.dendrogram.tree import Folded, Tree

__all__ = ["extra_labels", "leaf_labels", "words_around"]


def leaf_labels(
    clustering: Clustering,
    tree: Tree,
    of_clusters: bool,
    labels: Literal["names", "texts", "none"],
    counts: bool,
) -> list[LeafLabel]:
    """Labels of the leaves, by leaf number; texts are not yet shortened."""
    names = tree.names.tolist()
    if labels == "none":
        texts = [""] * len(names)
    elif of_clusters:
        about = _about(clustering, labels, max(names) + 1)
        many = [plural(int(parts), "cluster") for parts in tree.parts]
        texts = [about[name] if name >= 0 else many[leaf] for leaf, name in enumerate(names)]
    else:
        texts = [row_text(clustering.dataset, name) if name >= 0 else "" for name in names]
    made = []
    for leaf, (name, text) in enumerate(zip(names, texts, strict=True)):
        cluster = int(tree.labels[leaf])
        single_row = not of_clusters and name >= 0
        number = "" if single_row or cluster < 0 else str(cluster)
        rows = "" if single_row or not counts else f"({tree.rows[leaf]:,})"
        made.append(LeafLabel(number, text, rows))
    return made


def _about(clustering: Clustering, labels: Literal["names", "texts"], clusters: int) -> list[str]:
    """The name of each of the first clusters, or the text that stands for it."""
    rows = clustering.representatives[:clusters].tolist()
    texts = [row_text(clustering.dataset, row) for row in rows]
    if labels == "texts" or clustering.names is None:
        return texts
    said = [printable(name.in_full) for name in clustering.names.names[:clusters]]
    return [name or text for name, text in zip(said, texts, strict=True)]


def extra_labels(folded: Folded, apart: int) -> list[LeafLabel]:
    """Labels after the last leaf for what is not drawn; `apart` rows of noise join nowhere."""
    clusters, noise = int(folded.clusters.sum()), int(folded.noise.sum())
    rows, noise = int(folded.rows.sum()) - noise, noise + apart
    labels = [LeafLabel("", f"+ {plural(clusters, 'cluster')}", f"({rows:,})")] if clusters else []
    return [*labels, LeafLabel("", "noise", f"({noise:,})")] if noise else labels


def words_around(
    clustering: Clustering, tree: Tree, of_clusters: bool, base: float | None, *, merges_named: bool
) -> Words:
    """Title, subtitle, caption and the name of the axis of heights."""
    title = f"{printable(clustering.dataset.name)}: {_what(clustering, tree, of_clusters)}"
    caption = _caption(clustering, tree, of_clusters, base)
    if merges_named:
        caption.insert(1, "In italics: what the rows under a merge are about, where there is room.")
    if clustering.linkage is not None:
        return Words(title, headline(clustering), " ".join(caption), height_label(clustering))
    made = f"{clustering.clusterer or 'The clusterer'} makes no tree"
    means = plural(clustering.n_clusters, "cluster mean")
    subtitle = f"{printable(made)}: average linkage of the {means} · {headline(clustering)}"
    axis = {
        "cosine": "cosine distance between cluster means (0 to 2)",
        "euclidean": "euclidean distance between cluster means",
    }[metric_of_means(clustering)]
    return Words(title, subtitle, " ".join(caption), axis)


def _what(clustering: Clustering, tree: Tree, of_clusters: bool) -> str:
    drawn, folded = tree.n_leaves, bool(tree.folded.clusters.any())
    parts, noun = (
        (clustering.n_clusters, "cluster") if of_clusters else (clustering.dataset.n_samples, "row")
    )
    by_means = " by their means" if clustering.linkage is None else ""
    if drawn == parts or folded:
        largest = f"the {drawn:,} largest of " if folded else ""
        return f"how {largest}{plural(parts, noun)} merge{by_means}"
    return f"the last {drawn - 1:,} of {plural(parts - 1, 'merge')} of {noun}s{by_means}"


def _caption(clustering: Clustering, tree: Tree, of_clusters: bool, base: float | None) -> list[str]:
    said = []
    if clustering.linkage is None:
        said.append("A leaf is a cluster at its mean: how wide the clusters are is not shown.")
        if clustering.n_noise:
            said.append("Noise has no mean and joins nowhere.")
    elif of_clusters:
        said.append("A leaf is a cluster; heights are those of the full tree.")
    elif clustering.n_clusters > 1:
        said.append("Branches within a cluster have its colour.")
    if base is None:
        said.append("Each leaf stands where its cluster is complete.")
    if len(tree.folded.nodes):
        joins = float(tree.folded.heights.max())
        said.append("Grey dots mark where folded branches join, larger dots for more rows.")
        if base is None:
            said.append(f"Noise joins up to {joins:.3g}.")
    if clustering.metric == "cosine" and tree.heights.max() > 1:
        minus = "\N{MINUS SIGN}"
        said.append(
            f"Cosine distance is 1 {minus} cos: above 1 the angle is obtuse; that is not an error."
        )
    return said
