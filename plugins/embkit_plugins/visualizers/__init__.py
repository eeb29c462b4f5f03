"""The bundled visualizers: names and where they are; no library is imported here."""

from collections.abc import Iterable

from embkit import VisualizerSpec, hookimpl

embkit_api = 1


@hookimpl
def embkit_register_visualizers() -> Iterable[VisualizerSpec]:
    """Offer the bundled visualizers."""
    here = "embkit_plugins.visualizers"
    yield VisualizerSpec(
        "dendrogram",
        f"{here}.dendrogram:Dendrogram",
        summary="The tree of merges, from the clusters upward.",
    )
    # Maps reduce the rows themselves: after a reducer they would show its work, not the data.
    yield VisualizerSpec(
        "tsne", f"{here}.scatter:TSNE", summary="A map of the rows by t-SNE.", of="source"
    )
    yield VisualizerSpec(
        "umap", f"{here}.scatter:UMAP", summary="A map of the rows by UMAP.", of="source"
    )
    yield VisualizerSpec(
        "pca", f"{here}.scatter:PCA", summary="The rows along their two main directions.", of="source"
    )
    yield VisualizerSpec(
        "silhouette",
        f"{here}.silhouette:Silhouette",
        summary="The silhouette of every row, cluster by cluster.",
    )
    yield VisualizerSpec("sizes", f"{here}.sizes:Sizes", summary="The clusters, largest first.")
    yield VisualizerSpec(
        "tanglegram",
        f"{here}.tanglegram:Tanglegram",
        summary="The tree beside another run's, with a line for each row.",
        example="embkit_plugins.examples.validators:other_tree",
    )
    yield VisualizerSpec(
        "clustree",
        f"{here}.clustree:Clustree",
        summary="Clusterings of the rows one below the other, by threshold, number or run.",
    )
    yield VisualizerSpec(
        "threshold-curve",
        f"{here}.threshold_curve:ThresholdCurve",
        summary="What every threshold of the tree would give.",
    )
    yield VisualizerSpec(
        "k-sweep",
        f"{here}.k_sweep:KSweep",
        summary="Silhouette and gap for each k, over the band of data without clusters.",
        subject="dataset",
        example={"n_clusters": (2, 3, 4), "n_null": 3},
    )
