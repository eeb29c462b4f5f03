"""The exporter of the page."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from annotated_types import Ge, MinLen

from embkit import Clustering, Context, DataError, Dataset, ParameterError, Run, StudyRecord

if TYPE_CHECKING:
    from embkit_plugins.exporters.page.parts import MapLayout, Tree
    from embkit_plugins.exporters.page.payload import DiffPage, RunPage, StudyPage

__all__ = ["Page"]

Method = Literal["umap", "tsne", "pca"]
_MAPS: Sequence[Method] = ("umap", "pca")
_METRICS = ("cosine", "correlation", "euclidean", "hamming", "manhattan", "precomputed")
_LEDGER_ROWS = 5_000  # up to which names of merges are computed, and all between the two lines
_TESTED_ROWS = 20_000  # of the merges that are tested above that


class Page:
    """Write ``page.html``: dendrogram, map, texts and merges, linked, in one file.

    The file holds everything it shows, makes no request, and works from a disk
    without a network. Of a run with a tree it shows the dendrogram with two
    thresholds to move, what merges between them, the map and the texts; of a run
    without one the clusters, the map and the texts; of a dataset that was only
    inspected the map, the texts and what was found; of a study the scores, the
    agreement of its methods, and any two trials side by side. With `other`, a run
    and another run's labels are side by side, with what changed.

    Cost: the maps, one pass over the rows for each merge of the tree, and at most
    ten million distances; 13,000 rows take less than a second beside the maps and
    make a file of nearly a megabyte. Up to 5,000 rows merges also have names and
    all that ``embkit diff`` says of those between the thresholds; above that only
    the highest merges are tested, as the page says. Of more than 200,000 rows the
    page shows 100,000 drawn at random, without a tree, and says so.

    Parameters
    ----------
    title : str
        Of the page; the name of the dataset or study if empty.
    maps : list of {"umap", "tsne", "pca"}, optional
        Layouts to choose from; the first is shown to begin with. UMAP and PCA if omitted.
    lower, upper : float, optional
        Where the two thresholds are to begin with; if not given, the upper one at
        the run's own and the lower one a fifth of the clusters below it.
    other : str, optional
        Folder of a run of the same rows, or a CSV file with the columns id and label.
    form : {"html", "widget"}
        One file to open, or the parts of an anywidget: a module, its styles, and the
        data; ``run.widget()`` puts them together.

    Raises
    ------
    ParameterError
        If only one of the thresholds is given, or the lower one is above the upper
        one, or there are thresholds with `other`, or either without a clustering.
    DataError
        If the other labels cannot be read, or are not of these rows; or if there are
        more than 200,000 rows, and other labels or a study.
    """

    def __init__(
        self,
        *,
        title: str = "",
        maps: Annotated[list[Method], MinLen(1)] | None = None,
        lower: Annotated[float, Ge(0)] | None = None,
        upper: Annotated[float, Ge(0)] | None = None,
        other: str | None = None,
        form: Literal["html", "widget"] = "html",
    ) -> None:
        self.title = title
        self.maps = maps
        self.lower = lower
        self.upper = upper
        self.other = other
        self.form = form

    def check(self) -> None:
        """Refuse thresholds that do not make a pair."""
        if (self.lower is None) != (self.upper is None):
            raise ParameterError(
                "exporter page: one threshold",
                "merges are shown between two",
                "give both lower and upper, or neither",
            )
        if self.lower is not None and self.upper is not None and self.lower > self.upper:
            raise ParameterError(
                f"exporter page: lower={self.lower:g} and upper={self.upper:g}",
                "the lower threshold is above the upper one",
                "exchange them",
            )
        if self.lower is not None and self.other is not None:
            raise ParameterError(
                "exporter page: thresholds, and other labels",
                "a page shows one tree, or two clusterings",
                "leave out lower and upper, or other",
            )

    def export(self, subject: Run | StudyRecord, context: Context) -> dict[str, str]:
        """Return ``page.html``, or ``page.js``, ``page.css`` and ``page.txt`` of the widget."""
        from embkit_plugins.exporters.page.write import to_html, to_widget

        payload = (
            self._study(subject, context)
            if isinstance(subject, StudyRecord)
            else self._run(subject, context)
        )
        if self.form == "html":
            return {"page.html": to_html(payload)}
        return dict(zip(("page.js", "page.css", "page.txt"), to_widget(payload), strict=True))

    def _run(self, run: Run, context: Context) -> "RunPage | DiffPage":
        from embkit_plugins.exporters.page.sources.pair import compared_page
        from embkit_plugins.exporters.page.sources.thinned import MOST_ROWS, thinned

        many = run.dataset.n_samples > MOST_ROWS
        if self.other is not None and run.clustering is not None:
            if many:
                raise _too_many(run.dataset, "two clusterings")
            maps = self._maps(run, context)
            return compared_page(run.clustering, self.other, maps, seed=context.seed, title=self.title)
        if not many:
            return self._whole(run, context)
        sizes = [] if run.clustering is None else run.clustering.sizes.tolist()
        shown, note = thinned(run, context.seed)
        return _with_note(self._whole(shown, context.on(shown.dataset)), note, sizes)

    def _maps(self, run: Run, context: Context) -> "dict[str, MapLayout]":
        from embkit_plugins.exporters.page.sources.run import map_layouts

        metric = "euclidean" if run.clustering is None else run.clustering.metric
        return map_layouts(run.dataset, context, self.maps or _MAPS, metric)

    def _whole(self, run: Run, context: Context) -> "RunPage":
        from embkit_plugins.exporters.page.sources.run import run_page

        maps = self._maps(run, context)
        if run.clustering is None:
            self._refuse_clusters()
            return run_page(run, maps, title=self.title)
        lines = None if self.lower is None or self.upper is None else (self.lower, self.upper)
        page = run_page(run, maps, title=self.title, lines=lines)
        if page.tree is None or page.tree.thresholds is None:
            return page
        tree = _with_support(page.tree, run.clustering)
        if len(page.rows) <= _LEDGER_ROWS:
            return replace(page, tree=_with_names(tree, run.clustering, context))
        note = (
            f"Above {_LEDGER_ROWS:,} rows, to keep the page quick to write, merges have no names and no "
            "change of silhouette, and only the highest are tested. embkit diff computes the rest."
        )
        return replace(page, tree=tree, warnings=[*page.warnings, note])

    def _refuse_clusters(self) -> None:
        if self.lower is not None or self.other is not None:
            raise ParameterError(
                "exporter page: thresholds or other labels, and a run without clusters",
                "the dataset was only inspected",
                "leave them out, or give the run a clusterer",
            )

    def _study(self, study: StudyRecord, context: Context) -> "StudyPage":
        from embkit_plugins.exporters.page.sources.run import map_layouts
        from embkit_plugins.exporters.page.sources.study import study_page
        from embkit_plugins.exporters.page.sources.thinned import MOST_ROWS

        for dataset in study.datasets.values():
            if dataset.n_samples > MOST_ROWS:
                raise _too_many(dataset, "a study")
        maps = {
            label: map_layouts(dataset, context.on(dataset), (self.maps or _MAPS)[:1], "euclidean")
            for label, dataset in study.datasets.items()
        }
        return study_page(study, maps)


def _too_many(dataset: Dataset, what: str) -> DataError:
    from embkit_plugins.exporters.page.sources.thinned import MOST_ROWS

    return DataError(
        f"exporter page: {dataset.name} has {dataset.n_samples:,} rows",
        f"a page of {what} holds {MOST_ROWS:,} at most",
        f"take some of them with --sample {MOST_ROWS}, or leave the page out",
    )


def _with_note(page: "RunPage", note: str, sizes: list[int]) -> "RunPage":
    """The page of some rows with the number of all in each cluster."""
    clusters = page.clusters
    if clusters is not None:
        clusters = replace(clusters, health={"rows in all": sizes, **clusters.health})
    return replace(page, clusters=clusters, warnings=[note, *page.warnings])


def _with_support(tree: "Tree", clustering: Clustering) -> "Tree":
    """The tree with p-values of its highest merges."""
    from embkit_plugins.algorithms.rows.prepare import unit_rows
    from embkit_plugins.algorithms.trees.cuts import is_monotone
    from embkit_plugins.exporters.page.nodes import p_values_of_merges

    linkage, dataset, metric = tree.linkage, clustering.dataset, clustering.metric
    if tree.thresholds is None or metric not in _METRICS[:-1] or not is_monotone(linkage):
        return tree
    rows = unit_rows(dataset) if metric == "cosine" else dataset.vectors
    budget = {} if len(rows) <= _LEDGER_ROWS else {"budget": _TESTED_ROWS}
    return replace(tree, p_values=p_values_of_merges(rows, linkage, **budget))


def _with_names(tree: "Tree", clustering: Clustering, context: Context) -> "Tree":
    """The tree with names of its merges, and all that is known between its two lines."""
    from embkit_plugins.algorithms.ledger.merges import merge_ledger
    from embkit_plugins.algorithms.trees.cuts import is_monotone
    from embkit_plugins.exporters.page import nodes
    from embkit_plugins.exporters.page.sources.run import band_of, name_without_text

    linkage, lines, dataset = tree.linkage, tree.thresholds, clustering.dataset
    metric: Any = clustering.metric
    if lines is None or not is_monotone(linkage):
        return tree
    names, band = nodes.names_of_nodes(clustering, context), None
    if lines[0] < lines[1] and metric in _METRICS:
        ledger = merge_ledger(dataset, linkage, start=lines[0], stop=lines[1], metric=metric)
        names, band = {**nodes.names_of_parts(ledger, linkage), **names}, band_of(ledger)
    named = {node: name_without_text(name, dataset) for node, name in names.items()}
    return replace(tree, names=named, band=band)
