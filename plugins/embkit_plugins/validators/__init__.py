"""The bundled validators: names and where they are; no library is imported here."""

from collections.abc import Iterable

from embkit.hookspecs import hookimpl
from embkit.specs import ValidatorSpec

embkit_api = 1


@hookimpl
def embkit_register_validators() -> Iterable[ValidatorSpec]:
    """Offer the bundled validators."""
    here = "embkit_plugins.validators"
    yield ValidatorSpec(
        "silhouette",
        f"{here}.silhouette:Silhouette",
        summary="How much nearer rows are to their own cluster than to the next.",
    )
    yield ValidatorSpec(
        "davies-bouldin",
        f"{here}.davies_bouldin:DaviesBouldin",
        summary="Spread of clusters over the distance of their centroids; lower is better.",
    )
    yield ValidatorSpec(
        "calinski-harabasz",
        f"{here}.calinski_harabasz:CalinskiHarabasz",
        summary="Variance between clusters over variance within; higher is better.",
    )
    yield ValidatorSpec(
        "external",
        f"{here}.external:External",
        summary="Agreement with the dataset's reference labels: ARI, AMI, V-measure.",
    )
    yield ValidatorSpec(
        "sizes",
        f"{here}.sizes:Sizes",
        summary="The clusters by falling size, each with an example.",
    )
