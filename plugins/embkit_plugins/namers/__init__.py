"""The bundled namers: names and where they are; no library is imported here."""

from collections.abc import Iterable

from embkit import NamerSpec, hookimpl

embkit_api = 1


@hookimpl
def embkit_register_namers() -> Iterable[NamerSpec]:
    """Offer the bundled namers."""
    yield NamerSpec(
        "words",
        "embkit_plugins.namers.words:Words",
        summary="The words that set each group apart.",
        default=True,
    )
