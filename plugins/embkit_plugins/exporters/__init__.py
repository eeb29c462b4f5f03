"""The bundled exporters: names and where they are; no library is imported here."""

from collections.abc import Iterable

from embkit import ExporterSpec, hookimpl

embkit_api = 1


@hookimpl
def embkit_register_exporters() -> Iterable[ExporterSpec]:
    """Offer the bundled exporters."""
    here = "embkit_plugins.exporters"
    yield ExporterSpec(
        "report",
        f"{here}.report:Report",
        summary="Rankings with intervals, agreement, cost, tests over datasets; Markdown and HTML.",
        subjects=("study",),
        default=True,
    )
    yield ExporterSpec(
        "tree",
        f"{here}.tree:Tree",
        summary="The tree of merges as Newick and as JSON.",
    )
    yield ExporterSpec(
        "page",
        f"{here}.page:Page",
        summary="One HTML file to explore: tree, map, texts and merges, linked; works offline.",
        subjects=("run", "study"),
    )
