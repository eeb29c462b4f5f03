"""Pages made of what the host gives: runs, and pairs of clusterings."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit import Clustering, Context, Dataset, Name, Run
from embkit_plugins.algorithms.agreement.changes import LabelChanges
from embkit_plugins.algorithms.density.selection import has_density_tree, has_reachability_tree
from embkit_plugins.algorithms.ledger.merges import Ledger
from embkit_plugins.algorithms.trees.cuts import short_number
from embkit_plugins.exporters.page.evidence import central_rows, closest_pairs, supported
from embkit_plugins.exporters.page.parts import Band, Clusters, Finding, MapLayout, Rows, Tree, Verdict
from embkit_plugins.exporters.page.payload import Change, DiffPage, RunPage
from embkit_plugins.exporters.page.sources.trust import trustworthiness

__all__ = ["band_of", "diff_page", "map_layouts", "name_without_text", "rows_of", "run_page"]

_NAMES = {"umap": "UMAP", "tsne": "t-SNE", "pca": "PCA"}
_BAND = 0.2  # share of the clusters that the merges between the lines make, if no lower line is given


def run_page(
    run: Run,
    maps: Mapping[str, MapLayout],
    *,
    title: str = "",
    lines: tuple[float, float] | None = None,
    ledger: Ledger | None = None,
) -> RunPage:
    """Make the page of a run, or of a dataset that was only inspected.

    Parameters
    ----------
    run : Run
        A finished run.
    maps : mapping of str to MapLayout
        See `map_layouts`.
    title : str
        Of the page; the name of the dataset if empty.
    lines : tuple of two floats, optional
        Where the two thresholds are to begin with; if not given, at the run's own
        and below as many merges as a fifth of its clusters.
    ledger : Ledger, optional
        The ledger between the lines, whose silhouettes and p-values are then shown.
    """
    clustering = run.clustering
    return RunPage(
        title=title or run.dataset.name,
        rows=rows_of(run.dataset, _row_columns(run)),
        clusters=None if clustering is None else _clusters(run, clustering),
        maps=maps,
        tree=None if clustering is None else _tree(clustering, lines, ledger),
        verdict=_verdict(run),
        scores=list(_findings(run)),
        settings=dict(_settings(run)),
        warnings=[f"{failure.step}: {failure.error}" for failure in run.failures],
    )


def diff_page(
    before: Clustering,
    after: Clustering,
    changes: LabelChanges,
    maps: Mapping[str, MapLayout],
    *,
    title: str = "",
) -> DiffPage:
    """Make the page of two clusterings of the same rows."""
    sides = [Clusters(side.labels, headline(side), names=_names(side)) for side in (before, after)]
    return DiffPage(
        title=title or f"{headline(before)} and {headline(after)}",
        rows=rows_of(before.dataset),
        before=sides[0],
        after=sides[1],
        maps=maps,
        changes=[Change(c.kind, c.before, c.after, c.n_moved) for c in changes.changes],
        scores=[
            Finding("agreement", "adjusted_rand", changes.adjusted_rand),
            Finding("agreement", "adjusted_mutual_information", changes.adjusted_mutual_information),
        ],
        settings={"before": headline(before), "after": headline(after)},
    )


def map_layouts(
    dataset: Dataset, context: Context, methods: Sequence[str], metric: str
) -> dict[str, MapLayout]:
    """Lay out the rows by the artifact ``projection``, with the trustworthiness of each map.

    Parameters
    ----------
    dataset : Dataset
        What to lay out.
    context : Context
        Bound to the dataset.
    methods : sequence of {"umap", "tsne", "pca"}
        The first is shown to begin with.
    metric : str
        Cosine if ``"cosine"``, else euclidean.
    """
    cosine = metric == "cosine"
    space = "cosine" if cosine else "euclidean"
    found = [
        context.artifact("projection", method=method, metric=space, random_state=context.seed)[
            "embedding"
        ]
        for method in methods
    ]
    trust = trustworthiness(dataset.vectors, found, cosine=cosine, seed=context.seed)
    note = f"15 neighbours, {space}"
    return {
        _NAMES[method]: MapLayout(layout, value, note)
        for method, layout, value in zip(methods, found, trust, strict=True)
    }


def rows_of(dataset: Dataset, columns: Mapping[str, Sequence[Any]] | None = None) -> Rows:
    """The rows of a dataset with their texts, reference labels and metadata."""
    reference = {} if dataset.reference is None else {"reference": dataset.reference}
    ids = [dataset.row_id(row) for row in range(dataset.n_samples)]
    shown = {**reference, **dataset.metadata, **(columns or {})}
    return Rows(ids, dataset.texts, shown, named=dataset.ids is not None)


def band_of(ledger: Ledger) -> Band:
    """What a ledger measured, by cluster number at its higher threshold."""
    n_clusters = ledger.n_clusters[1]
    before, after, p_values = (np.full(n_clusters, np.nan) for _ in range(3))
    for merge in ledger.merges:
        before[merge.cluster], after[merge.cluster] = (
            np.nan if value is None else value for value in merge.silhouette
        )
        p_values[merge.cluster] = np.nan if merge.p_value is None else merge.p_value
    return Band(ledger.start, ledger.stop, before, after, p_values)


def headline(clustering: Clustering) -> str:
    """The clusterer with the parameters that say most."""
    chosen = ("linkage", "metric", "distance_threshold", "n_clusters", "min_cluster_size", "eps")
    shown = [
        f"{name}={clustering.parameters[name]}"
        for name in chosen
        if clustering.parameters.get(name) is not None
    ]
    if "labels" in clustering.parameters:
        return PurePath(clustering.parameters["labels"]).name
    called = clustering.clusterer or "clusters"
    return f"{called}({', '.join(shown)})" if shown else called


def _tree(
    clustering: Clustering, lines: tuple[float, float] | None, ledger: Ledger | None
) -> Tree | None:
    linkage = clustering.linkage
    if linkage is None or len(linkage) + 1 != len(clustering.labels) or not len(linkage):
        return None
    metric, vectors = clustering.metric, clustering.dataset.vectors
    of_density = has_density_tree(clustering)
    is_cut = not of_density and clustering.parameters.get("distance_threshold") != "dynamic"
    known = supported(metric) and clustering.dataset.n_features > 0
    return Tree(
        linkage,
        f"mutual reachability ({metric})" if has_reachability_tree(clustering) else metric,
        str(clustering.parameters.get("linkage", "")),
        (lines or _lines(clustering, linkage)) if is_cut else None,
        central=central_rows(vectors, linkage, metric) if known else None,
        closest=closest_pairs(vectors, linkage, metric) if known and is_cut else None,
        band=None if ledger is None else band_of(ledger),
    )


def _lines(clustering: Clustering, linkage: NDArray[np.float64]) -> tuple[float, float]:
    """The threshold of the run, and one below it that leaves some merges in between."""
    heights = linkage[:, 2]
    n_merges = len(clustering.labels) - max(clustering.n_clusters, 1)
    upper = clustering.threshold
    if upper is None:
        after = heights[n_merges] if n_merges < len(heights) else heights[-1] * 1.01
        upper = float(short_number(heights[n_merges - 1], after) if n_merges else heights[0])
    first = max(n_merges - max(1, round(_BAND * clustering.n_clusters)), 0)
    return min(float(np.round(heights[first], 4)), upper), upper


def _clusters(run: Run, clustering: Clustering) -> Clusters:
    found: dict[str, Sequence[float | None]] = {}
    for title, table in run.tables.items():
        if title == "clusters":  # tells of the names, not of the clusters
            continue
        if "cluster" not in table or len(table["cluster"]) != clustering.n_clusters:
            continue
        order = np.argsort(np.asarray(table["cluster"]))
        for name, values in table.items():
            column = [values[row] for row in order]
            if name not in {"cluster", "size", "share", "draws"} and all(
                _is_number(value) for value in column
            ):
                found.setdefault(name, [None if value is None else float(value) for value in column])
    return Clusters(
        clustering.labels,
        headline(clustering),
        names=_names(clustering),
        silhouettes=_by_row(run, "silhouette"),
        health=found,
    )


def _names(clustering: Clustering) -> list[Name]:
    if clustering.names is not None:
        names = [clustering.names[cluster] for cluster in range(clustering.n_clusters)]
        return [name_without_text(name, clustering.dataset) for name in names]
    return [Name("", rows=(int(row),)) for row in clustering.representatives]


def name_without_text(name: Name, dataset: Dataset) -> Name:
    """The name without a title that is only the beginning of its first row's text: the page has that."""
    if name.terms or not name.rows or dataset.texts is None:
        return name
    is_text = dataset.texts[name.rows[0]].startswith(name.title.rstrip("\N{HORIZONTAL ELLIPSIS}"))
    return replace(name, title="") if is_text else name


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, float | int | np.number) and not isinstance(value, bool))


