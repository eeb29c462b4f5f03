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
        example={"n_random": 2},
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
    yield ExporterSpec(
        "anndata",
        f"{here}.anndata:AnnData",
        summary="AnnData (h5ad) for scanpy: vectors, clusters, maps, and the tree.",
    )
    yield ExporterSpec(
        "csv",
        f"{here}.spreadsheet:Csv",
        summary="For a spreadsheet: a file for each cluster, or the scores of a study.",
        subjects=("run", "study"),
    )
    yield ExporterSpec(
        "latex",
        f"{here}.latex:Latex",
        summary="The scores of a study as LaTeX tables, mean and standard deviation.",
        subjects=("study",),
    )
    yield ExporterSpec(
        "newick",
        f"{here}.newick:Newick",
        summary="The tree of merges in the Newick format.",
    )
    yield ExporterSpec(
        "parquet",
        f"{here}.parquet:Parquet",
        summary="Rows with vectors, clusters, names, texts and maps; embedding-atlas opens it.",
    )
    yield ExporterSpec(
        "tensorboard",
        f"{here}.tensorboard:TensorBoard",
        summary="Vectors and metadata for TensorBoard's embedding projector.",
    )
