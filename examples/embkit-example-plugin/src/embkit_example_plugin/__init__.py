"""The components of the example plugin: names and where they are; no library is imported here."""

from collections.abc import Iterable

import embkit

embkit_api = 1


@embkit.hookimpl
def embkit_register_loaders() -> "Iterable[embkit.LoaderSpec]":
    """Offer the loader of sentences."""
    yield embkit.LoaderSpec(
        "sentences",
        "embkit_example_plugin.sentences:Sentences",
        summary="A text file, one sentence a line, embedded by a local model.",
        example="embkit_example_plugin.sentences:example",
    )


@embkit.hookimpl
def embkit_register_clusterers() -> "Iterable[embkit.ClustererSpec]":
    """Offer a clusterer of scikit-learn, as it is."""
    yield embkit.ClustererSpec(
        "affinity-propagation",
        "sklearn.cluster:AffinityPropagation",
        summary="Rows choose exemplars among themselves by passing messages.",
    )


@embkit.hookimpl
def embkit_register_validators() -> "Iterable[embkit.ValidatorSpec]":
    """Offer Dunn's index."""
    yield embkit.ValidatorSpec(
        "dunn",
        "embkit_example_plugin.dunn:Dunn",
        summary="Smallest gap between clusters over the widest cluster; higher is better.",
    )
