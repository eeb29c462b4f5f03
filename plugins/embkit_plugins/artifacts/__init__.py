"""The bundled artifacts: names and where they are; no library is imported here."""

from collections.abc import Iterable

from embkit import ArtifactSpec, hookimpl

embkit_api = 1


@hookimpl
def embkit_register_artifacts() -> Iterable[ArtifactSpec]:
    """Offer the bundled artifacts."""
    here = "embkit_plugins.artifacts"
    yield ArtifactSpec(
        "distances",
        f"{here}.distances:Distances",
        summary="Distances between all pairs of rows, condensed.",
        cache=False,  # large, and quicker made again than read
    )
    yield ArtifactSpec(
        "linkage",
        f"{here}.linkage:Linkage",
        summary="The tree of merges: every cut by distance or number of clusters at once.",
    )
    yield ArtifactSpec(
        "connected-linkage",
        f"{here}.connected_linkage:ConnectedLinkage",
        summary="The tree of merges along the graph of nearest neighbours.",
    )
    yield ArtifactSpec(
        "neighbors",
        f"{here}.neighbors:Neighbors",
        summary="The nearest other rows of every row, exactly.",
    )
    yield ArtifactSpec(
        "spanning-tree",
        f"{here}.spanning_tree:SpanningTree",
        summary="The minimum spanning tree of distances or of mutual reachability.",
    )
    yield ArtifactSpec(
        "projection",
        f"{here}.projection:Projection",
        summary="The rows in two or three dimensions, for pictures.",
    )
    yield ArtifactSpec(
        "silhouettes",
        f"{here}.silhouettes:LabelingSilhouettes",
        summary="The silhouette of every row under given labels.",
        cache=False,  # other labels, other silhouettes: the next run rarely asks for these
        example="embkit_plugins.examples.artifacts:labels",
    )
    yield ArtifactSpec(
        "threshold-curve",
        f"{here}.threshold_curve:ThresholdCurve",
        summary="What each of many thresholds of a tree would give.",
        example="embkit_plugins.examples.artifacts:tree",
    )
    yield ArtifactSpec(
        "k-sweep",
        f"{here}.k_sweep:KSweep",
        summary="k-means for each of many k, on the data and on data without clusters.",
        example={"n_clusters": (2, 3, 4), "n_null": 3},
    )
    yield ArtifactSpec(
        "structure",
        f"{here}.structure:Structure",
        summary="Where the density falls between parts of the rows, counted on rows held out.",
        example={"n_repeats": 1},
    )
    yield ArtifactSpec(
        "later-rows",
        f"{here}.later_rows:LaterRows",
        summary="The nearest rows of other rows, and whether these are like the rows themselves.",
        cache=False,
        example="embkit_plugins.examples.artifacts:later_rows",
    )
    yield ArtifactSpec(
        "node-names",
        f"{here}.node_names:NodeNames",
        summary="What each node of a tree is about, by the words of its rows.",
        example="embkit_plugins.examples.artifacts:tree_and_texts",
    )
