"""The bundled reporters: names and where they are; no library is imported here."""

from collections.abc import Iterable

from embkit import ReporterSpec, hookimpl

embkit_api = 1


@hookimpl
def embkit_register_reporters() -> Iterable[ReporterSpec]:
    """Offer the bundled reporters."""
    yield ReporterSpec(
        "comparison",
        "embkit_plugins.reporters.comparison:Comparison",
        summary="Rankings with intervals, agreement, cost, and tests over datasets.",
    )
