"""All datasets of a study side by side: the verdict on each, its scores, and a map."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from embkit import Context, EmbkitError
from embkit_plugins.exporters.report.figures.maps import MOST_PANELS, Panel, draw_maps
from embkit_plugins.exporters.report.indices import indices_of, ranking
from embkit_plugins.exporters.report.layouts import MapLayout, lay_out
from embkit_plugins.exporters.report.methods import Method
from embkit_plugins.exporters.report.verdicts import Verdict, verdicts_of
from embkit_plugins.exporters.report.writing.markdown import NONE, escape, number, table
from embkit_plugins.exporters.report.writing.page import Page

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["write_overview"]

_MOST_COLUMNS = 6


@dataclass(frozen=True, eq=False)
class _Dataset:
    """A dataset that was judged or clustered.

    Parameters
    ----------
    label : str
        What the study calls it.
    methods : sequence of Method
        Tried on it, one at least.
    verdicts : mapping of str to Verdict
        By the reducers whose vectors were judged.
    index : str
        Title of the score it is shown by: an internal one of the source where there is any.
    means : mapping of str to float
        Of that score by method, the best first; without those that leave out most rows.
    """

    label: str
    methods: Sequence[Method]
    verdicts: Mapping[str, Verdict]
    index: str
    means: Mapping[str, float]

    @property
    def shown(self) -> Method:
        """The method with the best score, the first where there is none."""
        best = next(iter(self.means), None)
        return next((method for method in self.methods if method.name == best), self.methods[0])


def write_overview(
    page: Page,
    methods: Mapping[str, Sequence[Method]],
    contexts: Mapping[str, Context],
    projection: str,
) -> None:
    """Write a table with a line a dataset and draw a map of each; nothing where none has a verdict."""
    datasets = [_summed_up(label, found) for label, found in methods.items() if found]
    if len(datasets) < 2 or not any(dataset.verdicts for dataset in datasets):
        return
    indices = " and ".join(dict.fromkeys(dataset.index for dataset in datasets if dataset.index))
    page.write(
        "## Clusters or continuum",
        "The verdict is about the data and not about any clustering: whether the density falls "
        "between parts of the rows. Scores only compare clusterings of the same data, so that one "
        "of them is best on a continuum too."
        + (f" Beside each verdict: {escape(indices)} by method." if indices else ""),
        _table(datasets),
    )
    figure = None if projection == "none" else _figure(datasets, contexts, projection, indices)
    if figure is not None:
        page.draw("datasets", figure, "Every dataset with its verdict and the clusters of a method")


def _summed_up(label: str, methods: Sequence[Method]) -> _Dataset:
    indices = sorted(indices_of(methods), key=lambda index: (index.external, index.space != ""))
    standings = ranking(indices[0], methods) if indices else []
    means = {item.method.name: item.spread.mean for item in standings if item.rank is not None}
    return _Dataset(label, methods, verdicts_of(methods), indices[0].title if indices else "", means)


def _table(datasets: Sequence[_Dataset]) -> str:
    names = list(dict.fromkeys(name for dataset in datasets for name in dataset.means))
    shown = names if len(names) <= _MOST_COLUMNS else []
    rows = []
    for dataset in datasets:
        scores = [_marked(dataset.means, name) for name in shown]
        verdicts: Mapping[str, Verdict | None] = dataset.verdicts or {"": None}
        for chain, verdict in verdicts.items():
            label = f"{dataset.label}, after {chain}" if chain else dataset.label
            said = [NONE] * 3 if verdict is None else [verdict.word, verdict.p, verdict.n_groups]
            rows.append([escape(label), *said, *scores])
    return table(["dataset", "verdict", "p", "groups", *map(escape, shown)], rows)


def _marked(means: Mapping[str, float], name: str) -> str:
    if name not in means:
        return NONE
    return f"**{number(means[name])}**" if name == next(iter(means)) else number(means[name])


def _figure(
    datasets: Sequence[_Dataset], contexts: Mapping[str, Context], projection: str, indices: str
) -> "Figure | None":
    layouts: dict[str, MapLayout] = {}
    for dataset in datasets[:MOST_PANELS]:
        try:
            layouts[dataset.label] = lay_out(dataset.methods, contexts[dataset.label], projection)
        except EmbkitError:
            continue  # the section of the dataset tells why
    panels = [
        Panel(_words(dataset), layouts[dataset.label].embedding, dataset.shown.labelings[0])
        for dataset in datasets
        if dataset.label in layouts
    ]
    if not panels:
        return None
    chosen = f"the method with the best {indices}" if indices else "the first method"
    ways = " and ".join(dict.fromkeys(layout.words for layout in layouts.values()))
    return draw_maps(
        "Clusters or continuum",
        f"In the colours of {chosen}: where a verdict says continuum, colours mark places, not groups.",
        f"{ways}. The first seed of each method. An island on a map is not evidence.",
        panels,
        0,
    )


def _words(dataset: _Dataset) -> tuple[str, str, str]:
    """Caption of a map: the dataset, its verdict, the method with its score."""
    name = dataset.shown.name
    scored = f"{name}, {number(dataset.means[name])}" if name in dataset.means else name
    judged = "no verdict"
    if dataset.verdicts:
        chain, verdict = next(iter(dataset.verdicts.items()))
        after = f" after {chain}" if chain else ""
        # Without spaces, so that a line is not broken there.
        judged = f"{verdict.word}{after}, {verdict.evidence.replace(' = ', '=')}"
    return dataset.label, judged, scored
