"""The bundled clusterers: names and where they are; no library is imported here."""

from collections.abc import Iterable

from embkit import ClustererSpec, hookimpl

embkit_api = 1


@hookimpl
def embkit_register_clusterers() -> Iterable[ClustererSpec]:
    """Offer the bundled clusterers; those of scikit-learn are taken as they are."""
    here = "embkit_plugins.clusterers"
    sklearn = "sklearn.cluster"
    memory = f"{here}.scikit_learn"
    yield ClustererSpec(
        "agglomerative",
        f"{here}.agglomerative:Agglomerative",
        summary="Merge the nearest clusters, up to a distance or down to a number of clusters.",
        order_free=True,
    )
    yield ClustererSpec(
        "kmeans",
        f"{here}.kmeans:KMeans",
        summary="Divide into k clusters around their means.",
    )
    yield ClustererSpec(
        "hdbscan",
        f"{here}.hdbscan:HDBSCAN",
        summary="Dense groups of any density, persistent over scales; the rest is noise.",
        order_free=True,
    )
    yield ClustererSpec(
        "recorded",
        f"{here}.recorded:Recorded",
        summary="Labels that exist already, of an earlier run or another tool.",
        example="embkit_plugins.examples.clusterers:labels_file",
    )
    yield ClustererSpec(
        "minibatch-kmeans",
        f"{sklearn}:MiniBatchKMeans",
        summary="k-means from small random batches, for many rows.",
        memory=f"{memory}:minibatch_kmeans",
    )
    yield ClustererSpec(
        "bisecting-kmeans",
        f"{sklearn}:BisectingKMeans",
        summary="k-means by halving one cluster at a time.",
        memory=f"{memory}:bisecting_kmeans",
    )
    yield ClustererSpec(
        "birch",
        f"{sklearn}:Birch",
        summary="Summarise rows in a tree of subclusters, then merge those.",
        memory=f"{memory}:birch",
    )
    yield ClustererSpec(
        "dbscan",
        f"{here}.dbscan:DBSCAN",
        summary="Rows with min_samples others within eps; the rest is noise.",
        memory=f"{memory}:dbscan",
    )
    yield ClustererSpec(
        "optics",
        f"{here}.optics:OPTICS",
        summary="Valleys in an ordering by density; the rest is noise.",
        expected_failures={
            "duplicates": "equal rows follow one another in its ordering, and a valley may end between"
        },
        memory=f"{memory}:optics",
    )
    yield ClustererSpec(
        "spectral",
        f"{sklearn}:SpectralClustering",
        summary="k-means on the eigenvectors of a similarity graph; up to some 10,000 rows.",
        memory=f"{memory}:spectral",
    )
    yield ClustererSpec(
        "gaussian-mixture",
        "sklearn.mixture:GaussianMixture",
        summary="Fit n_components normal distributions; each row to the likeliest.",
        example={"n_components": 3},
        memory=f"{memory}:gaussian_mixture",
    )
    yield ClustererSpec(
        "mean-shift",
        f"{sklearn}:MeanShift",
        summary="Climb to the peaks of a density estimate; up to a few thousand rows.",
        memory=f"{memory}:mean_shift",
    )
