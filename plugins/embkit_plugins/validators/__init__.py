"""The bundled validators: names and where they are; no library is imported here."""

from collections.abc import Iterable

from embkit import Score, ValidatorSpec, hookimpl

embkit_api = 1


@hookimpl
def embkit_register_validators() -> Iterable[ValidatorSpec]:
    """Offer the bundled validators."""
    here = "embkit_plugins.validators"
    yield ValidatorSpec(
        "silhouette",
        f"{here}.silhouette:Silhouette",
        summary="How much nearer rows are to their own cluster than to the next.",
        scores={"silhouette": Score("higher", low=-1.0, high=1.0)},
    )
    yield ValidatorSpec(
        "davies-bouldin",
        f"{here}.centroid_indices.davies_bouldin:DaviesBouldin",
        summary="Spread of clusters over the distance of their centroids; lower is better.",
        scores={"davies_bouldin": Score("lower", "Davies-Bouldin", low=0.0)},
    )
    yield ValidatorSpec(
        "calinski-harabasz",
        f"{here}.centroid_indices.calinski_harabasz:CalinskiHarabasz",
        summary="Variance between clusters over variance within; higher is better.",
        scores={"calinski_harabasz": Score("higher", "Calinski-Harabasz", low=0.0)},
    )
    yield ValidatorSpec(
        "dbcv",
        f"{here}.dbcv:DBCV",
        summary="Density within clusters against the way to the next; for clusters of any shape.",
        scores={"dbcv": Score("higher", "DBCV", low=-1.0, high=1.0)},
    )
    yield ValidatorSpec(
        "external",
        f"{here}.external:External",
        summary="Agreement with the dataset's reference labels: ARI, AMI, V-measure.",
        scores={
            "ari": Score("higher", "reference ARI", -0.5, 1.0, external=True),
            "ami": Score("higher", "reference AMI", -1.0, 1.0, external=True),
            "v_measure": Score("higher", "reference V-measure", 0.0, 1.0, external=True),
        },
    )
    yield ValidatorSpec(
        "sizes",
        f"{here}.sizes:Sizes",
        summary="The clusters, largest first, each with an example.",
    )
    yield ValidatorSpec(
        "nodes",
        f"{here}.trees.nodes:Nodes",
        summary="Every part of a tree, at all levels, with its name.",
    )
    yield ValidatorSpec(
        "threshold-diff",
        f"{here}.trees.threshold_diff:ThresholdDiff",
        summary="Which clusters at one threshold are merged at another, with texts and members.",
        example={"to": 1.0},
    )
    yield ValidatorSpec(
        "thresholds",
        f"{here}.trees.thresholds:Thresholds",
        summary="Number of clusters, largest, singletons and silhouette at every threshold of a tree.",
    )
    yield ValidatorSpec(
        "cophenetic",
        f"{here}.trees.cophenetic:Cophenetic",
        summary="Correlation of a tree's heights with the distances it was made from.",
    )
    yield ValidatorSpec(
        "stability",
        f"{here}.stability:Stability",
        summary="Which clusters come back when part of the rows is left out.",
    )
    yield ValidatorSpec(
        "agreement",
        f"{here}.agreement:Agreement",
        summary="What became of the clusters between this run and another: merged, split, reshuffled.",
        example="embkit_plugins.examples.validators:other_run",
    )
    yield ValidatorSpec(
        "tree-agreement",
        f"{here}.trees.tree_agreement:TreeAgreement",
        summary="How far the tree agrees with another run's: heights, ranks, and cuts into k clusters.",
        example="embkit_plugins.examples.validators:other_tree",
    )
    yield ValidatorSpec(
        "outliers",
        f"{here}.outliers:Outliers",
        summary="Rows far out of their place, by the tree of hdbscan (GLOSH).",
        expected_failures={"judges": "it needs HDBSCAN's tree of mutual reachability, not any tree"},
    )
    yield ValidatorSpec(
        "significance",
        f"{here}.significance:Significance",
        summary="Whether the same clusterer does as well on data of the same shape without clusters.",
    )
    yield ValidatorSpec(
        "health",
        f"{here}.health:Health",
        subject="dataset",
        summary="Duplicates, norms, anisotropy, hubness, intrinsic dimension: what the matrix is like.",
    )
    yield ValidatorSpec(
        "structure",
        f"{here}.structure:Structure",
        subject="dataset",
        summary="Clusters, continuum or undecided, with a p-value, before any clustering.",
        example={"n_repeats": 1},
    )
    yield ValidatorSpec(
        "k-sweep",
        f"{here}.k_sweep:KSweep",
        subject="dataset",
        summary="Silhouette and gap of k-means for each k, beside those of data without clusters.",
        example={"n_clusters": (2, 3, 4), "n_null": 3},
    )
    yield ValidatorSpec(
        "hopkins",
        f"{here}.hopkins:Hopkins",
        subject="dataset",
        summary="Hopkins' statistic against a uniform box, with the corrected exponent.",
    )
    yield ValidatorSpec(
        "advice",
        f"{here}.advice:Advice",
        subject="dataset",
        summary="A command to run next, and why.",
        default=True,
    )