def _by_row(run: Run, column: str) -> NDArray[np.float64] | None:
    """A column of a table with one line for each row, in the order of the rows."""
    for table in run.tables.values():
        if "row" in table and column in table:
            place = {int(row): index for index, row in enumerate(run.dataset.source_rows)}
            values = np.full(run.dataset.n_samples, np.nan)
            for row, value in zip(table["row"], table[column], strict=True):
                if int(row) in place:  # a page may show some of the rows
                    values[place[int(row)]] = np.nan if value is None else value
            return values
    return None


def _row_columns(run: Run) -> dict[str, Sequence[Any]]:
    outliers = _by_row(run, "outlier_score")
    probabilities = None if run.clustering is None else run.clustering.probabilities
    found = {"outlier_score": outliers, "probability": probabilities}
    return {name: values.tolist() for name, values in found.items() if values is not None}


def _verdict(run: Run) -> Verdict | None:
    for validation in run.validations.values():
        if "verdict" in validation.scores:
            p_value = validation.scores.get("p_value")
            return Verdict(
                str(validation.scores["verdict"]),
                float(p_value) if isinstance(p_value, int | float) else None,
                validation.notes[0] if validation.notes else "",
            )
    return None


def _findings(run: Run) -> Iterator[Finding]:
    for validator, validation in run.validations.items():
        if validation.skipped:
            yield Finding(validator, "skipped", validation.skipped)
        for name, value in validation.scores.items():
            yield Finding(validator, name, value, validation.notes)


def _settings(run: Run) -> Iterator[tuple[str, str]]:
    dataset, clustering = run.dataset, run.clustering
    yield "dataset", f"{dataset.name}, {dataset.n_samples:,} rows of {dataset.n_features:,} dimensions"
    for reducer in run.config.reducers:
        yield "reducer", str(reducer)
    if clustering is not None:
        yield "clusterer", clustering.clusterer
        for name, value in clustering.parameters.items():
            if value is not None:
                yield f"  {name}", str(value)
    yield "seed", str(run.config.seed)
    for note in () if clustering is None else clustering.notes:
        yield "note", note
